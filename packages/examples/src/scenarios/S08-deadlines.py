"""The late one is cancelled, its finally runs, and TimeoutError comes out."""

import asyncio


async def slow(name, seconds):
    try:
        print(f"{name}: begins")
        await asyncio.sleep(seconds)
        print(f"{name}: ends")
        return name
    except asyncio.CancelledError:
        print(f"{name}: cancelled")
        raise
    finally:
        print(f"{name}: finally")


async def main():
    loop = asyncio.get_running_loop()

    print("in time:", await asyncio.wait_for(slow("quick", 1), timeout=2))

    begin = loop.time()
    try:
        await asyncio.wait_for(slow("late", 10), timeout=2)
    except TimeoutError:
        print(f"TimeoutError after {loop.time() - begin:.0f} s")

    begin = loop.time()
    try:
        async with asyncio.timeout(3):
            await slow("first", 2)
            await slow("second", 2)
    except TimeoutError:
        print(f"TimeoutError after {loop.time() - begin:.0f} s, for both steps together")

    async with asyncio.timeout(1) as deadline:
        deadline.reschedule(loop.time() + 5)
        await slow("given more time", 4)
    print("expired:", "yes" if deadline.expired() else "no")

    print("shielded:")
    task = asyncio.create_task(slow("kept", 3))
    try:
        await asyncio.wait_for(asyncio.shield(task), timeout=1)
    except TimeoutError:
        print("TimeoutError, but the task goes on")
    print("result:", await task)


asyncio.run(main())
