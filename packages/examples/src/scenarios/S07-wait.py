"""wait returns two sets, done and pending, and leaves every task alone."""

import asyncio


async def job(name, seconds, fails=False):
    await asyncio.sleep(seconds)
    if fails:
        raise ValueError(name)
    return name


def names(tasks):
    return ", ".join(sorted(task.get_name() for task in tasks)) or "none"


def three(fails=False):
    return [
        asyncio.create_task(job("one", 1), name="one"),
        asyncio.create_task(job("two", 2, fails), name="two"),
        asyncio.create_task(job("three", 3), name="three"),
    ]


async def show(title, tasks, **options):
    loop = asyncio.get_running_loop()
    begin = loop.time()
    done, pending = await asyncio.wait(tasks, **options)
    print(f"{title}: after {loop.time() - begin:.1f} s; done: {names(done)}; pending: {names(pending)}")
    await asyncio.gather(*tasks, return_exceptions=True)


async def main():
    await show("ALL_COMPLETED", three())
    await show("FIRST_COMPLETED", three(), return_when=asyncio.FIRST_COMPLETED)
    await show("FIRST_EXCEPTION, none fails", three(), return_when=asyncio.FIRST_EXCEPTION)
    await show("FIRST_EXCEPTION, two fails", three(fails=True), return_when=asyncio.FIRST_EXCEPTION)
    await show("timeout of 1.5 s", three(), timeout=1.5)

    bare = job("bare", 1)
    try:
        await asyncio.wait([bare])
    except TypeError as error:
        print(f"TypeError: {error}")
    bare.close()

    try:
        await asyncio.wait([])
    except ValueError as error:
        print(f"ValueError: {error}")


asyncio.run(main())
