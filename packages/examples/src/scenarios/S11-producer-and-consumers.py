"""One producer, two consumers, one queue, and three ways to say that there is no more."""

import asyncio

END = None


async def produce(queue, ends):
    for item in range(1, 6):
        await queue.put(item)
        print(f"  producer: {item}")
    for _ in range(ends):
        await queue.put(END)


async def consume(queue):
    name = asyncio.current_task().get_name()
    while True:
        item = await queue.get()
        if item is END:
            print(f"  {name}: end")
            return
        await asyncio.sleep(1)
        print(f"  {name}: {item}")


async def with_markers(ends):
    queue = asyncio.Queue(2)
    consumers = [asyncio.create_task(consume(queue), name=f"consumer-{n}") for n in (1, 2)]
    await produce(queue, ends)
    done, pending = await asyncio.wait(consumers, timeout=60)
    for task in pending:
        print(f"  {task.get_name()} still waits after a minute")
        task.cancel()


async def with_shutdown():
    queue = asyncio.Queue(2)

    async def produce_and_shut_down():
        await produce(queue, ends=0)
        queue.shutdown()

    async def consume_until_shut_down():
        try:
            await consume(queue)
        except asyncio.QueueShutDown:
            print(f"  {asyncio.current_task().get_name()}: the queue is shut down")

    async with asyncio.TaskGroup() as group:
        group.create_task(consume_until_shut_down(), name="consumer-1")
        group.create_task(consume_until_shut_down(), name="consumer-2")
        group.create_task(produce_and_shut_down())


async def main():
    print("one end marker for two consumers:")
    await with_markers(1)
    print("a marker for each consumer:")
    await with_markers(2)
    print("Queue.shutdown():")
    await with_shutdown()


asyncio.run(main())
