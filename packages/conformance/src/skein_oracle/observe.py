"""What is written down while a program runs: steps of the loop, marks of the program, the asyncio log, errors."""

import logging

PLAIN = (str, int, float, bool, type(None))


def describe(error, depth=0):
    """An exception as plain data, with its group members, cause and context."""
    data = {"type": type(error).__name__, "str": str(error), "args": [repr(arg) for arg in error.args]}
    notes = getattr(error, "__notes__", None)
    if notes:
        data["notes"] = list(notes)
    if isinstance(error, BaseExceptionGroup):
        data["exceptions"] = [describe(member, depth) for member in error.exceptions]
    # Chains can be circular; nobody asserts on the seventh link.
    if depth < 6:
        if error.__cause__ is not None:
            data["cause"] = describe(error.__cause__, depth + 1)
        if error.__context__ is not None and not error.__suppress_context__:
            data["context"] = describe(error.__context__, depth + 1)
    return data


def label(asyncio, callback):
    """`step Task-1`, `wakeup Task-1`, or the callback's qualified name."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        kind = type(callback).__name__ + getattr(callback, "__name__", "")
        return f"{'wakeup' if 'wakeup' in kind.lower() else 'step'} {owner.get_name()}"
    function = getattr(callback, "func", callback)  # what a partial calls
    return getattr(function, "__qualname__", type(function).__name__)


class Steps:
    """Every handle that the loop ran, in order."""

    def __init__(self, asyncio, clock):
        self.list = []
        self._asyncio = asyncio
        self._clock = clock

    def install(self, patches):
        plain_run = self._asyncio.events.Handle._run

        def run(handle):
            clock = self._clock
            self.list.append(
                {"pass": clock.passes, "time": clock.now, "label": label(self._asyncio, handle._callback)}
            )
            return plain_run(handle)

        patches.set(self._asyncio.events.Handle, "_run", run)


class Marks:
    """The `trace(...)` function that a program finds among its globals."""

    def __init__(self, asyncio, clock):
        self.list = []

        def trace(*values):
            task = None
            if asyncio._get_running_loop() is not None:
                current = asyncio.current_task()
                task = None if current is None else current.get_name()
            plain = [value if isinstance(value, PLAIN) else repr(value) for value in values]
            self.list.append({"pass": clock.passes, "time": clock.now, "task": task, "values": plain})

        trace.__qualname__ = "trace"
        self.trace = trace


class LogCatcher(logging.Handler):
    def __init__(self):
        super().__init__()
        self.list = []

    def emit(self, record):
        entry = {"level": record.levelname, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            entry["exception"] = describe(record.exc_info[1])
        self.list.append(entry)

    def install(self, patches):
        logger = logging.getLogger("asyncio")
        patches.set(logger, "propagate", False)
        logger.addHandler(self)
        patches.undo_with(lambda: logger.removeHandler(self))
