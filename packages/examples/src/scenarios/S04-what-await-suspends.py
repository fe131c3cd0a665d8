"""await gives way to other tasks only where something has to wait. A second task shows when that is."""

import asyncio


async def ticker():
    for n in range(1, 5):
        print(f"    ticker: {n}")
        await asyncio.sleep(1)


async def answer():
    return 42  # nothing here has to wait


async def main():
    task = asyncio.create_task(ticker())
    print("main: the task exists, and has not run yet")

    print("main: awaited", await answer(), "and the ticker still has not run")

    await asyncio.sleep(0)
    print("main: sleep(0) gave one turn away")

    total = sum(range(1_000_000))
    print(f"main: added up to {total}, and nobody else could run")

    await asyncio.sleep(2.5)
    print("main: slept, and the ticker went on")

    await task
    print("main: the ticker has ended")
    await task
    print("main: awaiting what has ended does not wait")


asyncio.run(main())
