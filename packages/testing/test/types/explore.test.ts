// What explore and replay infer of a program: its result for the check, its services and those of the check for the effect.

// @effect-diagnostics missingEffectContext:off
import * as asyncio from "@skein/asyncio"
import {
  type ExplorationError,
  type ExploreOptions,
  exhaustive,
  explore,
  explorePromise,
  type NotDeterministicError,
  type ReplayError,
  type Report,
  replay,
  type Strategy
} from "@skein/testing"
import * as aio from "@skein/testing/asyncio"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { describe, expectTypeOf, it } from "vitest"

class Db extends Context.Service<Db, { readonly find: (id: number) => string }>()("test/Db") {}
class Judge extends Context.Service<Judge, { readonly likes: (row: string) => boolean }>()("test/Judge") {}
class Gone extends Error {
  readonly _tag = "Gone"
}

const find: Effect.Effect<string, Gone, Db> = Effect.map(Db, (db) => db.find(1))
const strategy = exhaustive()
const provideDb = Effect.provideService(Db, { find: (id) => `row ${id}` })

describe("explore", () => {
  it("keeps the services of the program; its errors become those of an exploration", async () => {
    const exploring = explore(find, { strategy })
    expectTypeOf(exploring).toEqualTypeOf<Effect.Effect<Report, ExplorationError | NotDeterministicError, Db>>()
    expectTypeOf(await Effect.runPromise(exploring.pipe(provideDb))).toEqualTypeOf<Report>()
  })

  it("hands the result to the check, which needs no annotation", async () => {
    await Effect.runPromise(
      explore(find, { strategy, check: (row) => expectTypeOf(row).toEqualTypeOf<string>() }).pipe(provideDb)
    )
  })

  it("adds the services of a check and of what is checked afterwards", async () => {
    const judged = explore(find, {
      strategy,
      check: (row) => Effect.map(Judge, (judge) => judge.likes(row)),
      after: [() => Effect.void]
    })
    expectTypeOf(judged).toEqualTypeOf<Effect.Effect<Report, ExplorationError | NotDeterministicError, Db | Judge>>()
    await Effect.runPromise(judged.pipe(provideDb, Effect.provideService(Judge, { likes: () => true })))
  })

  it("takes a check that returns nothing, as assertions do", async () => {
    const assertRow = (row: string): void => {
      expectTypeOf(row).toBeString()
    }
    await Effect.runPromise(explore(find, { strategy, check: assertRow }).pipe(provideDb))
  })

  it("as a promise, only takes programs whose services are all provided", async () => {
    expectTypeOf(explorePromise<string, never>)
      .parameter(0)
      .toEqualTypeOf<Effect.Effect<string>>()
    expectTypeOf(await explorePromise(find.pipe(provideDb), { strategy })).toEqualTypeOf<Report>()
  })

  it("takes a strategy of one's own as a plain value", () => {
    expectTypeOf<ExploreOptions["strategy"]>().toEqualTypeOf<Strategy | undefined>()
    const own = { description: "own", defaultRuns: 1, begin: () => ({ next: () => ({ pick: () => 0 }) }) }
    expectTypeOf(own).toExtend<Strategy>()
  })
})

describe("replay", () => {
  it("returns the program's result", () => {
    expectTypeOf(replay(find, "token")).toEqualTypeOf<
      Effect.Effect<string, ExplorationError | NotDeterministicError | ReplayError, Db>
    >()
  })
})

describe("the explorer of asyncio", () => {
  it("knows the result of a coroutine, for the check and for replay", async () => {
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.sleep(0)
      return 7
    })
    const exploring = aio.explore(main, { strategy, check: (seven) => expectTypeOf(seven).toEqualTypeOf<number>() })
    expectTypeOf(exploring).toEqualTypeOf<Promise<Report>>()
    await exploring
    expectTypeOf(aio.replay<asyncio.Coroutine<number>>).returns.toEqualTypeOf<Promise<number>>()
  })
})
