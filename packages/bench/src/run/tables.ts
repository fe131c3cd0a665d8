// A report as tables of text; the terminal, Markdown and HTML differ only in how they draw one.

import Table from "cli-table3"
import * as Schema from "effect/Schema"
import { type WorkloadName, workloads } from "../workloads.ts"
import { NOISY } from "./machine.ts"
import { type Cell, type Cost, type Growth, type Report, Timed } from "./Report.ts"
import { meanRatio, ratioIn, referenceOf } from "./ratios.ts"

/** A table whose first column names the row. */
export interface Grid {
  readonly head: ReadonlyArray<string>
  readonly body: ReadonlyArray<ReadonlyArray<string>>
  /** Columns of words, which stand to the left and may wrap; the others hold figures. */
  readonly words: ReadonlyArray<number>
  /** Lines below the table. */
  readonly notes: ReadonlyArray<string>
}

const digits = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)

/** A ratio to three figures or fewer, e.g. `0.21`. */
export const formatRatio = (ratio: number): string =>
  ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(ratio >= 0.0995 ? 2 : 3)

/** Nanoseconds in the unit that suits them. */
export const formatNanoseconds = (ns: number): string =>
  ns >= 1000 ? `${digits(ns / 1000)} us` : `${ns.toFixed(0)} ns`

const isTimed = Schema.is(Timed)

const cellText = (cell: Cell | undefined, ratio: number | undefined): string => {
  if (cell === undefined || "skip" in cell) return "-"
  if ("error" in cell) return "ERROR"
  if (!isTimed(cell)) return `${cell.bytes_heap ?? cell.bytes_rss} B${cell.bytes_heap === undefined ? " (RSS)" : ""}`
  const ms = `${digits(cell.ms_median)}${cell.scaled === undefined ? "" : "*"}`
  return ratio === undefined ? ms : `${ms} (${formatRatio(ratio)})`
}

/** The workloads: milliseconds, and the ratio to the reference. */
export const workloadGrid = (report: Report): Grid => {
  const reference = referenceOf(report)
  const columns = report.columns.map(({ name }) => name)
  const notes: Array<string> = []
  const body = report.rows.map((row) => {
    const noisy = row.load !== undefined && row.load > NOISY
    for (const [column, cell] of Object.entries(row.cells)) {
      if ("error" in cell) notes.push(`FAILED ${row.name} / ${column}: ${cell.error}`)
      if ("skip" in cell) notes.push(`${row.name} / ${column}: left out, ${cell.skip}`)
    }
    const cells = columns.map((column) =>
      cellText(row.cells[column], column === reference ? undefined : ratioIn(report, row.name, column))
    )
    return [`${row.name}${noisy ? " (!)" : ""}`, ...cells]
  })
  const means = columns.map((column) => {
    const mean = meanRatio(report, column)
    if (mean === undefined) return "-"
    const timed = report.rows.filter(({ name }) => name in workloads).length
    return `${formatRatio(mean.mean)}${mean.rows < timed ? ` (of ${mean.rows})` : ""}`
  })
  if (report.rows.some(({ name }) => name in workloads)) body.push(["geometric mean", ...means])
  if (report.rows.some((row) => Object.values(row.cells).some((cell) => "scaled" in cell)))
    notes.push("* ran at a tenth of the size; the time is multiplied by ten.")
  const noisy = report.rows.filter(({ load }) => load !== undefined && load > NOISY)
  if (noisy.length > 0) {
    const loads = noisy.map(({ name, load }) => `${name} ${((load as number) * 100).toFixed(0)} %`)
    notes.push(`(!) others used more than ${NOISY * 100} % of the machine just before or after: ${loads.join(", ")}.`)
  }
  return { head: [`ms (ratio to ${reference ?? "none"})`, ...columns], body, words: [0], notes }
}

/** What each row does. */
export const workloadsExplained = (): Grid => ({
  head: ["row", "operations", "what one run does"],
  body: (Object.keys(workloads) as Array<WorkloadName>).map((name) => [
    name,
    workloads[name].operations.toLocaleString("en"),
    workloads[name].does
  ]),
  words: [0, 2],
  notes: []
})

/** The cost with the most tasks over the cost with the fewest. */
export const growthFactor = (growth: Growth): number | undefined => {
  const first = growth.points[0]
  const last = growth.points.at(-1)
  return first === undefined || last === undefined || first === last ? undefined : last.nanoseconds / first.nanoseconds
}

/** Cost of an operation by number of tasks. */
export const growthGrid = (report: Report): Grid => {
  const sizes = [...new Set(report.growth.flatMap(({ points }) => points.map(({ size }) => size)))].sort(
    (a, b) => a - b
  )
  return {
    head: ["operation", "column", ...sizes.map((size) => size.toLocaleString("en")), "factor"],
    body: report.growth.map((growth) => [
      growth.operation,
      growth.column,
      ...sizes.map((size) => {
        const point = growth.points.find((one) => one.size === size)
        return point === undefined ? "-" : formatNanoseconds(point.nanoseconds)
      }),
      formatRatio(growthFactor(growth) ?? Number.NaN)
    ]),
    words: [0, 1],
    notes: report.growth.flatMap(({ operation, column, error }) =>
      error === undefined ? [] : [`FAILED ${operation} / ${column}: ${error}`]
    )
  }
}

const costValue = ({ value, unit }: Cost): string =>
  value === undefined ? "ERROR" : unit === "ns" ? formatNanoseconds(value) : `${digits(value)} ${unit}`.trim()

/** The figures that are not rows. */
export const costGrid = (report: Report): Grid => ({
  head: ["what", "column", "figure", "at most", "how"],
  body: report.costs.map((cost) => [
    cost.name,
    cost.column,
    costValue(cost),
    cost.target === undefined ? "" : `${cost.target} ${cost.unit}`.trim(),
    cost.detail
  ]),
  words: [0, 1, 4],
  notes: report.costs.flatMap(({ name, column, error }) =>
    error === undefined ? [] : [`FAILED ${name} / ${column}: ${error}`]
  )
})

const WRAP = 64

/** For a terminal. */
export const toTerminal = ({ head, body, words, notes }: Grid): string => {
  const widest = (index: number) => Math.max(...[head, ...body].map((row) => (row[index] ?? "").length))
  const table = new Table({
    head: [...head],
    // Long texts wrap; the other columns are as wide as they need be.
    colWidths: head.map((_, index) => (widest(index) > WRAP ? WRAP : null)),
    wordWrap: true,
    colAligns: head.map((_, index) => (words.includes(index) ? "left" : "right")),
    style: { head: [], border: [], compact: true }
  })
  for (const row of body) table.push([...row])
  return [table.toString(), ...notes].join("\n")
}

/** For a page of documentation. */
export const toMarkdown = ({ head, body, words, notes }: Grid): string => {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
  const rule = head.map((_, index) => (words.includes(index) ? "---" : "--:"))
  const table = [line(head), `| ${rule.join(" | ")} |`, ...body.map(line)].join("\n")
  return notes.length === 0 ? table : `${table}\n\n${notes.map((note) => `- ${note.replace(/^\*/, "\\*")}`).join("\n")}`
}
