// Mistakes of every day that the compiler sees. Where they can run all the same, they say what is wrong then as well.

// @effect-diagnostics missingEffectContext:off
import * as asyncio from "@skein/asyncio"
import { TypeError } from "@skein/asyncio/builtins"
import { asynccontextmanager } from "@skein/asyncio/contextlib"
import { describe, expect, it } from "vitest"
import { run } from "./support/services.ts"

const answer = asyncio.coroutine(function* answer() {
  yield* asyncio.sleep(1)
  return 42
})

describe("yield without its star", () => {
  it("in a coroutine's body: a coroutine, a future, a task, a bare generator, a promise", () => {
    // @ts-expect-error -- a coroutine behind a plain yield is not awaited
    asyncio.coroutine(function* main() {
      yield answer()
    })
    // @ts-expect-error -- nor is a future
    asyncio.coroutine(function* main() {
      yield asyncio.get_running_loop().create_future()
    })
    // @ts-expect-error -- nor is a task
    asyncio.coroutine(function* main(n: number) {
      yield* asyncio.sleep(n)
      yield asyncio.create_task(answer())
    })
    function* bare() {
      yield* asyncio.sleep(1)
    }
    // @ts-expect-error -- nor is a bare generator
    asyncio.coroutine(function* main() {
      yield bare()
    })
    // @ts-expect-error -- nor is a promise, which asyncio.wrap_future makes a future
    asyncio.coroutine(function* main() {
      yield Promise.resolve(1)
    })
    // @ts-expect-error -- nor is it in a body with type parameters
    asyncio.coroutine(function* main<T>(value: T) {
      yield answer()
      return value
    })
    return expect(
      run(
        // @ts-expect-error -- as above
        asyncio.coroutine(function* main() {
          yield answer()
        })()
      )
    ).rejects.toThrow("write yield* for yield")
  })

  it("in an annotated body, at the very place", () => {
    const main = asyncio.coroutine(function* main(): asyncio.Body<void> {
      // @ts-expect-error -- a coroutine behind a plain yield is not awaited
      yield answer()
    })
    return expect(run(main())).rejects.toThrow("write yield* for yield")
  })

  it("in a bare generator that is run", () => {
    function* main() {
      yield answer()
    }
    // @ts-expect-error -- a coroutine behind a plain yield is not awaited
    return expect(run(main())).rejects.toThrow("write yield* for yield")
  })

  it("in the body of async_with and of async_for", () => {
    const ticks = asyncio.async_generator(function* ticks() {
      yield 1
    })
    const main = asyncio.coroutine(function* main() {
      // @ts-expect-error -- a coroutine behind a plain yield is not awaited
      yield* asyncio.async_with(asyncio.Lock(), function* () {
        yield answer()
      })
      // @ts-expect-error -- a coroutine behind a plain yield is not awaited
      yield* asyncio.async_for(ticks(), function* () {
        yield answer()
      })
    })
    return expect(run(main() as asyncio.Coroutine)).rejects.toThrow("write yield* for yield")
  })

  it("is fine where nothing stands behind it, or where a generator gives values", async () => {
    const main = asyncio.coroutine(function* main() {
      yield
      const tasks = asyncio.async_generator(function* tasks() {
        yield asyncio.create_task(answer())
      })
      return yield* yield* asyncio.anext(tasks())
    })
    expect(await run(main())).toBe(42)
  })
})

describe("a coroutine function in the place of a coroutine", () => {
  const refused = /call it, answer\(\.\.\.\)/

  it("in run, create_task, gather, wait_for, shield", async () => {
    // @ts-expect-error -- not called
    await expect(asyncio.run(answer)).rejects.toThrow(TypeError)
    const main = asyncio.coroutine(function* main() {
      // @ts-expect-error -- not called
      expect(() => asyncio.create_task(answer)).toThrow(refused)
      // @ts-expect-error -- not called
      expect(() => asyncio.gather(answer)).toThrow(refused)
      // @ts-expect-error -- not called
      expect(() => asyncio.shield(answer)).toThrow(refused)
      // @ts-expect-error -- not called
      yield* asyncio.wait_for(answer, 1)
    })
    await expect(run(main() as asyncio.Coroutine)).rejects.toThrow(refused)
  })

  it("behind yield*", () => {
    const main = asyncio.coroutine(function* main() {
      // @ts-expect-error -- not called
      return yield* answer
    })
    return expect(run(main() as asyncio.Coroutine)).rejects.toThrow(/not iterable/)
  })
})

describe("a body that is no generator function", () => {
  it("in coroutine: an async function, an arrow function, a plain function", () => {
    // @ts-expect-error -- write function* for async function
    expect(() => asyncio.coroutine(async () => 1)).toThrow(TypeError)
    expect(() =>
      // @ts-expect-error -- write function* for async function
      asyncio.coroutine(async function fetch(url: string) {
        return url
      })
    ).toThrow("Write function* for async function")
    // @ts-expect-error -- an arrow function cannot be a generator
    expect(() => asyncio.coroutine((x: number) => x)).toThrow(TypeError)
    expect(() =>
      // @ts-expect-error -- the star is missing
      asyncio.coroutine(function fetch() {
        return answer()
      })
    ).toThrow("Write the star: function* fetch(...)")
    // @ts-expect-error -- a generator function of JavaScript's asynchronous kind
    expect(() => asyncio.coroutine(async function* () {})).toThrow(TypeError)
  })

  it("in async_with and async_for", () => {
    // @ts-expect-error -- the body is a generator function
    expect(() => asyncio.async_with(asyncio.Lock(), () => 1)).toThrow(TypeError)
    // @ts-expect-error -- the body is a generator function
    expect(() => asyncio.async_with(asyncio.Lock(), async () => 1)).toThrow(TypeError)
    const numbers = asyncio.async_generator(function* numbers() {
      yield 1
    })
    // @ts-expect-error -- the body is a generator function
    expect(() => asyncio.async_for(numbers(), (n) => n)).toThrow(TypeError)
  })

  it("in async_generator and asynccontextmanager", () => {
    // @ts-expect-error -- the body is a generator function
    expect(() => asyncio.async_generator(() => 1)).toThrow(TypeError)
    // @ts-expect-error -- the body is a generator function
    expect(() => asynccontextmanager(() => 1)).toThrow(TypeError)
  })
})

describe("something that is not what is asked for", () => {
  it("an item of another type in a queue", () => {
    const queue = asyncio.Queue<number>()
    // @ts-expect-error -- a string in a queue of numbers
    queue.put_nowait("one")
    // @ts-expect-error -- a string in a queue of numbers
    queue.put("one").close()
    const strings: asyncio.Queue<string> = asyncio.Queue()
    // @ts-expect-error -- a number in a queue of strings
    strings.put_nowait(1)
    expect([queue.qsize(), strings.qsize()]).toEqual([1, 1])
  })

  it("a coroutine in wait, a promise in gather, a synchronous manager in async_with", async () => {
    const main = asyncio.coroutine(function* main() {
      // @ts-expect-error -- a promise is made a future by asyncio.wrap_future
      expect(() => asyncio.gather(Promise.resolve(1))).toThrow("wrap_future")
      // @ts-expect-error -- nothing to enter
      const entered = asyncio.async_with(5, function* () {})
      expect(yield* asyncio.gather(entered, { return_exceptions: true })).toMatchObject([{ name: "TypeError" }])
      // @ts-expect-error -- a coroutine is made a task first
      yield* asyncio.wait([answer()])
    })
    await expect(run(main() as asyncio.Coroutine)).rejects.toThrow("use tasks explicitly")
  })

  it("a misspelt option", async () => {
    const loop_factory = asyncio.VirtualEventLoop
    // @ts-expect-error -- loop_factory
    expect(await asyncio.run(answer(), { loopFactory: loop_factory, loop_factory })).toBe(42)
    const main = asyncio.coroutine(function* main() {
      // @ts-expect-error -- return_exceptions
      return asyncio.gather(answer(), { return_exception: true })
    })
    await expect(run(main() as asyncio.Coroutine)).rejects.toThrow(TypeError)
    // @ts-expect-error -- seconds are a number
    expect(() => asyncio.wait_for(answer(), "5")).toThrow(TypeError)
  })
})
