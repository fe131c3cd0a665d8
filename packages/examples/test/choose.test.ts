import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { choose } from "../src/choose.ts"
import type { Scenario } from "../src/Scenario.ts"

const make = (id: string, title: string): Scenario => ({ id, title, notice: "", kind: "twin", run: async () => {} })
const all = [
  make("S01", "One after the other"),
  make("S02", "A coroutine is an object"),
  make("S11", "Producer and consumers over a queue"),
  make("S20", "A job every two seconds")
]

const chosen = (name: string): string =>
  Result.match(choose(all, name), { onSuccess: (scenario) => scenario.id, onFailure: (reason) => reason })

describe("choosing a scenario", () => {
  it("takes its id, in any spelling", () => {
    expect(["S11", "s11", "11", " S11 "].map(chosen)).toEqual(["S11", "S11", "S11", "S11"])
    expect(["S02", "s2", "2", "002"].map(chosen)).toEqual(["S02", "S02", "S02", "S02"])
  })

  it("names the nearest for one that is not there", () => {
    expect(chosen("S21")).toBe(
      'There is no scenario "S21". The nearest is S20 (A job every two seconds). --list shows all.'
    )
    expect(chosen("S111")).toContain("The nearest is S11 (Producer and consumers over a queue).")
  })

  it("understands words of a title", () => {
    expect(chosen("queues")).toContain("The nearest is S11")
    expect(chosen("Coroutine")).toContain("The nearest is S02")
  })

  it("does not fail when there is none to choose from", () => {
    expect(Result.isFailure(choose([], "S01"))).toBe(true)
  })
})
