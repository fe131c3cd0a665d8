// Effect's own primitives, with user-level functions as generators, as its documentation recommends.
//
// A group is a `FiberSet`, an event a `Latch`, completion order an unbounded `Queue`. Effect has no condition variable: it is
// made of a semaphore that the caller holds and one `Deferred` for each waiter.

import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Semaphore from "effect/Semaphore"
import { check, main, triangle, type Workload } from "../harness.ts"
import { Deque } from "./Deque.ts"

const program =
  (body: () => Generator<Effect.Effect<unknown, unknown, never>, void, never>): Workload =>
  () =>
    Effect.runPromise(Effect.gen(body as () => Generator<Effect.Effect<unknown>, void, never>))

const noop = Effect.fnUntraced(function* (i: number) {
  return i
})

const rec: (n: number) => Effect.Effect<number> = Effect.fnUntraced(function* (n: number) {
  return n === 0 ? 0 : 1 + (yield* rec(n - 1))
})

const each = <A>(n: number, make: (i: number) => A): Array<A> => Array.from({ length: n }, (_, i) => make(i))

const forkAll = Effect.fnUntraced(function* <A>(n: number, make: (i: number) => Effect.Effect<A>) {
  const fibers: Array<Fiber.Fiber<A>> = []
  for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(make(i)))
  return fibers
})

const gather = Effect.fnUntraced(function* <A>(n: number, make: (i: number) => Effect.Effect<A>) {
  return yield* Fiber.joinAll(yield* forkAll(n, make))
})

const makeCondition = (lock: Semaphore.Semaphore) => {
  const waiters = new Deque<Deferred.Deferred<void>>()
  return {
    wait: Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const turn = Deferred.makeUnsafe<void>()
        waiters.push(turn)
        yield* lock.release(1)
        yield* Effect.ensuring(restore(Deferred.await(turn)), lock.take(1))
      })
    ),
    notify: Effect.sync(() => {
      const turn = waiters.shift()
      if (turn !== undefined) Deferred.doneUnsafe(turn, Effect.void)
    })
  }
}

/** `tasks` fibers, each entering a semaphore of `permits` a hundred times and yielding inside. */
const permits = (tasks: number, permits: number) =>
  program(function* () {
    const rounds = 100
    const semaphore = yield* Semaphore.make(permits)
    let [inside, worst, count] = [0, 0, 0]
    const body = Effect.gen(function* () {
      worst = Math.max(worst, ++inside)
      yield* Effect.yieldNow
      inside--
      count++
    })
    const job = Effect.fnUntraced(function* () {
      for (let i = 0; i < rounds; i++) yield* semaphore.withPermit(body)
    })
    yield* gather(tasks, job)
    check(count === tasks * rounds && worst === permits, "permits")
  })

await main("effect", {
  workloads: {
    spawn_gather: program(function* () {
      const n = 100_000
      const results = yield* gather(n, noop)
      check(results.length === n && results[n - 1] === n - 1, "gather length")
      check(results.reduce((sum, value) => sum + value, 0) === triangle(n), "gather sum")
    }),

    spawn_taskgroup: program(function* () {
      const n = 100_000
      let count = 0
      const job = Effect.fnUntraced(function* () {
        count++
      })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const group = yield* FiberSet.make()
          for (let i = 0; i < n; i++) yield* FiberSet.run(group, job())
          yield* FiberSet.awaitEmpty(group)
        })
      )
      check(count === n, "task group count")
    }),

    yields: program(function* () {
      const [tasks, k] = [1000, 100]
      let done = 0
      const job = Effect.fnUntraced(function* () {
        for (let i = 0; i < k; i++) {
          yield* Effect.yieldNow
          done++
        }
      })
      yield* gather(tasks, job)
      check(done === tasks * k, "yields")
    }),

    lock: permits(100, 1),
    semaphore: permits(1000, 10),

    queue_pingpong: program(function* () {
      const n = 100_000
      const queue = yield* Queue.bounded<number>(10)
      const producer = Effect.gen(function* () {
        for (let i = 0; i < n; i++) yield* Queue.offer(queue, i)
        return 0
      })
      const consumer = Effect.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) {
          const value = yield* Queue.take(queue)
          check(value === i, "queue order")
          total += value
        }
        return total
      })
      const [, total] = yield* gather(2, (i) => (i === 0 ? producer : consumer))
      check(total === triangle(n), "queue sum")
    }),

    queue_fanout: program(function* () {
      const [n, producers, consumers] = [100_000, 4, 4]
      const queue = yield* Queue.bounded<number>(100)
      const per = n / producers
      const producer = Effect.fnUntraced(function* (p: number) {
        for (let i = p * per; i < (p + 1) * per; i++) yield* Queue.offer(queue, i)
      })
      const consumer = Effect.fnUntraced(function* () {
        let [total, count] = [0, 0]
        for (;;) {
          const value = yield* Queue.take(queue)
          if (value < 0) return [total, count] as const
          total += value
          count++
        }
      })
      const consuming = yield* forkAll(consumers, consumer)
      yield* gather(producers, producer)
      for (let i = 0; i < consumers; i++) yield* Queue.offer(queue, -1)
      const results = yield* Fiber.joinAll(consuming)
      const sum = (index: 0 | 1) => results.reduce((total, result) => total + result[index], 0)
      check(sum(0) === triangle(n) && sum(1) === n, "fan-out")
    }),

    event_broadcast: program(function* () {
      const [waiters, rounds] = [1000, 100]
      const events = each(rounds, () => Latch.makeUnsafe())
      const ready = each(rounds, () => Latch.makeUnsafe())
      let [arrived, wakes] = [0, 0]
      const waiter = Effect.fnUntraced(function* () {
        for (const [round, event] of events.entries()) {
          if (++arrived === waiters) {
            arrived = 0
            yield* (ready[round] as Latch.Latch).open
          }
          yield* event.await
          wakes++
        }
      })
      const driver = Effect.gen(function* () {
        for (const [round, event] of events.entries()) {
          yield* (ready[round] as Latch.Latch).await
          yield* event.open
        }
      })
      yield* gather(waiters + 1, (i) => (i === 0 ? driver : waiter()))
      check(wakes === waiters * rounds, "event")
    }),

    condition: program(function* () {
      const [workers, per, capacity] = [10, 2000, 10]
      const lock = yield* Semaphore.make(1)
      const [notFull, notEmpty] = [makeCondition(lock), makeCondition(lock)]
      const buffer: Array<number> = []
      let [total, count, worst] = [0, 0, 0]
      const put = Effect.fnUntraced(
        function* (value: number) {
          while (buffer.length >= capacity) yield* notFull.wait
          buffer.push(value)
          worst = Math.max(worst, buffer.length)
          yield* notEmpty.notify
        },
        (effect) => lock.withPermit(effect)
      )
      const take = lock.withPermit(
        Effect.gen(function* () {
          while (buffer.length === 0) yield* notEmpty.wait
          total += buffer.shift() as number
          count++
          yield* notFull.notify
        })
      )
      const producer = Effect.fnUntraced(function* (p: number) {
        for (let k = 0; k < per; k++) yield* put(p * per + k)
      })
      const consumer = Effect.fnUntraced(function* () {
        for (let k = 0; k < per; k++) yield* take
      })
      yield* gather(workers * 2, (i) => (i < workers ? producer(i) : consumer()))
      const n = workers * per
      check(count === n && total === triangle(n) && worst <= capacity, "condition")
    }),

    seq_await: program(function* () {
      const n = 1_000_000
      let total = 0
      for (let i = 0; i < n; i++) total += yield* noop(i)
      check(total === triangle(n), "seq_await")
    }),

    deep_await: program(function* () {
      const [depth, times] = [100, 10_000]
      let total = 0
      for (let i = 0; i < times; i++) total += yield* rec(depth)
      check(total === depth * times, "deep_await")
    }),

    timers: program(function* () {
      const n = 100_000
      let woke = 0
      const began = performance.now()
      const job = Effect.fnUntraced(function* (i: number) {
        yield* Effect.sleep(i % 50)
        woke++
      })
      yield* gather(n, job)
      check(woke === n && performance.now() - began >= 48, "timers")
    }),

    timeout_wrap: program(function* () {
      const n = 100_000
      let total = 0
      for (let i = 0; i < n; i++) total += yield* Effect.timeout(noop(i), 10_000)
      check(total === triangle(n), "timeout_wrap")
    }),

    cancel: program(function* () {
      const n = 50_000
      const event = Latch.makeUnsafe()
      let [started, cleaned] = [0, 0]
      const job = Effect.fnUntraced(
        function* () {
          started++
          yield* event.await
        },
        Effect.ensuring(
          Effect.sync(() => {
            cleaned++
          })
        )
      )
      const fibers = yield* forkAll(n, job)
      while (started < n) yield* Effect.yieldNow
      yield* Fiber.interruptAll(fibers)
      const exits = yield* Fiber.awaitAll(fibers)
      check(cleaned === n && exits.length === n, "cancel")
      check(
        exits.every((exit) => Exit.isFailure(exit) && Exit.hasInterrupts(exit)),
        "cancel outcomes"
      )
    }),

    as_completed: program(function* () {
      const n = 10_000
      const queue = yield* Queue.unbounded<number>()
      const job = Effect.fnUntraced(function* (i: number) {
        for (let k = 0; k < i % 10; k++) yield* Effect.yieldNow
        yield* Queue.offer(queue, i)
      })
      yield* forkAll(n, job)
      let [total, first, last] = [0, -1, -1]
      for (let count = 0; count < n; count++) {
        const value = yield* Queue.take(queue)
        if (first < 0) first = value
        last = value
        total += value
      }
      check(total === triangle(n), "as_completed sum")
      check(first % 10 === 0 && last % 10 === 9, "as_completed order")
    })
  },

  startup: () => Effect.runPromise(noop(1)).then((value) => check(value === 1, "startup")),

  park: async (n) => {
    const event = Latch.makeUnsafe()
    let [started, ended] = [0, 0]
    const job = Effect.fnUntraced(function* () {
      started++
      yield* event.await
      ended++
    })
    let kept: ReadonlyArray<Fiber.Fiber<void>> = []
    const running = Effect.runPromise(
      Effect.gen(function* () {
        kept = yield* forkAll(n, job)
        yield* Fiber.joinAll(kept)
      })
    )
    while (started < n) await new Promise((resolve) => setImmediate(resolve))
    return {
      release: async () => {
        event.openUnsafe()
        await running
        check(ended === n, "parked end")
      }
    }
  }
})
