// How a fiber waits at a machine of the kernel, so that nothing is lost whenever it is interrupted.
//
// What is taken is taken inside one `Effect.sync`, whose value goes to the caller's continuation in the same step of the
// fiber; there is no moment at which a fiber has something and can be interrupted before its continuation has it too. (An
// effect that takes first and then returns `succeed(it)` has such a moment: the scheduler may make the fiber yield between.)
// Before that step the finalizer of `Effect.callback` stands: it leaves the line, and passes on what the fiber was woken for.
//
// Between finding a place open and taking from it, the scheduler may let others in as well. The step then finds it closed,
// and begins anew, by a signal that is thrown and caught here.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { WaitTarget } from "../kernel/TaskRegistry.ts"
import type { WaitNode, WaitQueue } from "../kernel/WaitQueue.ts"
import { beginWait, endWait, type RunningTask } from "./currentTask.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A place to take something from, or to leave something at, at once or after waiting. */
export interface Place<out A, out E, in Ask> extends WaitTarget {
  /** The error to fail with at once, if asking makes no sense. */
  refuse(ask: Ask, fiber: AnyFiber): E | undefined
  /** Tells whether {@link take} would succeed now. */
  isOpen(ask: Ask): boolean
  /** Takes at once. Only called when the place is open. */
  take(ask: Ask, fiber: AnyFiber): A
  /** Gets in line. Only called when the place is not open. */
  enqueue(node: ParkedFiber, ask: Ask): void
  /** A woken fiber runs again: takes what it was woken for. It may throw {@link tryAgain} or a {@link Refusal}. */
  resumed(node: ParkedFiber, ask: Ask): A
  /** A fiber in line was interrupted, woken or not. */
  abandoned(node: ParkedFiber): void
}

/** Thrown to begin anew, at the end of the line. */
export const tryAgain: unique symbol = Symbol("@skein/core/tryAgain")

/** Thrown to fail with a typed error. */
export class Refusal {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** A fiber that stands in line. */
export class ParkedFiber implements WaitNode {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined
  isWaiting = true
  /** A fiber that is interrupted leaves the line at once. */
  readonly isCancelled = false
  /** For semaphores: how many permits it asks for. */
  weight = 1
  readonly fiber: AnyFiber
  private readonly go: () => void

  constructor(fiber: AnyFiber, go: () => void) {
    this.fiber = fiber
    this.go = go
  }

  /** The fiber goes on in a turn of its own scheduler, not inside the call of whoever woke it. */
  wake(): void {
    this.isWaiting = false
    this.fiber.currentDispatcher.scheduleTask(this.go, 0)
  }
}

/** Gets in line and waits to be woken. */
export const park = <A, E, Ask>(place: Place<A, E, Ask>, ask: Ask, fiber: AnyFiber): Effect.Effect<A> =>
  Effect.callback<A>((resume) => {
    if (place.isOpen(ask)) return resume(Effect.die(tryAgain))
    let task: RunningTask | undefined
    const node: ParkedFiber = new ParkedFiber(fiber, () => resume(claim))
    const claim = Effect.sync(() => {
      endWait(task, place)
      return place.resumed(node, ask)
    })
    place.enqueue(node, ask)
    task = beginWait(fiber, place)
    return Effect.sync(() => {
      endWait(task, place)
      place.abandoned(node)
    })
  })

/** Takes from a place, at once or after waiting. */
export const takeFrom = <A, E, Ask>(place: Place<A, E, Ask>, ask: Ask): Effect.Effect<A, E> => {
  const attempt = Effect.withFiber<A, E>((fiber) => {
    const refusal = place.refuse(ask, fiber)
    if (refusal !== undefined) return Effect.fail(refusal)
    if (!place.isOpen(ask)) return park(place, ask, fiber)
    return Effect.sync(() => {
      if (place.isOpen(ask)) return place.take(ask, fiber)
      throw tryAgain
    })
  })
  const whole: Effect.Effect<A, E> = Effect.catchCause(attempt, (cause): Effect.Effect<A, E> => {
    const reason = cause.reasons[0]
    if (cause.reasons.length === 1 && reason !== undefined && Cause.isDieReason(reason)) {
      if (reason.defect === tryAgain) return whole
      if (reason.defect instanceof Refusal) return Effect.fail(reason.defect.error as E)
    }
    return Effect.failCause(cause)
  })
  return whole
}
