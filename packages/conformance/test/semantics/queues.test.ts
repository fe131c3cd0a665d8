import * as asyncio from "@skein/asyncio"
import { repr, str } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const passes = { passes: true }

describe("Queue", () => {
  it("185 a maxsize of 0 or less is no bound; get and put that can proceed do not suspend", () =>
    expectSame(
      `
      import asyncio
      async def other():
          trace("other")
      async def main():
          for maxsize in 0, -1, 2:
              queue = asyncio.Queue(maxsize)
              trace(queue.maxsize, queue.empty(), queue.full(), queue.qsize())
              other_task = asyncio.create_task(other())
              trace(await queue.put("a"), await queue.put("b"), queue.full(), queue.qsize())
              trace(await queue.get(), await queue.get(), queue.empty())
              await other_task
          trace(asyncio.Queue().maxsize, asyncio.Queue(maxsize=3).maxsize)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            for (const maxsize of [0, -1, 2]) {
              const queue = new asyncio.Queue<string>(maxsize)
              trace(queue.maxsize, queue.empty(), queue.full(), queue.qsize())
              const other = asyncio.create_task(
                (function* other() {
                  trace("other")
                })()
              )
              trace(yield* queue.put("a"), yield* queue.put("b"), queue.full(), queue.qsize())
              trace(yield* queue.get(), yield* queue.get(), queue.empty())
              yield* other
            }
            trace(asyncio.Queue().maxsize, asyncio.Queue({ maxsize: 3 }).maxsize)
          })()
        ),
      passes
    ))

  it("186 getters and putters wake first in first out, one per put or get", () =>
    expectSame(
      `
      import asyncio
      async def main():
          queue = asyncio.Queue(1)
          async def getter(n):
              trace("got", n, await queue.get(), str(queue))
          tasks = [asyncio.create_task(getter(n)) for n in range(3)]
          await asyncio.sleep(0)
          for n in range(3):
              await queue.put(n)
              trace("put", n, str(queue))
          await asyncio.gather(*tasks)
          async def putter(n):
              await queue.put(n)
              trace("put", n, str(queue))
          tasks = [asyncio.create_task(putter(n)) for n in range(4)]
          await asyncio.sleep(0)
          trace(str(queue))
          for n in range(4):
              trace("got", await queue.get(), str(queue))
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const queue = new asyncio.Queue<number>(1)
            const getter = asyncio.coroutine(function* getter(n: number) {
              trace("got", n, yield* queue.get(), str(queue))
            })
            const getters = [0, 1, 2].map((n) => asyncio.create_task(getter(n)))
            yield* asyncio.sleep(0)
            for (const n of [0, 1, 2]) {
              yield* queue.put(n)
              trace("put", n, str(queue))
            }
            yield* asyncio.gather(...getters)
            const putter = asyncio.coroutine(function* putter(n: number) {
              yield* queue.put(n)
              trace("put", n, str(queue))
            })
            const putters = [0, 1, 2, 3].map((n) => asyncio.create_task(putter(n)))
            yield* asyncio.sleep(0)
            trace(str(queue))
            for (let n = 0; n < 4; n++) trace("got", yield* queue.get(), str(queue))
            yield* asyncio.gather(...putters)
          })()
        ),
      passes
    ))

  it("186 an item can be stolen from a woken getter, which goes to the back of the line; likewise a slot from a putter", () =>
    expectSame(
      `
      import asyncio
      async def main():
          queue = asyncio.Queue(1)
          async def getter(n):
              trace("got", n, await queue.get())
          tasks = [asyncio.create_task(getter(n)) for n in range(2)]
          await asyncio.sleep(0)
          queue.put_nowait("a")
          trace("stolen", queue.get_nowait(), str(queue))
          await asyncio.sleep(0)
          trace(str(queue))
          for item in "bc":
              await queue.put(item)
          await asyncio.gather(*tasks)

          queue.put_nowait("full")
          async def putter(n):
              await queue.put(n)
              trace("put", n)
          tasks = [asyncio.create_task(putter(n)) for n in range(2)]
          await asyncio.sleep(0)
          trace(queue.get_nowait(), str(queue))
          queue.put_nowait("newcomer")
          await asyncio.sleep(0)
          trace(str(queue))
          trace(await queue.get(), await queue.get(), await queue.get())
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const queue = new asyncio.Queue<unknown>(1)
            const getter = asyncio.coroutine(function* getter(n: number) {
              trace("got", n, yield* queue.get())
            })
            const getters = [0, 1].map((n) => asyncio.create_task(getter(n)))
            yield* asyncio.sleep(0)
            queue.put_nowait("a")
            trace("stolen", queue.get_nowait(), str(queue))
            yield* asyncio.sleep(0)
            trace(str(queue))
            for (const item of "bc") yield* queue.put(item)
            yield* asyncio.gather(...getters)

            queue.put_nowait("full")
            const putter = asyncio.coroutine(function* putter(n: number) {
              yield* queue.put(n)
              trace("put", n)
            })
            const putters = [0, 1].map((n) => asyncio.create_task(putter(n)))
            yield* asyncio.sleep(0)
            trace(queue.get_nowait(), str(queue))
            queue.put_nowait("newcomer")
            yield* asyncio.sleep(0)
            trace(str(queue))
            trace(yield* queue.get(), yield* queue.get(), yield* queue.get())
            yield* asyncio.gather(...putters)
          })()
        ),
      passes
    ))

  it("187 a woken getter or putter that is cancelled wakes the next, if there is still something for it", () =>
    expectSame(
      `
      import asyncio
      async def main():
          queue = asyncio.Queue(1)
          async def getter(n):
              try:
                  trace("got", n, await queue.get())
              except asyncio.CancelledError:
                  trace("cancelled", n, str(queue))
                  raise
          tasks = [asyncio.create_task(getter(n)) for n in range(2)]
          await asyncio.sleep(0)
          queue.put_nowait("a")
          tasks[0].cancel()
          await asyncio.wait(tasks)
          trace(str(queue))

          queue.put_nowait("full")
          async def putter(n):
              try:
                  await queue.put(n)
                  trace("put", n)
              except asyncio.CancelledError:
                  trace("cancelled", n, str(queue))
                  raise
          tasks = [asyncio.create_task(putter(n)) for n in range(3)]
          await asyncio.sleep(0)
          tasks[1].cancel()
          trace(queue.get_nowait(), str(queue))
          tasks[0].cancel()
          await asyncio.wait(tasks)
          trace(str(queue))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const queue = new asyncio.Queue<unknown>(1)
            const getter = asyncio.coroutine(function* getter(n: number) {
              try {
                trace("got", n, yield* queue.get())
              } catch (error) {
                trace("cancelled", n, str(queue))
                throw error
              }
            })
            const getters = [0, 1].map((n) => asyncio.create_task(getter(n)))
            yield* asyncio.sleep(0)
            queue.put_nowait("a")
            getters[0]?.cancel()
            yield* asyncio.wait(getters)
            trace(str(queue))

            queue.put_nowait("full")
            const putter = asyncio.coroutine(function* putter(n: number) {
              try {
                yield* queue.put(n)
                trace("put", n)
              } catch (error) {
                trace("cancelled", n, str(queue))
                throw error
              }
            })
            const putters = [0, 1, 2].map((n) => asyncio.create_task(putter(n)))
            yield* asyncio.sleep(0)
            putters[1]?.cancel()
            trace(queue.get_nowait(), str(queue))
            putters[0]?.cancel()
            yield* asyncio.wait(putters)
            trace(str(queue))
          })()
        ),
      passes
    ))

  it("188 QueueEmpty, QueueFull, QueueShutDown carry no text", () =>
    expectSame(
      `
      import asyncio
      queue = asyncio.Queue(1)
      def attempt(call):
          try:
              call()
          except Exception as e:
              print(repr(e), e.args)
      attempt(queue.get_nowait)
      queue.put_nowait(1)
      attempt(lambda: queue.put_nowait(2))
      queue.shutdown()
      attempt(lambda: queue.put_nowait(2))
      queue.get_nowait()
      attempt(queue.get_nowait)
      `,
      async ({ print }) => {
        const queue = asyncio.Queue<number>(1)
        const attempt = (call: () => unknown) => {
          try {
            call()
          } catch (error) {
            print(repr(error), (error as asyncio.QueueEmpty).args)
          }
        }
        attempt(() => queue.get_nowait())
        queue.put_nowait(1)
        attempt(() => queue.put_nowait(2))
        queue.shutdown()
        attempt(() => queue.put_nowait(2))
        queue.get_nowait()
        attempt(() => queue.get_nowait())
      }
    ))

  it("189 task_done once too often; join does not suspend when nothing is unfinished; unfinished counts puts, not gets", () =>
    expectSame(
      `
      import asyncio
      async def main():
          queue = asyncio.Queue()
          def done():
              try:
                  queue.task_done()
              except ValueError as e:
                  trace(str(e))
          done()
          trace(await queue.join())
          async def worker():
              while True:
                  item = await queue.get()
                  await asyncio.sleep(item)
                  trace("done", item)
                  queue.task_done()
          for item in 3, 1, 2: queue.put_nowait(item)
          tasks = [asyncio.create_task(worker()) for _ in range(2)]
          async def joiner():
              trace("joined", await queue.join())
          joining = asyncio.create_task(joiner())
          await asyncio.sleep(0)
          trace(str(queue), queue.qsize())
          await joining
          done()
          for task in tasks: task.cancel()
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const queue = new asyncio.Queue<number>()
            const done = () => {
              try {
                queue.task_done()
              } catch (error) {
                trace(str(error))
              }
            }
            done()
            trace(yield* queue.join())
            const worker = asyncio.coroutine(function* worker() {
              while (true) {
                const item = yield* queue.get()
                yield* asyncio.sleep(item)
                trace("done", item)
                queue.task_done()
              }
            })
            for (const item of [3, 1, 2]) queue.put_nowait(item)
            const tasks = [0, 1].map(() => asyncio.create_task(worker()))
            const joiner = asyncio.coroutine(function* joiner() {
              trace("joined", yield* queue.join())
            })
            const joining = asyncio.create_task(joiner())
            yield* asyncio.sleep(0)
            trace(str(queue), queue.qsize())
            yield* joining
            done()
            for (const task of tasks) task.cancel()
          })()
        ),
      passes
    ))

  it("190 shutdown: puts raise at once, gets once empty; blocked ones wake and raise; join waits for task_done", () =>
    expectSame(
      `
      import asyncio
      async def main():
          async def attempt(name, aw):
              try:
                  trace(name, await aw)
              except asyncio.QueueShutDown as e:
                  trace(name, repr(e))
          full = asyncio.Queue(1)
          full.put_nowait("item")
          putters = [asyncio.create_task(attempt(f"put {n}", full.put(n))) for n in range(2)]
          joiner = asyncio.create_task(attempt("join", full.join()))
          await asyncio.sleep(0)
          full.shutdown()
          trace(str(full))
          full.shutdown()
          await asyncio.wait(putters)
          await attempt("put", full.put(5))
          await attempt("get", full.get())
          await attempt("get", full.get())
          trace(joiner.done(), str(full))
          full.task_done()
          await joiner
          empty = asyncio.Queue()
          getters = [asyncio.create_task(attempt(f"get {n}", empty.get())) for n in range(2)]
          await asyncio.sleep(0)
          empty.shutdown()
          trace(str(empty))
          await asyncio.wait(getters)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const attempt = asyncio.coroutine(function* attempt(name: string, aw: asyncio.Coroutine<unknown>) {
              try {
                trace(name, yield* aw)
              } catch (error) {
                trace(name, repr(error))
              }
            })
            const full = new asyncio.Queue<unknown>(1)
            full.put_nowait("item")
            const putters = [0, 1].map((n) => asyncio.create_task(attempt(`put ${n}`, full.put(n))))
            const joiner = asyncio.create_task(attempt("join", full.join()))
            yield* asyncio.sleep(0)
            full.shutdown()
            trace(str(full))
            full.shutdown()
            yield* asyncio.wait(putters)
            yield* attempt("put", full.put(5))
            yield* attempt("get", full.get())
            yield* attempt("get", full.get())
            trace(joiner.done(), str(full))
            full.task_done()
            yield* joiner
            const empty = new asyncio.Queue()
            const getters = [0, 1].map((n) => asyncio.create_task(attempt(`get ${n}`, empty.get())))
            yield* asyncio.sleep(0)
            empty.shutdown()
            trace(str(empty))
            yield* asyncio.wait(getters)
          })()
        ),
      passes
    ))

  it("191 shutdown(immediate=True) also empties it and lowers the unfinished count by what it dropped", () =>
    expectSame(
      `
      import asyncio
      async def main():
          queue = asyncio.Queue(3)
          for n in range(3): queue.put_nowait(n)
          trace(await queue.get(), str(queue))
          async def joiner():
              await queue.join()
              trace("joined")
          async def putter():
              try:
                  await queue.put(3)
                  await queue.put(4)
              except asyncio.QueueShutDown:
                  trace("put", "shut down")
          tasks = [asyncio.create_task(joiner()), asyncio.create_task(putter())]
          await asyncio.sleep(0)
          queue.shutdown(immediate=True)
          trace(str(queue), queue.empty())
          queue.shutdown(True)
          await asyncio.sleep(1)
          trace([task.done() for task in tasks])
          try:
              await queue.get()
          except asyncio.QueueShutDown as e:
              trace(repr(e))
          queue.task_done()
          await asyncio.wait(tasks)
          try:
              queue.task_done()
          except ValueError as e:
              trace(str(e))
          nothing_taken = asyncio.Queue()
          nothing_taken.put_nowait(1)
          nothing_taken.shutdown(immediate=True)
          trace(await nothing_taken.join(), str(nothing_taken))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const queue = new asyncio.Queue<number>(3)
            for (const n of [0, 1, 2]) queue.put_nowait(n)
            trace(yield* queue.get(), str(queue))
            const joiner = asyncio.coroutine(function* joiner() {
              yield* queue.join()
              trace("joined")
            })
            const putter = asyncio.coroutine(function* putter() {
              try {
                yield* queue.put(3)
                yield* queue.put(4)
              } catch (error) {
                if (!(error instanceof asyncio.QueueShutDown)) throw error
                trace("put", "shut down")
              }
            })
            const tasks = [asyncio.create_task(joiner()), asyncio.create_task(putter())]
            yield* asyncio.sleep(0)
            queue.shutdown({ immediate: true })
            trace(str(queue), queue.empty())
            queue.shutdown(true)
            yield* asyncio.sleep(1)
            trace(tasks.map((task) => task.done()))
            try {
              yield* queue.get()
            } catch (error) {
              trace(repr(error))
            }
            queue.task_done()
            yield* asyncio.wait(tasks)
            try {
              queue.task_done()
            } catch (error) {
              trace(str(error))
            }
            const nothing_taken = new asyncio.Queue<number>()
            nothing_taken.put_nowait(1)
            nothing_taken.shutdown({ immediate: true })
            trace(yield* nothing_taken.join(), str(nothing_taken))
          })()
        ),
      passes
    ))

  it("192 a PriorityQueue gives the smallest first, in the order of a heap; a LifoQueue the last first", () =>
    expectSame(
      `
      import asyncio
      pairs = [(n * 7919 % 11, n) for n in range(30)]
      class ByPriority:
          def __init__(self, pair): self.pair = pair
          def __lt__(self, other): return self.pair[0] < other.pair[0]
          def __repr__(self): return f"{self.pair[0]}:{self.pair[1]}"
      queue = asyncio.PriorityQueue()
      for pair in pairs: queue.put_nowait(ByPriority(pair))
      print(queue)
      print([queue.get_nowait() for _ in pairs])
      for n in 3, 1, 2.5, True: queue.put_nowait(n)
      print([queue.get_nowait() for _ in range(4)])
      for text in "b", "a", "ab", "": queue.put_nowait(text)
      print([queue.get_nowait() for _ in range(4)])
      for pair in pairs: queue.put_nowait(pair)
      print([queue.get_nowait() for _ in pairs])
      lifo = asyncio.LifoQueue(3)
      for n in range(3): lifo.put_nowait(n)
      print(lifo, lifo.full())
      print([lifo.get_nowait() for _ in range(3)])
      `,
      async ({ print }) => {
        const pairs = Array.from({ length: 30 }, (_, n) => Object.freeze([(n * 7919) % 11, n] as const))
        class ByPriority {
          readonly pair: readonly [number, number]
          constructor(pair: readonly [number, number]) {
            this.pair = pair
          }
          __lt__(other: ByPriority): boolean {
            return this.pair[0] < other.pair[0]
          }
          __repr__(): string {
            return `${this.pair[0]}:${this.pair[1]}`
          }
        }
        const queue = asyncio.PriorityQueue<unknown>()
        for (const pair of pairs) queue.put_nowait(new ByPriority(pair))
        print(queue)
        print(pairs.map(() => queue.get_nowait()))
        for (const n of [3, 1, 2.5, true]) queue.put_nowait(n)
        print([1, 2, 3, 4].map(() => queue.get_nowait()))
        for (const text of ["b", "a", "ab", ""]) queue.put_nowait(text)
        print([1, 2, 3, 4].map(() => queue.get_nowait()))
        for (const pair of pairs) queue.put_nowait(pair)
        print(pairs.map(() => queue.get_nowait()))
        const lifo = asyncio.LifoQueue<number>(3)
        for (const n of [0, 1, 2]) lifo.put_nowait(n)
        print(lifo, lifo.full())
        print([1, 2, 3].map(() => lifo.get_nowait()))
      }
    ))

  it("192 incomparable items raise TypeError on put, and lie in the heap all the same", () =>
    expectSame(
      `
      import asyncio
      def attempt(*items):
          queue = asyncio.PriorityQueue()
          try:
              for item in items: queue.put_nowait(item)
          except TypeError as e:
              print(e, queue)
      attempt(1, "a")
      attempt((1, "a"), (1, None))
      attempt(None, None)
      attempt({}, {})
      attempt([1], 2)
      `,
      async ({ print }) => {
        const attempt = (...items: ReadonlyArray<unknown>) => {
          const queue = new asyncio.PriorityQueue<unknown>()
          try {
            for (const item of items) queue.put_nowait(item)
          } catch (error) {
            print(error, queue)
          }
        }
        attempt(1, "a")
        attempt(Object.freeze([1, "a"]), Object.freeze([1, undefined]))
        attempt(undefined, undefined)
        attempt({}, {})
        attempt([1], 2)
      }
    ))

  it("193 str and repr show what there is: items, waiters, unfinished tasks, shutdown", () =>
    expectSame(
      `
      import asyncio
      async def main():
          queue = asyncio.Queue(2)
          print(queue, repr(queue))
          for item in 1, "two": queue.put_nowait(item)
          putters = [asyncio.create_task(queue.put(n)) for n in range(2)]
          await asyncio.sleep(0)
          print(queue, repr(queue))
          queue.get_nowait()
          print(queue)
          await asyncio.wait(putters[:1])
          queue.shutdown()
          print(queue)
          await asyncio.wait(putters)
          empty = asyncio.LifoQueue()
          getter = asyncio.create_task(empty.get())
          await asyncio.sleep(0)
          print(empty, repr(empty), asyncio.PriorityQueue(5))
          getter.cancel()
          print(empty)
          await asyncio.wait([getter])
          print(empty, putters[1].exception())
      asyncio.run(main())
      `,
      ({ print, run }) =>
        run(
          (function* main() {
            const queue = new asyncio.Queue<unknown>(2)
            print(queue, repr(queue))
            for (const item of [1, "two"]) queue.put_nowait(item)
            const putters = [0, 1].map((n) => asyncio.create_task(queue.put(n)))
            yield* asyncio.sleep(0)
            print(queue, repr(queue))
            queue.get_nowait()
            print(queue)
            yield* asyncio.wait(putters.slice(0, 1))
            queue.shutdown()
            print(queue)
            yield* asyncio.wait(putters)
            const empty = new asyncio.LifoQueue()
            const getter = asyncio.create_task(empty.get())
            yield* asyncio.sleep(0)
            print(empty, repr(empty), asyncio.PriorityQueue(5))
            getter.cancel()
            print(empty)
            yield* asyncio.wait([getter])
            print(empty, putters[1]?.exception())
          })()
        )
    ))

  it("194 belongs to the loop in which somebody first waited", () =>
    expectSame(
      `
      import asyncio
      queue = asyncio.Queue(1)
      async def contended():
          task = asyncio.create_task(queue.get())
          await asyncio.sleep(0)
          await queue.put(1)
          return await task
      print(asyncio.run(contended()))
      async def elsewhere():
          await queue.put(1)
          try:
              await queue.put(2)
          except RuntimeError as e:
              print(e)
          print(await queue.get())
          try:
              await queue.get()
          except RuntimeError as e:
              print(e)
          # A join waits for an event of its own.
          joiner = asyncio.create_task(queue.join())
          await asyncio.sleep(0)
          queue.task_done()
          queue.task_done()
          print(await joiner)
      asyncio.run(elsewhere())
      `,
      async ({ print, run }) => {
        const queue = new asyncio.Queue<number>(1)
        const contended = asyncio.coroutine(function* contended() {
          const task = asyncio.create_task(queue.get())
          yield* asyncio.sleep(0)
          yield* queue.put(1)
          return yield* task
        })
        print(await run(contended()))
        await run(
          (function* elsewhere() {
            yield* queue.put(1)
            try {
              yield* queue.put(2)
            } catch (error) {
              print(error)
            }
            print(yield* queue.get())
            try {
              yield* queue.get()
            } catch (error) {
              print(error)
            }
            // A join waits for an event of its own.
            const joiner = asyncio.create_task(queue.join())
            yield* asyncio.sleep(0)
            queue.task_done()
            queue.task_done()
            print(yield* joiner)
          })()
        )
      }
    ))
})
