"""Ten downloads of one second, three at a time: four seconds."""

import asyncio


async def main():
    loop = asyncio.get_running_loop()
    limit = asyncio.Semaphore(3)
    running = 0
    most = 0

    async def download(n):
        nonlocal running, most
        async with limit:
            running += 1
            most = max(most, running)
            print(f"{loop.time() - begin:.0f} s: file {n} begins, {running} at a time")
            await asyncio.sleep(1)
            running -= 1
        return n * 100

    begin = loop.time()
    sizes = await asyncio.gather(*(download(n) for n in range(1, 11)))
    print(f"{sum(sizes)} bytes in {loop.time() - begin:.0f} s, never more than {most} at a time")


asyncio.run(main())
