// `npm test`: all tests, then their counts alone on a line of their own, in words that do not change with Vitest's.
// Arguments go to Vitest: `npm test -- --project core packages/core/test/Lock.test.ts`.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { requireNode } from "./lib/node-version.mjs"
import { runProgram } from "./lib/run-program.mjs"

requireNode()

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const cache = process.env.SKEIN_CACHE ?? join(root, "node_modules/.cache/skein")
// A name of its own: neither an earlier run's report nor a simultaneous one's may pass for this one's.
const report = join(cache, `tests-${process.pid}.json`)
mkdirSync(cache, { recursive: true })

const code = await runProgram(process.execPath, [
  join(root, "node_modules/vitest/vitest.mjs"),
  "run",
  "--config",
  join(root, "vitest.workspace.ts"),
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2)
])

/** The counts, or zeros when Vitest ended before it could write its report. */
const counts = () => {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, "utf8"))
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

const { passed, failed, skipped } = counts()
rmSync(report, { force: true })
if (passed + failed === 0) console.error("No test ran.")
const closing = `${passed} passed, ${failed} failed, ${skipped} skipped`
// For `.ci/run`, which closes with the same line.
writeFileSync(join(cache, "counts.txt"), `${closing}\n`)
console.log(closing)
process.exitCode = code === 0 && passed + failed === 0 ? 1 : code
