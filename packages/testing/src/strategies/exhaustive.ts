import { NotDeterministicError } from "../errors.ts"
import type { Plan, ReadyStrand, Strand, Strategy } from "../Strategy.ts"

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
 * @param options.state - all that the program's strands share and keep in mind, as a text or as data for JSON. A point at which
 *   the state, the steps made by each strand and those who are ready are as at another point is not gone into again. Two such
 *   points must go on alike: what a strand has read into a variable belongs to the state, and so do lines of waiters and the
 *   time, if anything depends on them. Otherwise schedules are missed.
 *
 * @example
 * ```ts
 * import { exhaustive } from "@skein/testing"
 *
 * console.log(exhaustive().description) // => exhaustive(preemptions: 0)
 * ```
 */
export const exhaustive = (options?: {
  readonly preemptions?: number | undefined
  readonly state?: (() => unknown) | undefined
}): Strategy => {
  const preemptions = options?.preemptions ?? 0
  if (!(Number.isInteger(preemptions) && preemptions >= 0)) {
    throw new RangeError(`exhaustive: preemptions is a whole number, 0 or more; got ${preemptions}.`)
  }
  return {
    description: `exhaustive(preemptions: ${preemptions})`,
    defaultRuns: 100_000,
    begin() {
      const path: Array<Node> = []
      const seen = options?.state === undefined ? undefined : new SeenStates(options.state)
      let begun = false
      return {
        next() {
          if (begun && !advance(path)) return undefined
          begun = true
          return planOf(path, preemptions, seen)
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

const planOf = (path: Array<Node>, preemptions: number, seen: SeenStates | undefined): Plan => {
  let depth = 0
  let left = preemptions
  /** True once the run has come to a state that was seen: the rest is gone through elsewhere. */
  let isKnown = false
  const choose = (ready: ReadonlyArray<ReadyStrand>, other: Strand | undefined, isPreemption: boolean): number => {
    if (isKnown) return 0
    const count = ready.length + (isPreemption ? 1 : 0)
    let node = path[depth]
    if (node === undefined) {
      if (seen?.add(ready, other, `${isPreemption} ${left}`) === false) {
        isKnown = true
        return 0
      }
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
  seen?.runBegins()
  return {
    pick: (ready) => choose(ready, undefined, false),
    preempt(ready, running) {
      if (left === 0) return 0
      const choice = choose(ready, running, true)
      if (choice > 0) left--
      return choice
    },
    turnBegan: (strand) => seen?.note(strand)
  }
}

/** The points that were gone into, by state, steps and readiness. */
class SeenStates {
  private readonly state: () => unknown
  private readonly keys = new Set<string>()
  private readonly strands = new Set<Strand>()

  constructor(state: () => unknown) {
    this.state = state
  }

  runBegins(): void {
    this.strands.clear()
  }

  note(strand: Strand): void {
    this.strands.add(strand)
  }

  /** False if there was such a point before. */
  add(ready: ReadonlyArray<ReadyStrand>, running: Strand | undefined, rest: string): boolean {
    const state = this.state()
    const key = JSON.stringify([
      state,
      rest,
      running?.strandLineage,
      Array.from(this.strands, ({ strandLineage, steps }) => `${strandLineage} ${steps}`).toSorted(),
      ready.map(({ strand, cause }) => `${strand.strandLineage} ${cause}`).toSorted()
    ])
    const isNew = !this.keys.has(key)
    this.keys.add(key)
    return isNew
  }
}
