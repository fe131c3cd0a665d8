// What a run of the benchmarks leaves behind: the JSON file, and the source of every table and chart.

import * as Schema from "effect/Schema"

/** A timed cell: milliseconds for one run of the workload. */
export const Timed = Schema.Struct({
  ms_best: Schema.Finite,
  ms_median: Schema.Finite,
  /** Timed runs after the warm-up. */
  reps: Schema.Finite,
  /** The workload ran at one `scaled`-th of its size; the times are already multiplied. */
  scaled: Schema.optionalKey(Schema.Finite)
})

/** Bytes for one parked task. */
export const Parked = Schema.Struct({
  bytes_rss: Schema.Finite,
  bytes_heap: Schema.optionalKey(Schema.Finite)
})

/** A column that has no such row, and why. */
export const Skipped = Schema.Struct({ skip: Schema.String })

/** A cell whose check failed, or whose process did. */
export const Failed = Schema.Struct({ error: Schema.String })

/** One column's result in one row. */
export const Cell = Schema.Union([Timed, Parked, Skipped, Failed])
export type Cell = typeof Cell.Type

/** One row of the table. */
export const Row = Schema.Struct({
  name: Schema.String,
  /** Share of all cores that others used just before or after the row, from 0 to 1, where it can be told. */
  load: Schema.optionalKey(Schema.Finite),
  cells: Schema.Record(Schema.String, Cell)
})
export type Row = typeof Row.Type

/** One column of the table. */
export const ColumnInfo = Schema.Struct({ name: Schema.String, about: Schema.String, version: Schema.String })
export type ColumnInfo = typeof ColumnInfo.Type

/** Cost of one operation with so many tasks. */
export const GrowthPoint = Schema.Struct({ size: Schema.Finite, nanoseconds: Schema.Finite })
export type GrowthPoint = typeof GrowthPoint.Type

/** How the cost of one operation grows with the number of tasks. */
export const Growth = Schema.Struct({
  column: Schema.String,
  operation: Schema.String,
  points: Schema.Array(GrowthPoint),
  error: Schema.optionalKey(Schema.String)
})
export type Growth = typeof Growth.Type

/** A figure that is not a row of the table: what something costs, beside what it may cost. */
export const Cost = Schema.Struct({
  name: Schema.String,
  column: Schema.String,
  /** The figure, in `unit`. */
  value: Schema.optionalKey(Schema.Finite),
  unit: Schema.String,
  /** What it was compared with, or how it came about. */
  detail: Schema.String,
  /** The figure that it should not exceed. */
  target: Schema.optionalKey(Schema.Finite),
  error: Schema.optionalKey(Schema.String)
})
export type Cost = typeof Cost.Type

/** The machine that measured. */
export const Machine = Schema.Struct({
  cpu: Schema.String,
  cores: Schema.Finite,
  memoryGiB: Schema.Finite,
  system: Schema.String,
  node: Schema.String
})
export type Machine = typeof Machine.Type

/** A whole run. */
export const Report = Schema.Struct({
  date: Schema.String,
  machine: Machine,
  seconds: Schema.Finite,
  columns: Schema.Array(ColumnInfo),
  rows: Schema.Array(Row),
  growth: Schema.Array(Growth),
  costs: Schema.Array(Cost),
  notes: Schema.Array(Schema.String)
})
export type Report = typeof Report.Type

const decode = Schema.decodeUnknownSync(Report)

/** Reads a saved report. Throws an error that names what is missing or wrong. */
export const parseReport = (json: string, from: string): Report => {
  try {
    return decode(JSON.parse(json))
  } catch (error) {
    throw new Error(`${from} is not a report of this benchmark: ${error instanceof Error ? error.message : error}`)
  }
}

/**
 * One report of several: a section of a later one stands in for that of an earlier one; a cell that both have is the one with
 * the lower median, since noise of other processes only adds.
 */
export const mergeReports = (reports: readonly [Report, ...ReadonlyArray<Report>]): Report =>
  reports.reduce((left, right) => ({
    ...right,
    seconds: left.seconds + right.seconds,
    columns: [
      ...left.columns,
      ...right.columns.filter((one) => !left.columns.some((other) => other.name === one.name))
    ],
    rows: [
      ...left.rows.map((row) => {
        const other = right.rows.find(({ name }) => name === row.name)
        return other === undefined ? row : mergeRows(row, other)
      }),
      ...right.rows.filter(({ name }) => !left.rows.some((row) => row.name === name))
    ],
    growth: mergeBy(left.growth, right.growth, (one) => `${one.column} ${one.operation}`),
    costs: mergeBy(left.costs, right.costs, (one) => `${one.column} ${one.name}`),
    notes: [...new Set([...left.notes, ...right.notes])]
  }))

const mergeBy = <A>(left: ReadonlyArray<A>, right: ReadonlyArray<A>, key: (one: A) => string): ReadonlyArray<A> => [
  ...new Map([...left, ...right].map((one) => [key(one), one])).values()
]

const weight = (cell: Cell | undefined): number => {
  if (cell === undefined || "error" in cell || "skip" in cell) return Number.POSITIVE_INFINITY
  return "ms_median" in cell ? cell.ms_median : (cell.bytes_heap ?? cell.bytes_rss)
}

const mergeRows = (left: Row, right: Row): Row => {
  const cells: Record<string, Cell> = { ...left.cells }
  for (const [column, cell] of Object.entries(right.cells)) {
    if (weight(cell) < weight(cells[column]) || cells[column] === undefined) cells[column] = cell
  }
  const loads = [left.load, right.load].filter((load) => load !== undefined)
  return { name: left.name, cells, ...(loads.length > 0 && { load: Math.max(...loads) }) }
}
