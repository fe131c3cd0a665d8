// The tables and charts of docs/performance.md, between markers, so that one command makes the page true again.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { chartsOf } from "./charts.ts"
import type { Report } from "./Report.ts"
import { costGrid, growthGrid, toMarkdown, workloadGrid, workloadsExplained } from "./tables.ts"
import { verdictsOf } from "./verdicts.ts"

const docs = join(import.meta.dirname, "..", "..", "..", "..", "docs")

/** The text between the markers of one name is replaced. Throws if the page lacks them. */
export const replaceBetween = (page: string, name: string, text: string): string => {
  const [open, close] = [`<!-- bench: ${name} -->`, `<!-- end: ${name} -->`]
  const [start, end] = [page.indexOf(open), page.indexOf(close)]
  if (start < 0 || end < start)
    throw new Error(
      `the page needs the lines "${open}" and, below it, "${close}" for the text of ${name} to stand between`
    )
  return `${page.slice(0, start + open.length)}\n\n${text.trim()}\n\n${page.slice(end)}`
}

const machineText = ({ date, machine, columns, seconds, notes }: Report): string =>
  [
    `Measured on ${date.slice(0, 10)} in ${seconds} s: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ` +
      `${machine.system}, Node ${machine.node}.`,
    "",
    "| column | what | version |",
    "| --- | --- | --- |",
    ...columns.map(({ name, about, version }) => `| ${name} | ${about} | ${version} |`),
    ...(notes.length > 0 ? ["", ...notes.map((note) => `- ${note}`)] : [])
  ].join("\n")

const verdictText = (report: Report): string =>
  toMarkdown({
    head: ["what", "measured", "target", ""],
    body: verdictsOf(report).map(({ claim, figure, target, met }) => [
      claim,
      figure,
      target,
      met ? "met" : "**not met**"
    ]),
    words: [0, 1, 2, 3],
    notes: []
  })

/** The parts of the page that a report has figures for, by the name of their markers. */
export const partsOf = (report: Report): ReadonlyMap<string, string> => {
  const chart = (name: string) => {
    const found = chartsOf(report).find((one) => one.name === name)
    return found === undefined ? "" : `![${found.title}](performance/${name}.svg)\n\n`
  }
  return new Map([
    ["machine", machineText(report)],
    ["targets", verdictText(report)],
    ["rows", toMarkdown(workloadsExplained())],
    ...(report.rows.length > 0 ? [["workloads", chart("ratios") + toMarkdown(workloadGrid(report))] as const] : []),
    ...(report.growth.length > 0 ? [["growth", chart("growth") + toMarkdown(growthGrid(report))] as const] : []),
    ...(report.costs.length > 0 ? [["costs", toMarkdown(costGrid(report))] as const] : [])
  ])
}

/** Rewrites the page and the charts. Returns the files. */
export const writeDocs = (report: Report): ReadonlyArray<string> => {
  const file = join(docs, "performance.md")
  let page = readFileSync(file, "utf8")
  for (const [name, text] of partsOf(report)) page = replaceBetween(page, name, text)
  writeFileSync(file, page)
  mkdirSync(join(docs, "performance"), { recursive: true })
  const charts = chartsOf(report).map(({ name, svg }) => {
    const path = join(docs, "performance", `${name}.svg`)
    writeFileSync(path, `${svg}\n`)
    return path
  })
  return [file, ...charts]
}
