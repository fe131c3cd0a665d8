"""Three tasks wait for one event. Set wakes them all; clear makes the next ones wait again."""

import asyncio


async def waiter(name, event):
    loop = asyncio.get_running_loop()
    print(f"{name}: waits")
    await event.wait()
    print(f"{name}: goes on at {loop.time():.0f} s")


async def main():
    event = asyncio.Event()
    for round in (1, 2):
        print(f"round {round}: the event is {'set' if event.is_set() else 'not set'}")
        waiters = [asyncio.create_task(waiter(f"waiter {n}", event)) for n in (1, 2, 3)]
        await asyncio.sleep(1)
        print("set")
        event.set()
        await asyncio.gather(*waiters)
        await waiter("latecomer", event)
        event.clear()

    event.set()
    late = asyncio.create_task(waiter("unlucky", event))
    event.clear()
    await asyncio.sleep(1)
    print("unlucky is", "done" if late.done() else "still waiting: the event was cleared before it looked")
    event.set()
    await late


asyncio.run(main())
