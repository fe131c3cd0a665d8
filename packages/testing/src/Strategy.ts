/**
 * How an exploration goes through the schedules of a program.
 *
 * A strategy is a value; {@link Strategy.begin} starts a search with it. The search makes a plan for each run, and the plan is
 * asked at each point where several strands could go on. The strategies that come with this package are written against this
 * interface, and so may yours be.
 */
import type { ReadyStrand, Strand } from "@skein/core/kernel"

export type { ReadyCause, ReadyStrand, Strand } from "@skein/core/kernel"

/** Says who goes on, during one run. */
export interface Plan {
  /**
   * The strand that ran has waited, yielded or ended, and several could go on.
   *
   * @param ready - two or more, the one that would go on by itself first
   * @param last - who ran
   * @returns an index into `ready`; 0 leaves the order as it is
   */
  pick(ready: ReadonlyArray<ReadyStrand>, last: Strand | undefined): number
  /**
   * A fiber of core is about to make a step while others are ready. Left out: no fiber is ever made to yield.
   *
   * @param ready - one or more
   * @param running - whose step it is
   * @returns 0 to let it go on, `i` to switch to `ready[i - 1]`
   */
  preempt?(ready: ReadonlyArray<ReadyStrand>, running: Strand): number
  /** A turn begins, chosen or not. */
  turnBegan?(strand: Strand): void
}

/** What a search learns of a run that has ended. */
export interface RunFacts {
  /** At how many points somebody had to be chosen. */
  readonly points: number
  /** How many candidates there were at each of them, counting the one that goes on by itself. */
  readonly candidates: ReadonlyArray<number>
}

/** A search in progress. */
export interface Search {
  /** The plan of the next run; `undefined` once every schedule that the strategy knows has been run. */
  next(): Plan | undefined
  /** Told after each run that did not fail. */
  ended?(facts: RunFacts): void
}

/** A way to go through the schedules of a program. */
export interface Strategy {
  /** Its name and settings, as they stand in reports: `random(seed: 1, preemption: 0.1)`. */
  readonly description: string
  /** What its random choices come from, if it makes any. */
  readonly seed?: number | undefined
  /** How many runs it makes if the exploration does not say. */
  readonly defaultRuns: number
  /** Begins a search from the start. */
  begin(): Search
}

/** The plan that leaves everything in order: the program as it runs without an explorer. */
export const inOrder: Plan = { pick: () => 0 }
