"""Two tasks of 2 s and 1 s end after 2 s. Awaited as plain coroutines they take 3 s."""

import asyncio


async def say_after(delay, text):
    await asyncio.sleep(delay)
    print(text)
    return text


async def main():
    loop = asyncio.get_running_loop()

    begin = loop.time()
    await say_after(2, "hello")
    await say_after(1, "world")
    print(f"plain coroutines: {loop.time() - begin:.0f} s")

    begin = loop.time()
    hello = asyncio.create_task(say_after(2, "hello"), name="first")
    world = asyncio.create_task(say_after(1, "world"), name="second")
    print("tasks:", hello.get_name(), world.get_name())
    await hello
    await world
    print(f"tasks: {loop.time() - begin:.0f} s, results {hello.result()} and {world.result()}")

    begin = loop.time()
    async with asyncio.TaskGroup() as group:
        group.create_task(say_after(2, "hello"))
        group.create_task(say_after(1, "world"))
    print(f"a task group: {loop.time() - begin:.0f} s, and nobody had to remember the awaits")


asyncio.run(main())
