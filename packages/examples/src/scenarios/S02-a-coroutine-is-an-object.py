"""Calling a coroutine function runs none of its body. Awaiting the coroutine does, and so does asyncio.run."""

import asyncio
import inspect


async def greet(name):
    print(f"hello, {name}")
    return len(name)


async def main():
    greeting = greet("Ada")
    print("called, and nothing was printed")
    print("a coroutine:", "yes" if asyncio.iscoroutine(greeting) else "no")
    print("a coroutine function:", "yes" if inspect.iscoroutinefunction(greet) else "no")
    print("awaited, it gives", await greeting)

    ada, grace = greet("Ada"), greet("Grace")
    print("two more, in the order in which they are awaited:")
    print(await grace, await ada)


coroutine = main()
print("main() was called: still nothing")
asyncio.run(coroutine)
