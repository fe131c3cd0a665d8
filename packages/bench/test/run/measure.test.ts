import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { RunnableColumn } from "../../src/run/columns.ts"
import { measureCell, measureRow, quickEffort } from "../../src/run/measure.ts"

const column = (name: string): RunnableColumn => ({
  name,
  about: name,
  version: "1",
  command: [process.execPath, join(import.meta.dirname, "..", "support", "columns", `${name}.ts`)],
  built: undefined
})

describe("a cell", { timeout: 60_000 }, () => {
  it("is what the column's process prints", async () => {
    expect(await measureCell(column("steady"), "lock", quickEffort)).toEqual({ ms_best: 1, ms_median: 2, reps: 3 })
  })

  it("of start-up is the wall time of whole processes", async () => {
    const cell = await measureCell(column("steady"), "startup", { ...quickEffort, launches: 1 })
    expect(cell).toMatchObject({ reps: 1 })
  })

  it("holds the error of a column whose check failed", async () => {
    expect(await measureCell(column("failing"), "lock", quickEffort)).toEqual({
      error: "Error: benchmark check failed: lock"
    })
  })

  it("holds an error for a process that dies, and for one that prints no result", async () => {
    // Without the folder that this checkout is in.
    expect(await measureCell(column("absent"), "lock", quickEffort)).toMatchObject({
      error: expect.stringContaining("Cannot find module 'packages/bench/test/support/columns/absent.ts'")
    })
    expect(await measureCell(column("steady"), "cancel", quickEffort)).toEqual({
      error: "the process printed no result for cancel"
    })
  })

  it("holds an error for a process that takes too long, which is ended", async () => {
    const cell = await measureCell(column("endless"), "lock", { ...quickEffort, timeout: 300 })
    expect(cell).toEqual({ error: "took over 0.3 s" })
  })
})

describe("a row", { timeout: 60_000 }, () => {
  it("has the cells of all columns: one that fails does not sink the others", async () => {
    const seen: Array<string> = []
    const row = await measureRow([column("failing"), column("steady")], "lock", {
      effort: quickEffort,
      wait: 0,
      onCell: (name) => seen.push(name)
    })
    expect(seen).toEqual(["failing", "steady"])
    expect(row.cells).toEqual({
      failing: { error: "Error: benchmark check failed: lock" },
      steady: { ms_best: 1, ms_median: 2, reps: 3 }
    })
  })
})
