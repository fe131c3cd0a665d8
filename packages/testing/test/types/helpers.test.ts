// What steps, leak checks and cancelEverywhere say in their types: nothing needs an annotation.

// @effect-diagnostics missingEffectContext:off
import * as asyncio from "@skein/asyncio"
import { VirtualTime } from "@skein/core"
import {
  type CancelEverywhereError,
  type CancelReport,
  cancelEverywhere,
  type LeakError,
  noLeaks,
  Steps
} from "@skein/testing"
import * as testing from "@skein/testing/asyncio"
import { expect, it } from "@skein/testing/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { expectTypeOf } from "vitest"

class Db extends Context.Service<Db, { readonly find: (id: number) => string }>()("test/Db") {}
class Gone extends Error {
  readonly _tag = "Gone"
}

const find: Effect.Effect<string, Gone, Db> = Effect.map(Db, (db) => db.find(1))

it("Steps.make asks for a scope, and steps cannot fail with a typed error", () => {
  expectTypeOf(Steps.make).toEqualTypeOf<Effect.Effect<Steps.Steps, never, Scope.Scope>>()
  expectTypeOf<ReturnType<Steps.Steps>>().toEqualTypeOf<Effect.Effect<void>>()
  expectTypeOf(testing.steps()(1)).toEqualTypeOf<void>()
})

it("noLeaks keeps value, error and services of the program", async () => {
  const checked = noLeaks(find)
  expectTypeOf(checked).toEqualTypeOf<Effect.Effect<string, Gone | LeakError, Db>>()
  const provided = Effect.provideService(checked, Db, { find: (id) => `row ${id}` })
  expect(await VirtualTime.runPromise(provided)).toBe("row 1")
})

it("noLeaks of asyncio keeps value and services of the coroutine", async () => {
  const checked = testing.noLeaks(asyncio.sleep(1, "slept"))
  expectTypeOf<asyncio.ResultOf<typeof checked>>().toEqualTypeOf<string>()
  expectTypeOf<asyncio.ServicesOf<typeof checked>>().toEqualTypeOf<never>()
  expect(await asyncio.run(checked, { loop_factory: asyncio.VirtualEventLoop })).toBe("slept")
})

it("cancelEverywhere asks for the services of program and setup, and has one error", async () => {
  const sweep = cancelEverywhere(
    Effect.map(Effect.scope, () => ({ program: Effect.orDie(find), invariant: Effect.asVoid(Db) }))
  )
  expectTypeOf(sweep).toEqualTypeOf<Effect.Effect<CancelReport, CancelEverywhereError, Db>>()
  const report = await Effect.runPromise(Effect.provideService(sweep, Db, { find: String }))
  expect(report.points.length).toBeGreaterThan(0)
})

it.virtual.each([{ n: 1 }])("cases have their type", (value) => {
  expectTypeOf(value).toEqualTypeOf<{ n: number }>()
  return Effect.void
})

it.asyncio.prop("so have the values of properties", { number: Schema.Int, text: Schema.String }, function* (values) {
  expectTypeOf(values.number).toEqualTypeOf<number>()
  expectTypeOf(values.text).toEqualTypeOf<string>()
  yield* asyncio.sleep(0)
})

it.explore("and results that are checked", () => Effect.succeed(3), {
  runs: 2,
  check: (result) => {
    expectTypeOf(result).toEqualTypeOf<number>()
  }
})

it.explore.asyncio(
  "also those of asyncio programs",
  function* () {
    return yield* asyncio.sleep(1, "slept")
  },
  {
    runs: 2,
    check: (result) => {
      expectTypeOf(result).toEqualTypeOf<string>()
    }
  }
)

// Skipped, since only the compiler's answer is asked for: the program could not run without its service.
// @ts-expect-error -- a test provides nothing but a scope
it.virtual.skip("services must be provided", () => find)
