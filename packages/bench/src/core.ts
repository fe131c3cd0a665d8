// The workloads of the yardstick on `@skein/core`, written as its users would write them.

import {
  CancelScope,
  Condition,
  Direct,
  Event,
  FairScheduler,
  Lock,
  Queue,
  Semaphore,
  Task,
  TaskGroup
} from "@skein/core"
import * as Effect from "effect/Effect"
import { check, main, triangle, type Workload } from "./harness.ts"

const fn = Direct.fn

const noop = fn(function* (i: number) {
  return i
})

const rec: (n: number) => Effect.Effect<number> = fn(function* (n: number) {
  return n === 0 ? 0 : 1 + (yield* rec(n - 1))
})

const each = <T>(n: number, make: (i: number) => T): Array<T> => Array.from({ length: n }, (_, i) => make(i))

/** Tasks in one group, and their results in order. */
const gather = <A, E>(effects: ReadonlyArray<Effect.Effect<A, E>>) => TaskGroup.all(effects)

/** The same for many tasks: each effect is made when its task is started. */
const spawnAll = <A, E>(n: number, make: (i: number) => Effect.Effect<A, E>) =>
  TaskGroup.run((group) =>
    Direct.gen(function* () {
      const tasks: Array<Task.Task<A, E>> = []
      for (let i = 0; i < n; i++) tasks.push(yield* group.spawn(make(i)))
      const values: Array<A> = []
      for (const task of tasks) values.push(yield* Task.join(task))
      return values
    })
  )

/** A program that the clock runs from its hand-over to the scheduler to its end. */
const program =
  (main: () => Effect.Effect<void, unknown>): Workload =>
  () =>
    FairScheduler.runPromise(main())

const workloads = {
  spawn_gather: program(
    fn(function* () {
      const n = 100_000
      const results = yield* spawnAll(n, noop)
      check(results.length === n && results[n - 1] === n - 1, "gather length")
      check(results.reduce((sum, value) => sum + value, 0) === triangle(n), "gather sum")
    })
  ),

  spawn_taskgroup: program(
    fn(function* () {
      const n = 100_000
      let count = 0
      const job = fn(function* () {
        count++
      })
      yield* TaskGroup.run((group) =>
        Direct.gen(function* () {
          for (let i = 0; i < n; i++) yield* group.spawn(job())
        })
      )
      check(count === n, "task group count")
    })
  ),

  yields: program(
    fn(function* () {
      const [tasks, k] = [1000, 100]
      let done = 0
      const job = fn(function* () {
        for (let i = 0; i < k; i++) {
          yield* Effect.yieldNow
          done++
        }
      })
      yield* gather(each(tasks, () => job()))
      check(done === tasks * k, "yields")
    })
  ),

  lock: program(
    fn(function* () {
      const [tasks, k] = [100, 100]
      const lock = yield* Lock.make()
      let [inside, worst, count] = [0, 0, 0]
      const body = Direct.gen(function* () {
        worst = Math.max(worst, ++inside)
        yield* Effect.yieldNow
        inside--
        count++
      })
      const job = fn(function* () {
        for (let i = 0; i < k; i++) yield* Lock.withLock(lock, body)
      })
      yield* gather(each(tasks, () => job()))
      check(count === tasks * k && worst === 1, "lock")
    })
  ),

  semaphore: program(
    fn(function* () {
      const [tasks, k, permits] = [1000, 100, 10]
      const semaphore = yield* Semaphore.make(permits)
      let [inside, worst, count] = [0, 0, 0]
      const body = Direct.gen(function* () {
        worst = Math.max(worst, ++inside)
        yield* Effect.yieldNow
        inside--
        count++
      })
      const job = fn(function* () {
        for (let i = 0; i < k; i++) yield* Semaphore.withPermit(semaphore, body)
      })
      yield* gather(each(tasks, () => job()))
      check(count === tasks * k && worst === permits, "semaphore")
    })
  ),

  queue_pingpong: program(
    fn(function* () {
      const n = 100_000
      const queue = yield* Queue.make<number>({ capacity: 10 })
      const producer = fn(function* () {
        for (let i = 0; i < n; i++) yield* Queue.put(queue, i)
        return 0
      })
      const consumer = fn(function* () {
        let total = 0
        for (let i = 0; i < n; i++) {
          const value = yield* Queue.take(queue)
          check(value === i, "queue order")
          total += value
        }
        return total
      })
      const [, total] = yield* gather([producer(), consumer()])
      check(total === triangle(n), "queue sum")
    })
  ),

  queue_fanout: program(
    fn(function* () {
      const [n, producers, consumers] = [100_000, 4, 4]
      const queue = yield* Queue.make<number>({ capacity: 100 })
      const per = n / producers
      const producer = fn(function* (p: number) {
        for (let i = p * per; i < (p + 1) * per; i++) yield* Queue.put(queue, i)
      })
      const consumer = fn(function* () {
        let [total, count] = [0, 0]
        for (;;) {
          const value = yield* Queue.take(queue)
          if (value < 0) return [total, count] as const
          total += value
          count++
        }
      })
      const results = yield* TaskGroup.run((group) =>
        Direct.gen(function* () {
          const consuming: Array<Task.Task<readonly [number, number], Queue.QueueShutdownError>> = []
          for (let i = 0; i < consumers; i++) consuming.push(yield* group.spawn(consumer()))
          yield* gather(each(producers, producer))
          for (let i = 0; i < consumers; i++) yield* Queue.put(queue, -1)
          return yield* Effect.forEach(consuming, Task.join)
        })
      )
      const sum = (index: 0 | 1) => results.reduce((total, result) => total + result[index], 0)
      check(sum(0) === triangle(n) && sum(1) === n, "fan-out")
    })
  ),

  event_broadcast: program(
    fn(function* () {
      const [waiters, rounds] = [1000, 100]
      const events: Array<Event.Event> = []
      const ready: Array<Event.Event> = []
      for (let i = 0; i < rounds; i++) {
        events.push(yield* Event.make())
        ready.push(yield* Event.make())
      }
      let [arrived, wakes] = [0, 0]
      const waiter = fn(function* () {
        for (let round = 0; round < rounds; round++) {
          if (++arrived === waiters) {
            arrived = 0
            yield* Event.set(ready[round] as Event.Event)
          }
          yield* Event.wait(events[round] as Event.Event)
          wakes++
        }
      })
      const driver = fn(function* () {
        for (let round = 0; round < rounds; round++) {
          yield* Event.wait(ready[round] as Event.Event)
          yield* Event.set(events[round] as Event.Event)
        }
      })
      yield* gather([driver(), ...each(waiters, () => waiter())])
      check(wakes === waiters * rounds, "event")
    })
  ),

  condition: program(
    fn(function* () {
      const [workers, per, capacity] = [10, 2000, 10]
      const lock = yield* Lock.make()
      const notFull = yield* Condition.make({ lock })
      const notEmpty = yield* Condition.make({ lock })
      const buffer: Array<number> = []
      let [total, count, worst] = [0, 0, 0]
      const put = fn(function* (value: number) {
        while (buffer.length >= capacity) yield* Condition.wait(notFull)
        buffer.push(value)
        worst = Math.max(worst, buffer.length)
        yield* Condition.notify(notEmpty)
      })
      const get = Direct.gen(function* () {
        while (buffer.length === 0) yield* Condition.wait(notEmpty)
        total += buffer.shift() as number
        count++
        yield* Condition.notify(notFull)
      }).pipe(Lock.withLock(lock))
      const producer = fn(function* (p: number) {
        for (let k = 0; k < per; k++) yield* Lock.withLock(lock, put(p * per + k))
      })
      const consumer = fn(function* () {
        for (let k = 0; k < per; k++) yield* get
      })
      yield* gather([...each(workers, producer), ...each(workers, () => consumer())])
      const n = workers * per
      check(count === n && total === triangle(n) && worst <= capacity, "condition")
    })
  ),

  seq_await: program(
    fn(function* () {
      const n = 1_000_000
      let total = 0
      for (let i = 0; i < n; i++) total += yield* noop(i)
      check(total === triangle(n), "seq_await")
    })
  ),

  deep_await: program(
    fn(function* () {
      const [depth, times] = [100, 10_000]
      let total = 0
      for (let i = 0; i < times; i++) total += yield* rec(depth)
      check(total === depth * times, "deep_await")
    })
  ),

  timers: program(
    fn(function* () {
      const n = 100_000
      let woke = 0
      const began = performance.now()
      const job = fn(function* (ms: number) {
        yield* Effect.sleep(ms)
        woke++
      })
      yield* spawnAll(n, (i) => job(i % 50))
      check(woke === n && performance.now() - began >= 48, "timers")
    })
  ),

  timeout_wrap: program(
    fn(function* () {
      const n = 100_000
      let total = 0
      for (let i = 0; i < n; i++) total += yield* CancelScope.failAfter(noop(i), 10_000)
      check(total === triangle(n), "timeout_wrap")
    })
  ),

  cancel: program(
    fn(function* () {
      const n = 50_000
      const event = yield* Event.make()
      let [started, cleaned] = [0, 0]
      const cleanUp = Effect.sync(() => {
        cleaned++
      })
      const job = fn(function* () {
        started++
        yield* Effect.ensuring(Event.wait(event), cleanUp)
      })
      const outcomes = yield* TaskGroup.run((group) =>
        Direct.gen(function* () {
          const tasks: Array<Task.Task<void>> = []
          for (let i = 0; i < n; i++) tasks.push(yield* group.spawn(job()))
          while (started < n) yield* Effect.yieldNow
          for (const task of tasks) yield* Task.cancel(task)
          const states: Array<string> = []
          for (const task of tasks) states.push((yield* Task.status(task))._tag)
          return states
        })
      )
      check(cleaned === n && outcomes.length === n, "cancel")
      check(
        outcomes.every((state) => state === "Cancelled"),
        "cancel outcomes"
      )
    })
  ),

  as_completed: program(
    fn(function* () {
      const n = 10_000
      const queue = yield* Queue.make<number>()
      const job = fn(function* (i: number) {
        for (let k = 0; k < i % 10; k++) yield* Effect.yieldNow
        yield* Queue.put(queue, i)
      })
      let [total, count] = [0, 0]
      let first: number | undefined
      let last = 0
      yield* TaskGroup.run((group) =>
        Direct.gen(function* () {
          for (let i = 0; i < n; i++) yield* group.spawn(job(i))
          while (count < n) {
            last = yield* Queue.take(queue)
            first ??= last
            total += last
            count++
          }
        })
      )
      check(count === n && total === triangle(n), "as_completed sum")
      check((first as number) % 10 === 0 && last % 10 === 9, "as_completed order")
    })
  )
}

await main("skein_core", {
  workloads,
  startup: program(
    fn(function* () {
      check((yield* noop(1)) === 1, "startup")
    })
  ),
  park: async (n) => {
    const event = await Effect.runPromise(Event.make())
    let [started, ended] = [0, 0]
    const job = fn(function* () {
      started++
      yield* Event.wait(event)
      ended++
    })
    const running = FairScheduler.runPromise(
      TaskGroup.run((group) =>
        Direct.gen(function* () {
          const tasks: Array<Task.Task<void>> = []
          for (let i = 0; i < n; i++) tasks.push(yield* group.spawn(job()))
          for (const task of tasks) yield* Task.join(task)
        })
      )
    )
    while (started < n) await new Promise((resolve) => setImmediate(resolve))
    return {
      release: async () => {
        await Effect.runPromise(Event.set(event))
        await running
        check(ended === n, "parked end")
      }
    }
  }
})
