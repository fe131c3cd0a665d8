"""Six mistakes that everybody makes once, each with what Python says."""

import asyncio
import gc
import warnings


async def fetch():
    await asyncio.sleep(1)
    return "page"


def never_awaited():
    async def main():
        fetch()  # a coroutine is made, and dropped
        await asyncio.sleep(1)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        asyncio.run(main())
    for warning in seen:
        print(f"  {warning.category.__name__}: {warning.message}")


def awaited_from_synchronous_code():
    coroutine = fetch()
    try:
        asyncio.create_task(coroutine)
    except RuntimeError as error:
        print(f"  RuntimeError: {error}")
    coroutine.close()
    print("  the way in:", asyncio.run(fetch()))


def result_lost():
    async def main():
        page = fetch()
        print("  without await:", "a coroutine" if asyncio.iscoroutine(page) else "a page")
        print("  with await:", await page)

    asyncio.run(main())


def nobody_took_the_exception():
    async def fail():
        raise ValueError("lost")

    def report(loop, context):
        print(f"  {context['message']}: {type(context['exception']).__name__}: {context['exception']}")

    async def main():
        asyncio.get_running_loop().set_exception_handler(report)
        asyncio.create_task(fail())
        await asyncio.sleep(1)
        gc.collect()  # the report comes when the task object goes, whenever that is

    asyncio.run(main())
    print("  run ended without an error")


def session_never_closed():
    class Session:
        def __init__(self):
            self.closed = False
            self.keep_alive = asyncio.create_task(self.ping(), name="keep-alive")

        async def ping(self):
            try:
                while True:
                    await asyncio.sleep(30)
            finally:
                print("  keep-alive ended,", "after close()" if self.closed else "though close() was never called")

        async def close(self):
            self.closed = True
            self.keep_alive.cancel()

        async def __aenter__(self):
            return self

        async def __aexit__(self, *error):
            await self.close()

    def main_ends():
        left = asyncio.all_tasks() - {asyncio.current_task()}
        print("  main ends, still running:", ", ".join(task.get_name() for task in left) or "nothing")

    async def forgets():
        Session()
        await asyncio.sleep(60)
        main_ends()

    async def remembers():
        async with Session():
            await asyncio.sleep(60)
        await asyncio.sleep(0)
        main_ends()

    asyncio.run(forgets())
    asyncio.run(remembers())


def two_event_loops():
    async def make():
        return asyncio.get_running_loop().create_future()

    future = asyncio.run(make())

    async def use():
        await future

    try:
        asyncio.run(use())
    except RuntimeError as error:
        print("  RuntimeError: ... got Future", str(error).partition("got Future ")[2])


for number, mistake in enumerate(
    [
        never_awaited,
        awaited_from_synchronous_code,
        result_lost,
        nobody_took_the_exception,
        session_never_closed,
        two_event_loops,
    ],
    1,
):
    print(f"{number}. {mistake.__name__.replace('_', ' ')}")
    mistake()
