// What a coroutine's type says without any annotation: its parameters, its result, what it gets out of each await.

import * as asyncio from "@skein/asyncio"
import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { Db, db, run } from "./support/services.ts"

const answer = asyncio.coroutine(function* answer() {
  yield* asyncio.sleep(1)
  return 42
})

describe("coroutine functions", () => {
  it("keep the parameters of their body, and give a Coroutine of its result", async () => {
    const repeat = asyncio.coroutine(function* repeat(text: string, times = 2, ...more: Array<string>) {
      yield* asyncio.sleep(0)
      return [text.repeat(times), ...more]
    })
    expectTypeOf(repeat).toEqualTypeOf<
      (text: string, times?: number, ...more: Array<string>) => asyncio.Coroutine<Array<string>>
    >()
    expectTypeOf(repeat("a")).toEqualTypeOf<asyncio.Coroutine<Array<string>>>()
    expect(await run(repeat("a", 3, "b"))).toEqual(["aaa", "b"])
    // @ts-expect-error -- a number where the body takes a string
    expect(await run(repeat(1, 2).pipe(Effect.result))).toMatchObject({ _tag: "Failure" })
  })

  it("keep the type parameters of their body", async () => {
    const after = asyncio.coroutine(function* after<T>(delay: number, value: T) {
      yield* asyncio.sleep(delay)
      return value
    })
    expectTypeOf(after(1, "x" as const)).toEqualTypeOf<asyncio.Coroutine<"x">>()
    expectTypeOf(after<number>).returns.toEqualTypeOf<asyncio.Coroutine<number>>()
    expect(await run(after(1, "x"))).toBe("x")
  })

  it("keep constrained type parameters, and those of what they await", async () => {
    const first = asyncio.coroutine(function* first<T, K extends keyof T>(aw: asyncio.Awaitable<T>, key: K) {
      const value = yield* aw
      const same: T = value
      return same[key]
    })
    const name = first(asyncio.sleep(1, { name: "n", size: 1 }), "name")
    expectTypeOf(name).toEqualTypeOf<asyncio.Coroutine<string>>()
    expect(await run(name)).toBe("n")
  })

  it("keep `this`, so that a method can be a coroutine", async () => {
    class Counter {
      count = 1
      readonly add = asyncio.coroutine(function* add(this: Counter, n: number) {
        expectTypeOf(this).toEqualTypeOf<Counter>()
        yield* asyncio.sleep(0)
        this.count += n
        return this.count
      })
    }
    const counter = new Counter()
    expectTypeOf(counter.add(1)).toEqualTypeOf<asyncio.Coroutine<number>>()
    expect(await run(counter.add(2))).toBe(3)
    const { add } = counter
    // @ts-expect-error -- without the object that it is a method of
    expect(() => add(1)).not.toThrow()
  })

  it("give undefined when the body returns nothing", async () => {
    const quiet = asyncio.coroutine(function* quiet() {
      yield* asyncio.sleep(0)
    })
    expectTypeOf(quiet()).toEqualTypeOf<asyncio.Coroutine<void>>()
    expect(await run(quiet())).toBeUndefined()
  })

  it("give the union of what the body returns", async () => {
    const either = asyncio.coroutine(function* either(flag: boolean) {
      if (flag) return yield* asyncio.sleep(1, "text")
      return 1
    })
    expectTypeOf(either(true)).toEqualTypeOf<asyncio.Coroutine<string | 1>>()
    expect(await run(either(true))).toBe("text")
  })

  it("may call themselves by the name of the inner function, with an annotation of its result", async () => {
    const sum = asyncio.coroutine(function* sum(n: number): asyncio.Body<number> {
      return n === 0 ? 0 : n + (yield* sum(n - 1))
    })
    expectTypeOf(sum(1)).toEqualTypeOf<asyncio.Coroutine<number>>()
    expect(await run(sum(4))).toBe(10)
  })

  it("are Effects that may fail with anything", () => {
    expectTypeOf(answer()).toExtend<Effect.Effect<number, unknown>>()
    const doubled = answer().pipe(Effect.map((n) => n * 2))
    expectTypeOf(doubled).toEqualTypeOf<Effect.Effect<number, unknown>>()
    return expect(run(doubled)).resolves.toBe(84)
  })
})

describe("yield*", () => {
  it("gives what the awaited thing gives: coroutine, bare generator, future, task, effect, service", async () => {
    function* bare(n: number) {
      yield* asyncio.sleep(1)
      return String(n)
    }
    const main = asyncio.coroutine(function* main() {
      const fromCoroutine = yield* answer()
      expectTypeOf(fromCoroutine).toEqualTypeOf<number>()
      const fromGenerator = yield* bare(1)
      expectTypeOf(fromGenerator).toEqualTypeOf<string>()
      const future = asyncio.get_running_loop().create_future<boolean>()
      future.set_result(true)
      const fromFuture = yield* future
      expectTypeOf(fromFuture).toEqualTypeOf<boolean>()
      const fromTask = yield* asyncio.create_task(answer())
      expectTypeOf(fromTask).toEqualTypeOf<number>()
      const fromEffect = yield* Effect.succeed("e")
      expectTypeOf(fromEffect).toEqualTypeOf<string>()
      const fromService = yield* Db
      expectTypeOf(fromService).toEqualTypeOf<Db["Service"]>()
      const fromSleep = yield* asyncio.sleep(1)
      expectTypeOf(fromSleep).toEqualTypeOf<undefined>()
      return [fromCoroutine, fromGenerator, fromFuture, fromTask, fromEffect, fromService.find(1), fromSleep] as const
    })
    expectTypeOf(main()).toEqualTypeOf<
      asyncio.Coroutine<readonly [number, string, boolean, number, string, string, undefined], Db>
    >()
    const result = await run(main().pipe(Effect.provideService(Db, db)))
    expect(result).toEqual([42, "1", true, 42, "e", "row 1", undefined])
  })

  it("gives the same in Effect.gen, and makes the error unknown", async () => {
    const program = Effect.gen(function* () {
      const value = yield* answer()
      expectTypeOf(value).toEqualTypeOf<number>()
      return value
    })
    expectTypeOf(program).toEqualTypeOf<Effect.Effect<number, unknown>>()
    expect(await run(program)).toBe(42)
  })

  it("takes any Awaitable: what a function may be given", async () => {
    const twice = asyncio.coroutine(function* twice<A>(awaitable: asyncio.Awaitable<A>) {
      const value = yield* awaitable
      const same: A = value
      return [same, value]
    })
    expectTypeOf(twice(answer())).toEqualTypeOf<asyncio.Coroutine<Array<number>>>()
    function* bare() {
      return yield* asyncio.sleep(1, "b")
    }
    expectTypeOf(twice(bare())).toEqualTypeOf<asyncio.Coroutine<Array<string>>>()
    expect(await run(twice(bare()))).toEqual(["b", "b"])
  })

  it("takes an object of one's own with __await__", async () => {
    class Ready {
      *__await__() {
        return yield* asyncio.sleep(1, "ready")
      }
      [Symbol.iterator]() {
        return this.__await__()
      }
    }
    const main = asyncio.coroutine(function* main() {
      const value = yield* new Ready()
      expectTypeOf(value).toEqualTypeOf<string>()
      return value
    })
    expect(await run(main())).toBe("ready")
    expectTypeOf<asyncio.ResultOf<Ready>>().toEqualTypeOf<string>()
  })
})

describe("running", () => {
  it("asyncio.run and Runner.run promise the result of coroutines, bare generators, effects and futures", async () => {
    function* bare() {
      yield* asyncio.sleep(1)
      return ["bare"]
    }
    const results = [run(answer()), run(bare()), run(Effect.succeed("e"))] as const
    expectTypeOf(results).toEqualTypeOf<readonly [Promise<number>, Promise<Array<string>>, Promise<string>]>()
    expect(await Promise.all(results)).toEqual([42, ["bare"], "e"])
    await using runner = asyncio.Runner({ loop_factory: asyncio.VirtualEventLoop })
    const fromRunner = runner.run(bare())
    expectTypeOf(fromRunner).toEqualTypeOf<Promise<Array<string>>>()
    expect(await fromRunner).toEqual(["bare"])
  })

  it("run_until_complete promises the result", async () => {
    const loop = asyncio.VirtualEventLoop()
    const result = loop.run_until_complete(answer())
    expectTypeOf(result).toEqualTypeOf<Promise<number>>()
    expect(await result).toBe(42)
    loop.close()
  })

  it("to_promise, ensure_future and wrap_future carry the type across", async () => {
    const main = asyncio.coroutine(function* main() {
      const promise = asyncio.to_promise(asyncio.sleep(0, 42))
      expectTypeOf(promise).toEqualTypeOf<Promise<number>>()
      const wrapped = asyncio.wrap_future(promise)
      expectTypeOf(wrapped).toExtend<asyncio.Future<number>>()
      const ensured = asyncio.ensure_future(asyncio.sleep(0, "s"))
      expectTypeOf(ensured).toExtend<asyncio.Future<string>>()
      expectTypeOf(asyncio.ensure_future(wrapped)).toEqualTypeOf(wrapped)
      return [yield* wrapped, yield* ensured] as const
    })
    const result = await run(main())
    expectTypeOf(result).toEqualTypeOf<readonly [number, string]>()
    expect(result).toEqual([42, "s"])
  })
})
