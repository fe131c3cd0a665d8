"""Trio. It has no task handles, so results go through shared lists, and the nursery's scope cancels."""
import gc
import math
import time
from collections import deque

import trio

from harness import check, main, resident_bytes

WORKLOADS = {}


def workload(f):
    WORKLOADS[f.__name__] = f
    return f


async def noop(i):
    return i


@workload
async def startup():
    check(await noop(1) == 1, "startup")


@workload
async def spawn_gather(n=100_000):
    res = [None] * n

    async def job(i):
        res[i] = await noop(i)

    async with trio.open_nursery() as nur:
        for i in range(n):
            nur.start_soon(job, i)
    check(res[-1] == n - 1 and sum(res) == n * (n - 1) // 2, "gather sum")


@workload
async def spawn_taskgroup(n=100_000):
    count = 0

    async def job():
        nonlocal count
        count += 1

    async with trio.open_nursery() as nur:
        for _ in range(n):
            nur.start_soon(job)
    check(count == n, "taskgroup count")


@workload
async def yields(tasks=1000, k=100):
    done = 0
    sleep = trio.sleep

    async def job():
        nonlocal done
        for _ in range(k):
            await sleep(0)
            done += 1

    async with trio.open_nursery() as nur:
        for _ in range(tasks):
            nur.start_soon(job)
    check(done == tasks * k, "yields")


@workload
async def lock(tasks=100, k=100):
    lk = trio.Lock()
    sleep = trio.sleep
    inside = worst = count = 0

    async def job():
        nonlocal inside, worst, count
        for _ in range(k):
            async with lk:
                inside += 1
                worst = max(worst, inside)
                await sleep(0)
                inside -= 1
                count += 1

    async with trio.open_nursery() as nur:
        for _ in range(tasks):
            nur.start_soon(job)
    check(count == tasks * k and worst == 1, "lock")


@workload
async def semaphore(tasks=1000, k=100, permits=10):
    sem = trio.Semaphore(permits)
    sleep = trio.sleep
    inside = worst = count = 0

    async def job():
        nonlocal inside, worst, count
        for _ in range(k):
            async with sem:
                inside += 1
                if inside > worst:
                    worst = inside
                await sleep(0)
                inside -= 1
                count += 1

    async with trio.open_nursery() as nur:
        for _ in range(tasks):
            nur.start_soon(job)
    check(count == tasks * k and worst == permits, "semaphore")


@workload
async def queue_pingpong(n=100_000):
    tx, rx = trio.open_memory_channel(10)
    total = 0

    async def producer():
        for i in range(n):
            await tx.send(i)

    async def consumer():
        nonlocal total
        for i in range(n):
            v = await rx.receive()
            check(v == i, "queue order")
            total += v

    async with trio.open_nursery() as nur:
        nur.start_soon(producer)
        nur.start_soon(consumer)
    check(total == n * (n - 1) // 2, "queue sum")


@workload
async def queue_fanout(n=100_000, producers=4, consumers=4):
    tx, rx = trio.open_memory_channel(100)
    per = n // producers
    sums = []

    async def producer(p):
        for i in range(p * per, (p + 1) * per):
            await tx.send(i)

    async def consumer():
        total = count = 0
        while True:
            v = await rx.receive()
            if v < 0:
                sums.append((total, count))
                return
            total += v
            count += 1

    async with trio.open_nursery() as outer:
        for _ in range(consumers):
            outer.start_soon(consumer)
        async with trio.open_nursery() as nur:
            for p in range(producers):
                nur.start_soon(producer, p)
        for _ in range(consumers):
            await tx.send(-1)
    check(sum(r[0] for r in sums) == n * (n - 1) // 2 and sum(r[1] for r in sums) == n, "fanout")


@workload
async def event_broadcast(waiters=1000, rounds=100):
    events = [trio.Event() for _ in range(rounds)]
    ready = [trio.Event() for _ in range(rounds)]
    arrived = wakes = 0

    async def waiter():
        nonlocal arrived, wakes
        for r in range(rounds):
            arrived += 1
            if arrived == waiters:
                arrived = 0
                ready[r].set()
            await events[r].wait()
            wakes += 1

    async def driver():
        for r in range(rounds):
            await ready[r].wait()
            events[r].set()

    async with trio.open_nursery() as nur:
        nur.start_soon(driver)
        for _ in range(waiters):
            nur.start_soon(waiter)
    check(wakes == waiters * rounds, "event")


@workload
async def condition(workers=10, per=2000, cap=10):
    lk = trio.Lock()
    not_full, not_empty = trio.Condition(lk), trio.Condition(lk)
    buf = deque()
    total = count = worst = 0

    async def producer(p):
        nonlocal worst
        for k in range(per):
            async with not_full:
                while len(buf) >= cap:
                    await not_full.wait()
                buf.append(p * per + k)
                worst = max(worst, len(buf))
                not_empty.notify()

    async def consumer():
        nonlocal total, count
        for _ in range(per):
            async with not_empty:
                while not buf:
                    await not_empty.wait()
                total += buf.popleft()
                count += 1
                not_full.notify()

    async with trio.open_nursery() as nur:
        for p in range(workers):
            nur.start_soon(producer, p)
        for _ in range(workers):
            nur.start_soon(consumer)
    n = workers * per
    check(count == n and total == n * (n - 1) // 2 and worst <= cap, "condition")


@workload
async def seq_await(n=1_000_000):
    s = 0
    for i in range(n):
        s += await noop(i)
    check(s == n * (n - 1) // 2, "seq_await")


async def rec(n):
    return 0 if n == 0 else 1 + await rec(n - 1)


@workload
async def deep_await(depth=100, times=10_000):
    s = 0
    for _ in range(times):
        s += await rec(depth)
    check(s == depth * times, "deep_await")


@workload
async def timers(n=100_000):
    woke = 0
    t0 = time.perf_counter()

    async def job(ms):
        nonlocal woke
        await trio.sleep(ms / 1000)
        woke += 1

    async with trio.open_nursery() as nur:
        for i in range(n):
            nur.start_soon(job, i % 50)
    check(woke == n and time.perf_counter() - t0 >= 0.048, "timers")


@workload
async def timeout_wrap(n=100_000):
    s = 0
    for i in range(n):
        with trio.fail_after(10):
            s += await noop(i)
    check(s == n * (n - 1) // 2, "timeout_wrap")


@workload
async def cancel(n=50_000):
    ev = trio.Event()
    started = cleaned = cancelled = 0

    async def job():
        nonlocal started, cleaned, cancelled
        started += 1
        try:
            await ev.wait()
        except trio.Cancelled:
            cancelled += 1
            raise
        finally:
            cleaned += 1

    async with trio.open_nursery() as nur:
        for _ in range(n):
            nur.start_soon(job)
        while started < n:
            await trio.sleep(0)
        nur.cancel_scope.cancel()
    check(cleaned == n and cancelled == n, "cancel")


@workload
async def as_completed(n=10_000):
    tx, rx = trio.open_memory_channel(math.inf)

    async def job(i):
        for _ in range(i % 10):
            await trio.sleep(0)
        tx.send_nowait(i)

    s = count = 0
    first = last = None
    async with trio.open_nursery() as nur:
        for i in range(n):
            nur.start_soon(job, i)
        while count < n:
            v = await rx.receive()
            first = v if first is None else first
            last = v
            s += v
            count += 1
    check(s == n * (n - 1) // 2, "as_completed sum")
    # trio randomises the order inside a batch, so only the ends' class is checked
    check(first % 10 == 0 and last % 10 == 9, "as_completed order")


@workload
async def mem_parked(n=100_000):
    async def park(nur, m):
        ev = trio.Event()
        state = dict(started=0, ended=0)

        async def job():
            state["started"] += 1
            await ev.wait()
            state["ended"] += 1

        for _ in range(m):
            nur.start_soon(job)
        while state["started"] < m:
            await trio.sleep(0)
        return ev, state

    async with trio.open_nursery() as nur:
        ev, st = await park(nur, 1_000)
        ev.set()
    gc.collect()
    r0 = resident_bytes()
    async with trio.open_nursery() as nur:
        ev, st = await park(nur, n)
        gc.collect()
        r1 = resident_bytes()
        ev.set()
    check(st["ended"] == n, "parked")
    return dict(bytes_rss=round((r1 - r0) / n), ops=n)


if __name__ == "__main__":
    main("trio", WORKLOADS, lambda fn: trio.run(fn))
