/** What an exploration has seen. */

const inspect = Symbol.for("nodejs.util.inspect.custom")

/**
 * What an exploration that found no failure has seen. It prints as one line.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { exhaustive, explorePromise } from "@skein/testing"
 *
 * const turn = Effect.andThen(Effect.yieldNow, Effect.void)
 * console.log(await explorePromise(Effect.all([turn, turn], { concurrency: "unbounded" }), { strategy: exhaustive() }))
 * // => 2 runs, 2 distinct schedules (all), up to 3 turns of 3 strands, exhaustive(preemptions: 0): no failure
 * ```
 */
export class Report {
  /** How many times the program was run. */
  readonly runs: number
  /** How many different schedules that was: they differ if other strands ran, or were made to yield before other steps. */
  readonly distinct: number
  /** True if the strategy has nothing left to try. */
  readonly exhausted: boolean
  /** The most turns that a run had. */
  readonly longest: number
  /** The most strands that a run had. */
  readonly strands: number
  /** The strategy, with its settings. */
  readonly strategy: string
  /** What the strategy's random choices came from, if it made any. */
  readonly seed: number | undefined

  constructor(fields: {
    readonly runs: number
    readonly distinct: number
    readonly exhausted: boolean
    readonly longest: number
    readonly strands: number
    readonly strategy: string
    readonly seed: number | undefined
  }) {
    this.runs = fields.runs
    this.distinct = fields.distinct
    this.exhausted = fields.exhausted
    this.longest = fields.longest
    this.strands = fields.strands
    this.strategy = fields.strategy
    this.seed = fields.seed
  }

  toString(): string {
    const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`
    return (
      `${count(this.runs, "run")}, ${count(this.distinct, "distinct schedule")}${this.exhausted ? " (all)" : ""}, ` +
      `up to ${count(this.longest, "turn")} of ${count(this.strands, "strand")}, ${this.strategy}: no failure`
    )
  }

  [inspect](): string {
    return this.toString()
  }
}
