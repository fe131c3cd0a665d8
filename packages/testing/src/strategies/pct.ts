import type { ReadyStrand, Strand } from "@skein/core/kernel"
import { RandomNumbers } from "../internal/randomNumbers.ts"
import type { Plan, Strategy } from "../Strategy.ts"

/** How many points a program is taken to have before its first run has told. */
const UNKNOWN_LENGTH = 32

/**
 * Probabilistic concurrency testing: every strand has a random priority, the highest that is ready runs, and at `depth - 1`
 * random points the one that runs drops below all others.
 *
 * A bug that needs `depth` things in a certain order, among `n` strands in `k` points, is found by a run with a probability of
 * at least `1 / (n * k ** (depth - 1))`, whatever the program. Better than {@link random} for bugs which need one strand to be
 * held up for long. `k` is learnt from the runs before. A strand that yields of its own will drops to the lowest priority, so
 * that waiting by yielding does not keep the others from what it waits for.
 *
 * Follows Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding
 * Bugs" (ASPLOS 2010).
 *
 * @param options.depth - how many orderings the bug needs; 2 if left out
 * @param options.seed - what the choices come from; 1 if left out
 *
 * @example
 * ```ts
 * import { pct } from "@skein/testing"
 *
 * console.log(pct({ depth: 3 }).description) // => pct(seed: 1, depth: 3)
 * ```
 */
export const pct = (options?: {
  readonly depth?: number | undefined
  readonly seed?: number | undefined
}): Strategy => {
  const seed = options?.seed ?? 1
  const depth = options?.depth ?? 2
  if (!(Number.isInteger(depth) && depth >= 1)) {
    throw new RangeError(`pct: depth is a whole number, 1 or more; got ${depth}.`)
  }
  return {
    description: `pct(seed: ${seed}, depth: ${depth})`,
    seed,
    defaultRuns: 1000,
    begin() {
      const numbers = new RandomNumbers(seed)
      let longest = 0
      return {
        next() {
          const length = longest === 0 ? UNKNOWN_LENGTH : longest
          const changes = new Set<number>()
          for (let change = 1; change < depth; change++) changes.add(numbers.below(length))
          return planOf(numbers, changes)
        },
        ended({ points }) {
          longest = Math.max(longest, points)
        }
      }
    }
  }
}

const planOf = (numbers: RandomNumbers, changes: ReadonlySet<number>): Plan => {
  // Random priorities are above 0; whoever drops gets the next number below 0.
  const priorities = new Map<Strand, number>()
  let lowest = 0
  let point = 0
  const priorityOf = (strand: Strand): number => {
    let priority = priorities.get(strand)
    if (priority === undefined) {
      priority = 1 + numbers.fraction()
      priorities.set(strand, priority)
    }
    return priority
  }
  const drop = (strand: Strand): void => void priorities.set(strand, --lowest)
  const highest = (ready: ReadonlyArray<ReadyStrand>): number => {
    let best = 0
    for (const [index, { strand }] of ready.entries()) {
      if (priorityOf(strand) > priorityOf((ready[best] as ReadyStrand).strand)) best = index
    }
    return best
  }
  return {
    pick(ready, last) {
      const isChange = changes.has(point++)
      if (last !== undefined) {
        const itself = ready.find(({ strand }) => strand === last)
        if (isChange || itself?.cause === "yield") drop(last)
      }
      return highest(ready)
    },
    preempt(ready, running) {
      if (changes.has(point++)) drop(running)
      const best = highest(ready)
      return priorityOf((ready[best] as ReadyStrand).strand) > priorityOf(running) ? best + 1 : 0
    }
  }
}
