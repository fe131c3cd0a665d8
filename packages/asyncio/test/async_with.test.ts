import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { RuntimeError, ValueError } from "../src/builtins.ts"
import { AsyncExitStack, asynccontextmanager, nullcontext } from "../src/contextlib.ts"
import * as asyncio from "../src/index.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }

class Answer extends Context.Service<Answer, number>()("test/Answer") {}

describe("async_with", () => {
  it("takes a generator function as its body, and tells what to write instead of anything else", () => {
    const wrong =
      (...args: ReadonlyArray<unknown>) =>
      () =>
        (asyncio.async_with as unknown as (...args: ReadonlyArray<unknown>) => unknown)(...args)
    expect(wrong(nullcontext(), (x: unknown) => x)).toThrow("Write the star; an arrow function can not have one.")
    expect(wrong(nullcontext(), async () => {})).toThrow("Write function* for async function and yield* for await.")
    expect(wrong(nullcontext())).toThrow("async_with() takes its body as a generator function")
    expect(wrong(function* () {})).toThrow("async_with() takes at least one context manager before its body")
  })

  it("gives advice for the mistakes that only JavaScript has", async () => {
    const enter = (wrong: unknown) =>
      asyncio.run(
        (function* () {
          yield* asyncio.async_with(wrong as AsyncDisposable, function* () {})
        })(),
        virtual
      )
    const manager = asynccontextmanager(function* manager() {
      yield 1
    })
    await expect(enter(manager)).rejects.toThrow("(missed __aexit__ method): call it, manager(...)")
    await expect(enter(Promise.resolve())).rejects.toThrow("yield* asyncio.wrap_future(promise)")
    const opening = asyncio.coroutine(function* opening() {
      return manager()
    })
    const coroutine = opening()
    await expect(enter(coroutine)).rejects.toThrow(
      "'coroutine' object does not support the asynchronous context manager protocol (missed __aexit__ method): " +
        "await it first, with yield*"
    )
    coroutine.close()
    class Promised {
      async __aenter__() {}
      async __aexit__() {}
    }
    await expect(enter(new Promised())).rejects.toThrow(
      "'async with' received an object from __aenter__ that does not implement __await__: Promise. " +
        "Write it as a generator method, *__aenter__(...) { ... }, with yield* for await"
    )
  })

  it("disposes of an AsyncDisposable, also after an error", async () => {
    const seen: Array<string> = []
    const make = (name: string) => ({
      name,
      async [Symbol.asyncDispose]() {
        seen.push(`disposing ${name}`)
        await Promise.resolve()
        seen.push(`disposed ${name}`)
      }
    })
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.async_with(make("a"), make("b"), function* (a, b) {
        expectTypeOf(a).toEqualTypeOf<ReturnType<typeof make>>()
        seen.push(a.name + b.name)
      })
      yield* asyncio.async_with(make("c"), function* () {
        throw new ValueError("body")
      })
    })
    await expect(asyncio.run(main(), virtual)).rejects.toThrow("body")
    expect(seen).toEqual(["ab", "disposing b", "disposed b", "disposing a", "disposed a", "disposing c", "disposed c"])
  })

  it("takes whatever can be awaited from the methods: futures, effects, objects with __await__", async () => {
    const manager = {
      __aenter__: () => Effect.succeed("entered").pipe(Effect.delay("1 second")),
      __aexit__: () => ({
        *__await__(): Generator<Effect.Effect<undefined, unknown>, boolean, never> {
          yield* asyncio.sleep(1)
          return true
        },
        [Symbol.iterator]() {
          return this.__await__()
        }
      })
    }
    const main = asyncio.coroutine(function* main() {
      const result = yield* asyncio.async_with(manager, function* (value) {
        throw new RuntimeError(value)
      })
      return [result, asyncio.get_running_loop().time()]
    })
    expect(await asyncio.run(main(), virtual)).toEqual([undefined, 2])
  })

  it("lets a plain error of JavaScript through, and a thrown string", async () => {
    const thrown: Array<unknown> = []
    const manager = {
      *__aenter__() {},
      *__aexit__(exc_type: unknown, exc: unknown) {
        thrown.push(exc_type, exc)
        return true
      }
    }
    const error = new RangeError("r")
    const main = asyncio.coroutine(function* main() {
      for (const each of [error, "text"]) {
        yield* asyncio.async_with(manager, function* () {
          throw each
        })
      }
    })
    await asyncio.run(main(), virtual)
    expect(thrown).toEqual([RangeError, error, String, "text"])
  })

  it("runs as an Effect; interrupting it runs the exit to its end", async () => {
    const seen: Array<unknown> = []
    const manager = {
      *__aenter__() {
        yield* asyncio.sleep(0)
      },
      *__aexit__(exc_type: unknown) {
        yield* asyncio.sleep(0.001)
        seen.push(exc_type === asyncio.CancelledError)
      }
    }
    const block = asyncio.async_with(manager, function* () {
      yield* Effect.never
    })
    const exit = await Effect.runPromiseExit(Effect.timeoutOption(block, "10 millis"))
    expect([exit._tag, ...seen]).toEqual(["Success", true])
  })

  it("needs no annotations, and carries the services of managers and body", () => {
    const manager = asynccontextmanager(function* manager() {
      yield [yield* Answer]
    })
    class Other extends Context.Service<Other, number>()("test/Other") {}
    const one = asyncio.async_with(manager(), function* (value) {
      expectTypeOf(value).toEqualTypeOf<Array<number>>()
      yield* Other
      return "result"
    })
    expectTypeOf(one).toEqualTypeOf<asyncio.Coroutine<string, Answer | Other>>()
    const own = {
      *__aenter__() {
        return (yield* Answer) > 1
      },
      *__aexit__() {
        yield* Other
        return false as boolean
      }
    }
    const several = asyncio.async_with(own, nullcontext("n"), asyncio.Lock(), AsyncExitStack(), function* (a, b, c, d) {
      expectTypeOf(a).toEqualTypeOf<boolean>()
      expectTypeOf(b).toEqualTypeOf<string>()
      expectTypeOf(c).toEqualTypeOf<undefined>()
      expectTypeOf(d).toExtend<AsyncExitStack>()
      return 1
    })
    // An exit that gives a plain boolean may swallow an error, and then there is no result.
    expectTypeOf(several).toEqualTypeOf<asyncio.Coroutine<number | undefined, Answer | Other>>()
    one.close()
    several.close()
  })
})
