import { CancelScope, Event, FairScheduler, Lock, Queue, Semaphore, Task, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import type { Micro, Suite } from "./table.ts"

const fn = Effect.fnUntraced

const noop = fn(function* () {})

const micro = <E>(name: string, operations: number, body: Effect.Effect<unknown, E>): Micro => ({
  name,
  operations,
  run: () => FairScheduler.runPromise(body)
})

const N = 10_000

/** The hot paths of `@skein/core`. */
export const coreSuite: Suite = {
  name: "@skein/core",
  micros: [
    micro(
      "yieldNow",
      N,
      Effect.gen(function* () {
        for (let i = 0; i < N; i++) yield* Effect.yieldNow
      })
    ),
    micro(
      "spawn and join",
      N,
      Effect.gen(function* () {
        for (let i = 0; i < N; i++) yield* Task.join(yield* Task.spawn(noop()))
      }).pipe(Effect.scoped)
    ),
    micro(
      "lock, uncontended",
      N,
      Effect.gen(function* () {
        const lock = yield* Lock.make()
        for (let i = 0; i < N; i++) {
          yield* Lock.acquire(lock)
          yield* Lock.release(lock)
        }
      })
    ),
    micro(
      "lock, uncontended, by withLock",
      N,
      Effect.gen(function* () {
        const locked = Lock.withLock(yield* Lock.make(), noop())
        for (let i = 0; i < N; i++) yield* locked
      })
    ),
    micro(
      "lock, handed between two tasks",
      N,
      Effect.gen(function* () {
        const locked = Lock.withLock(yield* Lock.make(), Effect.yieldNow)
        const job = Effect.gen(function* () {
          for (let i = 0; i < N / 2; i++) yield* locked
        })
        yield* TaskGroup.all([job, job])
      })
    ),
    micro(
      "semaphore, uncontended",
      N,
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(2)
        for (let i = 0; i < N; i++) {
          yield* Semaphore.acquire(semaphore)
          yield* Semaphore.release(semaphore)
        }
      })
    ),
    micro(
      "queue: put and take, never full or empty",
      N,
      Effect.gen(function* () {
        const queue = yield* Queue.make<number>()
        for (let i = 0; i < N; i++) {
          yield* Queue.put(queue, i)
          yield* Queue.take(queue)
        }
      })
    ),
    micro(
      "queue: hand-over between two tasks",
      N,
      Effect.gen(function* () {
        const queue = yield* Queue.make<number>({ capacity: 1 })
        const put = Effect.gen(function* () {
          for (let i = 0; i < N; i++) yield* Queue.put(queue, i)
        })
        const take = Effect.gen(function* () {
          for (let i = 0; i < N; i++) yield* Queue.take(queue)
        })
        yield* TaskGroup.all([put, take])
      })
    ),
    micro(
      "event: wait on one that is set",
      N,
      Effect.gen(function* () {
        const event = yield* Event.make()
        yield* Event.set(event)
        for (let i = 0; i < N; i++) yield* Event.wait(event)
      })
    ),
    micro(
      "failAfter around a body that ends at once",
      N,
      Effect.gen(function* () {
        for (let i = 0; i < N; i++) yield* CancelScope.failAfter(noop(), 10_000)
      })
    )
  ]
}
