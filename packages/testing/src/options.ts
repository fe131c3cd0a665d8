import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { Strategy } from "./Strategy.ts"
import type { TimerMode } from "./schedule.ts"

/** What is to hold in a run of a program whose result is `A`, and what a run may do. */
export interface RunOptions<A = unknown, R = never> {
  /**
   * Called with the result of each run that succeeds: throws, or returns an effect that fails, if the result is not right. The
   * effect is run outside of virtual time.
   */
  readonly check?: ((result: A) => Effect.Effect<unknown, unknown, R>) | ((result: A) => void) | undefined
  /** An invariant: called after every turn of every strand; throws if it is broken. It must not change anything. */
  readonly always?: (() => void) | undefined
  /** Called after each run, in order, whether the program succeeded or not: checks that nothing is left behind. */
  readonly after?: ReadonlyArray<(() => Effect.Effect<unknown, unknown, R>) | (() => void)> | undefined
  /** How many turns a run may have; one that has more counts as a failure. 10,000 if left out. */
  readonly maxSteps?: number | undefined
}

/** How a program is explored. */
export interface ExploreOptions<A = unknown, R = never> extends RunOptions<A, R> {
  /** How to go through the schedules; `random()` if left out. */
  readonly strategy?: Strategy | undefined
  /** How many runs at most; what the strategy thinks right if left out: 1,000, or 100,000 for one that comes to an end. */
  readonly runs?: number | undefined
  /** How long at most, in real time: no run begins after that. As long as the runs take, if left out. */
  readonly within?: Duration.Input | undefined
  /**
   * When timers fire: `"idle"` (the default) lets everything run that can before the clock moves; with `"anytime"` the next
   * timer is one more that could go on, as if what runs before it were slow.
   */
  readonly timers?: TimerMode | undefined
  /**
   * How many runs may be spent on shrinking the schedule of a failure. If left out, 5,000, or as many as have a million points
   * together: long runs are tried less often.
   */
  readonly shrinkRuns?: number | undefined
}
