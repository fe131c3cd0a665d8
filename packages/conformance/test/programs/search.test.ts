import { describe, expect, it } from "vitest"
import { sharedOracle } from "../../src/index.ts"
import { reportOf } from "../../src/programs/report.ts"
import { search } from "../../src/programs/search.ts"

const seed = 20_26
const count = 500

describe("random programs do, pass by pass, what they do on CPython", () => {
  it.each([0, 1, 2, 3])(
    "programs from %i times 500 on",
    async (part) => {
      const { findings } = await search(await sharedOracle(), { seed, count, from: part * count, enough: 1 })
      expect(findings.map((finding) => reportOf(finding, seed)).join("\n")).toBe("")
    },
    120_000
  )
})
