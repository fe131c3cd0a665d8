import * as asyncio from "@skein/asyncio"
import { repr, str } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const passes = { passes: true }

describe("Lock", () => {
  it("155 acquire returns True; uncontended it does not suspend", () =>
    expectSame(
      `
      import asyncio
      async def other():
          trace("other")
      async def main():
          lock = asyncio.Lock()
          other_task = asyncio.create_task(other())
          trace(await lock.acquire(), lock.locked())
          lock.release()
          trace(await lock.acquire(), lock.locked())
          await other_task
          trace("main")
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const lock = new asyncio.Lock()
            const other = asyncio.create_task(
              (function* other() {
                trace("other")
              })()
            )
            trace(yield* lock.acquire(), lock.locked())
            lock.release()
            trace(yield* lock.acquire(), lock.locked())
            yield* other
            trace("main")
          })()
        ),
      passes
    ))

  it("155 async with binds None, and releases when the body raises", () =>
    expectSame(
      `
      import asyncio
      async def main():
          lock = asyncio.Lock()
          async with lock as bound:
              trace(bound, lock.locked())
          try:
              async with lock:
                  raise ValueError("body")
          except ValueError as e:
              trace(repr(e), lock.locked())
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const lock = new asyncio.Lock()
            yield* asyncio.async_with(lock, function* (bound) {
              trace(bound, lock.locked())
            })
            try {
              yield* asyncio.async_with(lock, function* () {
                throw new RangeError("body")
              })
            } catch (error) {
              trace(repr(error).replace("RangeError", "ValueError"), lock.locked())
            }
          })()
        ),
      passes
    ))

  it("156 is first in first out; released, it is unlocked until the waiter runs; the releaser queues behind it", () =>
    expectSame(
      `
      import asyncio
      async def main():
          lock = asyncio.Lock()
          await lock.acquire()
          async def waiter(n):
              await lock.acquire()
              trace(n, lock.locked())
              lock.release()
              trace(n, lock.locked())
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(0)
          lock.release()
          trace("released", lock.locked(), repr(lock))
          await lock.acquire()
          trace("again", lock.locked(), repr(lock))
          lock.release()
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const lock = new asyncio.Lock()
            yield* lock.acquire()
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              yield* lock.acquire()
              trace(n, lock.locked())
              lock.release()
              trace(n, lock.locked())
            })
            const tasks = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            lock.release()
            trace("released", lock.locked(), repr(lock))
            yield* lock.acquire()
            trace("again", lock.locked(), repr(lock))
            lock.release()
            yield* asyncio.gather(...tasks)
          })()
        ),
      passes
    ))

  it("157 refuses to be released when it is not locked; any task may release it", () =>
    expectSame(
      `
      import asyncio
      async def main():
          lock = asyncio.Lock()
          try:
              lock.release()
          except RuntimeError as e:
              trace(str(e))
          await lock.acquire()
          async def other():
              lock.release()
          await asyncio.create_task(other())
          trace(lock.locked())
          lock.release()
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const lock = asyncio.Lock()
            try {
              lock.release()
            } catch (error) {
              trace(str(error))
            }
            yield* lock.acquire()
            yield* asyncio.create_task(
              (function* other() {
                lock.release()
              })()
            )
            trace(lock.locked())
            lock.release()
          })()
        )
    ))

  it("158 a woken waiter that is cancelled before it runs passes the wake-up on", () =>
    expectSame(
      `
      import asyncio
      async def main():
          lock = asyncio.Lock()
          await lock.acquire()
          async def waiter(n):
              try:
                  await lock.acquire()
                  trace(n, "has it")
                  lock.release()
              except asyncio.CancelledError as e:
                  trace(n, repr(e), repr(lock))
                  raise
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(0)
          lock.release()
          tasks[0].cancel("late")
          trace(repr(lock))
          trace(await asyncio.gather(*tasks, return_exceptions=True), repr(lock))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const lock = new asyncio.Lock()
            yield* lock.acquire()
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              try {
                yield* lock.acquire()
                trace(n, "has it")
                lock.release()
              } catch (error) {
                trace(n, repr(error), repr(lock))
                throw error
              }
            })
            const tasks = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            lock.release()
            tasks[0]?.cancel("late")
            trace(repr(lock))
            trace(yield* asyncio.gather(...tasks, { return_exceptions: true }), repr(lock))
          })()
        ),
      passes
    ))

  it("159 skips cancelled waiters; if all are cancelled, a newcomer takes the lock at once", () =>
    expectSame(
      `
      import asyncio
      async def main():
          lock = asyncio.Lock()
          await lock.acquire()
          async def waiter(n):
              await lock.acquire()
              trace(n)
              lock.release()
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(0)
          tasks[0].cancel()
          tasks[1].cancel()
          lock.release()
          await asyncio.gather(*tasks, return_exceptions=True)

          await lock.acquire()
          tasks = [asyncio.create_task(waiter(n)) for n in range(2)]
          await asyncio.sleep(0)
          for task in tasks: task.cancel()
          lock.release()
          trace(repr(lock))
          await lock.acquire()
          trace("at once", repr(lock))
          lock.release()
          await asyncio.gather(*tasks, return_exceptions=True)
          trace(repr(lock))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const lock = new asyncio.Lock()
            yield* lock.acquire()
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              yield* lock.acquire()
              trace(n)
              lock.release()
            })
            const three = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            three[0]?.cancel()
            three[1]?.cancel()
            lock.release()
            yield* asyncio.gather(...three, { return_exceptions: true })

            yield* lock.acquire()
            const two = [0, 1].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            for (const task of two) task.cancel()
            lock.release()
            trace(repr(lock))
            yield* lock.acquire()
            trace("at once", repr(lock))
            lock.release()
            yield* asyncio.gather(...two, { return_exceptions: true })
            trace(repr(lock))
          })()
        ),
      passes
    ))

  it("160 its repr tells state and waiters", () =>
    expectSame(
      `
      import asyncio
      async def main():
          lock = asyncio.Lock()
          print(lock, repr(lock))
          await lock.acquire()
          print(lock)
          task = asyncio.create_task(lock.acquire())
          await asyncio.sleep(0)
          print(lock)
          print(task._fut_waiter)
          lock.release()
          print(lock)
          await task
          print(lock)
      asyncio.run(main())
      `,
      ({ print, run }) =>
        run(
          (function* main() {
            const lock = new asyncio.Lock()
            print(lock, repr(lock))
            yield* lock.acquire()
            print(lock)
            const task = asyncio.create_task(lock.acquire())
            yield* asyncio.sleep(0)
            print(lock)
            print(task._fut_waiter)
            lock.release()
            print(lock)
            yield* task
            print(lock)
          })()
        )
    ))

  it("161 belongs to the loop in which somebody first waited, and can be made and used without waiting anywhere", () =>
    expectSame(
      `
      import asyncio
      lock = asyncio.Lock()
      async def uncontended():
          await lock.acquire()
          lock.release()
      async def contended():
          await lock.acquire()
          task = asyncio.create_task(lock.acquire())
          await asyncio.sleep(0)
          lock.release()
          await task
          lock.release()
      asyncio.run(uncontended())
      asyncio.run(contended())
      asyncio.run(uncontended())
      try:
          asyncio.run(contended())
      except RuntimeError as e:
          print(e)
      async def elsewhere():
          try:
              await lock.acquire()
          except RuntimeError as e:
              print(e)
      asyncio.run(elsewhere())
      `,
      async ({ print, run }) => {
        const lock = new asyncio.Lock()
        const uncontended = asyncio.coroutine(function* uncontended() {
          yield* lock.acquire()
          lock.release()
        })
        const contended = asyncio.coroutine(function* contended() {
          yield* lock.acquire()
          const task = asyncio.create_task(lock.acquire())
          yield* asyncio.sleep(0)
          lock.release()
          yield* task
          lock.release()
        })
        await run(uncontended())
        await run(contended())
        await run(uncontended())
        await run(contended()).catch((error: unknown) => print(error))
        await run(
          (function* elsewhere() {
            try {
              yield* lock.acquire()
            } catch (error) {
              print(error)
            }
          })()
        )
      }
    ))

  it("161 so do all the others", () =>
    expectSame(
      `
      import asyncio
      async def wait_on(condition):
          async with condition:
              await condition.wait()
      async def blocked(make):
          task = asyncio.create_task(make())
          await asyncio.sleep(0)
          task.cancel()
          try:
              await task
          except BaseException as e:
              print(repr(e))
      event, semaphore, condition, barrier = asyncio.Event(), asyncio.Semaphore(0), asyncio.Condition(), asyncio.Barrier(2)
      for make in event.wait, semaphore.acquire, lambda: wait_on(condition), barrier.wait:
          asyncio.run(blocked(make))
          asyncio.run(blocked(make))
      print(event, semaphore, condition, barrier)
      `,
      async ({ print, run }) => {
        const [event, semaphore] = [new asyncio.Event(), new asyncio.Semaphore(0)]
        const [condition, barrier] = [new asyncio.Condition(), new asyncio.Barrier(2)]
        const wait_on = asyncio.coroutine(function* wait_on() {
          yield* asyncio.async_with(condition, function* () {
            yield* condition.wait()
          })
        })
        const blocked = asyncio.coroutine(function* blocked(make: () => asyncio.Coroutine<unknown>) {
          const task = asyncio.create_task(make())
          yield* asyncio.sleep(0)
          task.cancel()
          try {
            yield* task
          } catch (error) {
            print(repr(error))
          }
        })
        for (const make of [() => event.wait(), () => semaphore.acquire(), wait_on, () => barrier.wait()]) {
          await run(blocked(make))
          await run(blocked(make))
        }
        print(event, semaphore, condition, barrier)
      }
    ))
})
