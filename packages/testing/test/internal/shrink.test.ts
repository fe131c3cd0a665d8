import { assert, describe, it } from "@effect/vitest"
import type { ReadyStrand } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { type ShrinkBudget, shrink, type Tried } from "../../src/internal/shrink.ts"
import type { Plan } from "../../src/Strategy.ts"
import type { Decision } from "../../src/schedule.ts"

const nobody: ReadyStrand = {
  strand: { strandId: 0, strandLineage: "", steps: 0, describeStrand: () => "nobody" },
  cause: "wake"
}

/** A program of so many points with so many candidates each, which fails for some choices. */
const program =
  (points: number, count: number, fails: (choices: ReadonlyArray<number>) => boolean, seen: Array<string> = []) =>
  (plan: Plan): Effect.Effect<Tried> =>
    Effect.sync(() => {
      const ready = Array.from({ length: count }, () => nobody)
      const choices = Array.from({ length: points }, () => plan.pick(ready, undefined))
      seen.push(choices.join(""))
      const decisions = choices.flatMap((choice, at): Array<Decision> => (choice === 0 ? [] : [{ at, choice }]))
      return { points, candidates: choices.map(() => count), decisions, fails: fails(choices) }
    })

const runs = (runs: number): ShrinkBudget => ({ runs, points: Number.POSITIVE_INFINITY })

const decisionsOf = (choices: ReadonlyArray<number>): ReadonlyArray<Decision> =>
  choices.flatMap((choice, at) => (choice === 0 ? [] : [{ at, choice }]))

describe("shrink", () => {
  it.effect("keeps what the failure needs, and nothing else", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.nat(29), { maxLength: 3 }),
          fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 30, maxLength: 30 }),
          async (needed, start) => {
            const fails = (choices: ReadonlyArray<number>) => needed.every((at) => choices[at] !== 0)
            const found = await Effect.runPromise(shrink(decisionsOf(start), runs(2000), program(30, 4, fails)))
            assert.deepStrictEqual(
              found,
              needed.toSorted((one, other) => one - other).map((at) => ({ at, choice: 1 }))
            )
          }
        )
      )
    )
  )

  it.effect("finds fewer switches elsewhere, when none of those at hand can be left out", () =>
    Effect.gen(function* () {
      const fails = (choices: ReadonlyArray<number>) => choices.join("") === "0110100" || choices.join("") === "0000010"
      const found = yield* shrink(decisionsOf([0, 1, 1, 0, 1]), runs(500), program(7, 2, fails))
      assert.deepStrictEqual(found, [{ at: 5, choice: 1 }])
    })
  )

  it.effect("a failure that needs no switch at all is seen at the first try", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const found = yield* shrink(
        decisionsOf([1, 1, 1, 1]),
        runs(500),
        program(4, 2, () => true, seen)
      )
      assert.deepStrictEqual(found, [])
      assert.deepStrictEqual(seen, ["0000"])
    })
  )

  it.effect("never runs more often than it may, and gives back a schedule that fails", () =>
    Effect.gen(function* () {
      for (const budget of [0, 1, 5, 17]) {
        const seen: Array<string> = []
        const fails = (choices: ReadonlyArray<number>) => choices.filter((choice) => choice !== 0).length >= 6
        const start = [2, 1, 3, 2, 1, 1, 2, 3, 1, 1]
        const found = yield* shrink(decisionsOf(start), runs(budget), program(10, 4, fails, seen))
        assert.isAtMost(seen.length, budget)
        assert.isAtLeast(found.length, 6)
      }
    })
  )

  it.effect("tries long runs less often", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const fails = (choices: ReadonlyArray<number>) => choices.every((choice) => choice !== 0)
      const start = decisionsOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
      yield* shrink(start, { runs: 1000, points: 95 }, program(10, 4, fails, seen))
      assert.strictEqual(seen.length, 10)
    })
  )
})
