import { describe, expect, it } from "vitest"
import { families } from "./support/families.ts"

// Effect may stop a fiber between any two of its steps. The contracts, but for what they say of order, hold there as well.
const entries = families.flatMap(({ entries, name: family }) =>
  entries
    .filter(({ isPreemptible }) => isPreemptible)
    .map((entry) => ({ ...entry, parts: family === "groups" ? 128 : 8 }))
)

describe.each(entries)("$name, stopped once between any two steps", ({ explore, parts }) => {
  it("keeps its contract in every schedule of two strands with one operation", async () => {
    const tally = await explore({ strands: 2, longest: 1, most: 5000, parts: Math.ceil(parts / 32), preemptions: 1 })
    expect(tally.programs).toBeGreaterThan(4)
  })

  it("keeps it in schedules of two strands with up to two", async () => {
    const tally = await explore({ strands: 2, longest: 2, most: 5000, parts, preemptions: 1 })
    expect(tally.programs).toBeGreaterThan(4)
  })
})
