// The charts, as SVG texts that stand alone: drawn by Observable Plot on a document without a browser. Colours are picked so
// that they can be told apart on white and on black; text and rules take the page's own colour, or, as a file of their own,
// what the reader's system prefers.

import * as Plot from "@observablehq/plot"
import { DOMParser, parseHTML } from "linkedom"
import { workloadNames } from "../workloads.ts"
import type { Report } from "./Report.ts"
import { meanRatio, ratioIn, referenceOf } from "./ratios.ts"
import { formatRatio, growthFactor } from "./tables.ts"

/** A chart, and what it shows. */
export interface Chart {
  /** The name of its file. */
  readonly name: string
  readonly title: string
  readonly svg: string
}

/** Our two first; the order does not depend on which columns a run has, so a column keeps its colour. */
const palette: ReadonlyArray<readonly [column: string, colour: string]> = [
  ["asyncio", "#d97706"],
  ["core", "#db2777"],
  ["effect", "#2563eb"],
  ["promises", "#0d9488"],
  ["floor", "#8b8f98"],
  ["effection", "#9333ea"],
  ["uvloop", "#65a30d"],
  ["trio", "#a16207"],
  ["promises_async_sema", "#0891b2"],
  ["promises_p_limit", "#4f46e5"],
  ["cpython", "#6b7280"]
]

const colourScale = (columns: ReadonlyArray<string>) => {
  const known = palette.filter(([column]) => columns.includes(column))
  return { domain: known.map(([column]) => column), range: known.map(([, colour]) => colour) }
}

const style = `
:root { color-scheme: light dark }
svg { color: #1f2328; font-family: system-ui, sans-serif }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3 } }
`

const page = () => parseHTML("<!doctype html><html><body></body></html>").document

/** Draws a plot as one SVG element with a name and a style of its own. */
const draw = (title: string, options: Plot.PlotOptions): string => {
  const document = page()
  const drawn = Plot.plot({ ...options, document: document as unknown as Document, style: { background: "none" } })
  const svg = drawn.tagName.toLowerCase() === "svg" ? drawn : drawn.querySelector("svg:last-of-type")
  if (svg === null) throw new Error(`the chart "${title}" has no SVG`)
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", title)
  const own = document.createElement("style")
  own.textContent = style
  svg.prepend(own as unknown as Node)
  return svg.outerHTML
}

const ratioTicks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]

/** Every row of the table: each column a dot on a logarithmic scale, the reference a line at 1. */
export const ratioChart = (report: Report): Chart | undefined => {
  const reference = referenceOf(report)
  const columns = report.columns.map(({ name }) => name).filter((name) => name !== reference)
  const dots = columns.flatMap((column) =>
    workloadNames.flatMap((row) => {
      const ratio = ratioIn(report, row, column)
      return ratio === undefined ? [] : [{ row, column, ratio }]
    })
  )
  if (dots.length === 0) return undefined
  const means = columns.flatMap((column) => {
    const mean = meanRatio(report, column)
    return mean === undefined || mean.rows < workloadNames.length
      ? []
      : [{ row: "geometric mean", column, ratio: mean.mean }]
  })
  const rows = [
    ...new Set([...workloadNames.filter((row) => dots.some((dot) => dot.row === row)), ...means.map(({ row }) => row)])
  ]
  const all = [...dots, ...means]
  const [lowest, highest] = [
    Math.min(1, ...all.map(({ ratio }) => ratio)),
    Math.max(1, ...all.map(({ ratio }) => ratio))
  ]
  const ours = (dot: { readonly column: string }) => dot.column === "asyncio" || dot.column === "core"
  const title = `Time relative to ${reference}, lower is better`
  return {
    name: "ratios",
    title,
    svg: draw(title, {
      width: 860,
      height: 90 + rows.length * 27,
      marginLeft: 120,
      marginRight: 24,
      marginTop: 56,
      marginBottom: 48,
      x: {
        type: "log",
        grid: true,
        insetLeft: 12,
        insetRight: 12,
        axis: null
      },
      y: { domain: rows, label: null },
      color: colourScale(columns),
      marks: [
        // The axis of a logarithmic scale leaves out labels of its own accord; these are all wanted.
        Plot.axisX(
          ratioTicks.filter((tick) => tick >= lowest && tick <= highest),
          {
            label: `time relative to ${reference} (logarithmic)`,
            labelAnchor: "center",
            labelArrow: "none",
            text: (ratio: number) => `${ratio}×`
          }
        ),
        Plot.ruleX([1], { stroke: "currentColor", strokeWidth: 1.5 }),
        Plot.ruleY(rows, { stroke: "currentColor", strokeOpacity: 0.12 }),
        Plot.dot(
          all.filter((dot) => !ours(dot)),
          { x: "ratio", y: "row", stroke: "column", strokeWidth: 1.8, r: 4.2 }
        ),
        Plot.dot(all.filter(ours), {
          x: "ratio",
          y: "row",
          fill: "column",
          r: 5.4,
          stroke: "currentColor",
          strokeWidth: 0.6
        }),
        ...legend(colourScale(columns), 860, 120)
      ]
    })
  }
}

/** A legend inside the drawing, so that the file stands alone: coloured names in one line along the top. */
const legend = (
  scale: ReturnType<typeof colourScale>,
  width: number,
  marginLeft: number,
  top = 38
): ReadonlyArray<Plot.Markish> => {
  const step = Math.min(120, (width - 40) / Math.max(1, scale.domain.length))
  return scale.domain.flatMap((name, index) => [
    Plot.dot([0], {
      facet: "super",
      frameAnchor: "top-left",
      dx: 24 - marginLeft + index * step,
      dy: -top,
      r: 5,
      fill: scale.range[index] as string
    }),
    Plot.text([name], {
      facet: "super",
      frameAnchor: "top-left",
      textAnchor: "start",
      lineAnchor: "middle",
      dx: 34 - marginLeft + index * step,
      dy: -top,
      fontSize: 12,
      fill: "currentColor"
    })
  ])
}

/** Cost of each operation by number of tasks, relative to its cost with the fewest. */
export const growthChart = (report: Report): Chart | undefined => {
  const points = report.growth.flatMap(({ column, operation, points }) => {
    const first = points[0]?.nanoseconds
    return first === undefined
      ? []
      : points.map(({ size, nanoseconds }) => ({ column, operation, size, factor: nanoseconds / first, nanoseconds }))
  })
  if (points.length === 0) return undefined
  const columns = [...new Set(points.map(({ column }) => column))]
  const operations = [...new Set(points.map(({ operation }) => operation))]
  const last = report.growth.flatMap((growth) => {
    const factor = growthFactor(growth)
    const rivals = report.growth
      .filter(({ operation }) => operation === growth.operation)
      .map((rival) => growthFactor(rival) ?? 0)
    const point = points.findLast(({ column, operation }) => column === growth.column && operation === growth.operation)
    return factor === undefined || point === undefined
      ? []
      : [{ ...point, text: `${formatRatio(factor)}×`, isHigher: factor >= Math.max(...rivals) }]
  })
  const title = "Cost of one operation by number of tasks, relative to 1,000 tasks"
  const sizes = [...new Set(points.map(({ size }) => size))].sort((left, right) => left - right)
  return {
    name: "growth",
    title,
    svg: draw(title, {
      width: 980,
      height: 360,
      marginTop: 80,
      marginLeft: 52,
      marginBottom: 52,
      marginRight: 24,
      x: {
        type: "log",
        domain: [sizes[0] as number, (sizes.at(-1) as number) * 1.6],
        label: "number of tasks (logarithmic)",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: sizes,
        tickFormat: (size: number) => (size >= 1e6 ? `${size / 1e6} M` : `${size / 1000} k`)
      },
      y: {
        type: "log",
        grid: true,
        domain: [
          Math.min(0.8, ...points.map(({ factor }) => factor / 1.2)),
          Math.max(2.4, ...points.map(({ factor }) => factor * 1.2))
        ],
        label: "cost relative to 1,000 tasks",
        labelAnchor: "center",
        labelArrow: "none",
        tickFormat: (factor: number) => `${factor}×`,
        ticks: 4
      },
      fx: { domain: operations, label: null, padding: 0.12 },
      color: colourScale(columns),
      marks: [
        Plot.ruleY([2], { stroke: "currentColor", strokeDasharray: "4 3", strokeOpacity: 0.6 }),
        Plot.ruleY([1], { stroke: "currentColor", strokeOpacity: 0.5 }),
        Plot.line(points, { fx: "operation", x: "size", y: "factor", stroke: "column", strokeWidth: 2 }),
        Plot.dot(points, { fx: "operation", x: "size", y: "factor", fill: "column", r: 3 }),
        ...[true, false].map((isHigher) =>
          Plot.text(
            last.filter((one) => one.isHigher === isHigher),
            {
              fx: "operation",
              x: "size",
              y: "factor",
              text: "text",
              fill: "column",
              dy: isHigher ? -10 : 12,
              fontSize: 11
            }
          )
        ),
        ...legend(colourScale(columns), 980, 52, 64)
      ]
    })
  }
}

/** The charts that a report has figures for. */
export const chartsOf = (report: Report): ReadonlyArray<Chart> =>
  [ratioChart(report), growthChart(report)].filter((chart) => chart !== undefined)

/** Tells whether a text is well-formed SVG. */
export const isWellFormed = (svg: string): boolean =>
  new DOMParser().parseFromString(svg, "image/svg+xml").documentElement?.tagName.toLowerCase() === "svg"
