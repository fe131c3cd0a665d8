import { describe, expect, it } from "vitest"
import * as asyncio from "../../src/index.ts"
import { callerSite } from "../../src/internal/source_site.ts"

describe("the place of a call", () => {
  it("is the innermost frame outside of this package, as file and line", () => {
    const { site } = callerSite()
    expect(site).toMatch(/^\/.*\/test\/internal\/source_site\.test\.ts:\d+$/)
    const made = asyncio.coroutine(function* made() {})()
    expect(made._definition.site).toMatch(/source_site\.test\.ts:\d+$/)
    made.close()
  })

  it("comes with at most ten frames, innermost last, by name", () => {
    const deep = (n: number): { readonly stack: string } => (n === 0 ? callerSite() : deep(n - 1))
    const lines = deep(20).stack.split("\n")
    expect(lines).toHaveLength(10)
    for (const line of lines) expect(line).toMatch(/^ {2}at \/.*source_site\.test\.ts:\d+, in deep$/)
    function named() {
      return callerSite()
    }
    expect(named().stack.split("\n").at(-1)).toMatch(/in named$/)
  })

  it("leaves the limit of stack traces as it was", () => {
    const limit = Error.stackTraceLimit
    callerSite()
    expect(Error.stackTraceLimit).toBe(limit)
  })
})
