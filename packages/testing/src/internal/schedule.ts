import type { Plan } from "../Strategy.ts"
import type { Decision } from "../schedule.ts"

/** The plan that makes the given decisions, and leaves everything else in order. One that cannot be made is left out. */
export const following = (decisions: ReadonlyArray<Decision>): Plan => {
  let point = 0
  let next = 0
  const choose = (choices: number): number => {
    const decision = decisions[next]
    if (decision === undefined || decision.at !== point++) return 0
    next++
    return decision.choice < choices ? decision.choice : 0
  }
  return {
    pick: (ready) => choose(ready.length),
    preempt: (ready) => choose(ready.length + 1)
  }
}
