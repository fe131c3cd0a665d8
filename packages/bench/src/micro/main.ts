/**
 * Micro-benchmarks of the hot paths:
 *
 *     npm run bench:micro -- [asyncio] [core] [kernel] [--ms 300]
 */

import { parseArgs } from "node:util"
import { asyncioSuite } from "./asyncio.ts"
import { coreSuite } from "./core.ts"
import { kernelSuite } from "./kernel.ts"
import { printSuite, type Suite } from "./table.ts"

const suites: Readonly<Record<string, Suite>> = { asyncio: asyncioSuite, core: coreSuite, kernel: kernelSuite }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { ms: { type: "string", default: "300" } }
})

const chosen = positionals.length === 0 ? Object.keys(suites) : positionals
const unknown = chosen.find((name) => suites[name] === undefined)
if (unknown !== undefined || !(Number(values.ms) > 0)) {
  const wrong =
    unknown === undefined ? `--ms takes a number of milliseconds, got "${values.ms}"` : `no suite "${unknown}"`
  process.stderr.write(`${wrong}\nusage: npm run bench:micro -- [asyncio] [core] [kernel] [--ms MILLISECONDS]\n`)
  process.exitCode = 2
} else {
  for (const name of chosen) await printSuite(suites[name] as Suite, Number(values.ms))
}
