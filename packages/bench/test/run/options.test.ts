import { describe, expect, it } from "vitest"
import { parseOptions } from "../../src/run/options.ts"

describe("the command line", () => {
  it("without arguments asks for all workloads of the ordinary columns", () => {
    expect(parseOptions([])).toMatchObject({
      only: undefined,
      impl: undefined,
      quick: false,
      wait: 0,
      sections: { workloads: true, growth: false, costs: false },
      from: []
    })
  })

  it("takes lists of rows and columns", () => {
    const options = parseOptions(["--only", "semaphore,cancel", "--impl", "asyncio, effect"])
    expect(options.only).toEqual(["semaphore", "cancel"])
    expect(options.impl).toEqual(["asyncio", "effect"])
  })

  it("measures growth and costs instead of the workloads, or all of them", () => {
    expect(parseOptions(["--growth"]).sections).toEqual({ workloads: false, growth: true, costs: false })
    expect(parseOptions(["--costs"]).sections).toEqual({ workloads: false, growth: false, costs: true })
    expect(parseOptions(["--all"]).sections).toEqual({ workloads: true, growth: true, costs: true })
    expect(parseOptions(["--write-docs"]).sections).toEqual({ workloads: true, growth: true, costs: true })
  })

  it("answers a mistake with what it takes and what it got", () => {
    expect(() => parseOptions(["--only", "locks"])).toThrow(/^--only takes some of spawn_gather, .*; got "locks"$/)
    expect(() => parseOptions(["--impl", "node"])).toThrow(/^--impl takes some of cpython, asyncio, .*; got "node"$/)
    expect(() => parseOptions(["--wait", "soon"])).toThrow('--wait takes a number of seconds, got "soon"')
    expect(() => parseOptions(["--fast"])).toThrow(/--fast/)
  })
})
