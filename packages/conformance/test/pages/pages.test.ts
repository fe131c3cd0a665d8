import { describe, expect, it } from "vitest"
import { makePages, textOf } from "../../src/pages/pages.ts"

describe("the generated pages", () => {
  it("leave no statement and no name of Python's without a test, an export or a reason", async () => {
    expect((await makePages()).problems).toEqual([])
  })

  it("are up to date: else run npm run docs:conformance", async () => {
    for (const [name, text] of Object.entries((await makePages()).texts)) expect(textOf(name)).toBe(text)
  })
})
