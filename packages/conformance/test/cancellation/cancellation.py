"""Cancels operations of asyncio that wait, and prints as JSON what docs/cancellation.md says of each."""

import asyncio
import asyncio.staggered
import contextlib
import json
import re

SUCCESS = "none: it succeeds"


class Fates:
    """What becomes of those whom an operation waits for."""

    def __init__(self):
        self.fates = []

    async def work(self, seconds):
        index = len(self.fates)
        self.fates.append("runs on")
        try:
            await asyncio.sleep(seconds)
            self.fates[index] = "runs to its end"
            return "done"
        except asyncio.CancelledError:
            self.fates[index] = "is cut off in its clean-up"
            await asyncio.sleep(1)
            self.fates[index] = "is cancelled and cleans up"
            raise

    def told(self, who):
        return f"{who} {' or '.join(dict.fromkeys(self.fates)) or 'never begins'}"


class Stage:
    """One staging of a scenario."""

    waits_at = (0.5,)

    async def before(self):
        pass

    async def next(self):
        pass

    async def wake(self):
        pass

    def accounts(self, done):
        return []

    def observe(self, next_has_it):
        return [], ""


class Watch:
    """Stands between a task and its coroutine; cancels the task when the future of a certain wait is done, before the task runs."""

    def __init__(self, coroutine, target):
        self.coroutine = coroutine
        self.target = target
        self.waits = 0
        self.task = None

    def __await__(self):
        send, sent = self.coroutine.send, None
        while True:
            try:
                awaited = send(sent)
            except StopIteration as stop:
                return stop.value
            if asyncio.isfuture(awaited):
                self.waits += 1
                if self.waits == self.target:
                    awaited.add_done_callback(lambda _: self.task.cancel())
            try:
                send, sent = self.coroutine.send, (yield awaited)
            except BaseException as error:
                send, sent = self.coroutine.throw, error


async def run(awaitable):
    await awaitable


async def play(make, times=(), target=0):
    stage = make()
    await stage.before()
    watch = Watch(stage.operation(), target)
    victim = watch.task = asyncio.create_task(run(watch), name="victim")
    behind = asyncio.create_task(stage.next(), name="next")
    for time in times:
        asyncio.get_running_loop().call_later(time, victim.cancel)
    await asyncio.sleep(1)
    await stage.wake()
    await asyncio.sleep(3600)
    error = end_of(victim)
    others, state = stage.observe(end_of(behind) == SUCCESS)
    lost = [thing for thing, had, has in stage.accounts(error == SUCCESS) if has < had]
    victim.cancel()
    behind.cancel()
    await asyncio.gather(victim, behind, return_exceptions=True)
    return {"others": others, "state": plain(state), "error": error, "lost": lost, "waits": watch.waits}


def end_of(task):
    if not task.done():
        return "it waits for ever"
    if task.cancelled():
        return "CancelledError"
    return SUCCESS if task.exception() is None else type(task.exception()).__name__


def plain(state):
    state = re.sub(r"^<asyncio\.locks\.\w+ object at 0x\w+ (\[.*\])>$", r"\1", state)
    return re.sub(r"^<\w*Queue (?:at 0x\w+ )?(.*)>$", r"\1", state)


async def line(make):
    waiting, again, woken = [], [], []
    for time in make.waits_at:
        waiting.append(await play(make, [time]))
        again.append(await play(make, [time, time + 0.1]))
    for target in range(1, (await play(make))["waits"] + 1):
        woken.append(await play(make, target=target))
    while_waiting, just_woken, once_more = others_of(waiting), others_of(woken), others_of(again)
    unforeseen = [text for text in once_more if text not in while_waiting and text not in just_woken]
    twice = [f"if it is cancelled once more: {', '.join(unforeseen)}"] if unforeseen else []
    shown = waiting + woken
    return {
        "waiting": "; ".join(while_waiting + twice) or "only the waiting ends",
        "woken": "the same" if just_woken == while_waiting else "; ".join(just_woken),
        "state": " or ".join(distinct(f"`{one['state']}`" for one in shown if one["state"])),
        "error": " or ".join(distinct(one["error"] for one in shown)),
        "lost": distinct(thing for one in shown for thing in one["lost"]),
    }


def others_of(runs):
    return [" or ".join(distinct(texts)) for texts in zip(*(one["others"] for one in runs))]


def distinct(values):
    return list(dict.fromkeys(values))


SCENARIOS = {}


def scenario(*names):
    def add(make):
        SCENARIOS.update(dict.fromkeys(names, make))
        return make

    return add


def scenarios(table):
    """Adds a scenario for each entry of a table, from a function that makes it."""

    def add(function):
        for name, arguments in table.items():
            SCENARIOS[name] = function(*arguments)

    return add


# --- Locks ---------------------------------------------------------------------------------------------------------------


@scenarios(
    {
        "`Lock.acquire`": (asyncio.Lock, False),
        "`Lock.__aenter__`": (asyncio.Lock, True),
        "`Semaphore.acquire`": (asyncio.Semaphore, False),
        "`Semaphore.__aenter__`": (asyncio.Semaphore, True),
        "`BoundedSemaphore.acquire`": (asyncio.BoundedSemaphore, False),
        "`BoundedSemaphore.__aenter__`": (asyncio.BoundedSemaphore, True),
        "`Condition.acquire`": (asyncio.Condition, False),
        "`Condition.__aenter__`": (asyncio.Condition, True),
    }
)
def acquiring(primitive, enters):
    class Acquiring(Stage):
        def __init__(self):
            self.lock = primitive()

        async def before(self):
            await self.lock.acquire()

        async def operation(self):
            if not enters:
                return await self.next()
            async with self.lock:
                await asyncio.sleep(0)

        async def next(self):
            await self.lock.acquire()
            self.lock.release()

        async def wake(self):
            self.lock.release()

        def accounts(self, done):
            return [("the lock", 1, 0 if self.lock.locked() else 1)]

        def observe(self, next_has_it):
            return [f"the next in line {'gets' if next_has_it else 'never gets'} it"], repr(self.lock)

    return Acquiring


@scenarios({"`Condition.wait`": (False,), "`Condition.wait_for`": (True,)})
def notified(looks):
    class Notified(Stage):
        waits_at = (0.5, 1.5)

        def __init__(self):
            self.condition = asyncio.Condition()
            self.came = 0
            self.holds = True

        async def visit(self, looks):
            async with self.condition:
                try:
                    if looks:
                        answers = iter([False, True])
                        await self.condition.wait_for(lambda: next(answers))
                    else:
                        await self.condition.wait()
                    self.came += 1
                finally:
                    self.holds = self.holds and self.condition.locked()

        def operation(self):
            return self.visit(looks)

        def next(self):
            return self.visit(False)

        async def wake(self):
            async with self.condition:
                self.condition.notify()
                await asyncio.sleep(1)

        def accounts(self, done):
            locked = self.condition.locked()
            return [("the lock", 1, 0 if locked else 1), ("the notification", 1, min(self.came, 1))]

        def observe(self, next_has_it):
            return [
                "the next in line gets the notification" if self.came == 1 else "nobody gets the notification",
                "the lock is taken again before it ends" if self.holds else "the lock is not held when it ends",
            ], repr(self.condition)

    return Notified


@scenario("`Event.wait`")
class Waiting(Stage):
    def __init__(self):
        self.event = asyncio.Event()

    async def operation(self):
        await self.event.wait()

    next = operation

    async def wake(self):
        self.event.set()

    def observe(self, next_has_it):
        return [f"whoever else waits is {'woken' if next_has_it else 'not woken'}"], repr(self.event)


@scenarios({"`Barrier.wait`": ("wait",), "`Barrier.__aenter__`": ("__aenter__",)})
def meeting(method):
    class Meeting(Stage):
        def __init__(self):
            self.barrier = asyncio.Barrier(2)
            self.second = None

        async def operation(self):
            await getattr(self.barrier, method)()

        async def wake(self):
            self.second = asyncio.create_task(self.barrier.wait(), name="second")
            await asyncio.sleep(1)
            if not self.second.done():
                await self.barrier.wait()

        def observe(self, next_has_it):
            passed = self.second.done()
            return ["the others pass once there are enough" if passed else "the others do not pass"], repr(self.barrier)

    return Meeting


@scenarios({f"`Barrier.{method}`, others are leaving it": (method,) for method in ["wait", "reset", "abort"]})
def locked_barrier(method):
    class LockedBarrier(Stage):
        def __init__(self):
            self.barrier = asyncio.Barrier(1)

        async def before(self):
            await self.barrier._cond.acquire()

        async def operation(self):
            await getattr(self.barrier, method)()

        async def wake(self):
            self.barrier._cond.release()

        def accounts(self, done):
            return [("the lock", 1, 0 if self.barrier._cond.locked() else 1)]

        def observe(self, next_has_it):
            return ["nothing has changed"], repr(self.barrier)

    return LockedBarrier


# --- Queues --------------------------------------------------------------------------------------------------------------

QUEUES = {"Queue": asyncio.Queue, "LifoQueue": asyncio.LifoQueue, "PriorityQueue": asyncio.PriorityQueue}


@scenarios({f"`{name}.get`": (queue,) for name, queue in QUEUES.items()})
def getting(kind):
    class Getting(Stage):
        def __init__(self):
            self.queue = kind()
            self.taken = []

        async def operation(self):
            self.taken.append(await self.queue.get())

        next = operation

        async def wake(self):
            self.queue.put_nowait(1)

        def accounts(self, done):
            return [("the item", 1, len(self.taken) + self.queue.qsize())]

        def observe(self, next_has_it):
            taken = len(self.taken) == 1
            return ["the next in line gets the item" if taken else "nobody gets the item"], str(self.queue)

    return Getting


@scenarios({f"`{name}.put`": (queue,) for name, queue in QUEUES.items()})
def putting(kind):
    class Putting(Stage):
        def __init__(self):
            self.queue = kind(1)
            self.were_put = []
            self.taken = []

        async def put(self, item):
            await self.queue.put(item)
            self.were_put.append(item)

        def before(self):
            return self.put(1)

        def operation(self):
            return self.put(2)

        def next(self):
            return self.put(3)

        async def wake(self):
            while True:
                self.taken.append(await self.queue.get())
                await asyncio.sleep(0.1)
                if self.queue.empty():
                    return

        def accounts(self, done):
            return [("an item that was put", len(self.were_put), len(self.taken))]

        def observe(self, next_has_it):
            return [
                f"its item is {'put' if 2 in self.taken else 'not put'}",
                f"the next in line {'puts' if next_has_it else 'never puts'} its own",
            ], str(self.queue)

    return Putting


@scenarios({f"`{name}.join`": (queue,) for name, queue in QUEUES.items()})
def joining(kind):
    class Joining(Stage):
        def __init__(self):
            self.queue = kind()

        async def before(self):
            self.queue.put_nowait(1)
            await self.queue.get()

        async def operation(self):
            await self.queue.join()

        next = operation

        async def wake(self):
            self.queue.task_done()

        def observe(self, next_has_it):
            return [f"whoever else waits is {'woken' if next_has_it else 'not woken'}"], str(self.queue)

    return Joining


# --- Futures and tasks ---------------------------------------------------------------------------------------------------


def wrapped():
    from concurrent.futures import Future

    return Future()


@scenarios(
    {
        "`Future`, awaited": (lambda: asyncio.get_running_loop().create_future(), lambda future: future),
        "`wrap_future`, of a concurrent future": (wrapped, asyncio.wrap_future),
    }
)
def settling(make, awaitable_of):
    class Settling(Stage):
        def __init__(self):
            self.future = make()

        async def operation(self):
            await awaitable_of(self.future)

        async def wake(self):
            if not self.future.done():
                self.future.set_result(1)

        def observe(self, next_has_it):
            return ["the future is cancelled" if self.future.cancelled() else "the future keeps its result"], ""

    return Settling


async def each_in_turn(tasks):
    for one in asyncio.as_completed(tasks):
        await one


async def each_as_it_comes(tasks):
    async for task in asyncio.as_completed(tasks):
        await task


async def awaited(awaitable):
    await awaitable


@scenarios(
    {
        "`Task`, awaited": (lambda tasks: awaited(tasks[0]), 1),
        "`wait_for`, of a task": (lambda tasks: asyncio.wait_for(tasks[0], 60), 1),
        "`shield`": (lambda tasks: awaited(asyncio.shield(tasks[0])), 1),
        "`gather`": (lambda tasks: awaited(asyncio.gather(*tasks)), 2),
        "`wait`": (asyncio.wait, 2),
        "`as_completed`, in a plain loop": (each_in_turn, 2),
        "`as_completed`, in `async_for`": (each_as_it_comes, 2),
    }
)
def for_tasks(use, count):
    class ForTasks(Stage):
        def __init__(self):
            self.fates = Fates()

        async def before(self):
            self.tasks = [asyncio.create_task(self.fates.work(2)) for _ in range(count)]
            await asyncio.sleep(0)

        def operation(self):
            return use(self.tasks)

        def observe(self, next_has_it):
            return [self.fates.told("the task" if count == 1 else "each of the tasks")], ""

    return ForTasks


async def in_time(work):
    async with asyncio.timeout(60):
        await work()


async def in_group(work, seconds):
    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        await asyncio.sleep(seconds)


@scenarios(
    {
        "`Coroutine`, awaited": (lambda work: work(), "the coroutine"),
        "`ensure_future`": (lambda work: awaited(asyncio.ensure_future(work())), "the coroutine"),
        "`wait_for`, of a coroutine": (lambda work: asyncio.wait_for(work(), 60), "the coroutine"),
        "`timeout`": (in_time, "the coroutine"),
        "`TaskGroup`, its block waits": (lambda work: in_group(work, 60), "each of its tasks"),
        "`TaskGroup.__aexit__`, its block has ended, its tasks have not": (
            lambda work: in_group(work, 0),
            "each of its tasks",
        ),
        "`staggered.staggered_race`": (
            lambda work: asyncio.staggered.staggered_race([work, work], 0.1),
            "each of its coroutines",
        ),
    }
)
def for_coroutines(use, who):
    class ForCoroutines(Stage):
        def __init__(self):
            self.fates = Fates()

        def operation(self):
            return use(lambda: self.fates.work(2))

        def observe(self, next_has_it):
            return [self.fates.told(who)], ""

    return ForCoroutines


@scenario("`sleep`")
class Sleeping(Stage):
    async def operation(self):
        await asyncio.sleep(2)


# --- Generators and managers ---------------------------------------------------------------------------------------------


class Numbers:
    """A generator that waits for two seconds before each of two items; cleaning up takes one more."""

    def __init__(self):
        self.end = "never begins"
        self.generator = self.numbers()

    async def numbers(self):
        end = "is closed"
        try:
            for n in [1, 2]:
                try:
                    await asyncio.sleep(2)
                    yield n
                except TypeError:
                    await asyncio.sleep(2)
            end = "gives all"
        except asyncio.CancelledError:
            end = "is cancelled in its wait"
            raise
        finally:
            self.end = "is cut off in its clean-up"
            await asyncio.sleep(1)
            self.end = f"{end} and cleans up"


async def for_each(generator):
    async for _ in generator:
        pass


async def list_of(generator):
    return [n async for n in generator]


async def set_of(generator):
    return {n async for n in generator}


async def dict_of(generator):
    return {n: n async for n in generator}


async def closed(generator):
    async with contextlib.aclosing(generator):
        pass


@scenarios(
    {
        "`AsyncGenerator.__anext__`": (lambda it: awaited(it.__anext__()), False, True),
        "`AsyncGenerator.asend`": (lambda it: awaited(it.asend(None)), False, True),
        "`AsyncGenerator.athrow`": (lambda it: awaited(it.athrow(TypeError("once more"))), True, True),
        "`AsyncGenerator.aclose`": (lambda it: awaited(it.aclose()), True, False),
        "`contextlib.aclosing.__aexit__`": (closed, True, False),
        "`anext`": (lambda it: awaited(anext(it)), False, True),
        "`async_for`": (for_each, False, True),
        "`comprehension`": (list_of, False, True),
        "`set_comprehension`": (set_of, False, True),
        "`dict_comprehension`": (dict_of, False, True),
    }
)
def in_generator(use, is_begun, counts):
    class InGenerator(Stage):
        def __init__(self):
            self.numbers = Numbers()
            self.given = 0

        async def before(self):
            if is_begun:
                await anext(self.numbers.generator)

        def operation(self):
            return use(self.numbers.generator)

        async def wake(self):
            if not counts:
                return
            await asyncio.sleep(60)
            async for _ in self.numbers.generator:
                self.given += 1
            if self.numbers.end == "gives all and cleans up":
                self.given += 1

        def accounts(self, done):
            return [("what the generator had still to give", 1, 1 if done else min(self.given, 1))] if counts else []

        def observe(self, next_has_it):
            return [f"the generator {self.numbers.end}"], ""

    return InGenerator


@scenario("`EventLoop.shutdown_asyncgens`")
class Closing(Stage):
    def __init__(self):
        self.fates = Fates()

    async def before(self):
        async def numbers():
            try:
                yield 1
            finally:
                await self.fates.work(2)

        self.generator = numbers()
        await anext(self.generator)

    async def operation(self):
        await asyncio.get_running_loop().shutdown_asyncgens()

    def observe(self, next_has_it):
        return [self.fates.told("the clean-up of each generator")], ""


class Manager:
    def __init__(self, enter, exit):
        self.fates = Fates()
        self.times = enter, exit
        self.state = "not entered"

    async def __aenter__(self):
        if self.times[0]:
            await asyncio.sleep(self.times[0])
        self.state = "entered"

    async def __aexit__(self, *exc):
        if self.times[1]:
            await self.fates.work(self.times[1])
        self.state = "left"


async def managed(manager):
    async with manager:
        pass


async def managed_sleep(manager):
    async with manager:
        await asyncio.sleep(60)


async def stacked(manager):
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(manager)


async def closed_stack(manager):
    stack = contextlib.AsyncExitStack()
    await stack.enter_async_context(manager)
    await stack.aclose()


async def generated(manager):
    @contextlib.asynccontextmanager
    async def around():
        await manager.__aenter__()
        yield 1
        await manager.__aexit__()

    async with around():
        pass


@scenarios(
    {
        "`async_with`, its manager is being entered": (managed, 2, 0),
        "`async_with`, its block waits": (managed_sleep, 0, 0),
        "`async_with`, its manager is being left": (managed, 0, 2),
        "`contextlib.AsyncExitStack.enter_async_context`": (stacked, 2, 0),
        "`contextlib.AsyncExitStack.__aexit__`": (stacked, 0, 2),
        "`contextlib.AsyncExitStack.aclose`": (closed_stack, 0, 2),
        "`contextlib.asynccontextmanager`, its generator waits before the `yield`": (generated, 2, 0),
        "`contextlib.asynccontextmanager`, its generator waits after the `yield`": (generated, 0, 2),
    }
)
def managing(use, enter, exit):
    class Managing(Stage):
        def __init__(self):
            self.manager = Manager(enter, exit)

        def operation(self):
            return use(self.manager)

        def observe(self, next_has_it):
            manager = self.manager
            return [manager.fates.told("the end of the manager") if exit else f"the manager is {manager.state}"], ""

    return Managing


async def main():
    return {name: await line(make) for name, make in SCENARIOS.items()}


print(json.dumps(asyncio.run(main())))
