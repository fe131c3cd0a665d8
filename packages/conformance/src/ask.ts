/**
 * Asks CPython on the command line:
 *
 *     npm run oracle -- file.py [--json] [--debug] [--native] [--steps]
 *
 * `-` instead of a file reads the program from standard input.
 */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { createOracle } from "./createOracle.ts"

const usage = "usage: npm run -s oracle -- FILE.py|- [--json] [--debug] [--native] [--steps]"

const main = async (): Promise<number> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      debug: { type: "boolean", default: false },
      native: { type: "boolean", default: false },
      steps: { type: "boolean", default: false }
    }
  })
  const [file] = positionals
  if (file === undefined || positionals.length > 1) throw new Error(`one Python file is expected\n${usage}`)
  const source = readFileSync(file === "-" ? 0 : file, "utf8")
  const oracle = await createOracle({ backend: values.native ? "native" : "wasm" })
  const answer = oracle.run(source, { debug: values.debug, name: file === "-" ? "<stdin>" : file })
  if (values.json) {
    process.stdout.write(`${JSON.stringify(answer, null, 1)}\n`)
  } else {
    process.stdout.write(answer.stdout)
    process.stderr.write(answer.stderr)
    for (const { level, message } of answer.log) process.stderr.write(`[${level}] ${message}\n`)
    for (const { category, message } of answer.warnings) process.stderr.write(`${category}: ${message}\n`)
    if (values.steps) {
      for (const step of answer.steps) process.stderr.write(`${step.pass} ${step.time} ${step.label}\n`)
    }
  }
  return answer.exit ?? (answer.ok ? 0 : 1)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
