import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, expectTypeOf, it } from "vitest"
import { TimeoutError, TypeError, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { after, deadlockOf, inMain, refused, run, Unit, unitName } from "./support/combining.ts"

const { wait_for } = asyncio
const now = () => asyncio.get_running_loop().time()

describe("wait_for", () => {
  it("gives the type of what it awaits, and asks for its services", async () => {
    const main = asyncio.coroutine(function* main() {
      const name = yield* wait_for(unitName(), 5)
      expectTypeOf(name).toEqualTypeOf<string>()
      return [name, yield* wait_for(unitName(), null)] as const
    })
    const program = main()
    expectTypeOf(program).toEqualTypeOf<asyncio.Coroutine<readonly [string, string], Unit>>()
    expect(await run(program.pipe(Effect.provideService(Unit, { name: "u" })))).toEqual(["u", "u"])
  })

  it("takes its timeout as an argument by name too", () =>
    inMain(function* () {
      expect(yield* wait_for(after(1, "a"), { timeout: 2 })).toBe("a")
      expect(yield* wait_for(after(1, "a"), { timeout: undefined })).toBe("a")
      expect(yield* wait_for(after(3, "a"), { timeout: 2 }).pipe(Effect.flip)).toBeInstanceOf(TimeoutError)
    }))

  it("awaits a bare generator, a future, a task, an effect, and an object with __await__", () =>
    inMain(function* () {
      function* bare() {
        yield* asyncio.sleep(1)
        return "generator"
      }
      expect(yield* wait_for(bare(), 5)).toBe("generator")
      const future = asyncio.get_running_loop().create_future<string>()
      asyncio.get_running_loop().call_later(1, () => future.set_result("future"))
      expect(yield* wait_for(future, 5)).toBe("future")
      expect(yield* wait_for(asyncio.create_task(after(1, "task")), 5)).toBe("task")
      expect(yield* wait_for(Effect.succeed("effect"), 5)).toBe("effect")
      class Custom {
        __await__() {
          return after(1, "custom")[Symbol.iterator]()
        }

        [Symbol.iterator]() {
          return this.__await__()
        }
      }
      const custom = new Custom()
      expect(yield* wait_for(custom, 5)).toBe("custom")
      expect(yield* wait_for(custom, 0).pipe(Effect.flip)).toBeInstanceOf(TimeoutError)
    }))

  it("interrupts an effect whose time is up, and waits for its finalizer", () =>
    inMain(function* () {
      const released: Array<number> = []
      const effect = Effect.never.pipe(
        Effect.onInterrupt(() =>
          Effect.andThen(
            after(3, undefined),
            Effect.sync(() => released.push(now()))
          )
        )
      )
      expect(yield* wait_for(effect, 2).pipe(Effect.flip)).toBeInstanceOf(TimeoutError)
      expect(released).toEqual([5])
      expect(now()).toBe(5)
    }))

  it("leaves no timer behind: neither after a result, nor after an error, nor when it is closed", async () => {
    const [, end] = await deadlockOf(function* () {
      yield* wait_for(after(1, "a"), 1000)
      try {
        yield* wait_for(
          asyncio.coroutine(function* () {
            throw new ValueError("v")
          })(),
          1000
        )
      } catch (error) {
        if (!(error instanceof ValueError)) throw error
      }
      const closed = (function* () {
        yield* wait_for(asyncio.get_running_loop().create_future(), 1000)
      })()
      closed.next()
      closed.return(undefined as never)
      yield* asyncio.get_running_loop().create_future()
    })
    expect(end).toBe(1)
  })

  it("runs again when it is retried, each time with the whole timeout", () =>
    inMain(function* () {
      let attempts = 0
      const slow = asyncio.coroutine(function* slow() {
        attempts++
        yield* asyncio.sleep(attempts < 3 ? 100 : 1)
        return attempts
      })
      expect(yield* wait_for(slow(), 2).pipe(Effect.retry({ times: 5 }))).toBe(3)
      expect(now()).toBe(5)
    }))

  it("in Effect.gen, fails with the TimeoutError; interrupting the fiber cancels what is awaited, and awaits it", () =>
    inMain(function* () {
      const error = yield* Effect.gen(function* () {
        return yield* Effect.flip(wait_for(after(9, "a"), 1))
      })
      expect(error).toBeInstanceOf(TimeoutError)
      const seen: Array<unknown> = []
      const cleaning = asyncio.coroutine(function* cleaning() {
        try {
          yield* asyncio.sleep(100)
        } finally {
          yield* asyncio.sleep(1)
          seen.push(now())
        }
      })
      const fiber = yield* Effect.forkChild(wait_for(cleaning(), 50))
      yield* asyncio.sleep(2)
      yield* Fiber.interrupt(fiber)
      expect(seen).toEqual([4])
    }))

  it("refuses what is no number of seconds, with the value", () => {
    expect(refused((coro) => wait_for(coro, "5" as never))).toThrow(
      new TypeError("wait_for(fut, timeout) takes seconds as a number, or undefined, got '5'")
    )
    expect(refused((coro) => wait_for(coro, Number.NaN))).toThrow(new ValueError("Invalid delay: NaN (not a number)"))
  })

  it("tells who forgot the call, or has a promise, what to write", () =>
    inMain(function* () {
      const errorOf = (wrong: unknown) => wait_for(wrong as asyncio.Coroutine<never>, 1).pipe(Effect.flip)
      expect(String(yield* errorOf(after))).toMatch(
        /'function' object can't be awaited, got <function after at 0x\w+>: call it, after\(\.\.\.\)$/
      )
      expect(String(yield* errorOf(Promise.resolve()))).toMatch(
        "'Promise' object can't be awaited, got a promise: hand it over with asyncio.wrap_future(promise)"
      )
    }))

  it("is told apart in a report of a deadlock, when it waits for something that refuses to end", async () => {
    const [text] = await deadlockOf(function* () {
      const future = asyncio.get_running_loop().create_future()
      const refusing = asyncio.create_task(
        asyncio.coroutine(function* refusing() {
          try {
            yield* asyncio.sleep(1)
          } catch {
            yield* future
          }
        })(),
        { name: "refusing" }
      )
      yield* asyncio.sleep(0)
      yield* wait_for(refusing, 0)
    })
    expect(text).toMatch(/waits for wait_for: the end of <Task cancelling name='refusing'.*, which it cancelled/)
  })
})
