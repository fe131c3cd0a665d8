/** What a sweep of cancellations has seen, and how it fails. */

const inspect = Symbol.for("nodejs.util.inspect.custom")

/** A place at which the victim was cancelled, and what became of it. */
export interface CancelPoint {
  /** Where it was: before its first step, in which wait, or woken from which. */
  readonly where: string
  /** How the victim ended. A request that came too late leaves it to succeed. */
  readonly ended: "cancelled" | "succeeded" | "failed"
}

/**
 * A program that was cancelled at every point, and held. It prints as one line.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { cancelEverywhere } from "@skein/testing"
 *
 * const setup = Effect.succeed({ program: Effect.sleep("1 second") })
 * const report = await Effect.runPromise(cancelEverywhere(setup, { operations: false }))
 * console.log(String(report)) // => cancelled at 2 points: 2 times it ended as cancelled, 0 times it succeeded, 0 times it failed
 * ```
 */
export class CancelReport {
  /** The points in the order in which the victim came to them. */
  readonly points: ReadonlyArray<CancelPoint>

  /** @param points - the points, in order */
  constructor(points: ReadonlyArray<CancelPoint>) {
    this.points = points
  }

  toString(): string {
    const count = (how: CancelPoint["ended"]) => this.points.filter(({ ended }) => ended === how).length
    return (
      `cancelled at ${this.points.length} points: ${count("cancelled")} times it ended as cancelled, ` +
      `${count("succeeded")} times it succeeded, ${count("failed")} times it failed`
    )
  }

  [inspect](): string {
    return this.toString()
  }
}

/** The program does not hold when it is cancelled at a certain point. The message names the point. */
export class CancelEverywhereError extends Error {
  readonly _tag = "CancelEverywhereError"
  override readonly name = "CancelEverywhereError"
  /** The number of the point, from 1; 0 if it fails without being cancelled. */
  readonly point: number
  /** What the victim had waited for until then. */
  readonly trace: ReadonlyArray<string>

  /**
   * @param at - the number of the point, how many there are, and where it is
   * @param trace - what the victim had waited for
   * @param cause - what went wrong
   */
  constructor(
    at: { readonly point: number; readonly of: number; readonly where: string },
    trace: ReadonlyArray<string>,
    cause: unknown
  ) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    const title =
      at.point === 0
        ? "The program does not hold even when nobody cancels it."
        : `The program does not hold when it is cancelled at point ${at.point} of ${at.of}: ${at.where}.`
    const waits = trace.length === 0 ? "nothing" : trace.join(", then ")
    super(`${title}\n${what}\nUntil then the victim had waited for: ${waits}`, { cause })
    this.point = at.point
    this.trace = trace
  }
}
