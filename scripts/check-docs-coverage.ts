// Part of `npm run lint`: whatever the libraries export has a doc comment.
import { join } from "node:path"
import { findGaps } from "./lib/docs-coverage.ts"

const gaps = findGaps(join(import.meta.dirname, ".."))
for (const { file, line, message } of gaps) console.error(`${file}:${line}: ${message}`)
if (gaps.length > 0) {
  console.error(`${gaps.length} gap${gaps.length === 1 ? "" : "s"} in the libraries' doc comments.`)
  process.exitCode = 1
}
