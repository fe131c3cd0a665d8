// The fewest switches that still make the program fail in the same way.
//
// First decisions are taken out in chunks, then one by one (Zeller and Hildebrandt's delta debugging). Taking one out moves
// the points behind it, so it may be needed although a schedule without it fails. So all schedules with fewer switches are
// tried then, fewest first, as far as the budget goes.
import * as Effect from "effect/Effect"
import type { Plan, RunFacts } from "../Strategy.ts"
import type { Decision } from "../schedule.ts"
import { preemptionBounded } from "../strategies/preemptionBounded.ts"
import { following } from "./schedule.ts"

/** Runs the program by a plan: tells what was decided, and whether it failed in the same way. */
export type Tried = RunFacts & { readonly decisions: ReadonlyArray<Decision>; readonly fails: boolean }

type Decisions = ReadonlyArray<Decision>

/** What shrinking may cost: no run begins once either is used up. */
export interface ShrinkBudget {
  readonly runs: number
  /** Points of all runs together: the measure of how long they take. */
  readonly points: number
}

/** Shrinks a schedule. */
export const shrink = <E, R>(
  start: Decisions,
  budget: ShrinkBudget,
  run: (plan: Plan) => Effect.Effect<Tried, E, R>
): Effect.Effect<Decisions, E, R> =>
  Effect.gen(function* () {
    let best = start
    let { runs, points } = budget
    const mayGoOn = () => runs > 0 && points > 0
    const paid = function* (plan: Plan) {
      runs--
      const tried = yield* run(plan)
      points -= tried.points
      return tried
    }
    const attempt = function* (candidate: Decisions) {
      const tried = yield* paid(following(candidate))
      const isBetter = tried.fails && weigh(tried.decisions) < weigh(best)
      if (isBetter) best = tried.decisions
      return isBetter
    }
    const takeOut = function* () {
      for (let size = best.length; size > 0 && mayGoOn(); size = Math.floor(size / 2)) {
        for (let from = 0; from < best.length && mayGoOn(); ) {
          const shorter = yield* attempt([...best.slice(0, from), ...best.slice(from + size)])
          if (!shorter) from += size
        }
      }
    }
    // What was needed beside something else may not be any more once that is gone.
    for (let before: Decisions | undefined; before !== best && best.length > 0 && mayGoOn(); ) {
      before = best
      yield* takeOut()
    }
    for (let index = 0; index < best.length && mayGoOn(); index++) {
      const { at, choice } = best[index] as Decision
      for (let lower = 1; lower < choice && mayGoOn(); lower++) {
        if (yield* attempt(best.with(index, { at, choice: lower }))) break
      }
    }
    if (best.length > 1) {
      const search = preemptionBounded({ bound: best.length - 1 }).begin()
      for (let plan = search.next(); plan !== undefined && mayGoOn(); plan = search.next()) {
        const tried = yield* paid(plan)
        if (tried.fails) {
          best = tried.decisions
          break
        }
        search.ended?.(tried)
      }
    }
    return best
  })

/** Fewer switches count for more than lower choices. */
const weigh = (decisions: Decisions): number =>
  decisions.reduce((sum, { choice }) => sum + choice, decisions.length * 1_000_000)
