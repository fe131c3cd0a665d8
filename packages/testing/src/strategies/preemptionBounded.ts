import { following } from "../internal/schedule.ts"
import type { Search, Strategy } from "../Strategy.ts"
import type { Decision } from "../schedule.ts"

/** A schedule to run: its decisions, and from which point on it may be continued. */
interface Origin {
  readonly decisions: ReadonlyArray<Decision>
  readonly candidates: ReadonlyArray<number>
}

/**
 * Goes through all schedules with at most `bound` switches, fewest first: first the one without any, then every one with a
 * single switch, and so on. A switch is a choice other than the one that the program would make by itself.
 *
 * Most concurrency bugs need one switch or two, in the right places. This finds those for sure, and the first failure that it
 * finds has as few switches as any. The number of runs grows with the number of points, to the power of the bound.
 *
 * Follows Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs" (PLDI 2007). There
 * the choice of who goes on when somebody waits is free; here it counts as well, as in Emmi, Qadeer and Rakamarić,
 * "Delay-Bounded Scheduling" (POPL 2011). For the former, see `exhaustive` with `preemptions`.
 *
 * @param options.bound - the most switches; 2 if left out
 *
 * @example
 * ```ts
 * import { preemptionBounded } from "@skein/testing"
 *
 * console.log(preemptionBounded({ bound: 1 }).description) // => preemptionBounded(bound: 1)
 * ```
 */
export const preemptionBounded = (options?: { readonly bound?: number | undefined }): Strategy => {
  const bound = options?.bound ?? 2
  if (!(Number.isInteger(bound) && bound >= 0)) {
    throw new RangeError(`preemptionBounded: bound is a whole number of switches, 0 or more; got ${bound}.`)
  }
  return {
    description: `preemptionBounded(bound: ${bound})`,
    defaultRuns: 100_000,
    begin: () => search(bound)
  }
}

const search = (bound: number): Search => {
  // Every schedule with n + 1 switches is one with n and a further switch behind its last; so each is run just once.
  const origins: Array<Origin> = []
  let first = 0
  let next: Iterator<ReadonlyArray<Decision>> = [[]].values()
  let running: ReadonlyArray<Decision> = []
  return {
    next() {
      for (;;) {
        const { done, value } = next.next()
        if (done !== true) {
          running = value
          return following(value)
        }
        const origin = origins[first]
        if (origin === undefined) return undefined
        origins[first++] = undefined as unknown as Origin
        next = continuations(origin)
      }
    },
    ended({ candidates }) {
      if (running.length < bound) origins.push({ decisions: running, candidates })
    }
  }
}

function* continuations({ decisions, candidates }: Origin): Generator<ReadonlyArray<Decision>> {
  const last = decisions[decisions.length - 1]
  for (let at = last === undefined ? 0 : last.at + 1; at < candidates.length; at++) {
    for (let choice = 1; choice < (candidates[at] as number); choice++) yield [...decisions, { at, choice }]
  }
}
