// The report as one page that needs nothing else: tables, charts and verdicts.

import { parseHTML } from "linkedom"
import { chartsOf } from "./charts.ts"
import type { Report } from "./Report.ts"
import { costGrid, type Grid, growthGrid, workloadGrid, workloadsExplained } from "./tables.ts"
import { verdictsOf } from "./verdicts.ts"

const style = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --good: #1a7f37; --bad: #cf222e; --text: #1f2328; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #161b22; --good: #3fb950; --bad: #f85149; --text: #e6edf3; --page: #0d1117 } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1100px; padding: 0 1rem; color: var(--text); background: var(--page) }
h1 { font-size: 1.6rem } h2 { margin-top: 2.2rem; font-size: 1.2rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child, td:first-child, td.words, th.words { text-align: left }
td.words { white-space: normal }
thead th { background: var(--soft) }
tbody tr:last-child.mean td { font-weight: 600 }
figure { margin: 1rem 0 } figure svg { max-width: 100%; height: auto }
.met { color: var(--good) } .missed { color: var(--bad) }
small, .note { color: color-mix(in srgb, currentColor 70%, transparent) }
`

/** Builds a page piece by piece; texts are never read as markup. */
class Builder {
  readonly document = parseHTML("<!doctype html><html lang='en'><head></head><body></body></html>").document

  add(parent: Element, tag: string, text?: string, className?: string): Element {
    const element = this.document.createElement(tag) as unknown as Element
    if (text !== undefined) element.textContent = text
    if (className !== undefined) element.setAttribute("class", className)
    parent.append(element)
    return element
  }

  grid(parent: Element, { head, body, words, notes }: Grid): void {
    const table = this.add(this.add(parent, "div", undefined, "wide"), "table")
    const className = (index: number) => (words.includes(index) ? "words" : undefined)
    const top = this.add(this.add(table, "thead"), "tr")
    for (const [index, cell] of head.entries()) this.add(top, "th", cell, className(index))
    const rows = this.add(table, "tbody")
    for (const row of body) {
      const line = this.add(rows, "tr", undefined, row[0] === "geometric mean" ? "mean" : undefined)
      for (const [index, cell] of row.entries()) this.add(line, "td", cell, className(index))
    }
    for (const note of notes) this.add(parent, "p", note, "note")
  }
}

/** The page as HTML. */
export const pageOf = (report: Report): string => {
  const builder = new Builder()
  const { document } = builder
  const head = document.querySelector("head") as unknown as Element
  const body = document.querySelector("body") as unknown as Element
  builder.add(head, "meta").setAttribute("charset", "utf-8")
  const viewport = builder.add(head, "meta")
  viewport.setAttribute("name", "viewport")
  viewport.setAttribute("content", "width=device-width")
  builder.add(head, "title", "Skein: benchmarks")
  builder.add(head, "style", style)

  const { machine } = report
  builder.add(body, "h1", "Skein: benchmarks")
  const when = report.date.slice(0, 16).replace("T", " ")
  builder.add(
    body,
    "p",
    `${when} UTC. ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}. ` +
      `The run took ${report.seconds} s.`
  )
  const verdicts = verdictsOf(report)
  if (verdicts.length > 0) {
    builder.add(body, "h2", "Targets")
    const list = builder.add(body, "ul")
    for (const { claim, figure, target, met } of verdicts) {
      const item = builder.add(list, "li", `${claim}: ${figure} (${target}) `)
      builder.add(item, "strong", met ? "met" : "not met", met ? "met" : "missed")
    }
  }
  const charts = chartsOf(report)
  const section = (title: string, chart: string | undefined, grid: Grid) => {
    if (grid.body.length === 0) return
    builder.add(body, "h2", title)
    const drawn = charts.find(({ name }) => name === chart)
    if (drawn !== undefined) {
      const figure = builder.add(body, "figure")
      figure.innerHTML = drawn.svg
      builder.add(figure, "figcaption", `${drawn.title}.`, "note")
    }
    builder.grid(body, grid)
  }
  section("Workloads", "ratios", workloadGrid(report))
  section("Growth", "growth", growthGrid(report))
  section("Costs", undefined, costGrid(report))
  if (report.rows.length > 0) section("What the rows do", undefined, workloadsExplained())
  builder.add(body, "h2", "Columns")
  const columns = {
    head: ["column", "what", "version"],
    body: report.columns.map((one) => [one.name, one.about, one.version])
  }
  builder.grid(body, { ...columns, words: [0, 1, 2], notes: report.notes })
  return `${document.toString()}\n`
}
