import { describe, expect, it } from "vitest"
import { exploreAll, exploreRandom } from "./support/family.ts"
import { lockMembers, lockOperations } from "./support/locks.ts"

describe.each(lockMembers)("$name", (member) => {
  it("keeps its contract in every schedule of two strands with up to three operations", {
    timeout: 60_000
  }, async () => {
    const tally = await exploreAll(member, lockOperations, { strands: 2, longest: 3, most: 20_000 })
    expect(tally).toMatchObject({ programs: 780, cutOff: 0 })
  })

  it("keeps it in every schedule of three strands with up to two", { timeout: 60_000 }, async () => {
    const tally = await exploreAll(member, lockOperations, { strands: 3, longest: 2, most: 20_000, parts: 8 })
    expect(tally.cutOff).toBe(0)
  })

  it("keeps it in random schedules of five strands with six each", { timeout: 60_000 }, async () => {
    const tally = await exploreRandom(member, lockOperations, { strands: 5, length: 6, programs: 20, runs: 20 })
    expect(tally.runs).toBe(800)
  })
})
