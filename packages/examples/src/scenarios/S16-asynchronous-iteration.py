"""An asynchronous iterator by hand, an asynchronous generator, and a comprehension."""

import asyncio
from contextlib import aclosing


class Countdown:
    def __init__(self, start):
        self.current = start

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.current == 0:
            raise StopAsyncIteration
        await asyncio.sleep(1)
        self.current -= 1
        return self.current + 1


async def pages(last):
    try:
        for n in range(1, last + 1):
            await asyncio.sleep(1)
            yield f"page {n}"
    finally:
        await asyncio.sleep(0.5)  # asynchronous clean-up is allowed here
        print("  pages: closed")


async def main():
    loop = asyncio.get_running_loop()

    print("a class with __anext__:")
    async for n in Countdown(3):
        print(f"  {n}")

    print("an asynchronous generator:")
    async for page in pages(2):
        print(f"  {page} at {loop.time():.1f} s")

    print("a comprehension:")
    print(" ", [n * n async for n in Countdown(5) if n % 2 == 1])

    print("leaving early:")
    async with aclosing(pages(100)) as book:
        async for page in book:
            print(f"  {page}")
            if page == "page 2":
                break
    print("  after the loop")

    print("by hand:")
    steps = aiter(Countdown(1))
    print(" ", await anext(steps), await anext(steps, "nothing left"))


asyncio.run(main())
