"""Ten tasks add one to a counter. Between reading and writing they wait, so without a lock they overwrite each other."""

import asyncio


class Counter:
    def __init__(self):
        self.value = 0

    async def increment(self):
        seen = self.value
        await asyncio.sleep(0.1)  # another task may run here
        self.value = seen + 1


async def main():
    counter = Counter()
    await asyncio.gather(*(counter.increment() for _ in range(10)))
    print("without a lock:", counter.value)

    counter, lock = Counter(), asyncio.Lock()

    async def increment():
        async with lock:
            await counter.increment()

    await asyncio.gather(*(increment() for _ in range(10)))
    print("with a lock:", counter.value)

    try:
        lock.release()
    except RuntimeError as error:
        print(f"RuntimeError: {error}")


asyncio.run(main())
