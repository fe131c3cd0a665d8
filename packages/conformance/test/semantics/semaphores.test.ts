import * as asyncio from "@skein/asyncio"
import { repr, str } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const passes = { passes: true }

describe("Semaphore", () => {
  it("162 refuses an initial value below 0; 0 is legal", () =>
    expectSame(
      `
      import asyncio
      for kind in asyncio.Semaphore, asyncio.BoundedSemaphore:
          try:
              kind(-1)
          except ValueError as e:
              print(e)
          print(kind(0), kind(), kind(value=2))
      `,
      async ({ print }) => {
        for (const kind of [asyncio.Semaphore, asyncio.BoundedSemaphore]) {
          try {
            kind(-1)
          } catch (error) {
            print(error)
          }
          print(kind(0), kind(), kind({ value: 2 }))
        }
      }
    ))

  it("163 is first in first out: while somebody waits, a newcomer waits too, even with a positive value", () =>
    expectSame(
      `
      import asyncio
      async def main():
          sem = asyncio.Semaphore(0)
          async def waiter(n):
              await sem.acquire()
              trace(n, sem._value)
          tasks = [asyncio.create_task(waiter(n)) for n in range(2)]
          await asyncio.sleep(0)
          for _ in range(3): sem.release()
          trace(sem._value, sem.locked(), repr(sem))
          await sem.acquire()
          trace("newcomer", sem._value, repr(sem))
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const sem = new asyncio.Semaphore(0)
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              yield* sem.acquire()
              trace(n, sem._value)
            })
            const tasks = [0, 1].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            for (let n = 0; n < 3; n++) sem.release()
            trace(sem._value, sem.locked(), repr(sem))
            yield* sem.acquire()
            trace("newcomer", sem._value, repr(sem))
            yield* asyncio.gather(...tasks)
          })()
        ),
      passes
    ))

  it("164 release hands the permit to the first waiter at once, so it stays locked", () =>
    expectSame(
      `
      import asyncio
      async def main():
          sem = asyncio.Semaphore(1)
          trace(await sem.acquire())
          task = asyncio.create_task(sem.acquire())
          await asyncio.sleep(0)
          sem.release()
          trace(sem._value, sem.locked(), repr(sem))
          trace(await task, sem._value, sem.locked(), repr(sem))
          sem.release()
          trace(sem._value, sem.locked(), repr(sem))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const sem = new asyncio.Semaphore(1)
            trace(yield* sem.acquire())
            const task = asyncio.create_task(sem.acquire())
            yield* asyncio.sleep(0)
            sem.release()
            trace(sem._value, sem.locked(), repr(sem))
            trace(yield* task, sem._value, sem.locked(), repr(sem))
            sem.release()
            trace(sem._value, sem.locked(), repr(sem))
          })()
        ),
      passes
    ))

  it("165 a woken waiter that is cancelled gives its permit to the next", () =>
    expectSame(
      `
      import asyncio
      async def main():
          sem = asyncio.Semaphore(0)
          async def waiter(n):
              try:
                  await sem.acquire()
                  trace(n, "has it", sem._value)
              except asyncio.CancelledError:
                  trace(n, "cancelled", sem._value, repr(sem))
                  raise
          tasks = [asyncio.create_task(waiter(n)) for n in range(3)]
          await asyncio.sleep(0)
          sem.release()
          tasks[0].cancel()
          tasks[2].cancel()
          trace(await asyncio.gather(*tasks, return_exceptions=True), sem._value)
          sem.release()
          trace(sem._value, repr(sem))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const sem = new asyncio.Semaphore(0)
            const waiter = asyncio.coroutine(function* waiter(n: number) {
              try {
                yield* sem.acquire()
                trace(n, "has it", sem._value)
              } catch (error) {
                trace(n, "cancelled", sem._value, repr(sem))
                throw error
              }
            })
            const tasks = [0, 1, 2].map((n) => asyncio.create_task(waiter(n)))
            yield* asyncio.sleep(0)
            sem.release()
            tasks[0]?.cancel()
            tasks[2]?.cancel()
            trace(yield* asyncio.gather(...tasks, { return_exceptions: true }), sem._value)
            sem.release()
            trace(sem._value, repr(sem))
          })()
        ),
      passes
    ))

  it("166 several releases in one pass wake as many waiters, which run in order in the next pass", () =>
    expectSame(
      `
      import asyncio
      async def main():
          sem = asyncio.Semaphore(2)
          async def worker(n):
              async with sem as bound:
                  trace(n, bound, repr(sem))
                  await asyncio.sleep(1)
          await asyncio.gather(*[worker(n) for n in range(5)])
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const sem = new asyncio.Semaphore(2)
            const worker = asyncio.coroutine(function* worker(n: number) {
              yield* asyncio.async_with(sem, function* (bound) {
                trace(n, bound, repr(sem))
                yield* asyncio.sleep(1)
              })
            })
            yield* asyncio.gather(...[0, 1, 2, 3, 4].map((n) => worker(n)))
          })()
        ),
      passes
    ))

  it("167 a bounded one refuses to be released above its initial value", () =>
    expectSame(
      `
      import asyncio
      async def main():
          sem = asyncio.BoundedSemaphore(1)
          await sem.acquire()
          sem.release()
          try:
              sem.release()
          except ValueError as e:
              trace(str(e), repr(sem))
          plain = asyncio.Semaphore(1)
          plain.release()
          trace(repr(plain), isinstance(sem, asyncio.Semaphore))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const sem = new asyncio.BoundedSemaphore(1)
            yield* sem.acquire()
            sem.release()
            try {
              sem.release()
            } catch (error) {
              trace(str(error), repr(sem))
            }
            const plain = new asyncio.Semaphore(1)
            plain.release()
            trace(repr(plain), sem instanceof asyncio.Semaphore)
          })()
        )
    ))

  it("168 its repr tells value and waiters; it is locked also when the value is positive but somebody live waits", () =>
    expectSame(
      `
      import asyncio
      async def main():
          sem = asyncio.Semaphore(2)
          print(sem)
          await sem.acquire()
          await sem.acquire()
          print(sem)
          tasks = [asyncio.create_task(sem.acquire()) for _ in range(2)]
          await asyncio.sleep(0)
          print(sem)
          for _ in range(3): sem.release()
          print(sem, sem._value, sem.locked())
          for task in tasks: task.cancel()
          print(sem, sem._value, sem.locked())
          await asyncio.wait(tasks)
          print(sem, sem._value, sem.locked())
      asyncio.run(main())
      `,
      ({ print, run }) =>
        run(
          (function* main() {
            const sem = new asyncio.Semaphore(2)
            print(sem)
            yield* sem.acquire()
            yield* sem.acquire()
            print(sem)
            const tasks = [0, 1].map(() => asyncio.create_task(sem.acquire()))
            yield* asyncio.sleep(0)
            print(sem)
            for (let n = 0; n < 3; n++) sem.release()
            print(sem, sem._value, sem.locked())
            for (const task of tasks) task.cancel()
            print(sem, sem._value, sem.locked())
            yield* asyncio.wait(tasks)
            print(sem, sem._value, sem.locked())
          })()
        )
    ))

  it("168 a cancelled waiter does not count, though it still stands in line", () =>
    expectSame(
      `
      import asyncio
      async def main():
          sem = asyncio.Semaphore(0)
          task = asyncio.create_task(sem.acquire())
          await asyncio.sleep(0)
          task.cancel()
          sem.release()
          print(sem, sem.locked())
          await sem.acquire()
          print(sem, sem.locked())
          await asyncio.wait([task])
          print(sem, sem.locked())
      asyncio.run(main())
      `,
      ({ print, run }) =>
        run(
          (function* main() {
            const sem = new asyncio.Semaphore(0)
            const task = asyncio.create_task(sem.acquire())
            yield* asyncio.sleep(0)
            task.cancel()
            sem.release()
            print(sem, sem.locked())
            yield* sem.acquire()
            print(sem, sem.locked())
            yield* asyncio.wait([task])
            print(sem, sem.locked())
          })()
        )
    ))
})
