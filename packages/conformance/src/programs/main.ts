/**
 * Compares random programs with CPython:
 *
 *     npm run conformance -- [--count N] [--seed S] [--from N] [--enough N] [--statistics]
 *
 * With `--statistics` nothing is compared: it shows what the programs get to do.
 *
 * Ends with status 1 if there are divergences.
 */

import { parseArgs } from "node:util"
import { createOracle } from "../createOracle.ts"
import { reportOf } from "./report.ts"
import { programsOf, search } from "./search.ts"
import { statisticsOf, tableOf } from "./statistics.ts"

const usage = "usage: npm run conformance -- [--count N] [--seed S] [--from N] [--enough N] [--statistics]"

const numberOf = (name: string, text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`--${name} takes a whole number, got ${text}\n${usage}`)
  return number
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      enough: { type: "string", default: "10" },
      statistics: { type: "boolean", default: false },
      help: { type: "boolean", default: false }
    }
  })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const seed = numberOf("seed", values.seed)
  const count = numberOf("count", values.count)
  const from = numberOf("from", values.from)
  if (values.statistics) {
    process.stdout.write(`${tableOf(await statisticsOf(programsOf(seed, from, count)))}\n`)
    return 0
  }
  const oracle = await createOracle()
  const began = performance.now()
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1)
  const { ran, findings } = await search(oracle, {
    seed,
    count,
    from,
    enough: numberOf("enough", values.enough),
    onFinding: (finding) => process.stdout.write(`${reportOf(finding, seed)}\n\n`),
    onProgress: (ran, found) => {
      if (ran % 1000 === 0 && ran < count)
        process.stdout.write(`${ran} programs, ${found} divergences, ${seconds()} s\n`)
    }
  })
  process.stdout.write(`${ran} programs of seed ${seed} in ${seconds()} s: ${findings.length} divergences\n`)
  if (ran < count) process.stdout.write(`stopped before ${count}: --enough ${values.enough}\n`)
  return findings.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
