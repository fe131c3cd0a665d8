import type { Strand } from "@skein/core/kernel"
import type { Plan, Strategy } from "../Strategy.ts"

/**
 * Lets each strand make a number of steps, its quantum, and then the one that has waited longest; each run has another
 * quantum, 1, 2, 3 and so on. A step is an operation of a fiber, or a turn of an asyncio task. A strand that yields before its
 * quantum is used up goes on.
 *
 * Cheap, without chance, and quick to show what goes wrong when everybody moves in lockstep. It sees few schedules.
 *
 * @param options.quantum - the quantum of the only run, to try one in particular
 *
 * @example
 * ```ts
 * import { roundRobin } from "@skein/testing"
 *
 * console.log(roundRobin().description) // => roundRobin()
 * ```
 */
export const roundRobin = (options?: { readonly quantum?: number | undefined }): Strategy => {
  const fixed = options?.quantum
  if (fixed !== undefined && !(Number.isInteger(fixed) && fixed >= 1)) {
    throw new RangeError(`roundRobin: quantum is a whole number of steps, 1 or more; got ${fixed}.`)
  }
  return {
    description: fixed === undefined ? "roundRobin()" : `roundRobin(quantum: ${fixed})`,
    defaultRuns: fixed === undefined ? 32 : 1,
    begin() {
      let runs = 0
      return {
        next() {
          runs++
          if (fixed !== undefined && runs > 1) return undefined
          return planOf(fixed ?? runs)
        }
      }
    }
  }
}

const planOf = (quantum: number): Plan => {
  let current: Strand | undefined
  let begun = 0
  const goOnWith = (strand: Strand): void => {
    current = strand
    begun = strand.steps
  }
  return {
    pick(ready, last) {
      const next = last !== undefined && last === current && last.steps - begun < quantum ? last : undefined
      const same = next === undefined ? -1 : ready.findIndex(({ strand }) => strand === next)
      if (same >= 0) return same
      const first = ready[0]
      if (first !== undefined) goOnWith(first.strand)
      return 0
    },
    preempt(ready, running) {
      if (running !== current) goOnWith(running)
      if (running.steps - begun < quantum) return 0
      const first = ready[0]
      if (first !== undefined) goOnWith(first.strand)
      return 1
    }
  }
}
