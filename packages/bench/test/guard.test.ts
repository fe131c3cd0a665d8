// A guard against losses of an order of magnitude. Each test runs two things in this one process, in turns, and compares the
// medians of their processor times, so neither the machine nor its load matters; the allowed factors are several times what
// is measured on a busy machine, and a loss of complexity exceeds them by far.

import * as asyncio from "@skein/asyncio"
import { FairScheduler, Semaphore, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import * as EffectSemaphore from "effect/Semaphore"
import { describe, expect, it } from "vitest"
import { factorOf } from "./support/factorOf.ts"

const rounds = 4
const tasks = 1000

const enter = (withPermit: (body: Effect.Effect<void>) => Effect.Effect<void, unknown>) => {
  const body = withPermit(Effect.yieldNow)
  return TaskGroup.all(
    Array.from({ length: tasks }, () =>
      Effect.gen(function* () {
        for (let i = 0; i < rounds; i++) yield* body
      })
    )
  )
}

/** The workload `semaphore` at a twenty-fifth of its size: some 990 of 1,000 tasks wait at any time. */
const ofEffect = () => {
  const semaphore = EffectSemaphore.makeUnsafe(10)
  return Effect.runPromise(enter((body) => semaphore.withPermit(body)))
}

const ofCore = () =>
  FairScheduler.runPromise(
    Effect.gen(function* () {
      const semaphore = yield* Semaphore.make(10)
      yield* enter((body) => Semaphore.withPermit(semaphore, body))
    })
  )

const ofAsyncio = () =>
  asyncio.run(
    asyncio.coroutine(function* main() {
      const semaphore = asyncio.Semaphore(10)
      const job = asyncio.coroutine(function* job() {
        for (let i = 0; i < rounds; i++) {
          yield* semaphore.acquire()
          try {
            yield* asyncio.sleep(0)
          } finally {
            semaphore.release()
          }
        }
      })
      yield* asyncio.gather(...Array.from({ length: tasks }, () => job()))
    })()
  )

/** Cancels `n` tasks that wait for one event. */
const cancelMany = (n: number) =>
  asyncio.run(
    asyncio.coroutine(function* main() {
      const event = asyncio.Event()
      const job = asyncio.coroutine(function* job() {
        yield* event.wait()
      })
      const waiting = Array.from({ length: n }, () => asyncio.create_task(job()))
      yield* asyncio.sleep(0)
      for (const task of waiting) task.cancel()
      yield* asyncio.gather(...waiting, { return_exceptions: true })
    })()
  )

/** The same in core: the group's failure interrupts all that wait. */
const interruptMany = (n: number) =>
  FairScheduler.runPromise(
    Effect.gen(function* () {
      const semaphore = yield* Semaphore.make(1)
      yield* Semaphore.acquire(semaphore)
      const waiting = Array.from({ length: n }, () => Semaphore.acquire(semaphore))
      yield* Effect.exit(TaskGroup.all([...waiting, Effect.andThen(Effect.yieldNow, Effect.fail("enough"))]))
    })
  )

/** One release of a lock under `n` waiters that were cancelled and have not left its queue, `releases` times. */
const releaseUnderCancelled = (n: number) =>
  asyncio.run(
    asyncio.coroutine(function* main() {
      const lock = asyncio.Lock()
      yield* lock.acquire()
      const job = asyncio.coroutine(function* job() {
        yield* lock.acquire()
        lock.release()
      })
      const waiting = Array.from({ length: n }, () => asyncio.create_task(job()))
      yield* asyncio.sleep(0)
      for (const task of waiting) task.cancel()
      lock.release()
      for (let i = 0; i < 100; i++) {
        yield* lock.acquire()
        lock.release()
      }
      yield* asyncio.gather(...waiting, { return_exceptions: true })
    })()
  )

describe("no loss of an order of magnitude", { timeout: 120_000 }, () => {
  it("core's semaphore under 1,000 tasks is not slower than Effect's", async () => {
    expect(await factorOf(ofCore, ofEffect)).toBeLessThan(1)
  })

  it("asyncio's semaphore under 1,000 tasks is not slower than Effect's", async () => {
    expect(await factorOf(ofAsyncio, ofEffect)).toBeLessThan(1)
  })

  it("cancelling 20,000 asyncio tasks costs at most four times as much each as 2,000", async () => {
    expect(
      (await factorOf(
        () => cancelMany(20_000),
        () => cancelMany(2000)
      )) / 10
    ).toBeLessThan(4)
  })

  it("interrupting 20,000 waiters of core costs at most four times as much each as 2,000", async () => {
    expect(
      (await factorOf(
        () => interruptMany(20_000),
        () => interruptMany(2000)
      )) / 10
    ).toBeLessThan(4)
  })

  it("a lock costs at most four times as much for each waiter under 20,000 cancelled ones as under 2,000", async () => {
    const factor = await factorOf(
      () => releaseUnderCancelled(20_000),
      () => releaseUnderCancelled(2000)
    )
    expect(factor / 10).toBeLessThan(4)
  })
})
