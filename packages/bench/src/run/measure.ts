// The table's cells: one fresh process each, the columns of a row right after one another, so that a slow drift of a shared
// machine meets a whole row.

import * as Schema from "effect/Schema"
import { median } from "../median.ts"
import type { RunnableColumn } from "./columns.ts"
import { foreignLoad, waitForQuiet } from "./machine.ts"
import { runProcess } from "./processes.ts"
import { Cell, type Row } from "./Report.ts"

/** How much is measured. */
export interface Effort {
  /** Milliseconds of warm-up runs. */
  readonly warm: number
  /** Milliseconds of timed runs after which no further one is begun. */
  readonly budget: number
  /** Timed runs at the least; 0 leaves it to the length of the first. */
  readonly reps: number
  /** Launches in the start-up row; one more is made and dropped. */
  readonly launches: number
  /** Milliseconds that a cell may take. */
  readonly timeout: number
}

/** An ordinary run. */
export const fullEffort: Effort = { warm: 250, budget: 500, reps: 0, launches: 6, timeout: 120_000 }

/** A first impression. */
export const quickEffort: Effort = { warm: 80, budget: 100, reps: 1, launches: 3, timeout: 30_000 }

const decodeCell = Schema.decodeUnknownOption(Cell)

const askFor = (command: RunnableColumn["command"], row: string, effort: Effort): RunnableColumn["command"] => [
  ...command,
  ...["--only", row, "--warm", `${effort.warm}`, "--budget", `${effort.budget}`, "--reps", `${effort.reps}`]
]

/** The wall time of whole processes that import the library and run one no-op. */
const measureStartup = async (column: RunnableColumn, effort: Effort): Promise<Cell> => {
  const command = askFor(column.built ?? column.command, "startup", effort)
  const times: Array<number> = []
  for (let launch = 0; launch <= effort.launches; launch++) {
    const { lines, error, milliseconds } = await runProcess(command, effort.timeout)
    if (error !== undefined) return { error }
    if (!lines.some((line) => line.ok === true)) return { error: "the process ended without a result" }
    if (launch > 0) times.push(milliseconds)
  }
  return { ms_best: Math.min(...times), ms_median: median(times), reps: times.length }
}

/** One cell. A column that fails leaves an error in the cell, and the run goes on. */
export const measureCell = async (column: RunnableColumn, row: string, effort: Effort): Promise<Cell> => {
  if (row === "startup") return await measureStartup(column, effort)
  const { lines, error } = await runProcess(askFor(column.command, row, effort), effort.timeout)
  if (error !== undefined) return { error }
  const cell = decodeCell(lines.find((line) => line.workload === row))
  return cell._tag === "Some" ? cell.value : { error: `the process printed no result for ${row}` }
}

/** One row. */
export const measureRow = async (
  columns: ReadonlyArray<RunnableColumn>,
  row: string,
  options: {
    readonly effort: Effort
    /** Seconds to wait for other processes to calm down. */
    readonly wait: number
    readonly onCell: (column: string, row: string, cell: Cell) => void
  }
): Promise<Row> => {
  const before = await waitForQuiet(options.wait)
  const cells: Record<string, Cell> = {}
  for (const column of columns) {
    const cell = await measureCell(column, row, options.effort)
    cells[column.name] = cell
    options.onCell(column.name, row, cell)
  }
  const after = await foreignLoad()
  const loads = [before, after].filter((load) => load !== undefined)
  return { name: row, cells, ...(loads.length > 0 && { load: Math.max(...loads) }) }
}
