import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { type BaseException, RuntimeError, TimeoutError, TypeError, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { after, deadlockOf, inMain, run, Unit, unitName } from "./support/combining.ts"

const { async_with, timeout, timeout_at, Timeout } = asyncio

describe("timeout", () => {
  it("hands itself to the block, gives the block's value, and asks for the block's services", async () => {
    const main = asyncio.coroutine(function* main() {
      return yield* async_with(timeout(5), function* (deadline) {
        expectTypeOf(deadline).toEqualTypeOf<asyncio.Timeout>()
        return yield* unitName()
      })
    })
    const program = main()
    expectTypeOf(program).toEqualTypeOf<asyncio.Coroutine<string, Unit>>()
    expect(await run(program.pipe(Effect.provideService(Unit, { name: "u" })))).toBe("u")
  })

  it("123 needs a running loop, also for no deadline; timeout_at and the class do not", () => {
    expect(() => timeout(1)).toThrow(RuntimeError)
    expect(() => timeout(null)).toThrow("no running event loop")
    expect(timeout_at(5).when()).toBe(5)
    expect(timeout_at(undefined).when()).toBeUndefined()
    expect(new Timeout(7)).toBeInstanceOf(Timeout)
    expect(`${Timeout(7)}`).toBe("<Timeout [created]>")
  })

  it("refuses what is no number of seconds, with the value", () =>
    inMain(function* () {
      expect(() => timeout("5" as never)).toThrow(
        new TypeError("timeout(delay) takes seconds as a number, or undefined, got '5'")
      )
      expect(() => timeout_at(Number.NaN)).toThrow(new ValueError("Invalid delay: NaN (not a number)"))
      yield* async_with(timeout(5), function* (deadline) {
        expect(() => deadline.reschedule({} as never)).toThrow("reschedule(when) takes seconds as a number")
        expect(deadline.when()).toBe(5)
      })
    }))

  it("leaves no timer behind", async () => {
    const [, end] = await deadlockOf(function* () {
      yield* async_with(timeout(1000), function* (deadline) {
        deadline.reschedule(2000)
        yield* asyncio.sleep(1)
      })
      yield* asyncio.get_running_loop().create_future()
    })
    expect(end).toBe(1)
  })

  it("interrupts an effect in the block, and waits for its finalizer", () =>
    inMain(function* () {
      const released: Array<string> = []
      const block = async_with(timeout(2), function* () {
        yield* Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(() => released.push("released"))))
      })
      expect(yield* Effect.flip(block)).toBeInstanceOf(TimeoutError)
      expect(released).toEqual(["released"])
    }))

  it("106 129 shows the TimeoutError as context of an error without one, as Python's interpreter would", () =>
    inMain(function* () {
      const within = (error: Error) =>
        async_with(timeout(1), function* () {
          try {
            yield* after(9, "a")
          } catch {
            throw error
          }
        }).pipe(Effect.flip)
      const contexts = (error: unknown) => {
        const { __context__ } = error as BaseException
        return [__context__, (__context__ as BaseException).__context__].map((each) => (each as Error).name)
      }
      expect(contexts(yield* within(new ValueError("v")))).toEqual(["TimeoutError", "CancelledError"])
      // Errors of JavaScript too, and those whose causes go round in a circle.
      expect(contexts(yield* within(new Error("plain")))).toEqual(["TimeoutError", "CancelledError"])
      const circle = new Error("circle")
      circle.cause = circle
      expect(yield* within(circle)).toBe(circle)
      expect(yield* within(Object.freeze(new Error("frozen")))).toBeInstanceOf(Error)
    }))

  it("129 lets something that is no Error through", () =>
    inMain(function* () {
      const thrown = yield* async_with(timeout(1), function* () {
        try {
          yield* after(9, "a")
        } catch {
          throw "text"
        }
      }).pipe(Effect.flip)
      expect(thrown).toBe("text")
    }))
})
