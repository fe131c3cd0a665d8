"""A buffer with room for three, between six producers and six consumers, on a condition."""

import asyncio


class Buffer:
    def __init__(self, room):
        self.items = []
        self.room = room
        self.changed = asyncio.Condition()

    async def put(self, item):
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.items) < self.room)
            self.items.append(item)
            print(f"put {item}, {len(self.items)} inside")
            self.changed.notify_all()

    async def get(self):
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.items) > 0)
            item = self.items.pop(0)
            print(f"got {item}, {len(self.items)} inside")
            self.changed.notify_all()
            return item


async def main():
    buffer = Buffer(3)

    async def producer(n):
        await buffer.put(f"item {n}")

    async def consumer(n):
        await asyncio.sleep(n * 0.5)
        return await buffer.get()

    async with asyncio.TaskGroup() as group:
        for n in range(1, 7):
            group.create_task(producer(n))
        consumers = [group.create_task(consumer(n)) for n in range(1, 7)]

    print("consumed:", ", ".join(task.result() for task in consumers))
    print("left inside:", len(buffer.items))


asyncio.run(main())
