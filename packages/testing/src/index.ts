/**
 * Tests of concurrent programs: every schedule that matters, on virtual time, with replay.
 *
 * @see docs/testing.md
 */

export {
  type CancelCase,
  CancelEverywhereError,
  type CancelOptions,
  type CancelPoint,
  CancelReport,
  cancelEverywhere
} from "./cancelEverywhere.ts"
export { ExplorationError, type FailureKind, NotDeterministicError, ReplayError } from "./errors.ts"
export { explore, explorePromise, replay, replayPromise } from "./explore.ts"
export { type Leak, LeakError, type LeakOptions, type Listened, noLeaks } from "./leaks.ts"
export type { ExploreOptions, RunOptions } from "./options.ts"
export { Report } from "./Report.ts"
export { StepError } from "./StepError.ts"
export * as Steps from "./Steps.ts"
export {
  inOrder,
  type Plan,
  type ReadyCause,
  type ReadyStrand,
  type RunFacts,
  type Search,
  type Strand,
  type Strategy
} from "./Strategy.ts"
export type { Decision, Schedule, TimerMode } from "./schedule.ts"
export { exhaustive } from "./strategies/exhaustive.ts"
export { pct } from "./strategies/pct.ts"
export { preemptionBounded } from "./strategies/preemptionBounded.ts"
export { random } from "./strategies/random.ts"
export { roundRobin } from "./strategies/roundRobin.ts"
export { readToken, writeToken } from "./token.ts"
