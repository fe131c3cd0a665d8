import { RandomNumbers } from "../internal/randomNumbers.ts"
import { inOrder, type Strategy } from "../Strategy.ts"

/**
 * Chooses at random: everybody who is ready is as likely as everybody else to go on, and a fiber is made to yield before a
 * step with a certain probability. The first run leaves everything in order.
 *
 * The one to begin with. It needs no knowledge of the program, finds what a few switches in any of many places can do, and
 * never ends by itself.
 *
 * @param options.seed - what the choices come from; 1 if left out
 * @param options.preemption - how likely a fiber is made to yield before a step, from 0 to 1; 0.1 if left out
 *
 * @example
 * ```ts
 * import { random } from "@skein/testing"
 *
 * console.log(random({ seed: 7 }).description) // => random(seed: 7, preemption: 0.1)
 * ```
 */
export const random = (options?: {
  readonly seed?: number | undefined
  readonly preemption?: number | undefined
}): Strategy => {
  const seed = options?.seed ?? 1
  const preemption = options?.preemption ?? 0.1
  if (!(preemption >= 0 && preemption <= 1)) {
    throw new RangeError(`random: preemption is a probability, from 0 to 1; got ${preemption}.`)
  }
  return {
    description: `random(seed: ${seed}, preemption: ${preemption})`,
    seed,
    defaultRuns: 1000,
    begin() {
      const numbers = new RandomNumbers(seed)
      let runs = 0
      const plan = {
        pick: (ready: ReadonlyArray<unknown>) => numbers.below(ready.length),
        preempt: (ready: ReadonlyArray<unknown>) =>
          numbers.fraction() < preemption ? 1 + numbers.below(ready.length) : 0
      }
      return { next: () => (runs++ === 0 ? inOrder : plan) }
    }
  }
}
