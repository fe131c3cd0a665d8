"""asyncio.run is the way in, and it is used once. A second run inside the first is refused."""

import asyncio


async def work():
    await asyncio.sleep(1)
    return 42


async def main():
    print("inside run, a loop is running")
    inner = work()
    try:
        asyncio.run(inner)
    except RuntimeError as error:
        print(f"RuntimeError: {error}")
    print("awaited instead:", await inner)
    return "done"


print("run returns what main returns:", asyncio.run(main()))
print("a second run after the first is fine:", asyncio.run(work()))

try:
    asyncio.get_running_loop()
except RuntimeError as error:
    print(f"RuntimeError: {error}")
