import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { pagePath, withTable } from "./page.ts"

it("the table of seeded bugs in docs/proof.md is up to date: npm run docs:proof", () => {
  const page = readFileSync(pagePath, "utf8")
  expect(page).toBe(withTable(page))
})
