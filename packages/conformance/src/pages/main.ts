/**
 * Writes the pages that are made from tests, API reports and CPython: `npm run docs:conformance`.
 */

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { makePages, root } from "./pages.ts"

const { texts, problems } = await makePages()
for (const [name, text] of Object.entries(texts)) {
  writeFileSync(join(root, name), text)
  process.stdout.write(`${name}\n`)
}
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
