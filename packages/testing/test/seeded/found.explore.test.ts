import { exhaustive, explore, replay } from "@skein/testing"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { describe, expect, it } from "vitest"
import { bugs, type StrategyName, strategies } from "./bugs.ts"

/** A machine that goes wrong leaves tasks behind that failed unseen; that they are logged is not what is tested here. */
const quietly = <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, References.MinimumLogLevel, "None"))

const names = Object.keys(strategies) as ReadonlyArray<StrategyName>

describe.each(bugs)("$name", ({ right, broken, within }) => {
  it.each(names)("%s does not find it in the right machine", async (name) => {
    for (const strategy of strategies[name]) {
      const report = await quietly(explore(right, { strategy, runs: 300 }))
      expect(report.runs).toBeGreaterThan(0)
    }
  })

  it.each(names.filter((name) => within[name] !== undefined))("%s finds it in the broken one", async (name) => {
    for (const strategy of strategies[name]) {
      const error = await quietly(Effect.flip(explore(broken, { strategy, runs: within[name] })))
      expect(error._tag).toBe("ExplorationError")
      if (error._tag !== "ExplorationError") continue
      const again = await quietly(Effect.flip(replay(broken, error.token)))
      expect(again).toMatchObject({ _tag: "ExplorationError", kind: error.kind, turns: error.turns })
      // One switch is enough to make each of them deadlock; to see that a permit is gone at the end takes two.
      expect(error.schedule.decisions.length).toBeLessThanOrEqual(2)
    }
  })
})

describe("a search to the end finds no schedule that fails on the right machine", () => {
  it.each(bugs)("$name", { timeout: 60_000 }, async ({ right }) => {
    const report = await quietly(explore(right, { strategy: exhaustive(), runs: 20_000 }))
    expect(report.exhausted).toBe(true)
  })
})
