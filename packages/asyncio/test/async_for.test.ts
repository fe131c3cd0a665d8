import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, expectTypeOf, it } from "vitest"
import { str, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }

/** Runs a body as the main coroutine, and gives what it has noted. */
const noted = async (
  body: (
    note: (...values: ReadonlyArray<unknown>) => void
  ) => Generator<Effect.Effect<unknown, unknown>, unknown, never>
): Promise<ReadonlyArray<unknown>> => {
  const notes: Array<unknown> = []
  await asyncio.run(
    body((...values) => notes.push(values.length === 1 ? values[0] : values)),
    virtual
  )
  return notes
}

/** An asynchronous generator of JavaScript that notes how it ends. */
async function* hostGenerator(note: (value: unknown) => void, count: number) {
  try {
    for (let n = 0; n < count; n++) yield n
    note("exhausted")
  } finally {
    note("finally")
  }
}

describe("async_for over asynchronous iterables of JavaScript", () => {
  it("awaits their promises; a virtual clock stands still meanwhile", async () => {
    const notes = await noted(function* (note) {
      const loop = asyncio.get_running_loop()
      loop.call_later(5, () => note("timer"))
      yield* asyncio.async_for(hostGenerator(note, 3), function* (n) {
        note(n, loop.time())
      })
      yield* asyncio.sleep(10)
    })
    expect(notes).toEqual([[0, 0], [1, 0], [2, 0], "exhausted", "finally", "timer"])
  })

  it("calls return() when the loop is left, and waits for it", async () => {
    const notes = await noted(function* (note) {
      yield* asyncio.async_for(hostGenerator(note, 3), function* (n) {
        if (n === 1) return asyncio.BREAK
      })
      note("left")
      try {
        yield* asyncio.async_for(hostGenerator(note, 3), function* () {
          throw new ValueError("body")
        })
      } catch (error) {
        note(str(error))
      }
    })
    expect(notes).toEqual(["finally", "left", "finally", "body"])
  })

  it("calls return() on cancellation in the body", async () => {
    const notes = await noted(function* (note) {
      const task = asyncio.create_task(
        (function* () {
          yield* asyncio.async_for(hostGenerator(note, 3), function* (n) {
            note(n)
            yield* asyncio.sleep(10)
          })
        })()
      )
      yield* asyncio.sleep(1)
      task.cancel()
      yield* asyncio.wait([task])
      note(task.cancelled())
    })
    expect(notes).toEqual([0, "finally", true])
  })

  it("on cancellation while it waits for a promise, tells the iterator and does not wait for it", async () => {
    const notes: Array<unknown> = []
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => {
          notes.push("return()")
          return new Promise(() => {})
        }
      })
    }
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(
        (function* () {
          yield* asyncio.async_for(never, function* () {})
        })()
      )
      // The clock of a virtual loop would stand still for the promise.
      yield* asyncio.sleep(0)
      yield* asyncio.sleep(0)
      task.cancel()
      yield* asyncio.wait([task])
      return task.cancelled()
    })
    expect([await asyncio.run(main()), ...notes]).toEqual([true, "return()"])
  })

  it("does not call return() on an iterator that failed, and throws its error", async () => {
    const notes: Array<unknown> = []
    const failing: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new ValueError("next")),
        return: () => {
          notes.push("return()")
          return Promise.resolve({ done: true, value: undefined })
        }
      })
    }
    const main = asyncio.coroutine(function* main() {
      try {
        yield* asyncio.async_for(failing, function* () {})
      } catch (error) {
        notes.push(str(error))
      }
    })
    await asyncio.run(main(), virtual)
    expect(notes).toEqual(["next"])
  })

  it("aiter makes them asynchronous iterators of Python's kind", async () => {
    const notes = await noted(function* (note) {
      const iterator = asyncio.aiter(hostGenerator(note, 2))
      note(yield* asyncio.anext(iterator))
      yield* asyncio.async_for(iterator, function* (n) {
        note(n)
      })
      note(yield* asyncio.anext(iterator, "default"))
    })
    expect(notes).toEqual([0, 1, "exhausted", "finally", "default"])
  })
})

class Prefix extends Context.Service<Prefix, string>()("test/Prefix") {}

describe("async_for over streams of Effect", () => {
  it("takes the values of the stream, which runs with the services of the loop's task", async () => {
    const stream = Stream.make(1, 2, 3).pipe(Stream.mapEffect((n) => Effect.map(Prefix, (prefix) => `${prefix}${n}`)))
    const main = asyncio.coroutine(function* main() {
      const seen: Array<string> = []
      yield* asyncio.async_for(stream, function* (value) {
        seen.push(value)
      })
      return seen
    })
    const program = main()
    expectTypeOf(program).toEqualTypeOf<asyncio.Coroutine<Array<string>, Prefix>>()
    expect(await asyncio.run(program.pipe(Effect.provideService(Prefix, "n")), virtual)).toEqual(["n1", "n2", "n3"])
  })

  it("closes the stream when it is exhausted, left, or fails", async () => {
    const notes = await noted(function* (note) {
      const stream = (end: Stream.Stream<number, ValueError>) =>
        Stream.make(1, 2).pipe(Stream.concat(end), Stream.ensuring(Effect.sync(() => note("closed"))))
      yield* asyncio.async_for(stream(Stream.empty), function* (n) {
        note(n)
      })
      yield* asyncio.async_for(stream(Stream.never), function* (n) {
        note(n)
        return asyncio.BREAK
      })
      try {
        yield* asyncio.async_for(stream(Stream.fail(new ValueError("stream"))), function* (n) {
          note(n)
        })
      } catch (error) {
        note(str(error))
      }
    })
    expect(notes).toEqual([1, 2, "closed", 1, "closed", 1, 2, "closed", "stream"])
  })

  it("is cancelled while the stream waits: the stream's clean-up runs first", async () => {
    const notes = await noted(function* (note) {
      const stream = Stream.fromEffect(Effect.sleep("10 seconds")).pipe(
        Stream.ensuring(Effect.sleep("1 second").pipe(Effect.andThen(Effect.sync(() => note("closed")))))
      )
      const task = asyncio.create_task(
        (function* () {
          yield* asyncio.async_for(stream, function* () {})
        })()
      )
      yield* asyncio.sleep(3)
      task.cancel()
      yield* asyncio.wait([task])
      note(task.cancelled(), asyncio.get_running_loop().time())
    })
    expect(notes).toEqual(["closed", [true, 4]])
  })
})

describe("async_for", () => {
  it("takes a generator function as its body, and tells what to write instead of anything else", () => {
    const gen = asyncio.async_generator(function* gen() {
      yield 1
    })
    const wrong = (body: unknown) => () => asyncio.async_for(gen(), body as () => Generator<never, void, never>)
    expect(wrong((n: number) => n)).toThrow("Write the star; an arrow function can not have one.")
    expect(wrong(async () => {})).toThrow("Write function* for async function and yield* for await.")
    expect(wrong(5)).toThrow("async_for() takes its body as a generator function, function* (x) { ... }, got 5.")
  })

  it("gives advice for the mistakes that only JavaScript has", async () => {
    const loop = (wrong: unknown) =>
      asyncio.run(
        (function* () {
          yield* asyncio.async_for(wrong as AsyncIterable<unknown>, function* () {})
        })(),
        virtual
      )
    const gen = asyncio.async_generator(function* gen() {
      yield 1
    })
    await expect(loop(gen)).rejects.toThrow("got function: call it, gen(...)")
    await expect(loop([1])).rejects.toThrow("got list: iterate it with a plain for (const x of ...)")
    await expect(loop("text")).rejects.toThrow("got str: iterate it with a plain for (const x of ...)")
    await expect(loop(Promise.resolve([]))).rejects.toThrow("yield* asyncio.wrap_future(promise)")
    const bare = (function* () {
      yield 1
    })()
    await expect(loop(bare)).rejects.toThrow(
      "got generator: make its function an asyncio.async_generator(function* () { ... })"
    )
  })

  it("accepts a coroutine function as its body", async () => {
    const gen = asyncio.async_generator(function* gen() {
      yield 1
      yield 2
    })
    const seen: Array<number> = []
    const body = asyncio.coroutine(function* body(n: number) {
      yield* asyncio.sleep(1)
      seen.push(n)
    })
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.async_for(gen(), body as unknown as (n: number) => Generator<never, void, never>)
    })
    await asyncio.run(main(), virtual)
    expect(seen).toEqual([1, 2])
  })

  it("runs as an Effect too", async () => {
    const gen = asyncio.async_generator(function* gen() {
      yield 1
      yield* asyncio.sleep(0.001)
      yield 2
    })
    const seen: Array<number> = []
    await Effect.runPromise(
      asyncio.async_for(gen(), function* (n) {
        yield* Effect.sync(() => seen.push(n))
      })
    )
    expect(seen).toEqual([1, 2])
  })

  it("needs no annotations, and carries the services of iterable, body and else", () => {
    const gen = asyncio.async_generator(function* gen() {
      yield (yield* Prefix).length
    })
    class Other extends Context.Service<Other, number>()("test/Other") {}
    class Third extends Context.Service<Third, number>()("test/Third") {}
    const loop = asyncio.async_for(
      gen(),
      function* (value) {
        expectTypeOf(value).toEqualTypeOf<number>()
        yield* Other
      },
      {
        *orelse() {
          yield* Third
        }
      }
    )
    expectTypeOf(loop).toEqualTypeOf<asyncio.Coroutine<undefined, Prefix | Other | Third>>()
    loop.close()
  })
})

describe("comprehension", () => {
  const numbers = asyncio.async_generator(function* numbers() {
    for (const n of [1, 2, 3]) yield n
  })
  const run = <A>(coroutine: asyncio.Coroutine<A>) => asyncio.run(coroutine, virtual)

  it("knows its types", () => {
    const closed = [
      asyncio.comprehension(numbers()),
      asyncio.comprehension(numbers(), (n) => `${n}`, { where: (n) => n > 1 }),
      asyncio.comprehension(["a"], function* (text) {
        yield* Prefix
        return text.length
      })
    ] as const
    expectTypeOf(closed[0]).toEqualTypeOf<asyncio.Coroutine<Array<number>>>()
    expectTypeOf(closed[1]).toEqualTypeOf<asyncio.Coroutine<Array<string>>>()
    expectTypeOf(closed[2]).toEqualTypeOf<asyncio.Coroutine<Array<number>, Prefix>>()
    for (const coroutine of closed) coroutine.close()
    const dict = asyncio.dict_comprehension(numbers(), (n) => [`${n}`, n > 1])
    expectTypeOf(dict).toEqualTypeOf<asyncio.Coroutine<Map<string, boolean>>>()
    dict.close()
  })

  it("makes lists, sets and dicts of asynchronous and plain iterables, JavaScript's and Effect's included", async () => {
    expect(await run(asyncio.comprehension(numbers(), undefined, { where: (n) => n !== 2 }))).toEqual([1, 3])
    expect(await run(asyncio.comprehension(Stream.make(1, 2), (n) => n + 1))).toEqual([2, 3])
    expect(await run(asyncio.comprehension(new Set("ab")))).toEqual(["a", "b"])
    expect(await run(asyncio.set_comprehension("abba"))).toEqual(new Set(["a", "b"]))
    expect(await run(asyncio.dict_comprehension(numbers(), (n) => [n, -n], { where: (n) => n > 1 }))).toEqual(
      new Map([
        [2, -2],
        [3, -3]
      ])
    )
  })

  it("leaves a coroutine that a plain function gives as it is: it may be meant for gather", async () => {
    const double = asyncio.coroutine(function* double(n: number) {
      yield* asyncio.sleep(1)
      return 2 * n
    })
    const main = asyncio.coroutine(function* main() {
      const coroutines = yield* asyncio.comprehension(numbers(), (n) => double(n))
      return [yield* asyncio.gather(...coroutines), asyncio.get_running_loop().time()]
    })
    expect(await run(main())).toEqual([[2, 4, 6], 1])
  })

  it("tells what it takes", async () => {
    expect(() => asyncio.comprehension(numbers(), 5 as never)).toThrow(
      "comprehension() takes a function as value, got 5"
    )
    expect(() => asyncio.set_comprehension(numbers(), (n) => n, { where: true as never })).toThrow(
      "set_comprehension() takes a function as where, got True"
    )
    expect(() => asyncio.dict_comprehension(numbers(), undefined as never)).toThrow(
      "dict_comprehension() takes a function that gives [key, value], got None"
    )
    await expect(run(asyncio.dict_comprehension(numbers(), (() => "ab") as never))).rejects.toThrow(
      "dict_comprehension() wants [key, value] for each value, got 'ab'"
    )
    await expect(run(asyncio.comprehension(5 as never))).rejects.toThrow(
      "'async for' requires an object with __aiter__ method, got int"
    )
  })
})
