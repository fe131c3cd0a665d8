import { describe, expect, it } from "vitest"
import { combinatorMembers } from "./support/combinators.ts"
import { exploreAll, exploreRandom } from "./support/family.ts"
import { groupMembers, groupOperations } from "./support/groups.ts"

describe.each([...groupMembers, ...combinatorMembers])("$name", (member) => {
  it("keeps its contract in every schedule of two children with up to three operations", async () => {
    const tally = await exploreAll(member, groupOperations, { strands: 2, longest: 3, most: 20_000, parts: 128 })
    expect(tally).toMatchObject({ programs: 262, cutOff: 0 })
  })

  it("keeps it in every schedule of three children with one", async () => {
    const tally = await exploreAll(member, groupOperations, { strands: 3, longest: 1, most: 20_000, parts: 2 })
    expect(tally).toMatchObject({ programs: 38, cutOff: 0 })
  })

  it("keeps it in random schedules of five children with six each", async () => {
    const tally = await exploreRandom(member, groupOperations, { strands: 5, length: 6, programs: 10, runs: 20 })
    expect(tally.runs).toBe(400)
  })
})
