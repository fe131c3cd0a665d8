import { join } from "node:path"
import { expect, it } from "vitest"
import { brokenLinks } from "../docs/links.ts"

const house = join(import.meta.dirname, "../..")

it("links to files and folders of the repository, and to the web, are in order", () => {
  const text = "[a](decisions/README.md) [b](../package.json#x) [c](https://example.org/x) [d](#here) [e](decisions)"
  expect(brokenLinks(house, "docs/README.md", text)).toEqual([])
})

it("a link to nothing, or out of the repository, is reported with its line", () => {
  const text = "\n[a](no-such-page.md)\n\n[b](../../elsewhere.md)"
  expect(brokenLinks(house, "docs/README.md", text)).toEqual([
    { file: "docs/README.md", line: 2, message: 'the link to "no-such-page.md" leads nowhere' },
    { file: "docs/README.md", line: 4, message: 'the link to "../../elsewhere.md" leads nowhere' }
  ])
})

it("code is not read as links", () => {
  expect(brokenLinks(house, "docs/README.md", "`[a](no.md)`\n````md\n```\n[b](no.md)\n````\n")).toEqual([])
})
