// Micro-benchmarks by mitata's measuring, with the figures for one operation: a benchmark runs a batch of them.

import { measure } from "mitata"
import { type Grid, toTerminal } from "../run/tables.ts"

/** One hot path: `run` performs `operations` of it. */
export interface Micro {
  readonly name: string
  readonly operations: number
  readonly run: () => unknown
}

/** Several hot paths of one kind. */
export interface Suite {
  readonly name: string
  readonly micros: ReadonlyArray<Micro>
}

const nanoseconds = (value: number): string => value.toFixed(value >= 100 ? 0 : 1)

/** Measures each benchmark in turn. */
export const measureSuite = async ({ name, micros }: Suite, cpuTime: number): Promise<Grid> => {
  const body: Array<ReadonlyArray<string>> = []
  for (const { name, operations, run } of micros) {
    const stats = await measure(run, { inner_gc: false, min_cpu_time: cpuTime * 1e6, min_samples: 12 })
    const each = (time: number) => nanoseconds(time / operations)
    body.push([name, each(stats.p50), each(stats.min), each(stats.p75), each(stats.p99)])
  }
  return { head: [`${name}, ns each`, "median", "min", "p75", "p99"], body, words: [0], notes: [] }
}

/** Prints what a suite takes. */
export const printSuite = async (suite: Suite, cpuTime: number): Promise<void> =>
  console.log(`${toTerminal(await measureSuite(suite, cpuTime))}\n`)
