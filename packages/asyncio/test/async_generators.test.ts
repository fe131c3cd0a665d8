import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { str, TypeError, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }

class Greeting extends Context.Service<Greeting, { readonly word: string }>()("test/Greeting") {}

describe("async_generator", () => {
  it("takes a generator function, and tells what to write instead of anything else", () => {
    const wrong = (given: unknown) => () => asyncio.async_generator(given as () => Generator)
    expect(wrong(5)).toThrow(TypeError)
    expect(wrong(function plain() {})).toThrow("Write the star: function* plain(...) { ... }.")
    expect(wrong(async function* both() {})).toThrow("Write function* for async function*, and yield* for await.")
  })

  it("keeps the function's name, its number of parameters and its `this`", async () => {
    class Room {
      readonly names = ["a", "b"]
      members = asyncio.async_generator(function* members(this: Room, prefix: string) {
        for (const name of this.names) yield prefix + name
      })
    }
    const room = new Room()
    expect([room.members.name, room.members.length]).toEqual(["members", 1])
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.comprehension(room.members("x"))
    })
    expect(await asyncio.run(main(), virtual)).toEqual(["xa", "xb"])
  })

  it("runs nothing before the first value is asked for", async () => {
    const ran: Array<string> = []
    const gen = asyncio.async_generator(function* gen() {
      ran.push("ran")
      yield 1
    })
    const main = asyncio.coroutine(function* main() {
      const g = gen()
      const step = asyncio.anext(g)
      ran.push("made")
      return yield* step
    })
    expect([await asyncio.run(main(), virtual), ...ran]).toEqual([1, "made", "ran"])
  })

  it("gives futures, coroutines, tasks and undefined as values, where they are not awaited", async () => {
    const work = asyncio.coroutine(function* work() {
      return "worked"
    })
    const gen = asyncio.async_generator(function* gen() {
      const future = asyncio.get_running_loop().create_future<string>()
      asyncio.get_running_loop().call_later(1, () => future.set_result("done"))
      yield future
      yield work()
      yield asyncio.create_task(work())
      yield
      yield yield* future
    })
    const main = asyncio.coroutine(function* main() {
      const seen: Array<unknown> = []
      yield* asyncio.async_for(gen(), function* (value) {
        const awaitable = value as asyncio.Coroutine | string | undefined
        seen.push(awaitable === undefined || typeof awaitable === "string" ? awaitable : yield* awaitable)
      })
      return seen
    })
    expect(await asyncio.run(main(), virtual)).toEqual(["done", "worked", "worked", undefined, "done"])
  })

  it("awaits effects, with their services and errors", async () => {
    const gen = asyncio.async_generator(function* gen() {
      const { word } = yield* Greeting
      yield word
      yield* Effect.sleep("1 second")
      try {
        yield* Effect.fail(new ValueError("typed"))
      } catch (error) {
        yield str(error)
      }
    })
    const main = asyncio.coroutine(function* main() {
      const seen: Array<string> = []
      yield* asyncio.async_for(gen(), function* (value) {
        seen.push(value)
      })
      return [...seen, asyncio.get_running_loop().time()]
    })
    expectTypeOf(gen()).toEqualTypeOf<asyncio.AsyncGenerator<string, unknown, Greeting>>()
    const program = main()
    expectTypeOf(program).toEqualTypeOf<asyncio.Coroutine<Array<string | number>, Greeting>>()
    const provided = program.pipe(Effect.provideService(Greeting, { word: "hello" }))
    expect(await asyncio.run(provided, virtual)).toEqual(["hello", "typed", 1])
  })

  it("knows the type of its values, and of what is sent in from an annotation", () => {
    const plain = asyncio.async_generator(function* plain(n: number) {
      yield* asyncio.sleep(0)
      yield n
      yield "text"
    })
    expectTypeOf(plain).toEqualTypeOf<
      (this: unknown, n: number) => asyncio.AsyncGenerator<number | "text", unknown, never>
    >()
    const echo = asyncio.async_generator(function* echo(): Generator<number, void, string> {
      const got = yield 1
      expectTypeOf(got).toEqualTypeOf<string>()
    })
    expectTypeOf<Parameters<ReturnType<typeof echo>["asend"]>>().toEqualTypeOf<[value: string]>()
    expectTypeOf(echo().__anext__()).toEqualTypeOf<asyncio.Coroutine<number>>()
  })

  it("204 one that is dropped unfinished gets its aclose() as a task, once the garbage collector tells", async () => {
    setFlagsFromString("--expose-gc")
    const collect = runInNewContext("gc") as () => void
    const seen: Array<string> = []
    const gen = asyncio.async_generator(function* gen() {
      try {
        yield 1
      } finally {
        yield* asyncio.sleep(0)
        seen.push(`closed in ${asyncio.current_task() === undefined ? "a callback" : "a task"}`)
      }
    })
    const drop = asyncio.coroutine(function* drop() {
      yield* asyncio.async_for(gen(), function* () {
        return asyncio.BREAK
      })
    })
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.create_task(drop())
      for (let turn = 0; turn < 1000 && seen.length === 0; turn++) {
        // The objects of this turn of the host stay reachable until it ends.
        yield* asyncio.wrap_future(new Promise((resolve) => setImmediate(resolve)))
        collect()
      }
      seen.push("main ends")
    })
    await asyncio.run(main())
    expect(seen).toEqual(["closed in a task", "main ends"])
  })

  it("204 one that is being iterated is not taken for dropped", async () => {
    setFlagsFromString("--expose-gc")
    const collect = runInNewContext("gc") as () => void
    const gen = asyncio.async_generator(function* gen() {
      for (let n = 0; n < 5; n++) {
        yield* asyncio.wrap_future(new Promise((resolve) => setImmediate(resolve)))
        collect()
        yield n
      }
    })
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.comprehension(gen())
    })
    expect(await asyncio.run(main())).toEqual([0, 1, 2, 3, 4])
  })

  it("204 on virtual time a dropped one is closed at the end of the run", async () => {
    const seen: Array<string> = []
    const gen = asyncio.async_generator(function* gen() {
      try {
        yield 1
      } finally {
        yield* asyncio.sleep(5)
        seen.push("closed")
      }
    })
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.anext(gen())
      yield* asyncio.sleep(10)
      seen.push("main ends")
    })
    await asyncio.run(main(), virtual)
    expect(seen).toEqual(["main ends", "closed"])
  })

  it("205 generators close in the order of their first iteration", async () => {
    const closed: Array<string> = []
    const gen = asyncio.async_generator(function* gen(name: string) {
      try {
        yield name
      } finally {
        closed.push(name)
      }
    })
    const main = asyncio.coroutine(function* main() {
      const [a, b, c] = [gen("a"), gen("b"), gen("c")]
      for (const g of [b, c, a]) yield* asyncio.anext(g)
    })
    await asyncio.run(main(), virtual)
    expect(closed).toEqual(["b", "c", "a"])
  })

  it("runs as an Effect, step by step", async () => {
    const gen = asyncio.async_generator(function* gen() {
      yield 1
      yield* asyncio.sleep(0.001)
      yield 2
    })
    const program = Effect.gen(function* () {
      const g = gen()
      return [yield* g.__anext__(), yield* g.__anext__(), yield* asyncio.anext(g, "end")]
    })
    expect(await Effect.runPromise(program)).toEqual([1, 2, "end"])
  })

  it("can be awaited and iterated by async_for only, and says so", async () => {
    const gen = asyncio.async_generator(function* numbers() {
      yield 1
    })
    const main = asyncio.coroutine(function* main() {
      yield* gen() as unknown as asyncio.Coroutine
    })
    await expect(asyncio.run(main(), virtual)).rejects.toThrow(
      "'async_generator' object can't be awaited: write yield* asyncio.async_for(numbers(...), function* (x) { ... })"
    )
    const outside = async () => {
      for await (const _ of gen() as unknown as AsyncIterable<number>);
    }
    await expect(outside()).rejects.toThrow("'async_generator' object can't be iterated outside of a coroutine")
  })

  it("prints as CPython prints it", () => {
    const gen = asyncio.async_generator(function* numbers() {
      yield 1
    })
    const g = gen()
    expect(String(g)).toMatch(/^<async_generator object numbers at 0x[0-9a-f]+>$/)
    const step = g.aclose()
    expect(String(step)).toMatch(/^<async_generator_athrow object at 0x[0-9a-f]+>$/)
    step.close()
  })
})
