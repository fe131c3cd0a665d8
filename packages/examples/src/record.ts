/**
 * Asks CPython what the Python twins print, and writes it to `recordings/`, one file a scenario:
 *
 *     npm run -w @skein/examples record
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { createOracle } from "@skein/conformance"
import { recordingFile, twins } from "./twins.ts"

const oracle = await createOracle()
mkdirSync(new URL("./", recordingFile("any")), { recursive: true })
for (const { id, name, source } of twins()) {
  const answer = oracle.run(source, { name, steps: false })
  if (!answer.ok || answer.warnings.length > 0) {
    const warnings = answer.warnings.map((warning) => `${warning.category}: ${warning.message}`)
    throw new Error(`${name} is not a good twin: it failed or warned.\n${[answer.stderr, ...warnings].join("\n")}`)
  }
  writeFileSync(recordingFile(id), answer.stdout)
  process.stdout.write(`${id} recorded on CPython ${answer.python}\n`)
}
