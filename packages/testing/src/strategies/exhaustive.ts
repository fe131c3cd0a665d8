import { NotDeterministicError } from "../errors.ts"
import type { Plan, Strategy } from "../Strategy.ts"

interface Node {
  readonly count: number
  readonly isPreemption: boolean
  choice: number
}

/**
 * Goes through all schedules, depth first: at every point where several could go on, each of them is tried. At the end the
 * report says that it was exhaustive, and then no schedule of the program can fail.
 *
 * For small programs: two strands with `m` and `n` turns have `(m + n)! / (m! n!)` schedules.
 *
 * @param options.preemptions - how many times in a run a fiber is made to yield before a step; 0 if left out, and then only
 *   the order at waits, yields and ends is tried. For code without waits between its steps, take 1 or 2.
 *
 * @example
 * ```ts
 * import { exhaustive } from "@skein/testing"
 *
 * console.log(exhaustive().description) // => exhaustive(preemptions: 0)
 * ```
 */
export const exhaustive = (options?: { readonly preemptions?: number | undefined }): Strategy => {
  const preemptions = options?.preemptions ?? 0
  if (!(Number.isInteger(preemptions) && preemptions >= 0)) {
    throw new RangeError(`exhaustive: preemptions is a whole number, 0 or more; got ${preemptions}.`)
  }
  return {
    description: `exhaustive(preemptions: ${preemptions})`,
    defaultRuns: 100_000,
    begin() {
      const path: Array<Node> = []
      let begun = false
      return {
        next() {
          if (begun && !advance(path)) return undefined
          begun = true
          return planOf(path, preemptions)
        }
      }
    }
  }
}

/** Goes to the next branch: the deepest point that has a choice left takes it, and what lies below is forgotten. */
const advance = (path: Array<Node>): boolean => {
  for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
    if (node.choice + 1 < node.count) {
      node.choice++
      return true
    }
    path.pop()
  }
  return false
}

const planOf = (path: Array<Node>, preemptions: number): Plan => {
  let depth = 0
  let preempted = 0
  const choose = (count: number, isPreemption: boolean): number => {
    let node = path[depth]
    if (node === undefined) {
      node = { count, isPreemption, choice: 0 }
      path.push(node)
    } else if (node.count !== count || node.isPreemption !== isPreemption) {
      throw new NotDeterministicError({
        details: `${node.count} strands could go on at a point where ${count} can in this run`
      })
    }
    depth++
    return node.choice
  }
  return {
    pick: (ready) => choose(ready.length, false),
    preempt(ready) {
      if (preempted >= preemptions) return 0
      const choice = choose(ready.length + 1, true)
      if (choice > 0) preempted++
      return choice
    }
  }
}
