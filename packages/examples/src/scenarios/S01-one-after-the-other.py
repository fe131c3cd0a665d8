"""Three fetches of one second each: one after the other, then all at once."""

import asyncio


async def fetch(name):
    print(f"fetch {name}")
    await asyncio.sleep(1)  # stands for a network round trip
    print(f"got {name}")
    return f"page {name}"


async def main():
    loop = asyncio.get_running_loop()

    begin = loop.time()
    pages = []
    for name in ["a", "b", "c"]:
        pages.append(await fetch(name))
    print(f"one after the other: {', '.join(pages)} in {loop.time() - begin:.0f} s")

    begin = loop.time()
    pages = await asyncio.gather(fetch("a"), fetch("b"), fetch("c"))
    print(f"all at once: {', '.join(pages)} in {loop.time() - begin:.0f} s")


asyncio.run(main())
