// Times become ratios to one column, since only ratios survive a change of machine.

import { workloadNames } from "../workloads.ts"
import type { Cell, Report } from "./Report.ts"

/** The cell's median in milliseconds, if it is a time. */
export const medianOf = (cell: Cell | undefined): number | undefined =>
  cell !== undefined && "ms_median" in cell ? cell.ms_median : undefined

/** The column that the others are compared with: CPython, or the first where there is none. */
export const referenceOf = (report: Pick<Report, "columns">): string | undefined =>
  report.columns.find(({ name }) => name === "cpython")?.name ?? report.columns[0]?.name

/** How many times as long as the reference a column takes in a row; `undefined` where either has no time. */
export const ratioIn = (report: Report, row: string, column: string, reference?: string): number | undefined => {
  const cells = report.rows.find(({ name }) => name === row)?.cells
  const base = medianOf(cells?.[reference ?? referenceOf(report) ?? ""])
  const own = medianOf(cells?.[column])
  return base === undefined || own === undefined || base === 0 ? undefined : own / base
}

/** The geometric mean of a column's ratios over the timed rows, and how many rows those are. */
export const meanRatio = (
  report: Report,
  column: string
): { readonly mean: number; readonly rows: number } | undefined => {
  const ratios = workloadNames.map((row) => ratioIn(report, row, column)).filter((ratio) => ratio !== undefined)
  if (ratios.length === 0) return undefined
  return {
    mean: Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length),
    rows: ratios.length
  }
}
