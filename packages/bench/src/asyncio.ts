// The workloads of the yardstick on `@skein/asyncio`, written as its users would write them. Locks are taken with
// `acquire`, `try` and `finally`, as the porting guide advises for hot loops: `async_with` around a body that is written on the
// spot pays for a new generator function each time round.

import * as asyncio from "@skein/asyncio"
import { check, main, triangle, type Workload } from "./harness.ts"

const noop = asyncio.coroutine(function* noop(i: number) {
  return i
})

const rec: (n: number) => asyncio.Coroutine<number> = asyncio.coroutine(function* rec(n: number): asyncio.Body<number> {
  return n === 0 ? 0 : 1 + (yield* rec(n - 1))
})

const each = <T>(n: number, make: (i: number) => T): Array<T> => Array.from({ length: n }, (_, i) => make(i))

/** A program that the clock runs from its hand-over to the loop to its end. */
const program =
  (body: () => Generator<unknown, void, never>): Workload =>
  () =>
    asyncio.run(asyncio.coroutine(body as () => Generator<never, void, never>)())

const workloads = {
  spawn_gather: program(function* () {
    const n = 100_000
    const tasks = each(n, (i) => asyncio.create_task(noop(i)))
    const results = yield* asyncio.gather(...tasks)
    check(results.length === n && results[n - 1] === n - 1, "gather length")
    check(results.reduce((sum, value) => sum + value, 0) === triangle(n), "gather sum")
  }),

  spawn_taskgroup: program(function* () {
    const n = 100_000
    let count = 0
    const job = asyncio.coroutine(function* job() {
      count++
    })
    yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
      for (let i = 0; i < n; i++) void group.create_task(job())
    })
    check(count === n, "task group count")
  }),

  yields: program(function* () {
    const [tasks, k] = [1000, 100]
    let done = 0
    const job = asyncio.coroutine(function* job() {
      for (let i = 0; i < k; i++) {
        yield* asyncio.sleep(0)
        done++
      }
    })
    yield* asyncio.gather(...each(tasks, () => job()))
    check(done === tasks * k, "yields")
  }),

  lock: program(function* () {
    const [tasks, k] = [100, 100]
    const lock = asyncio.Lock()
    let [inside, worst, count] = [0, 0, 0]
    const job = asyncio.coroutine(function* job() {
      for (let i = 0; i < k; i++) {
        yield* lock.acquire()
        try {
          worst = Math.max(worst, ++inside)
          yield* asyncio.sleep(0)
          inside--
          count++
        } finally {
          lock.release()
        }
      }
    })
    yield* asyncio.gather(...each(tasks, () => job()))
    check(count === tasks * k && worst === 1, "lock")
  }),

  semaphore: program(function* () {
    const [tasks, k, permits] = [1000, 100, 10]
    const semaphore = asyncio.Semaphore(permits)
    let [inside, worst, count] = [0, 0, 0]
    const job = asyncio.coroutine(function* job() {
      for (let i = 0; i < k; i++) {
        yield* semaphore.acquire()
        try {
          worst = Math.max(worst, ++inside)
          yield* asyncio.sleep(0)
          inside--
          count++
        } finally {
          semaphore.release()
        }
      }
    })
    yield* asyncio.gather(...each(tasks, () => job()))
    check(count === tasks * k && worst === permits, "semaphore")
  }),

  queue_pingpong: program(function* () {
    const n = 100_000
    const queue = asyncio.Queue<number>(10)
    const producer = asyncio.coroutine(function* producer() {
      for (let i = 0; i < n; i++) yield* queue.put(i)
    })
    const consumer = asyncio.coroutine(function* consumer() {
      let total = 0
      for (let i = 0; i < n; i++) {
        const value = yield* queue.get()
        check(value === i, "queue order")
        total += value
      }
      return total
    })
    const [, total] = yield* asyncio.gather(producer(), consumer())
    check(total === triangle(n), "queue sum")
  }),

  queue_fanout: program(function* () {
    const [n, producers, consumers] = [100_000, 4, 4]
    const queue = asyncio.Queue<number>(100)
    const per = n / producers
    const producer = asyncio.coroutine(function* producer(p: number) {
      for (let i = p * per; i < (p + 1) * per; i++) yield* queue.put(i)
    })
    const consumer = asyncio.coroutine(function* consumer() {
      let [total, count] = [0, 0]
      for (;;) {
        const value = yield* queue.get()
        if (value < 0) return [total, count] as const
        total += value
        count++
      }
    })
    const consuming = each(consumers, () => asyncio.create_task(consumer()))
    yield* asyncio.gather(...each(producers, (p) => producer(p)))
    for (let i = 0; i < consumers; i++) yield* queue.put(-1)
    const results = yield* asyncio.gather(...consuming)
    const sum = (index: 0 | 1) => results.reduce((total, result) => total + result[index], 0)
    check(sum(0) === triangle(n) && sum(1) === n, "fan-out")
  }),

  event_broadcast: program(function* () {
    const [waiters, rounds] = [1000, 100]
    const events = each(rounds, () => asyncio.Event())
    const ready = each(rounds, () => asyncio.Event())
    let [arrived, wakes] = [0, 0]
    const waiter = asyncio.coroutine(function* waiter() {
      for (const [round, event] of events.entries()) {
        if (++arrived === waiters) {
          arrived = 0
          ready[round]?.set()
        }
        yield* event.wait()
        wakes++
      }
    })
    const driver = asyncio.coroutine(function* driver() {
      for (const [round, event] of events.entries()) {
        yield* (ready[round] as asyncio.Event).wait()
        event.set()
      }
    })
    yield* asyncio.gather(driver(), ...each(waiters, () => waiter()))
    check(wakes === waiters * rounds, "event")
  }),

  condition: program(function* () {
    const [workers, per, capacity] = [10, 2000, 10]
    const lock = asyncio.Lock()
    const [notFull, notEmpty] = [asyncio.Condition(lock), asyncio.Condition(lock)]
    const buffer: Array<number> = []
    let [total, count, worst] = [0, 0, 0]
    const producer = asyncio.coroutine(function* producer(p: number) {
      for (let k = 0; k < per; k++) {
        yield* notFull.acquire()
        try {
          while (buffer.length >= capacity) yield* notFull.wait()
          buffer.push(p * per + k)
          worst = Math.max(worst, buffer.length)
          notEmpty.notify()
        } finally {
          notFull.release()
        }
      }
    })
    const consumer = asyncio.coroutine(function* consumer() {
      for (let k = 0; k < per; k++) {
        yield* notEmpty.acquire()
        try {
          while (buffer.length === 0) yield* notEmpty.wait()
          total += buffer.shift() as number
          count++
          notFull.notify()
        } finally {
          notEmpty.release()
        }
      }
    })
    yield* asyncio.gather(...each(workers, (p) => producer(p)), ...each(workers, () => consumer()))
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
    const job = asyncio.coroutine(function* job(ms: number) {
      yield* asyncio.sleep(ms / 1000)
      woke++
    })
    yield* asyncio.gather(...each(n, (i) => asyncio.create_task(job(i % 50))))
    check(woke === n && performance.now() - began >= 48, "timers")
  }),

  timeout_wrap: program(function* () {
    const n = 100_000
    let total = 0
    for (let i = 0; i < n; i++) total += yield* asyncio.wait_for(noop(i), 10)
    check(total === triangle(n), "timeout_wrap")
  }),

  cancel: program(function* () {
    const n = 50_000
    const event = asyncio.Event()
    let [started, cleaned] = [0, 0]
    const job = asyncio.coroutine(function* job() {
      started++
      try {
        yield* event.wait()
      } finally {
        cleaned++
      }
    })
    const tasks = each(n, () => asyncio.create_task(job()))
    while (started < n) yield* asyncio.sleep(0)
    for (const task of tasks) task.cancel()
    const results = yield* asyncio.gather(...tasks, { return_exceptions: true })
    check(cleaned === n && results.length === n, "cancel")
    check(
      results.every((result) => (result as unknown) instanceof asyncio.CancelledError),
      "cancel outcomes"
    )
  }),

  as_completed: program(function* () {
    const n = 10_000
    const job = asyncio.coroutine(function* job(i: number) {
      for (let k = 0; k < i % 10; k++) yield* asyncio.sleep(0)
      return i
    })
    let [total, count] = [0, 0]
    let first: number | undefined
    let last = 0
    for (const next of asyncio.as_completed(each(n, (i) => job(i)))) {
      const value = yield* next
      first ??= value
      last = value
      total += value
      count++
    }
    check(count === n && total === triangle(n), "as_completed sum")
    check((first as number) % 10 === 0 && last % 10 === 9, "as_completed order")
  })
}

await main("skein_asyncio", {
  workloads,
  startup: () => asyncio.run(noop(1)).then((value) => check(value === 1, "startup")),
  park: (n) =>
    new Promise((resolve, reject) => {
      const event = asyncio.Event()
      let [started, ended] = [0, 0]
      const job = asyncio.coroutine(function* job() {
        started++
        yield* event.wait()
        ended++
      })
      const parked = asyncio.coroutine(function* parked() {
        const tasks = each(n, () => asyncio.create_task(job()))
        const loop = asyncio.get_running_loop()
        while (started < n) yield* asyncio.sleep(0)
        resolve({
          release: async () => {
            loop.call_soon_threadsafe(() => event.set())
            await running
            check(ended === n, "parked end")
          }
        })
        yield* event.wait()
        yield* asyncio.gather(...tasks)
      })
      // Something of the host must be there to come back to: it is not a deadlock that everybody waits for `release`.
      const alive = setInterval(() => undefined, 1000)
      const running = asyncio.run(parked()).finally(() => clearInterval(alive))
      running.catch(reject)
    })
})
