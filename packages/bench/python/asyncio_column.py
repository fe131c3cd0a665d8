"""CPython's asyncio (3.11 or newer); with --uvloop, on uvloop's event loop."""
import asyncio
import gc
import time
from collections import deque

from harness import arguments, check, main, resident_bytes

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
    create = asyncio.get_running_loop().create_task
    tasks = [create(noop(i)) for i in range(n)]
    res = await asyncio.gather(*tasks)
    check(len(res) == n and res[-1] == n - 1 and sum(res) == n * (n - 1) // 2, "gather sum")


@workload
async def spawn_taskgroup(n=100_000):
    count = 0

    async def job():
        nonlocal count
        count += 1

    async with asyncio.TaskGroup() as tg:
        for _ in range(n):
            tg.create_task(job())
    check(count == n, "taskgroup count")


@workload
async def yields(tasks=1000, k=100):
    done = 0
    sleep = asyncio.sleep

    async def job():
        nonlocal done
        for _ in range(k):
            await sleep(0)
            done += 1

    await asyncio.gather(*[job() for _ in range(tasks)])
    check(done == tasks * k, "yields")


@workload
async def lock(tasks=100, k=100):
    lk = asyncio.Lock()
    sleep = asyncio.sleep
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

    await asyncio.gather(*[job() for _ in range(tasks)])
    check(count == tasks * k and worst == 1, "lock")


@workload
async def semaphore(tasks=1000, k=100, permits=10):
    sem = asyncio.Semaphore(permits)
    sleep = asyncio.sleep
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

    await asyncio.gather(*[job() for _ in range(tasks)])
    check(count == tasks * k and worst == permits, "semaphore")


@workload
async def queue_pingpong(n=100_000):
    q = asyncio.Queue(10)

    async def producer():
        for i in range(n):
            await q.put(i)

    async def consumer():
        total = 0
        for i in range(n):
            v = await q.get()
            check(v == i, "queue order")
            total += v
        return total

    _, total = await asyncio.gather(producer(), consumer())
    check(total == n * (n - 1) // 2, "queue sum")


@workload
async def queue_fanout(n=100_000, producers=4, consumers=4):
    q = asyncio.Queue(100)
    per = n // producers

    async def producer(p):
        for i in range(p * per, (p + 1) * per):
            await q.put(i)

    async def consumer():
        total = count = 0
        while True:
            v = await q.get()
            if v < 0:
                return total, count
            total += v
            count += 1

    cons = [asyncio.ensure_future(consumer()) for _ in range(consumers)]
    await asyncio.gather(*[producer(p) for p in range(producers)])
    for _ in range(consumers):
        await q.put(-1)
    res = await asyncio.gather(*cons)
    check(sum(r[0] for r in res) == n * (n - 1) // 2 and sum(r[1] for r in res) == n, "fanout")


@workload
async def event_broadcast(waiters=1000, rounds=100):
    events = [asyncio.Event() for _ in range(rounds)]
    ready = [asyncio.Event() for _ in range(rounds)]
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

    await asyncio.gather(driver(), *[waiter() for _ in range(waiters)])
    check(wakes == waiters * rounds, "event")


@workload
async def condition(workers=10, per=2000, cap=10):
    lk = asyncio.Lock()
    not_full, not_empty = asyncio.Condition(lk), asyncio.Condition(lk)
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

    await asyncio.gather(*[producer(p) for p in range(workers)], *[consumer() for _ in range(workers)])
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
        await asyncio.sleep(ms / 1000)
        woke += 1

    create = asyncio.get_running_loop().create_task
    await asyncio.gather(*[create(job(i % 50)) for i in range(n)])
    check(woke == n and time.perf_counter() - t0 >= 0.048, "timers")


@workload
async def timeout_wrap(n=100_000):
    s = 0
    for i in range(n):
        s += await asyncio.wait_for(noop(i), 10)
    check(s == n * (n - 1) // 2, "timeout_wrap")


@workload
async def cancel(n=50_000):
    ev = asyncio.Event()
    started = cleaned = 0

    async def job():
        nonlocal started, cleaned
        started += 1
        try:
            await ev.wait()
        finally:
            cleaned += 1

    create = asyncio.get_running_loop().create_task
    tasks = [create(job()) for _ in range(n)]
    while started < n:
        await asyncio.sleep(0)
    for t in tasks:
        t.cancel()
    res = await asyncio.gather(*tasks, return_exceptions=True)
    check(cleaned == n and len(res) == n and all(type(r) is asyncio.CancelledError for r in res), "cancel")


@workload
async def as_completed(n=10_000):
    async def job(i):
        for _ in range(i % 10):
            await asyncio.sleep(0)
        return i

    s = count = 0
    first = last = None
    for fut in asyncio.as_completed([job(i) for i in range(n)]):
        v = await fut
        first = v if first is None else first
        last = v
        s += v
        count += 1
    check(count == n and s == n * (n - 1) // 2, "as_completed sum")
    check(first % 10 == 0 and last % 10 == 9, "as_completed order")


@workload
async def mem_parked(n=100_000):
    async def park(m):
        ev = asyncio.Event()
        started = ended = 0

        async def job():
            nonlocal started, ended
            started += 1
            await ev.wait()
            ended += 1

        create = asyncio.get_running_loop().create_task
        tasks = [create(job()) for _ in range(m)]
        while started < m:
            await asyncio.sleep(0)

        async def release():
            ev.set()
            await asyncio.gather(*tasks)
            check(ended == m, "parked")
        return release

    await (await park(1_000))()
    gc.collect()
    r0 = resident_bytes()
    release = await park(n)
    gc.collect()
    r1 = resident_bytes()
    await release()
    return dict(bytes_rss=round((r1 - r0) / n), ops=n)


def loop_factory():
    if arguments().uvloop:
        import uvloop
        return uvloop.new_event_loop()
    return asyncio.new_event_loop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        main("cpython", WORKLOADS, lambda workload: runner.run(workload()))
