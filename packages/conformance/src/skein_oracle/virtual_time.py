"""An event loop whose clock jumps to the next timer when nothing is ready."""

import itertools
import time

# What time.time() shows when a program starts.
EPOCH = 1_700_000_000.0


class Deadlock(RuntimeError):
    """Nothing is ready and no timer is set: the program would wait for ever."""


class PassLimit(RuntimeError):
    """The loop made more passes than the request allows."""


class Clock:
    def __init__(self, max_passes):
        self.now = 0.0
        self.passes = 0
        self.max_passes = max_passes

    def begin_pass(self):
        self.passes += 1
        if self.passes > self.max_passes:
            raise PassLimit(f"the loop made more than {self.max_passes} passes")

    def sleep(self, seconds):
        self.now += max(0, seconds)


def order_equal_deadlines(events):
    """Makes timers with one deadline fire in the order they were set.

    asyncio keeps timers in a heap, which is not stable. A real clock never shows two equal deadlines, so a program
    sees insertion order; a virtual clock produces equal ones all the time.
    """
    number = itertools.count().__next__

    class TimerHandle(events.TimerHandle):
        __slots__ = ("_number",)

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self._number = number()

        def __lt__(self, other):
            return (self._when, self._number) < (other._when, other._number)

    events.TimerHandle = TimerHandle


def make_loop_class(asyncio, clock):
    import concurrent.futures

    class VirtualTimeLoop(asyncio.BaseEventLoop):
        def __init__(self):
            super().__init__()
            self._selector = self
            self._clock_resolution = 1e-9

        def time(self):
            return clock.now

        # The loop is its own selector, and to wait is to move the clock.
        def select(self, timeout):
            clock.begin_pass()
            if timeout is None:
                raise Deadlock("nothing is ready and no timer is set")
            if timeout > 0:
                first = self._scheduled[0]._when
                # Lands exactly on the deadline, except when asyncio cut a long wait short.
                clock.now = first if first - clock.now <= timeout else clock.now + timeout
            return ()

        def _process_events(self, event_list):
            pass

        def _write_to_self(self):
            pass

        # No threads under a virtual clock: the function runs on the loop, one pass later.
        def run_in_executor(self, executor, func, *args):
            self._check_closed()
            if self._debug:
                self._check_callback(func, "run_in_executor")
            if executor is None:
                self._check_default_executor()
            future = concurrent.futures.Future()

            def work():
                if future.set_running_or_notify_cancel():
                    try:
                        future.set_result(func(*args))
                    except BaseException as error:
                        future.set_exception(error)

            self.call_soon(work)
            return asyncio.wrap_future(future, loop=self)

    return VirtualTimeLoop


def install(asyncio, clock, ties, patches):
    """Gives the program virtual time: every new loop, and the time module's clocks and sleep."""
    events = asyncio.events
    if ties == "fifo":
        order_equal_deadlines(events)
    loop_class = make_loop_class(asyncio, clock)
    patches.set(asyncio, "EventLoop", loop_class)
    # A policy of our own on every host, since inside Node the host's own policy would hand out the host's loop.
    base = getattr(events, "_BaseDefaultEventLoopPolicy", None) or events.BaseDefaultEventLoopPolicy
    set_policy = getattr(events, "_set_event_loop_policy", None) or events.set_event_loop_policy
    set_policy(type("VirtualTimePolicy", (base,), {"_loop_factory": loop_class})())

    def sleep(seconds):
        clock.sleep(seconds)

    sleep.__qualname__ = "sleep"
    patches.set(time, "monotonic", lambda: clock.now)
    patches.set(time, "perf_counter", lambda: clock.now)
    patches.set(time, "time", lambda: EPOCH + clock.now)
    patches.set(time, "sleep", sleep)
