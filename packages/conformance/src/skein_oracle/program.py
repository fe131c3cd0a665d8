"""One program, from its text to the answer."""

import contextlib
import gc
import io
import json
import linecache
import sys
import traceback
import types
import warnings

from . import imports, observe, virtual_time

DEFAULTS = {
    "name": "program.py",
    "debug": False,
    "steps": True,
    "realtime": False,
    "max_passes": 200_000,
    "ties": "fifo",
}

TOP_LEVEL_AWAIT = 0x2000
IS_COROUTINE = 0x80


class Patches:
    """Changes to shared objects, taken back in reverse order."""

    def __init__(self):
        self._undo = []

    def set(self, owner, name, value):
        self._undo.append(lambda old=getattr(owner, name): setattr(owner, name, old))
        setattr(owner, name, value)

    def undo_with(self, function):
        self._undo.append(function)

    def undo(self):
        while self._undo:
            self._undo.pop()()


def leave_hosts_loop():
    """Inside Node a loop counts as running all the time, and asyncio.run would refuse to start."""
    import asyncio

    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    return loop


def execute(asyncio, source, name, module):
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    code = compile(source, name, "exec", TOP_LEVEL_AWAIT)
    if code.co_flags & IS_COROUTINE:
        asyncio.run(eval(code, module.__dict__))
    else:
        exec(code, module.__dict__)


def run(source, options):
    options = {**DEFAULTS, **options}
    hosts_loop = leave_hosts_loop()
    asyncio = imports.import_asyncio_anew()
    clock = virtual_time.Clock(options["max_passes"])
    patches = Patches()
    steps, marks, log = observe.Steps(asyncio, clock), observe.Marks(asyncio, clock), observe.LogCatcher()
    stdout, stderr = io.StringIO(), io.StringIO()
    answer = {
        "ok": True,
        "python": ".".join(map(str, sys.version_info[:3])),
        "deadlock": False,
        "exit": None,
        "exception": None,
    }
    hosts_main = sys.modules.get("__main__")
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=options["name"], trace=marks.trace)
    try:
        if not options["realtime"]:
            virtual_time.install(asyncio, clock, options["ties"], patches)
        if options["steps"]:
            steps.install(patches)
        if options["debug"]:
            patches.set(asyncio.coroutines, "_is_debug_mode", lambda: True)
        log.install(patches)
        sys.modules["__main__"] = module
        with (
            warnings.catch_warnings(record=True) as warned,
            contextlib.redirect_stdout(stdout),
            contextlib.redirect_stderr(stderr),
        ):
            warnings.simplefilter("always")
            try:
                execute(asyncio, source, options["name"], module)
            except SystemExit as error:
                answer["exit"] = error.code if isinstance(error.code, int) else (0 if error.code is None else 1)
            except BaseException as error:
                answer.update(ok=False, exception=observe.describe(error))
                answer["deadlock"] = isinstance(error, virtual_time.Deadlock)
                frames = error.__traceback__
                # From the program's own first frame on.
                while frames is not None and frames.tb_frame.f_code.co_filename != options["name"]:
                    frames = frames.tb_next
                stderr.write("".join(traceback.format_exception(type(error), error, frames)))
                error.__traceback__ = frames = None
            # Everything that the program held goes now, so that what asyncio reports when an object dies (never
            # awaited, never retrieved, destroyed but pending) is in the answer.
            gc.collect()
            module.__dict__.clear()
            gc.collect()
    finally:
        patches.undo()
        if hosts_main is not None:
            sys.modules["__main__"] = hosts_main
        asyncio._set_running_loop(hosts_loop)
    answer.update(
        stdout=stdout.getvalue(),
        stderr=stderr.getvalue(),
        log=log.list,
        warnings=[{"category": item.category.__name__, "message": str(item.message)} for item in warned],
        marks=marks.list,
        steps=steps.list,
        passes=clock.passes,
        time=clock.now,
    )
    return answer


def answer(request):
    """JSON in, JSON out: `{"source": ..., and any of DEFAULTS}`."""
    options = json.loads(request)
    return json.dumps(run(options.pop("source"), options))
