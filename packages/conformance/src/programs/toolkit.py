"""What the printed programs find around them, and how they are run: the Python half of toolkit.ts."""

import asyncio
import asyncio.staggered
import contextlib
import contextvars
import gc
import json
import logging
import warnings


class InOrder(dict):
    """A set whose order is that of insertion. asyncio's own sets have an order that nobody can rely on (semantics.md, 266)."""

    def __init__(self, items=()):
        super().__init__((item, None) for item in items)

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)

    def remove(self, item):
        del self[item]


asyncio.tasks.set = InOrder
asyncio.taskgroups.set = InOrder
asyncio.staggered.set = InOrder


def as_completed_in_order(self, aws, timeout):
    loop = asyncio.get_event_loop()
    self._done = asyncio.Queue()
    self._todo = InOrder(asyncio.ensure_future(aw, loop=loop) for aw in InOrder(aws))
    self._todo_left = len(self._todo)
    self._timeout_handle = None
    for future in self._todo:
        future.add_done_callback(self._handle_completion)
    if self._todo and timeout is not None:
        self._timeout_handle = loop.call_later(timeout, self._handle_timeout)


# Builds its set by a comprehension, out of reach of the above.
asyncio.tasks._AsCompletedIterator.__init__ = as_completed_in_order


class LiveGenerators:
    """
    In order, and without those that have ended: CPython closes these too, unless they have been collected meanwhile.

    Holds them for as long as the loop lives. One that refused to be closed would else be closed once more at the moment when
    the last reference goes.
    """

    def __init__(self):
        self.generators = {}
        self.held = []

    def add(self, generator):
        self.generators[id(generator)] = generator
        self.held.append(generator)

    def discard(self, generator):
        self.generators.pop(id(generator), None)

    def clear(self):
        self.generators.clear()

    def __iter__(self):
        return iter([each for each in self.generators.values() if each.ag_frame is not None])

    def __len__(self):
        return sum(1 for _ in self)


class Loop(asyncio.EventLoop):
    """Numbers its passes, and its tasks in the order of the calls that made them."""

    def __init__(self):
        super().__init__()
        self._asyncgens = LiveGenerators()
        self.passes = 0
        self.order = {}

    def select(self, timeout):
        # To wait for nothing is a deadlock, not a pass.
        if timeout is not None:
            self.passes += 1
        return super().select(timeout)

    def create_task(self, coro, **kwargs):
        number = len(self.order)
        self.order[number] = None
        task = super().create_task(coro, **kwargs)
        self.order[number] = task
        return task


def all_tasks(loop=None):
    return [task for task in loop.order.values() if task is not None and not task.done()]


asyncio.tasks.all_tasks = all_tasks


class Boom(BaseException):
    pass


class Custom:
    """An awaitable of one's own."""

    def __init__(self, awaitable):
        self.awaitable = awaitable

    def __await__(self):
        return (yield from self.awaitable.__await__())


def group_of(message):
    return ExceptionGroup("by hand", [ValueError(message), ExceptionGroup("inner", [TimeoutError(message)])])


def group_with_cancellation(message):
    return BaseExceptionGroup("by hand", [asyncio.CancelledError(message), RuntimeError(message)])


class Stage:
    """What one program has made."""


stage = Stage()
groups = []
timeouts = []
generators = []
contexts = []
watchers = []
variable = contextvars.ContextVar("variable", default=0)

FUEL = 40
ROUNDS = 30


def trace(*values):
    task = None
    loop = asyncio._get_running_loop()
    if loop is not None and asyncio.current_task() is not None:
        task = asyncio.current_task().get_name()
    moment = 0 if loop is None else loop.time() - stage.began
    stage.marks.append([stage.loop.passes, moment, task, list(values)])


def me():
    """The number of the current task. A task is known from when it was made, or from the first time that it asks."""
    task = asyncio.current_task()
    return len(stage.tasks) if task is None else known(task)


def known(task):
    number = stage.numbers.get(task)
    if number is None:
        number = stage.numbers[task] = len(stage.tasks)
        stage.tasks.append(task)
    return number


def spawned(id, task):
    known(task)
    trace(id, "spawned", task.get_name(), task.done())


def begin(name):
    """True if a unit may begin: there is fuel for a number of calls only."""
    me()
    stage.fuel -= 1
    if stage.fuel < 0:
        return False
    trace(name, "begins", variable.get())
    return True


def later(k):
    """A task that came after the current one."""
    after = stage.tasks[me() + 1 :]
    return after[k % len(after)] if after else asyncio.sleep(0, "nobody")


def several(ks):
    after = stage.tasks[me() + 1 :]
    return [after[k % len(after)] for k in ks] if after else []


def any_task(k):
    return stage.tasks[k % len(stage.tasks)] if stage.tasks else None


def futures():
    if not stage.futures:
        loop = asyncio.get_running_loop()
        stage.futures = [(loop.create_future(), 1000), (loop.create_future(), 1000)]
    return stage.futures


def moment(seconds):
    """A time of the loop: the programs share one clock."""
    return stage.began + seconds


def several_futures(ks):
    mine = me()
    open_to_me = [future for future, maker in futures() if maker >= mine]
    return [open_to_me[k % len(open_to_me)] for k in ks]


def cancel_future(id, k, *message):
    trace(id, "cancel", any_future(k).cancel(*message))


def set_eager(eager):
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory if eager else None)


def future(k):
    """A future that nobody awaits who is part of it."""
    mine = me()
    open_to_me = [future for future, maker in futures() if maker >= mine]
    return open_to_me[k % len(open_to_me)]


def any_future(k):
    return futures()[k % len(futures())][0]


def keep(awaitable):
    future = asyncio.ensure_future(awaitable)
    futures().append((future, me()))
    return future


def settle(id, k, how, value):
    future = futures()[k % 2][0]
    if how == "cancel":
        trace(id, future.cancel(value))
    elif how == "result":
        trace(id, future.set_result(value))
    else:
        trace(id, future.set_exception(ValueError(value)))


def cancel(id, k, *message):
    task = any_task(k)
    if task is not None:
        trace(id, "cancel", task.get_name(), task.cancel(*message))


def look(id):
    task = asyncio.current_task()
    others = [context.get(variable) for context in contexts]
    trace(id, "look", task.cancelling(), variable.get(), [state(task) for task in stage.tasks], others)


def state(task):
    return "pending" if not task.done() else "cancelled" if task.cancelled() else "done"


def got(id, value):
    trace(id, "got", shown(value))
    return value


def waited(id, sets):
    done, pending = sets
    trace(id, "waited", [name_of(each) for each in done], [name_of(each) for each in pending])


def name_of(future):
    return future.get_name() if isinstance(future, asyncio.Task) else type(future).__name__


def finished(id, future):
    trace(id, "finished", state(future))


def caught(id, error):
    trace(id, "caught", shown(error))


def shown(value):
    if isinstance(value, BaseException):
        text = repr(value)
        if isinstance(value, BaseExceptionGroup):
            text = f"{type(value).__name__}({value.message!r}, [{', '.join(map(shown, value.exceptions))}])"
        return text if value.__cause__ is None else f"{text} from {shown(value.__cause__)}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, asyncio.Future):
        return state(value)
    return repr(value)


def call_soon(callback):
    stage.handles.append(asyncio.get_running_loop().call_soon(callback))


def call_later(delay, callback):
    stage.handles.append(asyncio.get_running_loop().call_later(delay, callback))


def call_soon_threadsafe(callback):
    stage.handles.append(asyncio.get_running_loop().call_soon_threadsafe(callback))


def call_at(when, callback):
    stage.handles.append(asyncio.get_running_loop().call_at(moment(when), callback))


def sent(id, value):
    if value is not None:
        trace(id, "sent", value)


def watch(future, callback):
    future.add_done_callback(callback)
    watchers.append((future, callback))


def unwatch(id, k):
    if watchers:
        future, callback = watchers[k % len(watchers)]
        trace(id, "unwatch", future.remove_done_callback(callback))


def peek(id, k, how):
    task = any_task(k)
    if task is not None:
        trace(id, "peek", shown(getattr(task, how)()))


def rename(k, value):
    task = any_task(k)
    if task is not None:
        task.set_name(f"N{value}")


def uncancel_task(id, k):
    task = any_task(k)
    if task is not None:
        trace(id, "uncancel", task.uncancel())


def other_context(value):
    context = contextvars.copy_context()
    context.run(variable.set, value)
    contexts.append(context)
    return context


def leaving(id, value):
    def leave(error_type, error, traceback):
        trace(id, "leaves", value, shown(error))
        return value % 2 == 1

    return leave


def leaving_slowly(id, value):
    leave = leaving(id, value)

    async def exit(*details):
        await asyncio.sleep(value % 3)
        return leave(*details)

    return exit


def handle_by(how):
    def handler(loop, context):
        message = context.get("message", "")
        # When these are reported is up to the garbage collector.
        if message.endswith(" exception was never retrieved") or "was destroyed but" in message:
            return loop.default_exception_handler(context)
        trace("handler", context.get("message"), sorted(context), variable.get())
        if how == "raise":
            raise ValueError("from the handler")

    asyncio.get_running_loop().set_exception_handler(None if how == "default" else handler)


def drop(k):
    if stage.handles:
        stage.handles[k % len(stage.handles)].cancel()


def show_task(id, k):
    task = any_task(k)
    if task is not None:
        trace(id, repr(task))


def spawn_into(id, k, coro):
    if groups:
        spawned(id, groups[k % len(groups)].create_task(coro))
    else:
        coro.close()


def move(id, k, delay):
    if timeouts:
        timeout = timeouts[k % len(timeouts)]
        timeout.reschedule(None if delay is None else asyncio.get_running_loop().time() + delay)
        trace(id, "moved", timeout.expired())


def raced(id, outcome):
    result, index, errors = outcome
    trace(id, "raced", shown(result), index, [shown(error) for error in errors])


async def step(k, how, value):
    if not generators:
        return None
    generator = generators[k % len(generators)]
    if how == "anext":
        return await anext(generator, "default")
    if how == "asend":
        return await generator.asend(value if value % 3 == 0 else None)
    if how == "athrow":
        errors = [ValueError, GeneratorExit, asyncio.CancelledError, StopAsyncIteration]
        try:
            return await generator.athrow(errors[value % 4](value))
        except GeneratorExit as error:
            # Python closes what awaits a future that failed so (docs/differences.md).
            raise RuntimeError("left by GeneratorExit") from error
    return await generator.aclose()


def counted():
    stage.count += 1
    return stage.count


async def drive(main):
    known(asyncio.create_task(main(), name="main"))
    for number in range(ROUNDS):
        pending = [task for task in stage.tasks if not task.done()]
        if not pending:
            break
        _, pending = await asyncio.wait(pending, timeout=100)
        if pending:
            trace("round", number)
            for task in stage.tasks:
                task.cancel("round")
    for task in stage.tasks:
        trace("end", task.get_name(), shown(task), task.cancelling())


async def entry(main, eager, driven):
    stage.loop = asyncio.get_running_loop()
    stage.began = stage.loop.time()
    stage.first = stage.loop.passes
    stage.offset = int(asyncio.current_task().get_name()[len("Task-") :]) - 1
    if eager:
        stage.loop.set_task_factory(asyncio.eager_task_factory)
    if driven:
        await drive(main)
    else:
        return await main()


# What exists before the first program lives on: a collection after each program need not look at it.
gc.collect()
gc.freeze()


class Records(logging.Handler):
    def emit(self, record):
        stage.log.append([record.levelname, record.getMessage()])


def let_go():
    """Lets go of what a program has made. True if there was anything."""
    made = (stage.tasks, stage.numbers, stage.futures, stage.handles, groups, timeouts, generators, contexts, watchers)
    found = any(made)
    for each in made:
        each.clear()
    return found


def play(program, eager, driven):
    # In a context of its own, for what the collector runs may set variables too.
    contextvars.Context().run(play_here, program, eager, driven)


def play_here(program, eager, driven):
    stage.__dict__.update(tasks=[], numbers={}, futures=[], handles=[], marks=[], log=[], warnings=[])
    stage.__dict__.update(fuel=FUEL, first=0, offset=0, count=0)
    outcome = None
    records = Records()
    logging.getLogger("asyncio").addHandler(records)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # A recorded warning would keep the coroutine that it is about, and all that this coroutine holds.
        warnings.showwarning = lambda message, category, *place: stage.warnings.append([category.__name__, str(message)])
        try:
            asyncio.run(entry(program(), eager, driven), loop_factory=Loop)
        except BaseException as error:
            outcome = [type(error).__name__, "" if type(error).__name__ == "Deadlock" else shown(error)]
        # What is reported when objects die belongs to this program. Coroutines that the collector closes may go on, and make
        # garbage of their own.
        program = stage.loop = None
        let_go()
        quiet = 0
        while quiet < 3:
            # What a finalizer has brought back to life does not count as collected.
            quiet = 0 if gc.collect() or let_go() else quiet + 1
        logging.getLogger("asyncio").removeHandler(records)
    answer = {name: stage.__dict__[name] for name in ("first", "offset", "marks", "log", "warnings")}
    print(json.dumps({**answer, "outcome": outcome}))
