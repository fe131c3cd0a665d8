import { Event, FairScheduler, Semaphore, Task, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import { check } from "../harness.ts"
import { measureGrowth, type Operation, type Stopwatch } from "./operations.ts"

const fn = Effect.fnUntraced

const noop = fn(function* (i: number) {
  return i
})

const operation =
  <E>(body: (n: number, stopwatch: Stopwatch) => Effect.Effect<unknown, E>): Operation =>
  async (n, stopwatch) => {
    await FairScheduler.runPromise(body(n, stopwatch))
  }

/** Runs `n` tasks to their ends, each made when it is started. */
const runAll = <A, E>(n: number, make: (i: number) => Effect.Effect<A, E>) =>
  TaskGroup.run((group) =>
    Effect.gen(function* () {
      for (let i = 0; i < n; i++) yield* group.spawn(make(i))
    })
  )

/** Starts `n` tasks that wait for one event in a group, and goes on with `then` when all of them wait. */
const parked = <E>(
  n: number,
  then: (tasks: ReadonlyArray<Task.Task<void>>, event: Event.Event) => Effect.Effect<void, E>
) =>
  TaskGroup.run((group) =>
    Effect.gen(function* () {
      const event = yield* Event.make()
      let started = 0
      const job = fn(function* () {
        started++
        yield* Event.wait(event)
      })
      const tasks: Array<Task.Task<void>> = []
      for (let i = 0; i < n; i++) tasks.push(yield* group.spawn(job()))
      while (started < n) yield* Effect.yieldNow
      yield* then(tasks, event)
    })
  )

const joinAll = fn(function* (tasks: ReadonlyArray<Task.Task<void>>) {
  for (const task of tasks) yield* Task.join(task)
})

await measureGrowth("core", {
  spawn: operation(
    fn(function* (n, stopwatch) {
      stopwatch.start()
      const results = yield* TaskGroup.run((group) =>
        Effect.gen(function* () {
          const tasks: Array<Task.Task<number>> = []
          for (let i = 0; i < n; i++) tasks.push(yield* group.spawn(noop(i)))
          const values: Array<number> = []
          for (const task of tasks) values.push(yield* Task.join(task))
          return values
        })
      )
      stopwatch.stop()
      check(results.length === n, "spawn")
    })
  ),

  park: operation((n, stopwatch) => {
    stopwatch.start()
    return parked(n, (_, event) => {
      stopwatch.stop()
      return Effect.asVoid(Event.set(event))
    })
  }),

  wake: operation((n, stopwatch) =>
    parked(
      n,
      fn(function* (tasks, event) {
        stopwatch.start()
        yield* Event.set(event)
        yield* joinAll(tasks)
        stopwatch.stop()
      })
    )
  ),

  cancel: operation((n, stopwatch) =>
    parked(
      n,
      fn(function* (tasks) {
        stopwatch.start()
        for (const task of tasks) yield* Task.cancel(task)
        let cancelled = 0
        for (const task of tasks) if ((yield* Task.status(task))._tag === "Cancelled") cancelled++
        stopwatch.stop()
        check(cancelled === n, "cancel")
      })
    )
  ),

  timers: operation(
    fn(function* (n, stopwatch) {
      let woke = 0
      const job = fn(function* (ms: number) {
        yield* Effect.sleep(ms)
        woke++
      })
      stopwatch.start()
      yield* runAll(n, (i) => job(1 + (i % 10)))
      stopwatch.stop()
      check(woke === n, "timers")
    })
  ),

  semaphore: operation(
    fn(function* (n, stopwatch) {
      const permits = yield* Semaphore.make(10)
      let [started, inside, worst] = [0, 0, 0]
      const body = Effect.gen(function* () {
        worst = Math.max(worst, ++inside)
        yield* Effect.yieldNow
        inside--
      })
      const job = fn(function* () {
        started++
        yield* Semaphore.withPermit(permits, body)
      })
      yield* Semaphore.acquire(permits, 10)
      yield* TaskGroup.run((group) =>
        Effect.gen(function* () {
          for (let i = 0; i < n; i++) yield* group.spawn(job())
          while (started < n) yield* Effect.yieldNow
          stopwatch.start()
          yield* Semaphore.release(permits, 10)
        })
      )
      stopwatch.stop()
      check(worst === 10, "semaphore")
    })
  ),

  group: operation(
    fn(function* (n, stopwatch) {
      let count = 0
      const job = fn(function* () {
        count++
      })
      stopwatch.start()
      yield* runAll(n, job)
      stopwatch.stop()
      check(count === n, "group")
    })
  )
})
