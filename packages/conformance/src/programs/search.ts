/**
 * The search for programs on which CPython and ours differ.
 */

import * as fc from "fast-check"
import type { Oracle } from "../Oracle.ts"
import { program } from "./arbitrary.ts"
import { compare, type Divergence } from "./compare.ts"
import type { Program } from "./Program.ts"
import { shrink } from "./shrink.ts"

/** How many programs are run in one go of the interpreter; also the unit in which seeds are used. */
export const batchSize = 100

/** The programs of a seed with the numbers from `from` on: always the same ones. */
export const programsOf = (seed: number, from: number, count: number): ReadonlyArray<Program> => {
  const found: Array<Program> = []
  for (let batch = Math.floor(from / batchSize); found.length < count; batch++) {
    const all = fc.sample(program, { numRuns: batchSize, seed: (Math.imul(seed, 0x9e3779b1) + batch) | 0 })
    const first = Math.max(0, from - batch * batchSize)
    found.push(...all.slice(first, first + count - found.length))
  }
  return found
}

/** A divergence, cut down. */
export interface Finding extends Divergence {
  /** The number of the program it comes from. */
  readonly number: number
}

export interface SearchOptions {
  readonly seed: number
  /** How many programs to run. */
  readonly count: number
  /** The number of the first one. Default: 0. */
  readonly from?: number
  /** Divergences after which the search ends, since each costs some seconds to cut down. Default: 10. */
  readonly enough?: number
  /** Told after each batch how many programs have been run. */
  readonly onProgress?: (ran: number, findings: number) => void
  readonly onFinding?: (finding: Finding) => void
}

/** Runs random programs on both sides, and cuts down those on which they differ. */
export const search = async (
  oracle: Oracle,
  { seed, count, from = 0, enough = 10, onProgress, onFinding }: SearchOptions
): Promise<{ readonly ran: number; readonly findings: ReadonlyArray<Finding> }> => {
  const findings: Array<Finding> = []
  let ran = 0
  while (ran < count && findings.length < enough) {
    const programs = programsOf(seed, from + ran, Math.min(batchSize, count - ran))
    for (const divergence of (await compare(oracle, programs)).slice(0, enough - findings.length)) {
      const number = from + ran + programs.indexOf(divergence.program)
      const finding = { ...(await smallest(oracle, divergence)), number }
      findings.push(finding)
      onFinding?.(finding)
    }
    ran += programs.length
    onProgress?.(ran, findings.length)
  }
  return { ran, findings }
}

const smallest = async (oracle: Oracle, divergence: Divergence): Promise<Divergence> => {
  // What the programs beside it did to the interpreter would be a fault of the comparison: then it is shown as it was.
  const program = await shrink(
    divergence.program,
    async (some) => new Set((await compare(oracle, some)).map((each) => each.program))
  )
  const [again] = await compare(oracle, [program])
  return again ?? divergence
}
