import { describe, expect, it } from "vitest"
import { deadlineMembers, nestings, nestingText } from "./support/deadlines.ts"

const explored = async (member: (typeof deadlineMembers)[number], timers: "idle" | "anytime", depth: number) => {
  let programs = 0
  for (const nesting of nestings(member.layers, depth)) {
    try {
      const report = await member.explore(nesting, timers, 20_000)
      expect(report.exhausted).toBe(true)
    } catch (error) {
      throw new Error(`${member.name}, ${nestingText(nesting)}: ${(error as Error).message}`, { cause: error })
    }
    programs++
  }
  return programs
}

describe.each(deadlineMembers)("$name", (member) => {
  it("ends as the nearest deadline says, in every nesting of up to three", async () => {
    expect(await explored(member, "idle", 3)).toBeGreaterThan(1000)
  })

  it("ends in a way that can be, if anybody may be slow, in every nesting of up to two", async () => {
    expect(await explored(member, "anytime", 2)).toBeGreaterThan(250)
  })
})
