/**
 * What one run did otherwise than it would have by itself.
 *
 * @see docs/testing.md
 */

/** A choice other than the default. */
export interface Decision {
  /** At which of the run's points, counted from 0. A point is where several could go on. */
  readonly at: number
  /** Who went on: the index that the plan returned, 1 or more. */
  readonly choice: number
}

/** A schedule of a program: its decisions, and what is needed to see that a run follows it. */
export interface Schedule {
  /** Which package's program it is for. */
  readonly kind: "core" | "asyncio"
  /** Whether timers could fire while others were ready. */
  readonly timers: TimerMode
  /** In the order in which they were made. At all other points, the default was chosen. */
  readonly decisions: ReadonlyArray<Decision>
  /** How many points the run had. */
  readonly points: number
  /** A number made from who ran, turn by turn: another for another order. */
  readonly fingerprint: number
}

/** When a timer fires: as soon as all is idle, or at any time, as if what runs before it were slow. */
export type TimerMode = "idle" | "anytime"
