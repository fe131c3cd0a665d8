/** How an exploration, or a replay, fails. */
import { TaggedError } from "./internal/taggedError.ts"
import type { Schedule } from "./schedule.ts"

/** Makes an error whose stack is only its message: where in the explorer it was made says nothing. */
export const withoutStack = <E extends Error>(make: () => E): E => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

const inspect = Symbol.for("nodejs.util.inspect.custom")

/**
 * What went wrong in a run.
 *
 * `failure`: the program failed. `deadlock`: every strand waited and no timer was set. `check`: the result was not right.
 * `always`: an invariant was broken after a turn. `after`: what was to be checked after the run failed. `did-not-end`: the run
 * took more turns than allowed.
 */
export type FailureKind = "failure" | "deadlock" | "check" | "always" | "after" | "did-not-end"

/** Under some schedule, the program fails. The message tells how, and how to repeat it. */
export class ExplorationError extends TaggedError("ExplorationError")<{
  readonly message: string
  /** What went wrong. */
  readonly kind: FailureKind
  /** The error itself: what the program failed with, or what a check threw. */
  readonly cause: unknown
  /** Which run it was, counted from 1. */
  readonly run: number
  /** The strategy, with its settings. */
  readonly strategy: string
  /** The schedule with the fewest switches that was found to fail like this. */
  readonly schedule: Schedule
  /** That schedule, to be given to `replay`. */
  readonly token: string
  /** Who ran, turn by turn, in that schedule. */
  readonly turns: ReadonlyArray<string>
}> {
  [inspect](): string {
    return this.stack ?? this.message
  }
}

/** Twice the same decisions, and not the same run: the program depends on something that the explorer does not rule. */
export class NotDeterministicError extends TaggedError("NotDeterministicError")<{
  /** What was seen to differ. */
  readonly details: string
}> {
  override get message(): string {
    return (
      `The program is not deterministic: with the same decisions it ran differently (${this.details}). ` +
      "Schedules can be neither repeated nor shrunk then. Look for Math.random, Date.now, real I/O, workers, and for state " +
      "that outlives a run: whatever a run changes must be made within the program."
    )
  }

  [inspect](): string {
    return this.stack ?? this.message
  }
}

/** A token that cannot be read, or does not fit the program. */
export class ReplayError extends TaggedError("ReplayError")<{ readonly message: string }> {
  [inspect](): string {
    return this.stack ?? this.message
  }
}
