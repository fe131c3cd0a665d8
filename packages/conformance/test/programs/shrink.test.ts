import { describe, expect, it } from "vitest"
import { type Oracle, sharedOracle } from "../../src/index.ts"
import type { Block, Program, Unit } from "../../src/programs/Program.ts"
import { reportOf } from "../../src/programs/report.ts"
import { programsOf, search } from "../../src/programs/search.ts"
import { shrink } from "../../src/programs/shrink.ts"

const unitOf = (body: Block): Unit => ({ kind: "coroutine", body, guard: null, exit: [], handler: null })
const countOf = (program: Program, text: string): number => JSON.stringify(program).split(text).length - 1

describe("shrink", () => {
  it("cuts away all that is not needed", async () => {
    const [found] = programsOf(1, 0, 200).filter((program) => countOf(program, '"do":"group"') >= 2)
    const smallest = await shrink(
      found as Program,
      async (some) => new Set(some.filter((program) => countOf(program, '"do":"group"') >= 2))
    )
    expect(countOf(smallest, '"do":')).toBe(2)
  })

  it("leaves a program alone that can not be cut", async () => {
    const program: Program = { units: [unitOf([{ do: "mark" }])], eager: false, driven: true }
    expect(await shrink(program, async () => new Set())).toBe(program)
  })
})

describe("search", () => {
  it("gives the same programs for the same seed, wherever it begins", () => {
    expect(programsOf(7, 90, 20)).toEqual(programsOf(7, 0, 110).slice(90))
    expect(programsOf(8, 0, 3)).not.toEqual(programsOf(7, 0, 3))
  })

  it("finds where the sides differ, and reports it in both languages", async () => {
    const cpython = await sharedOracle()
    // As if a lock were acquired with another result.
    const wrong: Oracle = {
      backend: "wasm",
      run: (source, options) => {
        const answer = cpython.run(source, options)
        return { ...answer, stdout: answer.stdout.replaceAll(`"got", "True"`, `"got", "False"`) }
      }
    }
    const { findings } = await search(wrong, { seed: 1, count: 100, enough: 1 })
    const report = findings.map((finding) => reportOf(finding, 1)).join("\n")
    expect(report).toContain("async def f0():")
    expect(report).toContain("asyncio.coroutine(function* f0()")
    expect(report).toMatch(/CPython \[.*"got","False"\]\]\nours {4}\[.*"got","True"\]\]/)
  }, 120_000)
})
