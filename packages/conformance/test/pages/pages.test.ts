import { beforeAll, describe, expect, it } from "vitest"
import { makePages, type Pages, textOf } from "../../src/pages/pages.ts"

describe("the generated pages", () => {
  let pages: Pages
  beforeAll(async () => {
    pages = await makePages()
  }, 120_000)

  it("leave no statement and no name of Python's without a test, an export or a reason", () => {
    expect(pages.problems).toEqual([])
  })

  it("are up to date: else run npm run docs:conformance", () => {
    for (const [name, text] of Object.entries(pages.texts)) expect(textOf(name)).toBe(text)
  })
})
