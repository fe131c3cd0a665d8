import { describe, expect, it } from "vitest"
import { conditionMembers, conditionOperations } from "./support/conditions.ts"
import { exploreAll, exploreRandom } from "./support/family.ts"

const { telling, handing } = conditionOperations

describe.each(conditionMembers)("$name", (member) => {
  it("keeps its contract in every schedule of two strands with up to three operations", async () => {
    for (const operations of [telling, handing]) {
      const tally = await exploreAll(member, operations, { strands: 2, longest: 3, most: 20_000, parts: 4 })
      expect(tally.cutOff).toBe(0)
    }
  })

  it("keeps it in every schedule of three strands with up to two", async () => {
    for (const operations of [telling, handing]) {
      const tally = await exploreAll(member, operations, { strands: 3, longest: 2, most: 20_000, parts: 16 })
      expect(tally.cutOff).toBe(0)
    }
  })

  it("keeps it in every schedule of four strands with one", async () => {
    // Two who wait, one who tells, and one who cancels: less does not show that a notification goes to another.
    const tally = await exploreAll(member, handing, { strands: 4, longest: 1, most: 50_000 })
    expect(tally).toMatchObject({ programs: 24, cutOff: 0 })
  })

  it("keeps it in random schedules of five strands with six each", async () => {
    for (const operations of [telling, handing]) {
      const tally = await exploreRandom(member, operations, { strands: 5, length: 6, programs: 15, runs: 20 })
      expect(tally.runs).toBe(600)
    }
  })
})
