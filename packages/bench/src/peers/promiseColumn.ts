// The workloads on plain promises. What promises lack (locks, timeouts, cancellation, a yield) is handed in, so that the
// columns differ in nothing else. A bounded queue, a condition and completion order are written by hand in all of them: no
// package on npm is the common choice.

import { type Column, check, triangle } from "../harness.ts"
import { Deque } from "./Deque.ts"

/** Something that is taken and given back. */
export interface Permits {
  acquire(): PromiseLike<unknown> | undefined
  release(): void
}

/** A way to cancel one waiting task. */
export interface Canceller {
  readonly cancel: () => void
  /** Waits until a member of `waiters` is called, or `cancel` is. */
  readonly wait: (waiters: Set<() => void>) => Promise<void>
}

/** What the columns differ in. */
export interface Parts {
  /** Lets everybody else run. */
  readonly yieldNow: () => Promise<void> | undefined
  readonly lock: () => Permits
  readonly semaphore: (permits: number) => Permits
  readonly timeout: <A>(promise: Promise<A>, ms: number) => Promise<A>
  readonly canceller: () => Canceller
  readonly isCancellation: (reason: unknown) => boolean
}

class Event {
  declare readonly set: () => void
  readonly promise: Promise<void> = new Promise((resolve) => {
    Object.defineProperty(this, "set", { value: resolve })
  })
}

class BoundedQueue {
  private readonly items = new Deque<number>()
  private readonly getters = new Deque<(value: number) => void>()
  private readonly putters = new Deque<{ readonly value: number; readonly done: () => void }>()
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** A promise only when it has to wait. */
  put(value: number): Promise<void> | undefined {
    const getter = this.getters.shift()
    if (getter !== undefined) getter(value)
    else if (this.items.length < this.capacity) this.items.push(value)
    else return new Promise((done) => this.putters.push({ value, done }))
    return undefined
  }

  /** A promise only when it has to wait. */
  get(): Promise<number> | number {
    if (this.items.length === 0) return new Promise((resolve) => this.getters.push(resolve))
    const value = this.items.shift() as number
    const putter = this.putters.shift()
    if (putter !== undefined) {
      this.items.push(putter.value)
      putter.done()
    }
    return value
  }
}

class Condition {
  private readonly waiters = new Deque<() => void>()
  private readonly lock: Permits

  constructor(lock: Permits) {
    this.lock = lock
  }

  async wait(): Promise<void> {
    this.lock.release()
    await new Promise<void>((resolve) => this.waiters.push(resolve))
    await this.lock.acquire()
  }

  notify(): void {
    this.waiters.shift()?.()
  }
}

const noop = async (i: number): Promise<number> => i

const rec = async (n: number): Promise<number> => (n === 0 ? 0 : 1 + (await rec(n - 1)))

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

const each = <A>(n: number, make: (i: number) => A): Array<A> => Array.from({ length: n }, (_, i) => make(i))

/** The values in order of completion. `Promise.race` in a loop would be quadratic. */
async function* asCompleted<A>(promises: ReadonlyArray<Promise<A>>): AsyncGenerator<A, void> {
  const done: Array<A> = []
  let wake: (() => void) | undefined
  for (const promise of promises) {
    void promise.then((value) => {
      done.push(value)
      wake?.()
      wake = undefined
    })
  }
  for (let i = 0; i < promises.length; i++) {
    if (done.length <= i) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    yield done[i] as A
  }
}

const enter = async (permits: Permits, capacity: number, tasks: number, yieldNow: Parts["yieldNow"]): Promise<void> => {
  const rounds = 100
  let [inside, worst, count] = [0, 0, 0]
  const job = async () => {
    for (let i = 0; i < rounds; i++) {
      await permits.acquire()
      try {
        worst = Math.max(worst, ++inside)
        await yieldNow()
        inside--
        count++
      } finally {
        permits.release()
      }
    }
  }
  await Promise.all(each(tasks, job))
  check(count === tasks * rounds && worst === capacity, "permits")
}

/** The workloads with the given parts. */
export const promiseColumn = (parts: Parts): Column => ({
  workloads: {
    spawn_gather: async () => {
      const n = 100_000
      const results = await Promise.all(each(n, noop))
      check(results.length === n && results[n - 1] === n - 1, "gather length")
      check(results.reduce((sum, value) => sum + value, 0) === triangle(n), "gather sum")
    },

    spawn_taskgroup: async () => {
      const n = 100_000
      let count = 0
      const job = async () => {
        count++
      }
      const group: Array<Promise<void>> = []
      for (let i = 0; i < n; i++) group.push(job())
      await Promise.all(group)
      check(count === n, "task group count")
    },

    yields: async () => {
      const [tasks, k] = [1000, 100]
      let done = 0
      const job = async () => {
        for (let i = 0; i < k; i++) {
          await parts.yieldNow()
          done++
        }
      }
      await Promise.all(each(tasks, job))
      check(done === tasks * k, "yields")
    },

    lock: () => enter(parts.lock(), 1, 100, parts.yieldNow),
    semaphore: () => enter(parts.semaphore(10), 10, 1000, parts.yieldNow),

    queue_pingpong: async () => {
      const n = 100_000
      const queue = new BoundedQueue(10)
      const producer = async () => {
        for (let i = 0; i < n; i++) await queue.put(i)
      }
      const consumer = async () => {
        let total = 0
        for (let i = 0; i < n; i++) {
          const value = await queue.get()
          check(value === i, "queue order")
          total += value
        }
        return total
      }
      const [, total] = await Promise.all([producer(), consumer()])
      check(total === triangle(n), "queue sum")
    },

    queue_fanout: async () => {
      const [n, producers, consumers] = [100_000, 4, 4]
      const queue = new BoundedQueue(100)
      const per = n / producers
      const producer = async (p: number) => {
        for (let i = p * per; i < (p + 1) * per; i++) await queue.put(i)
      }
      const consumer = async () => {
        let [total, count] = [0, 0]
        for (;;) {
          const value = await queue.get()
          if (value < 0) return [total, count] as const
          total += value
          count++
        }
      }
      const consuming = each(consumers, consumer)
      await Promise.all(each(producers, producer))
      for (let i = 0; i < consumers; i++) await queue.put(-1)
      const results = await Promise.all(consuming)
      const sum = (index: 0 | 1) => results.reduce((total, result) => total + result[index], 0)
      check(sum(0) === triangle(n) && sum(1) === n, "fan-out")
    },

    event_broadcast: async () => {
      const [waiters, rounds] = [1000, 100]
      const events = each(rounds, () => new Event())
      const ready = each(rounds, () => new Event())
      let [arrived, wakes] = [0, 0]
      const waiter = async () => {
        for (const [round, event] of events.entries()) {
          if (++arrived === waiters) {
            arrived = 0
            ready[round]?.set()
          }
          await event.promise
          wakes++
        }
      }
      const driver = async () => {
        for (const [round, event] of events.entries()) {
          await ready[round]?.promise
          event.set()
        }
      }
      await Promise.all([driver(), ...each(waiters, waiter)])
      check(wakes === waiters * rounds, "event")
    },

    condition: async () => {
      const [workers, per, capacity] = [10, 2000, 10]
      const lock = parts.lock()
      const [notFull, notEmpty] = [new Condition(lock), new Condition(lock)]
      const buffer: Array<number> = []
      let [total, count, worst] = [0, 0, 0]
      const producer = async (p: number) => {
        for (let k = 0; k < per; k++) {
          await lock.acquire()
          try {
            while (buffer.length >= capacity) await notFull.wait()
            buffer.push(p * per + k)
            worst = Math.max(worst, buffer.length)
            notEmpty.notify()
          } finally {
            lock.release()
          }
        }
      }
      const consumer = async () => {
        for (let k = 0; k < per; k++) {
          await lock.acquire()
          try {
            while (buffer.length === 0) await notEmpty.wait()
            total += buffer.shift() as number
            count++
            notFull.notify()
          } finally {
            lock.release()
          }
        }
      }
      await Promise.all([...each(workers, producer), ...each(workers, consumer)])
      const n = workers * per
      check(count === n && total === triangle(n) && worst <= capacity, "condition")
    },

    seq_await: async () => {
      const n = 1_000_000
      let total = 0
      for (let i = 0; i < n; i++) total += await noop(i)
      check(total === triangle(n), "seq_await")
    },

    deep_await: async () => {
      const [depth, times] = [100, 10_000]
      let total = 0
      for (let i = 0; i < times; i++) total += await rec(depth)
      check(total === depth * times, "deep_await")
    },

    timers: async () => {
      const n = 100_000
      let woke = 0
      const began = performance.now()
      const job = async (i: number) => {
        await sleep(i % 50)
        woke++
      }
      await Promise.all(each(n, job))
      check(woke === n && performance.now() - began >= 48, "timers")
    },

    timeout_wrap: async () => {
      const n = 100_000
      let total = 0
      for (let i = 0; i < n; i++) total += await parts.timeout(noop(i), 10_000)
      check(total === triangle(n), "timeout_wrap")
    },

    cancel: async () => {
      const n = 50_000
      const waiters = new Set<() => void>()
      let [started, cleaned] = [0, 0]
      const job = async (canceller: Canceller) => {
        started++
        try {
          await canceller.wait(waiters)
        } finally {
          cleaned++
        }
      }
      const cancellers: Array<Canceller> = []
      const tasks: Array<Promise<void>> = []
      for (let i = 0; i < n; i++) {
        const canceller = parts.canceller()
        cancellers.push(canceller)
        tasks.push(job(canceller))
      }
      check(started === n && waiters.size === n, "cancel: all wait")
      for (const canceller of cancellers) canceller.cancel()
      const outcomes = await Promise.allSettled(tasks)
      const left: number = waiters.size
      check(cleaned === n && left === 0 && outcomes.length === n, "cancel")
      check(
        outcomes.every((outcome) => outcome.status === "rejected" && parts.isCancellation(outcome.reason)),
        "cancel outcomes"
      )
    },

    as_completed: async () => {
      const n = 10_000
      const job = async (i: number) => {
        for (let k = 0; k < i % 10; k++) await parts.yieldNow()
        return i
      }
      let [total, count, first, last] = [0, 0, -1, -1]
      for await (const value of asCompleted(each(n, job))) {
        if (first < 0) first = value
        last = value
        total += value
        count++
      }
      check(count === n && total === triangle(n), "as_completed sum")
      check(first % 10 === 0 && last % 10 === 9, "as_completed order")
    }
  },

  startup: async () => check((await noop(1)) === 1, "startup"),

  park: async (n) => {
    const event = new Event()
    let [started, ended] = [0, 0]
    const job = async () => {
      started++
      await event.promise
      ended++
    }
    const tasks = each(n, job)
    check(started === n, "parked")
    return {
      release: async () => {
        event.set()
        await Promise.all(tasks)
        check(ended === n, "parked end")
      }
    }
  }
})
