// The command line.

import { parseArgs } from "node:util"
import { rowNames } from "../workloads.ts"
import { columnNames } from "./columns.ts"

/** What a run was asked for. */
export interface Options {
  readonly help: boolean
  /** Rows; all if left out. */
  readonly only: ReadonlyArray<string> | undefined
  /** Columns; the ordinary ones if left out. */
  readonly impl: ReadonlyArray<string> | undefined
  readonly extra: boolean
  readonly quick: boolean
  /** Seconds to wait, before each row, for other processes to calm down. */
  readonly wait: number
  readonly sections: { readonly workloads: boolean; readonly growth: boolean; readonly costs: boolean }
  readonly json: string | undefined
  readonly html: string | undefined
  readonly writeDocs: boolean
  /** Saved reports to take the figures from, instead of measuring. */
  readonly from: ReadonlyArray<string>
}

export const usage = `usage: npm run bench -- [options]

What is measured (the workloads, if none of these is given):
  --growth             cost of an operation with 1,000 to 1,000,000 tasks
  --costs              what the task registry, virtual time, debug mode, cancelled waiters and timers cost; I/O latency
  --all                workloads, growth and costs

How:
  --only ROW,...       only these rows: ${rowNames.join(", ")}
  --impl COLUMN,...    only these columns: ${columnNames.join(", ")}
  --extra              also the columns that are left out by default
  --quick              a first impression: less warm-up, fewer runs, no Effection
  --wait SECONDS       before each row, wait up to so long for other processes to calm down

Where to:
  --json FILE          the report as JSON (default: packages/bench/results/latest.json)
  --html FILE          the page with the charts (default: packages/bench/results/latest.html)
  --write-docs         put tables and charts into docs/performance.md; with all three sections
  --from FILE,...      measure nothing; take the figures of saved reports (of the same cell the lowest median)

BENCH_PYTHON names the Python to compare with; otherwise the newest of this machine, from 3.11 on.`

const listOf = (
  flag: string,
  text: string | undefined,
  known: ReadonlyArray<string>
): ReadonlyArray<string> | undefined => {
  if (text === undefined) return undefined
  const names = text.split(",").map((name) => name.trim())
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`--${flag} takes some of ${known.join(", ")}; got "${name}"`)
  }
  return names
}

/** Reads the command line. Throws an error that says what to write instead. */
export const parseOptions = (args: ReadonlyArray<string>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      only: { type: "string" },
      impl: { type: "string" },
      extra: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      wait: { type: "string", default: "0" },
      growth: { type: "boolean", default: false },
      costs: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      json: { type: "string" },
      html: { type: "string" },
      "write-docs": { type: "boolean", default: false },
      from: { type: "string" }
    }
  })
  const wait = Number(values.wait)
  if (values.wait.trim() === "" || !(wait >= 0))
    throw new Error(`--wait takes a number of seconds, got "${values.wait}"`)
  const only = listOf("only", values.only, rowNames)
  const whole = values.all || (values["write-docs"] && only === undefined)
  return {
    help: values.help,
    only,
    impl: listOf("impl", values.impl, columnNames),
    extra: values.extra,
    quick: values.quick,
    wait,
    sections: {
      workloads: whole || only !== undefined || (!values.growth && !values.costs),
      growth: whole || values.growth,
      costs: whole || values.costs
    },
    json: values.json,
    html: values.html,
    writeDocs: values["write-docs"],
    from: values.from === undefined ? [] : values.from.split(",")
  }
}
