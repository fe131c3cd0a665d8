import { describe, expect, expectTypeOf, it } from "vitest"
import { AssertionError, RuntimeError, TypeError, ValueError } from "../src/builtins.ts"
import * as concurrent_futures from "../src/concurrent_futures.ts"
import * as asyncio from "../src/index.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }

/** A promise that settles in a later turn of the host. */
const later = <A>(value: A): Promise<A> => new Promise((resolve) => setImmediate(() => resolve(value)))

describe("wrap_future of a promise", () => {
  it("44 becomes a future with the promise's result or error", async () => {
    const main = asyncio.coroutine(function* main() {
      const future = asyncio.wrap_future(later(42))
      expectTypeOf(future).toExtend<asyncio.Future<number>>()
      expect([asyncio.isfuture(future), future.done(), String(future)]).toEqual([true, false, "<Future pending>"])
      const seen: Array<unknown> = [yield* future]
      try {
        yield* asyncio.wrap_future(Promise.reject(new ValueError("no")))
      } catch (error) {
        seen.push((error as Error).message)
      }
      try {
        yield* asyncio.wrap_future(later(0).then(() => Promise.reject("text")))
      } catch (error) {
        seen.push(error)
      }
      return seen
    })
    expect(await asyncio.run(main())).toEqual([42, "no", "text"])
    expect(await asyncio.run(main(), virtual)).toEqual([42, "no", "text"])
  })

  it("holds a virtual clock until it is done", async () => {
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      loop.call_later(3600, () => undefined)
      yield* asyncio.wrap_future(later(0).then(later).then(later))
      const before = loop.time()
      // Nobody awaits this one; the clock waits for it all the same, and goes on by itself.
      const unawaited = asyncio.wrap_future(later(1))
      yield* asyncio.sleep(5)
      return [before, unawaited.result(), loop.time()]
    })
    expect(await asyncio.run(main(), virtual)).toEqual([0, 1, 5])
  })

  it("lets a virtual clock go when the host has nothing left that could settle it", async () => {
    const slow = asyncio.coroutine(function* slow() {
      yield* asyncio.sleep(3600)
      return 1
    })
    const main = asyncio.coroutine(function* main() {
      const result = yield* asyncio.wrap_future(asyncio.to_promise(slow()).then((n) => n + 1))
      expect([result, asyncio.get_running_loop().time()]).toEqual([2, 3600])
      yield* asyncio.wrap_future(new Promise(() => {}))
    })
    const ended = asyncio.run(main(), virtual).catch(String)
    // What Node does when nothing is left to do, which is never so in a test.
    for (let turn = 0; turn < 10; turn++) {
      await later(0)
      process.emit("beforeExit", 0)
    }
    expect(await ended).toMatch(/^Deadlock: .*\ntask "Task-\d+" waits for a promise of the host, by <Future pending/)
  })

  it("cancelled, it lets the virtual clock go, and drops what the promise gives later", async () => {
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      let reject = (_error: Error): void => {}
      const promise = new Promise<never>((_, no) => {
        reject = no
      })
      const future = asyncio.wrap_future(promise)
      loop.call_soon(() => future.cancel("enough"))
      const outcome = yield* asyncio.gather(future, { return_exceptions: true })
      yield* asyncio.sleep(5)
      reject(new ValueError("dropped: no unhandled rejection"))
      yield* asyncio.wrap_future(later(0))
      return [String(outcome[0]), future.cancelled(), loop.time()]
    })
    expect(await asyncio.run(main(), virtual)).toEqual(["CancelledError: enough", true, 5])
  })

  it("can be cancelled from outside of the loop's passes", async () => {
    const main = asyncio.coroutine(function* main() {
      const future = asyncio.wrap_future(new Promise<never>(() => {}))
      setImmediate(() => future.cancel())
      yield* asyncio.sleep(5)
      return future.cancelled()
    })
    expect(await asyncio.run(main(), virtual)).toBe(true)
  })

  it("a promise that rejects with CancelledError cancels the future", async () => {
    const main = asyncio.coroutine(function* main() {
      const future = asyncio.wrap_future(Promise.reject(new asyncio.CancelledError("inner")))
      yield* asyncio.wait([future])
      return future.cancelled()
    })
    expect(await asyncio.run(main(), virtual)).toBe(true)
  })

  it("one that settles after the run does no harm", async () => {
    let resolve = (_value: number): void => {}
    const main = asyncio.coroutine(function* main() {
      return asyncio.wrap_future(
        new Promise<number>((yes) => {
          resolve = yes
        })
      )
    })
    const future = await asyncio.run(main())
    resolve(1)
    await later(0)
    expect(future.done()).toBe(false)
  })

  it("44 takes a loop, and refuses what is nothing of the kind", async () => {
    const loop = asyncio.VirtualEventLoop()
    const future = asyncio.wrap_future(Promise.resolve(1), { loop })
    expect(future.get_loop()).toBe(loop)
    expect(await loop.run_until_complete(future)).toBe(1)
    loop.close()
    expect(() => asyncio.wrap_future(5 as never)).toThrow(AssertionError)
    expect(() => asyncio.wrap_future(Promise.resolve(1))).toThrow(RuntimeError)
  })
})

describe("wrap_future of a concurrent future", () => {
  it("44 is woken from outside of the loop's passes", async () => {
    const main = asyncio.coroutine(function* main() {
      const source = concurrent_futures.Future<string>()
      setImmediate(() => source.set_result("from outside"))
      const future = asyncio.wrap_future(source)
      expectTypeOf(future).toExtend<asyncio.Future<string>>()
      return yield* future
    })
    expect(await asyncio.run(main())).toBe("from outside")
  })

  it("44 one that ends after the loop was closed does no harm", async () => {
    const source = concurrent_futures.Future<string>()
    const main = asyncio.coroutine(function* main() {
      return asyncio.wrap_future(source)
    })
    const future = await asyncio.run(main())
    source.set_result("late")
    expect(future.done()).toBe(false)
  })
})

describe("to_promise", () => {
  const work = asyncio.coroutine(function* work(result: number | Error) {
    yield* asyncio.sleep(0)
    if (result instanceof Error) throw result
    return result
  })

  it("gives a promise of a coroutine's, a future's or an effect's outcome", async () => {
    const main = asyncio.coroutine(function* main() {
      const done = asyncio.get_running_loop().create_future<string>()
      done.set_result("done")
      const promises = [
        asyncio.to_promise(work(1)),
        asyncio.to_promise(asyncio.create_task(work(new ValueError("v")))),
        asyncio.to_promise(done)
      ] as const
      expectTypeOf(promises[0]).toEqualTypeOf<Promise<number>>()
      return yield* asyncio.wrap_future(Promise.allSettled(promises))
    })
    expect(await asyncio.run(main())).toEqual([
      { status: "fulfilled", value: 1 },
      { status: "rejected", reason: new ValueError("v") },
      { status: "fulfilled", value: "done" }
    ])
  })

  it("rejects with CancelledError if the task is cancelled", async () => {
    const seen: Array<unknown> = []
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(work(1))
      const promise = asyncio.to_promise(task).catch((error: unknown) => void seen.push(error))
      task.cancel("stop")
      yield* asyncio.wrap_future(promise)
    })
    await asyncio.run(main(), virtual)
    expect(seen).toEqual([new asyncio.CancelledError("stop")])
    expect(seen[0]).toBeInstanceOf(asyncio.CancelledError)
  })

  it("wants an awaitable and a running loop", async () => {
    const coroutine = work(1)
    expect(() => asyncio.to_promise(coroutine)).toThrow("no running event loop")
    coroutine.close()
    const main = asyncio.coroutine(function* main() {
      expect(() => asyncio.to_promise(5 as never)).toThrow(TypeError)
    })
    await asyncio.run(main(), virtual)
  })
})

describe("run_coroutine_threadsafe", () => {
  it("256 runs a coroutine in a loop from outside of its passes", async () => {
    const loop = asyncio.VirtualEventLoop()
    const job = asyncio.coroutine(function* job() {
      yield* asyncio.sleep(3600)
      return loop.time()
    })
    const future = asyncio.run_coroutine_threadsafe(job(), loop)
    expectTypeOf(future).toExtend<concurrent_futures.Future<number>>()
    future.add_done_callback(() => loop.stop())
    await loop.run_forever()
    loop.close()
    expect(future.result()).toBe(3600)
  })
})

describe("concurrent_futures.Future", () => {
  it("never waits for a result, and says what to do instead", () => {
    const future = concurrent_futures.Future<number>()
    expect(() => future.result()).toThrow("await it with yield* asyncio.wrap_future(future)")
    expect(() => future.exception(1)).toThrow(concurrent_futures.TimeoutError)
    future.set_result(1)
    expect([future.result(), future.exception()]).toEqual([1, undefined])
  })

  it("is made with and without new, and prints its state", () => {
    expect(new concurrent_futures.Future()).toBeInstanceOf(concurrent_futures.Future)
    const future = concurrent_futures.Future<number>()
    future.set_exception(new ValueError("v"))
    expect(String(future)).toMatch(/^<Future at 0x[0-9a-f]+ state=finished raised ValueError>$/)
  })

  it("logs what a callback throws, and calls the others", () => {
    const logged: Array<string> = []
    const note = (record: asyncio.LogRecord) => void logged.push(record.message)
    const future = concurrent_futures.Future<number>()
    const seen: Array<number> = []
    future.add_done_callback(() => {
      throw new ValueError("callback")
    })
    future.add_done_callback((done) => seen.push(done.result()))
    asyncio.logger.addHandler(note)
    try {
      future.set_result(1)
    } finally {
      asyncio.logger.removeHandler(note)
    }
    expect(seen).toEqual([1])
    expect(logged).toEqual([expect.stringMatching(/^exception calling callback for <Future at /)])
  })
})
