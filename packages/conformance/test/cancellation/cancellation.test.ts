import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { sharedOracle } from "../../src/index.ts"

interface Line {
  readonly waiting: string
  readonly woken: string
  readonly state: string
  readonly error: string
  readonly lost: ReadonlyArray<string>
}

/** What CPython does not have. */
const ours = ["`Effect`, an effect that is awaited", "`wrap_future`, of a promise"]

/** The lines of docs/cancellation.md on asyncio, by what stands in their first cell. */
const linesOfPage = (): Readonly<Record<string, Line>> => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/cancellation.md"), "utf8")
  const rows = page.slice(page.indexOf("## @skein/asyncio")).matchAll(/^\| (`.*) \|$/gm)
  const lines: Record<string, Line> = {}
  for (const [, row] of rows) {
    const [operations, waiting, woken, state, error, lost] = (row as string).split(" | ") as [string, ...Array<string>]
    const things = [...(lost ?? "").matchAll(/\*\*(.*?)\*\*/g)].map(([, thing]) => thing as string)
    const line = { waiting, woken, state: state?.trim(), error, lost: things } as Line
    for (const operation of operations.split("<br>")) lines[operation] = line
  }
  return lines
}

describe("docs/cancellation.md", () => {
  let theirs: Readonly<Record<string, Line>>
  const page = linesOfPage()

  beforeAll(async () => {
    const source = readFileSync(join(import.meta.dirname, "cancellation.py"), "utf8")
    const answer = (await sharedOracle()).run(source, { steps: false, maxPasses: 1_000_000 })
    expect(answer.stderr).toBe("")
    theirs = JSON.parse(answer.stdout)
  })

  it("says of asyncio what CPython does", () => {
    for (const [operation, line] of Object.entries(page)) {
      if (!ours.includes(operation)) expect([operation, theirs[operation]]).toEqual([operation, line])
    }
  })

  it("has the operations of asyncio that CPython was asked about, and those that CPython does not have", () => {
    expect(Object.keys(page).sort()).toEqual([...Object.keys(theirs), ...ours].sort())
  })
})
