import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import { runWith } from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as TestConsole from "effect/testing/TestConsole"
import type { Scenario } from "../src/Scenario.ts"
import { scenarios } from "../src/scenarios/index.ts"
import { command, NoSuchScenario, runTour, TourFailed } from "../src/tourCommand.ts"

const tour = runWith(command, { version: "0.0.0" })

const output = Effect.map(TestConsole.logLines, (lines) => lines.join("\n"))
const errors = Effect.map(TestConsole.errorLines, (lines) => lines.join("\n"))

const broken: Scenario = {
  id: "S99",
  title: "a broken one",
  notice: "It fails.",
  kind: "real",
  run: () => Promise.reject(new Error("broken"))
}

describe("the tour", () => {
  it.effect("runs the scenarios that are named, and only those", () =>
    Effect.gen(function* () {
      yield* tour(["s13", "S01"])
      const text = yield* output
      expect(text.match(/^S\d\d {2}.*$/gm)).toEqual([
        "S13  A counter under a lock",
        "S01  One after the other, or all at once"
      ])
      expect(text).toContain("│ with a lock: 10")
      expect(text).toContain("2 the same as CPython")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("lists all scenarios and runs none", () =>
    Effect.gen(function* () {
      yield* tour(["--list"])
      const lines = (yield* output).split("\n")
      expect(lines).toHaveLength(scenarios.length)
      expect(lines[0]).toBe("S01  One after the other, or all at once")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("refuses a name that it does not know, and says which is nearest", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(tour(["S21"]))).toBeInstanceOf(NoSuchScenario)
      expect(yield* errors).toMatch(/There is no scenario "S21"\. The nearest is S20/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("fails when a scenario fails, after all have run", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(runTour([broken, ...scenarios.slice(0, 1)]))
      expect(error).toBeInstanceOf(TourFailed)
      const text = yield* output
      expect(text).toContain("✗ failed: Error: broken")
      expect(text).toContain("2 ran in 0.0 s: 1 the same as CPython, 1 failed: S99")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
