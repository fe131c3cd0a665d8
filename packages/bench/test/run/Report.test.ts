import { describe, expect, it } from "vitest"
import { mergeReports, parseReport } from "../../src/run/Report.ts"
import { aReport, withCell } from "../support/aReport.ts"

describe("a saved report", () => {
  it("reads back as it was written", () => {
    expect(parseReport(JSON.stringify(aReport()), "run.json")).toEqual(aReport())
  })

  it("that is none is refused by name, with what is missing", () => {
    expect(() => parseReport("{}", "run.json")).toThrow(/^run\.json is not a report of this benchmark: .*date/s)
    expect(() => parseReport("not JSON", "run.json")).toThrow(/^run\.json is not a report/)
    const wrong = { ...aReport(), rows: [{ name: "lock", cells: { core: { ms_median: "fast" } } }] }
    expect(() => parseReport(JSON.stringify(wrong), "run.json")).toThrow(/cells/)
  })
})

describe("merging reports", () => {
  const cellOf = (report: ReturnType<typeof aReport>, row: string, column: string) =>
    report.rows.find(({ name }) => name === row)?.cells[column]

  it("takes of each cell the lower median, and a figure before an error", () => {
    const slow = { ms_best: 30, ms_median: 30, reps: 3 }
    const merged = mergeReports([withCell("lock", "asyncio", slow), withCell("yields", "asyncio", { error: "late" })])
    expect(cellOf(merged, "lock", "asyncio")).toMatchObject({ ms_median: 20 })
    expect(cellOf(merged, "yields", "asyncio")).toMatchObject({ ms_median: 20 })
  })

  it("joins sections, columns and rows that only one has", () => {
    const growth = aReport({ rows: [], costs: [], columns: aReport().columns.slice(0, 2) })
    const merged = mergeReports([aReport({ growth: [] }), growth])
    expect(merged.growth).toEqual(aReport().growth)
    expect(merged.rows).toEqual(aReport().rows)
    expect(merged.columns.map(({ name }) => name)).toEqual(["cpython", "asyncio", "core", "effect"])
    expect(merged.seconds).toBe(20)
  })
})
