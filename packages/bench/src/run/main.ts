/**
 * Runs the benchmarks and prints what they found: `npm run bench -- --help`.
 *
 * Ends with status 1 if a column failed, with 2 if nothing could be run.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { rowNames } from "../workloads.ts"
import { findColumns } from "./columns.ts"
import { measureCosts, measureGrowth } from "./costs.ts"
import { writeDocs } from "./docs.ts"
import { describeMachine } from "./machine.ts"
import { fullEffort, measureRow, quickEffort } from "./measure.ts"
import { type Options, parseOptions, usage } from "./options.ts"
import { pageOf } from "./page.ts"
import { type Cell, mergeReports, parseReport, type Report, type Row } from "./Report.ts"
import { costGrid, growthGrid, toTerminal, workloadGrid } from "./tables.ts"
import { verdictLine, verdictsOf } from "./verdicts.ts"

const results = join(import.meta.dirname, "..", "..", "results")

const progress = (text: string): boolean => process.stderr.write(`${text}\n`)

const cellSummary = (cell: Cell): string => {
  if ("error" in cell) return `FAILED: ${cell.error}`
  if ("skip" in cell) return `left out: ${cell.skip}`
  return "ms_median" in cell ? `${cell.ms_median.toFixed(1)} ms` : `${cell.bytes_heap ?? cell.bytes_rss} B a task`
}

const measureRows = async (
  options: Options,
  columns: ReturnType<typeof findColumns>["columns"]
): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const name of rowNames) {
    if (options.only !== undefined && !options.only.includes(name)) continue
    rows.push(
      await measureRow(columns, name, {
        effort: options.quick ? quickEffort : fullEffort,
        wait: options.wait,
        onCell: (column, row, cell) => progress(`${row.padEnd(16)} ${column.padEnd(12)} ${cellSummary(cell)}`)
      })
    )
  }
  return rows
}

const measure = async (options: Options): Promise<Report> => {
  const began = performance.now()
  const { columns, missing } = findColumns(options)
  const notes = missing.map(({ name, missing }) => `${name}: not run, ${missing}`)
  if (columns.length === 0) throw new Error(["nothing to run", ...notes].join("\n"))
  const { sections } = options
  for (const column of columns) {
    if (sections.workloads && column.built === undefined && column.command[0] === process.execPath)
      notes.push(`${column.name}: start-up from sources, since it is not built; npm run build makes it representative`)
  }
  const rows = sections.workloads ? await measureRows(options, columns) : []
  const growth = sections.growth
    ? await measureGrowth(options.impl, options.quick, (column, operation) =>
        progress(`growth of ${operation}, ${column}`)
      )
    : []
  const costs = sections.costs ? await measureCosts(options.quick, (name) => progress(`cost: ${name}`)) : []
  return {
    date: new Date().toISOString(),
    machine: describeMachine(),
    seconds: Math.round((performance.now() - began) / 1000),
    columns: sections.workloads ? columns.map(({ name, about, version }) => ({ name, about, version })) : [],
    rows,
    growth,
    costs,
    notes
  }
}

const load = (files: ReadonlyArray<string>): Report => {
  const [first, ...others] = files.map((file) => parseReport(readFileSync(resolve(file), "utf8"), file))
  if (first === undefined) throw new Error("--from takes the names of saved reports")
  return mergeReports([first, ...others])
}

const save = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  progress(`written: ${file}`)
}

const failures = (report: Report): number =>
  [...report.rows.flatMap(({ cells }) => Object.values(cells)), ...report.growth, ...report.costs].filter(
    (one) => "error" in one && one.error !== undefined
  ).length

const main = async (): Promise<number> => {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) {
    console.log(usage)
    return 0
  }
  const report = options.from.length > 0 ? load(options.from) : await measure(options)
  const sections = [
    ...(report.rows.length > 0 ? [toTerminal(workloadGrid(report))] : []),
    ...(report.growth.length > 0 ? [toTerminal(growthGrid(report))] : []),
    ...(report.costs.length > 0 ? [toTerminal(costGrid(report))] : []),
    verdictsOf(report).map(verdictLine).join("\n"),
    [...report.notes, `Measured in ${report.seconds} s.`].join("\n")
  ]
  console.log(sections.filter((section) => section !== "").join("\n\n"))
  if (options.from.length === 0 || options.json !== undefined)
    save(resolve(options.json ?? join(results, "latest.json")), `${JSON.stringify(report, null, 1)}\n`)
  save(resolve(options.html ?? join(results, "latest.html")), pageOf(report))
  if (options.writeDocs) for (const file of writeDocs(report)) progress(`written: ${file}`)
  return failures(report) === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
