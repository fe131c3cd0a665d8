import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { evaluate, type Frame, following, goOn, leaveFrame, leaving, suspend } from "./effectInternals.ts"
import type { TurnTaker } from "./fairScheduler.ts"
import { Leaf } from "./leaf.ts"

/**
 * A wait of a fiber, from {@link suspend} to its end: that a turn is taken, or that the fiber is interrupted, whichever is first.
 * As an effect, it is what the fiber goes on with.
 */
export abstract class Suspension<out A, out E = never> extends Leaf<A, E> implements Frame, TurnTaker {
  readonly fiber: Fiber.Fiber<unknown, unknown>
  private isOver = false

  constructor(fiber: Fiber.Fiber<unknown, unknown>) {
    super()
    this.fiber = fiber
  }

  /** What the fiber goes on with, decided in the step in which it does. */
  protected abstract ended(): Effect.Effect<A, E>

  /** The fiber was interrupted while it waited. */
  protected abstract abandoned(): void

  /** Has the running fiber wait. What is returned is its next step. */
  suspend(): Effect.Effect<A, E> {
    return suspend(this.fiber, this) as Effect.Effect<A, E>
  }

  takeTurn(): void {
    if (!this.isOver) goOn(this.fiber, this)
  }

  run(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<A, E> {
    leaveFrame(fiber)
    this.isOver = true
    return this.ended()
  }

  // As that of every leaf, but V8 knows here whose `run` it is.
  [evaluate](fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<unknown, unknown> {
    return following(fiber, this.run(fiber))
  }

  [leaving](): void {
    this.isOver = true
    this.abandoned()
  }
}
