import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { coreScenarios } from "./core/index.ts"
import { asyncioOthers, coreOthers } from "./others.ts"
import { makePage, makeRows } from "./rows.ts"
import { lossesInAnyOrder } from "./support/core.ts"
import { type Case, lossesOf, type Moment, type Row } from "./support/observation.ts"
import { asyncioOperations, coreOperations, root } from "./support/operations.ts"

let rows: Awaited<ReturnType<typeof makeRows>>
beforeAll(async () => {
  rows = await makeRows()
})

const distinct = (names: Iterable<string>): ReadonlyArray<string> => [...new Set(names)].sort()

const nameOf = ({ operation, situation }: Row): string => [operation, situation].join(" ")

/** The operations with the cases that do not hold. */
const failing = (rows: ReadonlyArray<Row>, holds: (found: Case, row: Row) => boolean) =>
  rows.flatMap((row) =>
    row.cases.filter((found) => !holds(found, row)).map((found) => ({ operation: nameOf(row), ...found }))
  )

describe("the page on cancellation", () => {
  it("is up to date: else run npm run docs:cancellation", () => {
    expect(readFileSync(join(root, "docs/cancellation.md"), "utf8")).toBe(makePage(rows))
  })

  it("has a line for whatever waits in core, and leaves out what it says does not", () => {
    const known = [...rows.core.map(({ operation }) => operation), ...Object.keys(coreOthers)]
    expect(distinct(known)).toEqual(distinct(coreOperations()))
  })

  it("has a line for whatever waits in asyncio, and leaves out what it says does not", () => {
    const known = new Set([...rows.asyncio.map(({ operation }) => operation), ...Object.keys(asyncioOthers)])
    expect(asyncioOperations().filter((name) => !known.has(name))).toEqual([])
    const operations = new Set(asyncioOperations())
    expect(Object.keys(asyncioOthers).filter((name) => !operations.has(name))).toEqual([])
  })

  it("says of core what the documentation of the operation says too: that it can be interrupted, or that it does not wait", () => {
    const undocumented = distinct(rows.core.map(({ operation }) => operation)).filter(
      (name) => !documentationOf(name).includes("When interrupted")
    )
    const waiting = Object.keys(coreOthers).filter((name) =>
      /When interrupted(?!: it does not wait)/.test(documentationOf(name))
    )
    expect([undocumented, waiting]).toEqual([[], []])
  })
})

describe("an operation that is cancelled", () => {
  it("loses what it is said to lose, and nothing else", () => {
    const wrong = [...rows.core, ...rows.asyncio]
      .map((row) => ({
        operation: nameOf(row),
        found: distinct(row.cases.flatMap(({ observed }) => lossesOf(observed))),
        said: distinct(Object.keys(row.losses ?? {}))
      }))
      .filter(({ found, said }) => found.join() !== said.join())
    expect(wrong).toEqual([])
  })

  it("loses nothing in core in whatever order the tasks run", async () => {
    for (const scenario of coreScenarios) {
      if (scenario.losses !== undefined) continue
      expect([scenario.operation, await lossesInAnyOrder(scenario, 20)]).toEqual([scenario.operation, new Set()])
    }
  })

  it("has taken nothing if it had not begun", () => {
    const all = [...rows.core, ...rows.asyncio]
    expect(failing(all, ({ moment, observed }) => moment !== "before" || lossesOf(observed).length === 0)).toEqual([])
    const before = all.flatMap(({ cases }) => cases.filter(({ moment }) => moment === "before"))
    expect(before).toHaveLength(2 * all.length)
  })

  it("ends as interrupted, or with a CancelledError", () => {
    expect(
      failing(rows.core, ({ error, moment }) => error === "interrupted" || moment === "anywhere" || moment === "twice")
    ).toEqual([])
    expect(failing(rows.asyncio, ({ error }) => error === "CancelledError")).toEqual([])
  })

  it("leaves its object as it is after one cancellation if it is cancelled once more", () => {
    const statesOf = (row: Row, moment: Moment) =>
      row.cases.filter((found) => found.moment === moment).map(({ observed }) => observed.state)
    for (const row of [...rows.core, ...rows.asyncio]) {
      expect([nameOf(row), statesOf(row, "again")]).toEqual([nameOf(row), statesOf(row, "waiting")])
    }
  })
})

/** The doc comment of an export of core. */
const documentationOf = (name: string): string => {
  const [module, ...path] = name.split(".") as [string, ...Array<string>]
  const source = readFileSync(join(root, "packages/core/src", `${module}.ts`), "utf8")
  const last = path.at(-1) === "await" ? "await_" : path.at(-1)
  const start = path.length === 1 ? 0 : source.indexOf(`export interface ${path[0]}<`)
  const isMember = path.length > 1
  const at = source
    .slice(start)
    .search(new RegExp(isMember ? `^  (?:readonly )?${last}\\b` : `^(?:export )?const ${last}\\b`, "m"))
  if (start < 0 || at < 0) throw new Error(`${name} is not found in the sources.`)
  return source.slice(source.lastIndexOf("/**", start + at), start + at)
}
