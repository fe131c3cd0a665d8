import type { Cell, Report } from "../../src/run/Report.ts"
import { workloadNames } from "../../src/workloads.ts"

const column = (name: string) => ({ name, about: `about ${name}`, version: `${name} 1` })

const ms = (time: number): Cell => ({ ms_best: time, ms_median: time, reps: 3 })

/** A report of four columns whose times are the same in all rows, so that every ratio is known. */
export const aReport = (changes: Partial<Report> = {}): Report => ({
  date: "2026-11-21T12:00:00.000Z",
  machine: { cpu: "a processor", cores: 2, memoryGiB: 24, system: "a system", node: "24.0.0" },
  seconds: 10,
  columns: ["cpython", "asyncio", "core", "effect"].map(column),
  rows: [
    ...workloadNames.map((name) => ({
      name,
      cells: { cpython: ms(100), asyncio: ms(20), core: ms(50), effect: ms(name === "cancel" ? 300 : 100) }
    })),
    { name: "startup", cells: { cpython: ms(70), asyncio: ms(80) } },
    { name: "mem_parked", cells: { cpython: { bytes_rss: 1117 }, asyncio: { bytes_rss: 900, bytes_heap: 857 } } }
  ],
  growth: [
    {
      column: "asyncio",
      operation: "spawn",
      points: [
        { size: 1000, nanoseconds: 500 },
        { size: 1_000_000, nanoseconds: 1500 }
      ]
    }
  ],
  costs: [{ name: "echo", column: "core", value: 4, unit: "ms", detail: "p99", target: 5 }],
  notes: ["trio: not run, no trio"],
  ...changes
})

/** The report with one cell changed. */
export const withCell = (row: string, column: string, cell: Cell): Report => {
  const report = aReport()
  return {
    ...report,
    rows: report.rows.map((one) => (one.name === row ? { ...one, cells: { ...one.cells, [column]: cell } } : one))
  }
}
