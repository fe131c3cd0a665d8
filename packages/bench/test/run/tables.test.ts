import { describe, expect, it } from "vitest"
import { meanRatio, ratioIn, referenceOf } from "../../src/run/ratios.ts"
import {
  costGrid,
  formatNanoseconds,
  formatRatio,
  growthGrid,
  toMarkdown,
  toTerminal,
  workloadGrid
} from "../../src/run/tables.ts"
import { aReport, withCell } from "../support/aReport.ts"

const rowOf = (grid: ReturnType<typeof workloadGrid>, name: string) => grid.body.find(([first]) => first === name)

describe("ratios", () => {
  it("compare with CPython, or with the first column where there is none", () => {
    expect(referenceOf(aReport())).toBe("cpython")
    expect(referenceOf({ columns: aReport().columns.slice(1) })).toBe("asyncio")
  })

  it("divide a column's median by the reference's", () => {
    expect(ratioIn(aReport(), "lock", "asyncio")).toBe(0.2)
    expect(ratioIn(aReport(), "cancel", "core", "effect")).toBeCloseTo(1 / 6)
  })

  it("are missing where a cell failed, was skipped or is no time", () => {
    expect(ratioIn(withCell("lock", "asyncio", { error: "check failed" }), "lock", "asyncio")).toBeUndefined()
    expect(ratioIn(withCell("lock", "cpython", { skip: "none" }), "lock", "asyncio")).toBeUndefined()
    expect(ratioIn(aReport(), "mem_parked", "asyncio")).toBeUndefined()
  })

  it("have a geometric mean over the timed rows alone, which says of how many", () => {
    const mean = meanRatio(withCell("lock", "effect", { error: "check failed" }), "effect")
    expect(mean?.rows).toBe(14)
    expect(mean?.mean).toBeCloseTo(3 ** (1 / 14))
    expect(meanRatio(aReport(), "nobody")).toBeUndefined()
  })

  it("show three figures at most", () => {
    expect([0.0361, 0.2149, 5.894, 63.4].map(formatRatio)).toEqual(["0.036", "0.21", "5.89", "63"])
    expect([417, 2314, 18_200, 150_000].map(formatNanoseconds)).toEqual(["417 ns", "2.31 us", "18.2 us", "150 us"])
  })
})

describe("the table of workloads", () => {
  it("has milliseconds with ratios, bytes, and the mean below", () => {
    const grid = workloadGrid(aReport())
    expect(grid.head).toEqual(["ms (ratio to cpython)", "cpython", "asyncio", "core", "effect"])
    expect(rowOf(grid, "lock")).toEqual(["lock", "100", "20.0 (0.20)", "50.0 (0.50)", "100 (1.00)"])
    expect(rowOf(grid, "mem_parked")).toEqual(["mem_parked", "1117 B (RSS)", "857 B", "-", "-"])
    expect(rowOf(grid, "geometric mean")?.slice(1, 4)).toEqual(["1.00", "0.20", "0.50"])
  })

  it("names a failed cell and why it failed, and says of how many rows the mean is", () => {
    const grid = workloadGrid(withCell("lock", "core", { error: "benchmark check failed: permits" }))
    expect(rowOf(grid, "lock")?.[3]).toBe("ERROR")
    expect(grid.notes).toContain("FAILED lock / core: benchmark check failed: permits")
    expect(rowOf(grid, "geometric mean")?.[3]).toBe("0.50 (of 14)")
  })

  it("marks rows during which others were busy, and rows that ran at a part of their size", () => {
    const report = withCell("lock", "core", { ms_best: 50, ms_median: 50, reps: 1, scaled: 10 })
    const rows = report.rows.map((row) => (row.name === "yields" ? { ...row, load: 0.4 } : { ...row, load: 0.1 }))
    const grid = workloadGrid({ ...report, rows })
    expect(rowOf(grid, "lock")?.[3]).toBe("50.0* (0.50)")
    expect(rowOf(grid, "yields (!)")).toBeDefined()
    expect(grid.notes.join("\n")).toContain("yields 40 %")
  })
})

describe("the other tables", () => {
  it("growth: cost by size, and the factor from the fewest tasks to the most", () => {
    expect(growthGrid(aReport()).body).toEqual([["spawn", "asyncio", "500 ns", "1.50 us", "3.00"]])
  })

  it("costs: the figure, its bound, and an error where it could not be measured", () => {
    const failed = { name: "echo", column: "-", unit: "", detail: "", error: "took over 180 s" }
    const grid = costGrid(aReport({ costs: [...aReport().costs, failed] }))
    expect(grid.body[0]).toEqual(["echo", "core", "4.00 ms", "5 ms", "p99"])
    expect(grid.notes).toEqual(["FAILED echo / -: took over 180 s"])
  })

  it("are drawn for a terminal and as Markdown", () => {
    const grid = { head: ["row", "time"], body: [["a|b", "1"]], words: [0], notes: ["* a note"] }
    expect(toMarkdown(grid)).toBe("| row | time |\n| --- | --: |\n| a\\|b | 1 |\n\n- \\* a note")
    expect(toTerminal(grid)).toContain("│ a|b │    1 │")
  })
})
