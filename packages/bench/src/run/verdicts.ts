// What the project set out to reach, and whether a report shows it. A target that the report has no figures for is left out.

import { workloadNames } from "../workloads.ts"
import type { Cell, Report } from "./Report.ts"
import { meanRatio, medianOf, ratioIn } from "./ratios.ts"
import { formatRatio, growthFactor } from "./tables.ts"

/** One target and what was measured. */
export interface Verdict {
  readonly claim: string
  readonly figure: string
  readonly target: string
  readonly met: boolean
}

const atMost = (claim: string, figure: number | undefined, target: number, unit = ""): ReadonlyArray<Verdict> => {
  if (figure === undefined) return []
  const show = (value: number) => (unit === "" ? formatRatio(value) : `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`)
  return [{ claim, figure: show(figure), target: `at most ${show(target)}`, met: figure <= target }]
}

/** The row in which a column stands worst against another. */
const worstRow = (report: Report, column: string, reference: string) =>
  workloadNames
    .map((row) => ({ row, ratio: ratioIn(report, row, column, reference) }))
    .filter((one): one is { row: typeof one.row; ratio: number } => one.ratio !== undefined)
    .sort((left, right) => right.ratio - left.ratio)[0]

const heapOf = (cell: Cell | undefined): number | undefined =>
  cell !== undefined && "bytes_rss" in cell ? cell.bytes_heap : undefined

const asyncioVerdicts = (report: Report): ReadonlyArray<Verdict> => {
  const hasReference = report.columns.some(({ name }) => name === "cpython")
  const cells = (row: string) => report.rows.find(({ name }) => name === row)?.cells
  const worst = worstRow(report, "asyncio", "cpython")
  const [mean, libraries] = [meanRatio(report, "asyncio"), meanRatio(report, "promises")]
  const python = medianOf(cells("startup")?.cpython)
  const whole = mean?.rows === workloadNames.length
  return [
    ...(hasReference && whole ? atMost("asyncio, geometric mean against CPython", mean.mean, 0.22) : []),
    ...atMost(`asyncio, worst row against CPython (${worst?.row})`, worst?.ratio, 0.5),
    ...(mean !== undefined && libraries !== undefined && mean.rows === libraries.rows && whole
      ? atMost("asyncio, geometric mean against the promise libraries", mean.mean / libraries.mean, 1)
      : []),
    ...atMost("asyncio, heap of a parked task", heapOf(cells("mem_parked")?.asyncio), 1100, "B"),
    ...(python === undefined
      ? []
      : atMost("asyncio, start-up beside CPython's", medianOf(cells("startup")?.asyncio), python, "ms"))
  ]
}

const coreVerdicts = (report: Report): ReadonlyArray<Verdict> => {
  const mean = meanRatio(report, "core")
  const hasReference = report.columns.some(({ name }) => name === "cpython")
  const worst = worstRow(report, "core", "effect")
  return [
    ...(hasReference && mean?.rows === workloadNames.length
      ? atMost("core, geometric mean against CPython", mean.mean, 0.6)
      : []),
    ...atMost(`core, worst row against Effect's own primitives (${worst?.row})`, worst?.ratio, 1),
    ...atMost("core, semaphore against Effect's", ratioIn(report, "semaphore", "core", "effect"), 0.1),
    ...atMost("core, cancel against Effect's", ratioIn(report, "cancel", "core", "effect"), 1 / 3)
  ]
}

const growthVerdicts = (report: Report): ReadonlyArray<Verdict> =>
  report.growth.flatMap((growth) => {
    const [first, last] = [growth.points[0]?.size ?? 0, growth.points.at(-1)?.size ?? 0]
    const span = `${first.toLocaleString("en")} to ${last.toLocaleString("en")} tasks`
    return atMost(`${growth.column}, growth of ${growth.operation} from ${span}`, growthFactor(growth), 2)
  })

const costVerdicts = (report: Report): ReadonlyArray<Verdict> =>
  report.costs.flatMap(({ column, name, value, target, unit }) =>
    target === undefined ? [] : atMost(`${column}, ${name}`, value, target, unit)
  )

/** All targets that the report can tell about. */
export const verdictsOf = (report: Report): ReadonlyArray<Verdict> => [
  ...asyncioVerdicts(report),
  ...coreVerdicts(report),
  ...growthVerdicts(report),
  ...costVerdicts(report)
]

/** One line, e.g. `asyncio, geometric mean against CPython: 0.21 (at most 0.22): met`. */
export const verdictLine = ({ claim, figure, target, met }: Verdict): string =>
  `${claim}: ${figure} (${target}): ${met ? "met" : "NOT MET"}`
