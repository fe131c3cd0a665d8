import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import * as asyncio from "../src/index.ts"
import { after, inMain, run, Unit, unitName } from "./support/combining.ts"

const { as_completed, async_for } = asyncio

describe("as_completed", () => {
  it("has the types of what it was given, in both forms, and asks for their services", async () => {
    const main = asyncio.coroutine(function* main() {
      const names: Array<string | number> = []
      for (const next of as_completed([unitName(), after(2, 7)])) {
        expectTypeOf(next).toEqualTypeOf<asyncio.Coroutine<string | number, Unit>>()
        names.push(yield* next)
      }
      const task = asyncio.create_task(after(1, "task"))
      yield* async_for(as_completed([task]), function* (each) {
        expectTypeOf(each).toEqualTypeOf<asyncio.Task<string>>()
        names.push(each.result())
      })
      yield* async_for(as_completed([after(1, true)]), function* (each) {
        expectTypeOf(each).toEqualTypeOf<asyncio.Task<boolean>>()
        names.push(String(each.result()))
      })
      return names
    })
    const program = main()
    expectTypeOf(program).toExtend<Effect.Effect<Array<string | number>, unknown, Unit>>()
    expect(await run(program.pipe(Effect.provideService(Unit, { name: "u" })))).toEqual(["u", 7, "task", "true"])
  })

  it("takes any iterable; a generator object counts as a coroutine, and is refused", () =>
    inMain(function* () {
      const set = new Set([after(2, "b"), after(1, "a")])
      const seen: Array<string> = []
      for (const next of as_completed(set)) seen.push(yield* next)
      expect(seen).toEqual(["a", "b"])
      const generator = (function* () {})()
      expect(() => as_completed(generator as never)).toThrow("expects an iterable of awaitables, not generator")
    }))

  it("is its own iterator: a second loop goes on where the first was left", () =>
    inMain(function* () {
      const completing = as_completed([after(1, "a"), after(2, "b"), after(3, "c")])
      const seen: Array<string> = []
      for (const next of completing) {
        seen.push(yield* next)
        break
      }
      for (const next of completing) seen.push(yield* next)
      expect(seen).toEqual(["a", "b", "c"])
    }))
})
