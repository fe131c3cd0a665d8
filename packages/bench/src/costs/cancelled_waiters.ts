// Releasing a lock after so many of its waiters were cancelled, in nanoseconds. In asyncio the cancelled waiters are still in
// the queue, since none of their tasks has run in between; core's waiters leave when they are interrupted.
//
//   node cancelled_waiters.ts

import * as asyncio from "@skein/asyncio"
import { FairScheduler, Lock, Task, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import { check } from "../harness.ts"
import { median } from "../median.ts"
import { reportFigures } from "./harness.ts"

const nanoseconds = (began: bigint): number => Number(process.hrtime.bigint() - began)

const asyncioRelease = asyncio.coroutine(function* asyncioRelease(n: number) {
  const lock = asyncio.Lock()
  yield* lock.acquire()
  let taken = 0
  const waiter = asyncio.coroutine(function* waiter() {
    yield* lock.acquire()
    taken++
    lock.release()
  })
  const cancelled = Array.from({ length: n }, () => asyncio.create_task(waiter()))
  const last = asyncio.create_task(waiter())
  yield* asyncio.sleep(0)
  for (const task of cancelled) task.cancel()
  const began = process.hrtime.bigint()
  lock.release()
  const time = nanoseconds(began)
  yield* last
  yield* asyncio.gather(...cancelled, { return_exceptions: true })
  check(taken === 1, "only the live waiter got the lock")
  return time
})

const coreRelease = Effect.fnUntraced(function* (n: number) {
  const lock = yield* Lock.make()
  let [taken, time] = [0, 0]
  yield* Lock.acquire(lock)
  yield* TaskGroup.run((group) =>
    Effect.gen(function* () {
      const waiter = Lock.withLock(
        lock,
        Effect.sync(() => {
          taken++
        })
      )
      const cancelled: Array<Task.Task<void, unknown>> = []
      for (let i = 0; i < n; i++) cancelled.push(yield* group.spawn(waiter))
      yield* group.spawn(waiter)
      yield* Effect.yieldNow
      for (const task of cancelled) yield* Task.cancel(task)
      const began = process.hrtime.bigint()
      yield* Lock.release(lock)
      time = nanoseconds(began)
    })
  )
  check(taken === 1, "only the live waiter got the lock")
  return time
})

const releases: Readonly<Record<string, (n: number) => Promise<number>>> = {
  asyncio: (n) => asyncio.run(asyncioRelease(n)),
  core: (n) => FairScheduler.runPromise(coreRelease(n))
}

const figures: Record<string, number> = {}
for (const [name, release] of Object.entries(releases)) {
  for (let run = 0; run < 300; run++) await release(10)
  for (const [n, runs] of [
    [10, 101],
    [100_000, 5]
  ] as const) {
    const times: Array<number> = []
    for (let run = 0; run < runs; run++) times.push(await release(n))
    figures[`${name}_${n}`] = median(times)
  }
}
reportFigures(figures)
