import { describe, expect, it } from "vitest"
import { exploreAll, exploreRandom } from "./support/family.ts"
import { taskMembers, taskOperations } from "./support/tasks.ts"

const { joining, nesting } = taskOperations

describe.each(taskMembers)("$name", (member) => {
  it("keeps its contract in every schedule of two strands with up to three operations", async () => {
    const tally = await exploreAll(member, joining, { strands: 2, longest: 3, most: 20_000, parts: 16 })
    expect(tally.cutOff).toBe(0)
  })

  it("keeps it in every schedule of three strands with up to two", async () => {
    const tally = await exploreAll(member, joining, { strands: 3, longest: 2, most: 20_000, parts: 64 })
    expect(tally.cutOff).toBe(0)
  })

  it("ends after its children in every schedule of three strands with one operation", async () => {
    const tally = await exploreAll(member, nesting, { strands: 3, longest: 1, most: 20_000, parts: 4 })
    expect(tally).toMatchObject({ programs: 12, cutOff: 0 })
  })

  it("keeps it in random schedules of five strands with six each", async () => {
    for (const operations of [joining, nesting]) {
      const tally = await exploreRandom(member, operations, { strands: 5, length: 6, programs: 10, runs: 20 })
      expect(tally.runs).toBe(400)
    }
  })
})
