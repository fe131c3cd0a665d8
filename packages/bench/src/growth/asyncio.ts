import * as asyncio from "@skein/asyncio"
import { check } from "../harness.ts"
import { measureGrowth, type Operation, type Stopwatch } from "./operations.ts"

// `wait` and not `gather`: a call in JavaScript cannot take a million arguments.

const each = <A>(n: number, make: (i: number) => A): Array<A> => Array.from({ length: n }, (_, i) => make(i))

const noop = asyncio.coroutine(function* noop(i: number) {
  return i
})

interface Parked {
  readonly tasks: ReadonlyArray<asyncio.Task<void>>
  readonly event: asyncio.Event
}

/** Starts `n` tasks that wait for one event, and returns when all of them wait. */
const park = asyncio.coroutine(function* park(n: number) {
  const event = asyncio.Event()
  let started = 0
  const job = asyncio.coroutine(function* job() {
    started++
    yield* event.wait()
  })
  const tasks: Parked["tasks"] = each(n, () => asyncio.create_task(job()))
  while (started < n) yield* asyncio.sleep(0)
  return { tasks, event }
})

type Body<Y> = (n: number, stopwatch: Stopwatch) => Generator<Y, void, never>

const operation = (body: Body<unknown>): Operation => {
  const coroutine = asyncio.coroutine(body as Body<never>)
  return (n, stopwatch) => asyncio.run(coroutine(n, stopwatch))
}

await measureGrowth("asyncio", {
  spawn: operation(function* (n, stopwatch) {
    stopwatch.start()
    const tasks = each(n, (i) => asyncio.create_task(noop(i)))
    const [done] = yield* asyncio.wait(tasks)
    stopwatch.stop()
    check(done.size === n, "spawn")
  }),

  park: operation(function* (n, stopwatch) {
    stopwatch.start()
    const { tasks, event } = yield* park(n)
    stopwatch.stop()
    event.set()
    yield* asyncio.wait(tasks)
  }),

  wake: operation(function* (n, stopwatch) {
    const { tasks, event } = yield* park(n)
    stopwatch.start()
    event.set()
    yield* asyncio.wait(tasks)
    stopwatch.stop()
  }),

  cancel: operation(function* (n, stopwatch) {
    const { tasks } = yield* park(n)
    stopwatch.start()
    for (const task of tasks) task.cancel()
    const [done] = yield* asyncio.wait(tasks)
    stopwatch.stop()
    check(
      [...done].every((task) => task.cancelled()),
      "cancel"
    )
  }),

  timers: operation(function* (n, stopwatch) {
    let woke = 0
    const job = asyncio.coroutine(function* job(seconds: number) {
      yield* asyncio.sleep(seconds)
      woke++
    })
    stopwatch.start()
    yield* asyncio.wait(each(n, (i) => asyncio.create_task(job((1 + (i % 10)) / 1000))))
    stopwatch.stop()
    check(woke === n, "timers")
  }),

  semaphore: operation(function* (n, stopwatch) {
    const permits = asyncio.Semaphore(10)
    let [started, inside, worst] = [0, 0, 0]
    const job = asyncio.coroutine(function* job() {
      started++
      yield* permits.acquire()
      try {
        worst = Math.max(worst, ++inside)
        yield* asyncio.sleep(0)
        inside--
      } finally {
        permits.release()
      }
    })
    for (let permit = 0; permit < 10; permit++) yield* permits.acquire()
    const tasks = each(n, () => asyncio.create_task(job()))
    while (started < n) yield* asyncio.sleep(0)
    stopwatch.start()
    for (let permit = 0; permit < 10; permit++) permits.release()
    yield* asyncio.wait(tasks)
    stopwatch.stop()
    check(worst === 10, "semaphore")
  }),

  group: operation(function* (n, stopwatch) {
    let count = 0
    const job = asyncio.coroutine(function* job() {
      count++
    })
    stopwatch.start()
    yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
      for (let i = 0; i < n; i++) void group.create_task(job())
    })
    stopwatch.stop()
    check(count === n, "group")
  })
})
