import { describe, expect, it } from "vitest"
import { deadlineMembers, type How, nestings, nestingText } from "./support/deadlines.ts"

const explored = async (member: (typeof deadlineMembers)[number], how: How, depth: number) => {
  let programs = 0
  for (const nesting of nestings(member.layers, depth)) {
    try {
      const report = await member.explore(nesting, how)
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
    expect(await explored(member, { timers: "idle" }, 3)).toBeGreaterThan(1000)
  })

  it("ends in a way that can be, if anybody may be slow, in every nesting of up to two", async () => {
    expect(await explored(member, { timers: "anytime" }, 2)).toBeGreaterThan(250)
  })
})

const [core] = deadlineMembers
it("core's deadlines end as the nearest says, with a fiber stopped once between any two steps, in nestings of up to two", async () => {
  if (core === undefined) throw new Error("there is no member")
  expect(await explored(core, { timers: "idle", preemptions: 1 }, 2)).toBe(279)
})
