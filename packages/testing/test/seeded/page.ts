// The table of seeded bugs in docs/proof.md: `npm run docs:proof` writes it, a test sees to it that it is up to date.
import { join } from "node:path"
import { bugs, type StrategyName, strategies } from "./bugs.ts"

export const pagePath = join(import.meta.dirname, "../../../../docs/proof.md")

const names = Object.keys(strategies) as ReadonlyArray<StrategyName>

const begin = "<!-- seeded bugs: begin -->\n"
const end = "<!-- seeded bugs: end -->"

const table = (): string => {
  const head = [
    `| the bug | ${names.map((name) => `\`${name}\``).join(" | ")} |`,
    `| --- |${" --: |".repeat(names.length)}`
  ]
  const rows = bugs.map(
    ({ name, within }) => `| ${name} | ${names.map((column) => within[column] ?? "-").join(" | ")} |`
  )
  return `${[...head, ...rows].join("\n")}\n`
}

/** The page with the table as it should be. */
export const withTable = (page: string): string => {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`${pagePath} has no place for the table, between ${begin} and ${end}`)
  return page.slice(0, from + begin.length) + table() + page.slice(to)
}
