// Effection 4. Its own are `spawn`, `withResolvers`, `action`, `race` and `halt`; lock, semaphore, bounded queue, condition and
// timeout are written on these by hand, as its users do, and the hand-made waiters are not safe to cancel. A yield is an action
// over `setImmediate`, since its own `sleep(0)` is a timer of one millisecond.
//
// A task costs it over 100 us and 10 kB, so the workloads of 50,000 tasks and more run at a tenth of their size.

import { action, type Operation, race, run, scoped, sleep, spawn, type Task, withResolvers } from "effection"
import { check, main, triangle, type Workload } from "../harness.ts"
import { Deque } from "./Deque.ts"

const SCALE = 10

const program =
  (body: () => Operation<void>): Workload =>
  () =>
    run(body) as Promise<void>

const scaled = (body: () => Operation<void>): Workload => Object.assign(program(body), { scale: SCALE })

const yieldNow = (): Operation<void> =>
  action((resolve) => {
    const id = setImmediate(() => resolve())
    return () => clearImmediate(id)
  })

function* noop(i: number): Operation<number> {
  return i
}

function* rec(n: number): Operation<number> {
  return n === 0 ? 0 : 1 + (yield* rec(n - 1))
}

type Resolvers<A> = ReturnType<typeof withResolvers<A>>

class Permits {
  private readonly waiters = new Deque<Resolvers<void>>()
  private free: number

  constructor(free: number) {
    this.free = free
  }

  *acquire(): Operation<void> {
    if (this.free > 0) {
      this.free--
      return
    }
    const turn = withResolvers<void>()
    this.waiters.push(turn)
    yield* turn.operation
  }

  release(): void {
    const turn = this.waiters.shift()
    if (turn === undefined) this.free++
    else turn.resolve()
  }
}

class Condition {
  private readonly waiters = new Deque<Resolvers<void>>()
  private readonly lock: Permits

  constructor(lock: Permits) {
    this.lock = lock
  }

  *wait(): Operation<void> {
    const turn = withResolvers<void>()
    this.waiters.push(turn)
    this.lock.release()
    yield* turn.operation
    yield* this.lock.acquire()
  }

  notify(): void {
    this.waiters.shift()?.resolve()
  }
}

class BoundedQueue {
  private readonly items = new Deque<number>()
  private readonly getters = new Deque<Resolvers<number>>()
  private readonly putters = new Deque<{ readonly value: number; readonly done: Resolvers<void> }>()
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  *put(value: number): Operation<void> {
    const getter = this.getters.shift()
    if (getter !== undefined) getter.resolve(value)
    else if (this.items.length < this.capacity) this.items.push(value)
    else {
      const done = withResolvers<void>()
      this.putters.push({ value, done })
      yield* done.operation
    }
  }

  *get(): Operation<number> {
    if (this.items.length === 0) {
      const getter = withResolvers<number>()
      this.getters.push(getter)
      return yield* getter.operation
    }
    const value = this.items.shift() as number
    const putter = this.putters.shift()
    if (putter !== undefined) {
      this.items.push(putter.value)
      putter.done.resolve()
    }
    return value
  }
}

const each = <A>(n: number, make: (i: number) => A): Array<A> => Array.from({ length: n }, (_, i) => make(i))

function* forkAll<A>(n: number, make: (i: number) => Operation<A>): Operation<Array<Task<A>>> {
  const tasks: Array<Task<A>> = []
  for (let i = 0; i < n; i++) tasks.push(yield* spawn(() => make(i)))
  return tasks
}

function* joinAll<A>(tasks: ReadonlyArray<Task<A>>): Operation<Array<A>> {
  const results: Array<A> = []
  for (const task of tasks) results.push(yield* task)
  return results
}

function* gather<A>(n: number, make: (i: number) => Operation<A>): Operation<Array<A>> {
  return yield* joinAll(yield* forkAll(n, make))
}

const permits = (tasks: number, capacity: number): Workload =>
  program(function* () {
    const rounds = 100
    const shared = new Permits(capacity)
    let [inside, worst, count] = [0, 0, 0]
    yield* gather(tasks, function* () {
      for (let i = 0; i < rounds; i++) {
        yield* shared.acquire()
        try {
          worst = Math.max(worst, ++inside)
          yield* yieldNow()
          inside--
          count++
        } finally {
          shared.release()
        }
      }
    })
    check(count === tasks * rounds && worst === capacity, "permits")
  })

await main("effection", {
  workloads: {
    spawn_gather: scaled(function* () {
      const n = 100_000 / SCALE
      const results = yield* gather(n, noop)
      check(results.length === n && results[n - 1] === n - 1, "gather length")
      check(results.reduce((sum, value) => sum + value, 0) === triangle(n), "gather sum")
    }),

    spawn_taskgroup: scaled(function* () {
      const n = 100_000 / SCALE
      let count = 0
      // The end of a scope halts its children, so they are waited for first.
      yield* scoped(function* () {
        yield* gather(n, function* () {
          count++
        })
      })
      check(count === n, "task group count")
    }),

    yields: program(function* () {
      const [tasks, k] = [1000, 100]
      let done = 0
      yield* gather(tasks, function* () {
        for (let i = 0; i < k; i++) {
          yield* yieldNow()
          done++
        }
      })
      check(done === tasks * k, "yields")
    }),

    lock: permits(100, 1),
    semaphore: permits(1000, 10),

    queue_pingpong: program(function* () {
      const n = 100_000
      const queue = new BoundedQueue(10)
      function* producer(): Operation<number> {
        for (let i = 0; i < n; i++) yield* queue.put(i)
        return 0
      }
      function* consumer(): Operation<number> {
        let total = 0
        for (let i = 0; i < n; i++) {
          const value = yield* queue.get()
          check(value === i, "queue order")
          total += value
        }
        return total
      }
      const [, total] = yield* gather(2, (i) => (i === 0 ? producer() : consumer()))
      check(total === triangle(n), "queue sum")
    }),

    queue_fanout: program(function* () {
      const [n, producers, consumers] = [100_000, 4, 4]
      const queue = new BoundedQueue(100)
      const per = n / producers
      const consuming = yield* forkAll(consumers, function* () {
        let [total, count] = [0, 0]
        for (;;) {
          const value = yield* queue.get()
          if (value < 0) return [total, count] as const
          total += value
          count++
        }
      })
      yield* gather(producers, function* (p) {
        for (let i = p * per; i < (p + 1) * per; i++) yield* queue.put(i)
      })
      for (let i = 0; i < consumers; i++) yield* queue.put(-1)
      const results = yield* joinAll(consuming)
      const sum = (index: 0 | 1) => results.reduce((total, result) => total + result[index], 0)
      check(sum(0) === triangle(n) && sum(1) === n, "fan-out")
    }),

    event_broadcast: program(function* () {
      const [waiters, rounds] = [1000, 100]
      const events = each(rounds, () => withResolvers<void>())
      const ready = each(rounds, () => withResolvers<void>())
      let [arrived, wakes] = [0, 0]
      function* waiter(): Operation<void> {
        for (const [round, event] of events.entries()) {
          if (++arrived === waiters) {
            arrived = 0
            ready[round]?.resolve()
          }
          yield* event.operation
          wakes++
        }
      }
      function* driver(): Operation<void> {
        for (const [round, event] of events.entries()) {
          yield* (ready[round] as Resolvers<void>).operation
          event.resolve()
        }
      }
      yield* gather(waiters + 1, (i) => (i === 0 ? driver() : waiter()))
      check(wakes === waiters * rounds, "event")
    }),

    condition: program(function* () {
      const [workers, per, capacity] = [10, 2000, 10]
      const lock = new Permits(1)
      const [notFull, notEmpty] = [new Condition(lock), new Condition(lock)]
      const buffer: Array<number> = []
      let [total, count, worst] = [0, 0, 0]
      function* producer(p: number): Operation<void> {
        for (let k = 0; k < per; k++) {
          yield* lock.acquire()
          try {
            while (buffer.length >= capacity) yield* notFull.wait()
            buffer.push(p * per + k)
            worst = Math.max(worst, buffer.length)
            notEmpty.notify()
          } finally {
            lock.release()
          }
        }
      }
      function* consumer(): Operation<void> {
        for (let k = 0; k < per; k++) {
          yield* lock.acquire()
          try {
            while (buffer.length === 0) yield* notEmpty.wait()
            total += buffer.shift() as number
            count++
            notFull.notify()
          } finally {
            lock.release()
          }
        }
      }
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

    timers: scaled(function* () {
      const n = 100_000 / SCALE
      let woke = 0
      const began = performance.now()
      yield* gather(n, function* (i) {
        yield* sleep(i % 50)
        woke++
      })
      check(woke === n && performance.now() - began >= 48, "timers")
    }),

    timeout_wrap: scaled(function* () {
      const n = 100_000 / SCALE
      function* expire(ms: number): Operation<number> {
        yield* sleep(ms)
        throw new Error("timeout")
      }
      let total = 0
      for (let i = 0; i < n; i++) total += yield* race([noop(i), expire(10_000)])
      check(total === triangle(n), "timeout_wrap")
    }),

    cancel: scaled(function* () {
      const n = 50_000 / SCALE
      const event = withResolvers<void>()
      let [started, cleaned] = [0, 0]
      const tasks = yield* forkAll(n, function* () {
        started++
        try {
          yield* event.operation
        } finally {
          cleaned++
        }
      })
      while (started < n) yield* yieldNow()
      for (const task of tasks) yield* task.halt()
      let halted = 0
      for (const task of tasks) {
        try {
          yield* task
        } catch (error) {
          if (error instanceof Error && error.message === "halted") halted++
        }
      }
      check(cleaned === n && halted === n, "cancel")
    }),

    as_completed: program(function* () {
      const n = 10_000
      const done: Array<number> = []
      let wake: Resolvers<void> | undefined
      void (yield* forkAll(n, function* (i) {
        for (let k = 0; k < i % 10; k++) yield* yieldNow()
        done.push(i)
        wake?.resolve()
        wake = undefined
      }))
      let total = 0
      for (let i = 0; i < n; i++) {
        if (done.length <= i) {
          wake = withResolvers<void>()
          yield* wake.operation
        }
        total += done[i] as number
      }
      check(total === triangle(n), "as_completed sum")
      check((done[0] as number) % 10 === 0 && (done[n - 1] as number) % 10 === 9, "as_completed order")
    })
  },

  startup: program(function* () {
    check((yield* noop(1)) === 1, "startup")
  }),

  parked: 100_000 / SCALE,

  park: async (n) => {
    const event = withResolvers<void>()
    let [started, ended] = [0, 0]
    const running = run(function* () {
      const tasks = yield* forkAll(n, function* () {
        started++
        yield* event.operation
        ended++
      })
      yield* joinAll(tasks)
    })
    while (started < n) await new Promise((resolve) => setImmediate(resolve))
    return {
      release: async () => {
        event.resolve()
        await running
        check(ended === n, "parked end")
      }
    }
  }
})
