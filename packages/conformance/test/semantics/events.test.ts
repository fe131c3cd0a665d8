import * as asyncio from "@skein/asyncio"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const passes = { passes: true }

describe("Event", () => {
  it("169 wait on a set event returns True without suspending", () =>
    expectSame(
      `
      import asyncio
      async def other():
          trace("other")
      async def main():
          event = asyncio.Event()
          event.set()
          other_task = asyncio.create_task(other())
          trace(await event.wait(), event.is_set())
          await other_task
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const event = new asyncio.Event()
            event.set()
            const other = asyncio.create_task(
              (function* other() {
                trace("other")
              })()
            )
            trace(yield* event.wait(), event.is_set())
            yield* other
          })()
        ),
      passes
    ))

  it("169 set wakes all waiters, and clear right after it does not take that back", () =>
    expectSame(
      `
      import asyncio
      async def main():
          event = asyncio.Event()
          async def waiter(n):
              trace(n, await event.wait(), event.is_set())
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(0)
          event.set()
          event.clear()
          tasks.append(asyncio.create_task(waiter("late")))
          await asyncio.sleep(0)
          await asyncio.sleep(0)
          trace("again")
          event.set()
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const event = new asyncio.Event()
            const waiter = asyncio.coroutine(function* waiter(n: unknown) {
              trace(n, yield* event.wait(), event.is_set())
            })
            const tasks = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            event.set()
            event.clear()
            tasks.push(asyncio.create_task(waiter("late")))
            yield* asyncio.sleep(0)
            yield* asyncio.sleep(0)
            trace("again")
            event.set()
            yield* asyncio.gather(...tasks)
          })()
        ),
      passes
    ))

  it("170 waiters wake in order of arrival, in the next pass; setting twice is harmless", () =>
    expectSame(
      `
      import asyncio
      async def main():
          event = asyncio.Event()
          async def waiter(n):
              await asyncio.sleep(3 - n)
              await event.wait()
              trace(n)
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(5)
          trace("set")
          event.set()
          event.set()
          await asyncio.gather(*tasks)
          trace("end")
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const event = new asyncio.Event()
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              yield* asyncio.sleep(3 - n)
              yield* event.wait()
              trace(n)
            })
            const tasks = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(5)
            trace("set")
            event.set()
            event.set()
            yield* asyncio.gather(...tasks)
            trace("end")
          })()
        ),
      passes
    ))

  it("171 a waiter that is cancelled after set in the same pass ends cancelled; the others are not disturbed", () =>
    expectSame(
      `
      import asyncio
      async def main():
          event = asyncio.Event()
          async def waiter(n):
              try:
                  trace(n, await event.wait())
              except asyncio.CancelledError:
                  trace(n, "cancelled", repr(event))
                  raise
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(0)
          tasks[0].cancel()
          event.set()
          tasks[1].cancel()
          print(event)
          await asyncio.gather(*tasks, return_exceptions=True)
          trace([task.cancelled() for task in tasks], repr(event))
      asyncio.run(main())
      `,
      ({ trace, print, run }) =>
        run(
          (function* main() {
            const event = new asyncio.Event()
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              try {
                trace(n, yield* event.wait())
              } catch (error) {
                trace(n, "cancelled", `${event}`)
                throw error
              }
            })
            const tasks = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            tasks[0]?.cancel()
            event.set()
            tasks[1]?.cancel()
            print(event)
            yield* asyncio.gather(...tasks, { return_exceptions: true })
            trace(
              tasks.map((task) => task.cancelled()),
              `${event}`
            )
          })()
        ),
      passes
    ))

  it("172 its repr tells flag and waiters", () =>
    expectSame(
      `
      import asyncio
      async def main():
          event = asyncio.Event()
          print(event)
          task = asyncio.create_task(event.wait())
          await asyncio.sleep(0)
          print(event)
          event.set()
          print(event)
          await task
          print(event)
          event.clear()
          print(event)
      asyncio.run(main())
      `,
      ({ print, run }) =>
        run(
          (function* main() {
            const event = new asyncio.Event()
            print(event)
            const task = asyncio.create_task(event.wait())
            yield* asyncio.sleep(0)
            print(event)
            event.set()
            print(event)
            yield* task
            print(event)
            event.clear()
            print(event)
          })()
        )
    ))
})
