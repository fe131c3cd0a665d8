// Part of `npm run lint`: packages import downwards only, and through public entries only.
import { join } from "node:path"
import { findViolations } from "./lib/import-rules.ts"

const violations = findViolations(join(import.meta.dirname, ".."))
for (const { file, line, message } of violations) console.error(`${file}:${line}: ${message}`)
if (violations.length > 0) {
  console.error(`${violations.length} import${violations.length === 1 ? "" : "s"} against the rules of the house.`)
  process.exitCode = 1
}
