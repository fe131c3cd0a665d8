import * as asyncio from "@skein/asyncio"
import { repr, str } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const passes = { passes: true }

describe("Condition", () => {
  it("173 makes or takes a lock, and offers its acquire, release, locked", () =>
    expectSame(
      `
      import asyncio
      async def main():
          lock = asyncio.Lock()
          one, two = asyncio.Condition(lock), asyncio.Condition(lock=lock)
          trace(await one.acquire(), lock.locked(), two.locked())
          two.release()
          async with two as bound:
              trace(bound, one.locked(), lock.locked())
          own = asyncio.Condition()
          trace(own.locked(), lock.locked())
          over_semaphore = asyncio.Condition(asyncio.Semaphore(1))
          async with over_semaphore:
              trace(over_semaphore.locked())
          trace(over_semaphore.locked())
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const lock = new asyncio.Lock()
            const [one, two] = [new asyncio.Condition(lock), asyncio.Condition({ lock })]
            trace(yield* one.acquire(), lock.locked(), two.locked())
            two.release()
            yield* asyncio.async_with(two, function* (bound) {
              trace(bound, one.locked(), lock.locked())
            })
            const own = asyncio.Condition()
            trace(own.locked(), lock.locked())
            const over_semaphore = new asyncio.Condition(new asyncio.Semaphore(1))
            yield* asyncio.async_with(over_semaphore, function* () {
              trace(over_semaphore.locked())
            })
            trace(over_semaphore.locked())
          })()
        ),
      passes
    ))

  it("174 wants its lock to be held", () =>
    expectSame(
      `
      import asyncio
      async def main():
          cond = asyncio.Condition()
          try:
              await cond.wait()
          except RuntimeError as e:
              print(e)
          for notify in cond.notify, cond.notify_all:
              try:
                  notify()
              except RuntimeError as e:
                  print(e)
          try:
              await cond.wait_for(lambda: False)
          except RuntimeError as e:
              print(e)
          print(await cond.wait_for(lambda: 5))
      asyncio.run(main())
      `,
      ({ print, run }) =>
        run(
          (function* main() {
            const cond = new asyncio.Condition()
            try {
              yield* cond.wait()
            } catch (error) {
              print(error)
            }
            for (const notify of [() => cond.notify(), () => cond.notify_all()]) {
              try {
                notify()
              } catch (error) {
                print(error)
              }
            }
            try {
              yield* cond.wait_for(() => false)
            } catch (error) {
              print(error)
            }
            print(yield* cond.wait_for(() => 5))
          })()
        )
    ))

  it("175 wait releases, suspends, acquires again, returns True", () =>
    expectSame(
      `
      import asyncio
      async def main():
          cond = asyncio.Condition()
          async def waiter():
              async with cond:
                  trace("waits", repr(cond))
                  trace(await cond.wait(), repr(cond))
          task = asyncio.create_task(waiter())
          await asyncio.sleep(1)
          trace(repr(cond))
          async with cond:
              cond.notify()
              trace("notified", repr(cond))
              await asyncio.sleep(1)
              trace("still held", repr(cond))
          await task
          trace(repr(cond))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const cond = new asyncio.Condition()
            const waiter = asyncio.coroutine(function* waiter() {
              yield* asyncio.async_with(cond, function* () {
                trace("waits", repr(cond))
                trace(yield* cond.wait(), repr(cond))
              })
            })
            const task = asyncio.create_task(waiter())
            yield* asyncio.sleep(1)
            trace(repr(cond))
            yield* asyncio.async_with(cond, function* () {
              cond.notify()
              trace("notified", repr(cond))
              yield* asyncio.sleep(1)
              trace("still held", repr(cond))
            })
            yield* task
            trace(repr(cond))
          })()
        ),
      passes
    ))

  it("175 acquires again also when cancelled; cancellations meanwhile are held back, the last is raised", () =>
    expectSame(
      `
      import asyncio
      async def main():
          cond = asyncio.Condition()
          async def waiter():
              await cond.acquire()
              try:
                  await cond.wait()
              except asyncio.CancelledError as e:
                  trace(repr(e), cond.locked(), asyncio.current_task().cancelling())
                  raise
              finally:
                  cond.release()
          task = asyncio.create_task(waiter())
          await asyncio.sleep(1)
          await cond.acquire()
          for n in range(3):
              task.cancel(n)
              await asyncio.sleep(1)
              trace(task.done(), repr(cond), repr(cond._lock))
          cond.release()
          await asyncio.wait([task])
          trace(task.cancelled(), repr(cond))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const cond = new asyncio.Condition()
            const waiter = asyncio.coroutine(function* waiter() {
              yield* cond.acquire()
              try {
                yield* cond.wait()
              } catch (error) {
                trace(repr(error), cond.locked(), asyncio.current_task()?.cancelling())
                throw error
              } finally {
                cond.release()
              }
            })
            const task = asyncio.create_task(waiter())
            yield* asyncio.sleep(1)
            yield* cond.acquire()
            for (const n of [0, 1, 2]) {
              task.cancel(n)
              yield* asyncio.sleep(1)
              trace(task.done(), repr(cond), repr(cond._lock))
            }
            cond.release()
            yield* asyncio.wait([task])
            trace(task.cancelled(), repr(cond))
          })()
        ),
      passes
    ))

  it("176 notify(n) wakes the first n that still wait, notify_all all; they run in order as they get the lock", () =>
    expectSame(
      `
      import asyncio
      async def main():
          cond = asyncio.Condition()
          async def waiter(n):
              async with cond:
                  await cond.wait()
                  trace(n)
                  await asyncio.sleep(1)
          tasks = [asyncio.create_task(waiter(n)) for n in range(6)]
          await asyncio.sleep(1)
          async with cond:
              cond.notify(2)
              cond.notify(1)
              trace(repr(cond))
          await asyncio.sleep(10)
          tasks[3].cancel()
          async with cond:
              cond.notify()
              trace(repr(cond))
          await asyncio.sleep(10)
          async with cond:
              cond.notify_all()
              cond.notify(0)
          await asyncio.wait(tasks)
          trace(repr(cond))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const cond = new asyncio.Condition()
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              yield* asyncio.async_with(cond, function* () {
                yield* cond.wait()
                trace(n)
                yield* asyncio.sleep(1)
              })
            })
            const tasks = [0, 1, 2, 3, 4, 5].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(1)
            yield* asyncio.async_with(cond, function* () {
              cond.notify(2)
              cond.notify(1)
              trace(repr(cond))
            })
            yield* asyncio.sleep(10)
            tasks[3]?.cancel()
            yield* asyncio.async_with(cond, function* () {
              cond.notify()
              trace(repr(cond))
            })
            yield* asyncio.sleep(10)
            yield* asyncio.async_with(cond, function* () {
              cond.notify_all()
              cond.notify(0)
            })
            yield* asyncio.wait(tasks)
            trace(repr(cond))
          })()
        ),
      passes
    ))

  it("177 a notified waiter that is then cancelled passes the notification on", () =>
    expectSame(
      `
      import asyncio
      async def main():
          cond = asyncio.Condition()
          async def waiter(n):
              async with cond:
                  try:
                      trace(n, await cond.wait())
                  except asyncio.CancelledError:
                      trace(n, "cancelled", repr(cond))
                      raise
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(1)
          async with cond:
              cond.notify()
              tasks[0].cancel()
          await asyncio.sleep(1)
          trace([task.done() for task in tasks], repr(cond))
          # Cancelled while it waits for the lock.
          async with cond:
              cond.notify()
              await asyncio.sleep(1)
              trace(repr(cond._lock))
              tasks[2].cancel()
              await asyncio.sleep(1)
          await asyncio.wait(tasks)
          trace(repr(cond))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const cond = new asyncio.Condition()
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              yield* asyncio.async_with(cond, function* () {
                try {
                  trace(n, yield* cond.wait())
                } catch (error) {
                  trace(n, "cancelled", repr(cond))
                  throw error
                }
              })
            })
            const tasks = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(1)
            yield* asyncio.async_with(cond, function* () {
              cond.notify()
              tasks[0]?.cancel()
            })
            yield* asyncio.sleep(1)
            trace(
              tasks.map((task) => task.done()),
              repr(cond)
            )
            // Cancelled while it waits for the lock.
            yield* asyncio.async_with(cond, function* () {
              cond.notify()
              yield* asyncio.sleep(1)
              trace(repr(cond._lock))
              tasks[2]?.cancel()
              yield* asyncio.sleep(1)
            })
            yield* asyncio.wait(tasks)
            trace(repr(cond))
          })()
        ),
      passes
    ))

  it("178 wait_for loops and returns the predicate's value; a true predicate does not suspend", () =>
    expectSame(
      `
      import asyncio
      async def main():
          cond = asyncio.Condition()
          items = []
          async def waiter():
              async with cond:
                  trace(await cond.wait_for(lambda: len(items) >= 3 and "enough"))
          task = asyncio.create_task(waiter())
          for n in range(4):
              await asyncio.sleep(1)
              async with cond:
                  items.append(n)
                  cond.notify()
          await task
          def fail():
              raise ValueError("predicate")
          async with cond:
              trace(await cond.wait_for(lambda: [1]))
              try:
                  await cond.wait_for(fail)
              except ValueError as e:
                  trace(str(e))
              try:
                  await cond.wait_for(5)
              except TypeError as e:
                  trace(str(e), cond.locked())
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const cond = new asyncio.Condition()
            const items: Array<number> = []
            const waiter = asyncio.coroutine(function* waiter() {
              yield* asyncio.async_with(cond, function* () {
                trace(yield* cond.wait_for(() => items.length >= 3 && "enough"))
              })
            })
            const task = asyncio.create_task(waiter())
            for (const n of [0, 1, 2, 3]) {
              yield* asyncio.sleep(1)
              yield* asyncio.async_with(cond, function* () {
                items.push(n)
                cond.notify()
              })
            }
            yield* task
            yield* asyncio.async_with(cond, function* () {
              trace(yield* cond.wait_for(() => [1]))
              try {
                yield* cond.wait_for(() => {
                  throw new RangeError("predicate")
                })
              } catch (error) {
                trace(str(error))
              }
              try {
                yield* cond.wait_for(5 as never)
              } catch (error) {
                trace(str(error), cond.locked())
              }
            })
          })()
        ),
      passes
    ))
})
