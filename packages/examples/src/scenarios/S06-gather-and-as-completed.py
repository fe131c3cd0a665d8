"""gather keeps the order of its arguments; as_completed gives results in the order of finishing."""

import asyncio


async def fetch(name, seconds):
    await asyncio.sleep(seconds)
    if name == "broken":
        raise ValueError(f"{name} after {seconds} s")
    print(f"  {name} is there")
    return f"<{name}>"


async def main():
    print("gather:")
    print(" ".join(await asyncio.gather(fetch("slow", 3), fetch("quick", 1), fetch("medium", 2))))

    print("gather, one fails:")
    slow = asyncio.create_task(fetch("slow", 3))
    try:
        await asyncio.gather(slow, fetch("broken", 1))
    except ValueError as error:
        print(f"  ValueError: {error}; slow is {'done' if slow.done() else 'still running'}")
    print(" ", await slow)

    print("gather with return_exceptions:")
    results = await asyncio.gather(fetch("quick", 2), fetch("broken", 1), return_exceptions=True)
    for result in results:
        print("  result", f"{type(result).__name__}: {result}" if isinstance(result, Exception) else result)

    print("as_completed:")
    names = [("slow", 3), ("broken", 2), ("quick", 1)]
    for earliest in asyncio.as_completed([fetch(*each) for each in names]):
        try:
            print("  result", await earliest)
        except ValueError as error:
            print(f"  ValueError: {error}")

    print("as_completed, asynchronous, gives the tasks themselves:")
    tasks = [asyncio.create_task(fetch(f"page-{n}", n), name=f"fetch-{n}") for n in (2, 1)]
    async for task in asyncio.as_completed(tasks):
        print(f"  {task.get_name()}: {await task}")


asyncio.run(main())
