import { describe, expect, it } from "vitest"
import { verdictLine, verdictsOf } from "../../src/run/verdicts.ts"
import { aReport, withCell } from "../support/aReport.ts"

const lines = (report: ReturnType<typeof aReport>) => verdictsOf(report).map(verdictLine)

describe("verdicts", () => {
  it("state the figure, the target and whether it is met", () => {
    expect(lines(aReport())).toEqual([
      "asyncio, geometric mean against CPython: 0.20 (at most 0.22): met",
      "asyncio, worst row against CPython (spawn_gather): 0.20 (at most 0.50): met",
      "asyncio, heap of a parked task: 857 B (at most 1100 B): met",
      "asyncio, start-up beside CPython's: 80 ms (at most 70 ms): NOT MET",
      "core, geometric mean against CPython: 0.50 (at most 0.60): met",
      "core, worst row against Effect's own primitives (spawn_gather): 0.50 (at most 1.00): met",
      "core, semaphore against Effect's: 0.50 (at most 0.10): NOT MET",
      "core, cancel against Effect's: 0.17 (at most 0.33): met",
      "asyncio, growth of spawn from 1,000 to 1,000,000 tasks: 3.00 (at most 2.00): NOT MET",
      "core, echo: 4.00 ms (at most 5.00 ms): met"
    ])
  })

  it("name the worst row", () => {
    const report = withCell("timers", "asyncio", { ms_best: 60, ms_median: 60, reps: 1 })
    expect(lines(report)).toContain("asyncio, worst row against CPython (timers): 0.60 (at most 0.50): NOT MET")
  })

  it("say nothing of a mean over a part of the rows, nor of what was not measured", () => {
    const report = withCell("timers", "asyncio", { error: "check failed" })
    expect(lines(report).some((line) => line.startsWith("asyncio, geometric mean"))).toBe(false)
    expect(verdictsOf(aReport({ rows: [], growth: [], costs: [] }))).toEqual([])
  })
})
