import { describe, expect, it } from "vitest"
import { barrierMembers, barrierOperations } from "./support/barriers.ts"
import { exploreAll, exploreRandom } from "./support/family.ts"

describe.each(barrierMembers)("$name", (member) => {
  it("keeps its contract in every schedule of two strands with up to three operations", async () => {
    const tally = await exploreAll(member, barrierOperations, { strands: 2, longest: 3, most: 20_000, parts: 4 })
    expect(tally).toMatchObject({ programs: 893, cutOff: 0 })
  })

  it("keeps it in every schedule of three strands with up to two", async () => {
    const tally = await exploreAll(member, barrierOperations, { strands: 3, longest: 2, most: 20_000, parts: 4 })
    expect(tally).toMatchObject({ programs: 670, cutOff: 0 })
  })

  it("keeps it in random schedules of five strands with six each", async () => {
    const tally = await exploreRandom(member, barrierOperations, { strands: 5, length: 6, programs: 20, runs: 20 })
    expect(tally.runs).toBe(800)
  })
})
