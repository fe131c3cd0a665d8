import * as asyncio from "@skein/asyncio"
import type { Micro, Suite } from "./table.ts"

const noop = asyncio.coroutine(function* noop() {})

type Body<Y> = () => Generator<Y, void, never>

/** A whole run whose body performs `operations`; a run by itself costs some microseconds, which the batch makes small. */
const micro = (name: string, operations: number, body: Body<unknown>): Micro => {
  const main = asyncio.coroutine(body as Body<never>)
  return { name, operations, run: () => asyncio.run(main()) }
}

const N = 10_000

/** The hot paths of `@skein/asyncio`. */
export const asyncioSuite: Suite = {
  name: "@skein/asyncio",
  micros: [
    micro("sleep(0)", N, function* () {
      for (let i = 0; i < N; i++) yield* asyncio.sleep(0)
    }),
    micro("await a coroutine", N, function* () {
      for (let i = 0; i < N; i++) yield* noop()
    }),
    micro("create_task and await it", N, function* () {
      for (let i = 0; i < N; i++) yield* asyncio.create_task(noop())
    }),
    micro("future: set_result and await", N, function* () {
      const loop = asyncio.get_running_loop()
      for (let i = 0; i < N; i++) {
        const future = loop.create_future()
        loop.call_soon(() => future.set_result(i))
        yield* future
      }
    }),
    micro("lock, uncontended", N, function* () {
      const lock = asyncio.Lock()
      for (let i = 0; i < N; i++) {
        yield* lock.acquire()
        lock.release()
      }
    }),
    micro("lock, uncontended, by async_with", N, function* () {
      const lock = asyncio.Lock()
      for (let i = 0; i < N; i++) yield* asyncio.async_with(lock, function* () {})
    }),
    micro("lock, handed between two tasks", N, function* () {
      const lock = asyncio.Lock()
      const job = asyncio.coroutine(function* job() {
        for (let i = 0; i < N / 2; i++) {
          yield* lock.acquire()
          yield* asyncio.sleep(0)
          lock.release()
        }
      })
      yield* asyncio.gather(job(), job())
    }),
    micro("semaphore, uncontended", N, function* () {
      const semaphore = asyncio.Semaphore(2)
      for (let i = 0; i < N; i++) {
        yield* semaphore.acquire()
        semaphore.release()
      }
    }),
    micro("queue: put and get, never full or empty", N, function* () {
      const queue = asyncio.Queue<number>()
      for (let i = 0; i < N; i++) {
        yield* queue.put(i)
        yield* queue.get()
      }
    }),
    micro("queue: hand-over between two tasks", N, function* () {
      const queue = asyncio.Queue<number>(1)
      const put = asyncio.coroutine(function* put() {
        for (let i = 0; i < N; i++) yield* queue.put(i)
      })
      const get = asyncio.coroutine(function* get() {
        for (let i = 0; i < N; i++) yield* queue.get()
      })
      yield* asyncio.gather(put(), get())
    }),
    micro("event: wait and set", N, function* () {
      for (let i = 0; i < N; i++) {
        const event = asyncio.Event()
        asyncio.get_running_loop().call_soon(() => event.set())
        yield* event.wait()
      }
    }),
    micro("timer: call_later and cancel", N, function* () {
      const loop = asyncio.get_running_loop()
      const nothing = () => undefined
      for (let i = 0; i < N; i++) loop.call_later(10, nothing).cancel()
    })
  ]
}
