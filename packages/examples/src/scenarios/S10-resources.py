"""What `async with` takes it gives back: on success, on error and on cancellation."""

import asyncio
from contextlib import asynccontextmanager


class Connection:
    def __init__(self, name):
        self.name = name

    async def __aenter__(self):
        await asyncio.sleep(0.5)
        print(f"  {self.name}: open")
        return self

    async def __aexit__(self, kind, error, traceback):
        await asyncio.sleep(0.5)
        print(f"  {self.name}: closed ({kind.__name__ if kind else 'no error'})")

    async def query(self, text):
        await asyncio.sleep(1)
        if text == "bad":
            raise ValueError("bad query")
        print(f"  {self.name}: {text}")


@asynccontextmanager
async def timer(title):
    loop = asyncio.get_running_loop()
    begin = loop.time()
    try:
        yield begin
    finally:
        print(f"  {title} took {loop.time() - begin:.1f} s")


async def work(text):
    async with timer(text), Connection("db") as db:
        await db.query(text)


async def main():
    print("success:")
    await work("select")

    print("error:")
    try:
        await work("bad")
    except ValueError as error:
        print(f"  ValueError: {error}")

    print("cancellation:")
    task = asyncio.create_task(work("long"))
    await asyncio.sleep(1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("  CancelledError")

    print("two at once, given back in reverse:")
    async with Connection("one") as one, Connection("two") as two:
        await asyncio.gather(one.query("a"), two.query("b"))


asyncio.run(main())
