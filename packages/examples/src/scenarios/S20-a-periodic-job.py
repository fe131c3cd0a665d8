"""A job every two seconds, cancelled later. Its own error does not end the schedule, unless that is asked for."""

import asyncio


async def every(seconds, job, *, stop_on_error=False):
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        try:
            await job()
        except Exception as error:
            if stop_on_error:
                raise
            print(f"  {type(error).__name__}: {error}; the schedule goes on")
        # From the last due time, not from now: a slow job does not shift the ones after it.
        due += seconds
        await asyncio.sleep(max(0, due - loop.time()))


def report():
    loop = asyncio.get_running_loop()
    begin = loop.time()
    runs = 0

    async def job():
        nonlocal runs
        runs += 1
        run = runs
        print(f"  run {run} at {loop.time() - begin:.1f} s")
        await asyncio.sleep(0.5)
        if run == 2:
            raise ConnectionError("the server is away")

    return job


async def main():
    print("until cancelled:")
    schedule = asyncio.create_task(every(2, report()))
    await asyncio.sleep(7)
    schedule.cancel()
    try:
        await schedule
    except asyncio.CancelledError:
        print("  cancelled")

    print("until the first error:")
    schedule = asyncio.create_task(every(2, report(), stop_on_error=True))
    try:
        await schedule
    except ConnectionError as error:
        print(f"  ended by ConnectionError: {error}")


asyncio.run(main())
