// An Effect fiber that was interrupted stays interrupted: interruption cannot be withdrawn. So whatever has to stop a piece
// of a fiber's work and then let the fiber go on (a deadline, a group whose child failed) runs that piece in a fiber of its
// own, a strand, while the first one waits. To the outside both are one: who owns a lock, and which task runs, must not
// change because a deadline was set. `ownerOf` undoes the difference.
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { type RunningTask, taskOf } from "./currentTask.ts"
import { CurrentDeadline } from "./deadline.ts"
import { awaitEnd, isDeep, nest, nestOrDefer } from "./shallow.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

interface Strand {
  /** The fiber that this is about. Fibers which that one forks inherit the reference, but they are themselves. */
  fiber: AnyFiber | undefined
  readonly owner: AnyFiber
}

const CurrentStrand = Context.Reference<Strand | undefined>("@skein/core/CurrentStrand", {
  defaultValue: () => undefined
})

/** The fiber in whose place a fiber acts: itself, unless it is a strand. */
export const ownerOf = (fiber: AnyFiber): AnyFiber => {
  // The fiber that runs a task is never a strand.
  const task = taskOf(fiber) as (RunningTask & { readonly fiber?: AnyFiber }) | undefined
  if (task?.fiber === fiber) return fiber
  const strand = fiber.getRef(CurrentStrand)
  if (strand !== undefined && strand.fiber === fiber) return strand.owner
  const extent = fiber.getRef(CurrentDeadline)
  return extent !== undefined && extent.fiber === fiber ? (extent.owner ?? fiber) : fiber
}

/**
 * Starts a strand of `parent` at once (at the next turn, if the stack is deep). It can be interrupted, also if `parent` cannot be just now.
 *
 * @param onStart - called with the strand's fiber before its first step.
 */
export const startStrand = <A, E, R>(
  parent: AnyFiber,
  context: Context.Context<never>,
  effect: Effect.Effect<A, E, R>,
  onStart?: (fiber: AnyFiber) => void
): Fiber.Fiber<A, E> => {
  const strand: Strand = { fiber: undefined, owner: ownerOf(parent) }
  const body = isDeep() ? Effect.andThen(Effect.yieldNow, effect) : effect
  return nest(() =>
    Effect.runForkWith(Context.add(context, CurrentStrand, strand) as Context.Context<R>)(
      Effect.withFiber((fiber) => {
        strand.fiber = fiber
        onStart?.(fiber)
        return body
      })
    )
  )
}

/** What is left of a cause without its interruptions: the errors that must not be lost. */
export const withoutInterrupts = <E>(cause: Cause.Cause<E>): Cause.Cause<E> =>
  Cause.fromReasons(cause.reasons.filter((reason) => !Cause.isInterruptReason(reason)))

/** Fails with what an exit has besides interruption, if it has anything. */
export const failWithRest = <E>(exit: Exit.Exit<unknown, E>): Effect.Effect<void, E> => {
  if (Exit.isSuccess(exit)) return Effect.void
  const rest = withoutInterrupts(exit.cause)
  return rest.reasons.length === 0 ? Effect.void : Effect.failCause(rest)
}

/** Waits for the end of a strand. */
export const awaitStrand = <A, E>(strand: Fiber.Fiber<A, E>): Effect.Effect<Exit.Exit<A, E>> => {
  const exit = strand.pollUnsafe()
  return exit === undefined ? awaitEnd(strand) : Effect.succeed(exit)
}

/** What {@link awaitStrand} needs for a finalizer: if the wait was interrupted, so is the strand, and its end awaited. */
export const endStrand = <E>(
  strand: Fiber.Fiber<unknown, E>,
  exit: Exit.Exit<unknown, unknown>
): Effect.Effect<void, E> | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const notes = Cause.annotations(exit.cause)
  return Effect.withFiber((parent) => {
    nestOrDefer(parent, () => strand.interruptUnsafe(parent.id, notes))
    return Effect.flatMap(awaitEnd(strand), failWithRest)
  })
}

/**
 * Runs an effect in a strand of the current fiber and waits for its end.
 *
 * Interruption of the current fiber goes on to the strand, with its notes, and the strand's clean-up is awaited; errors of
 * that clean-up stand beside the interruption in the cause.
 *
 * @param start - starts the strand; called once each time.
 */
export const runStrand = <A, E, R>(
  start: (parent: AnyFiber) => Fiber.Fiber<A, E>
): Effect.Effect<Exit.Exit<A, E>, E, R> =>
  Effect.suspend(() => {
    let strand: Fiber.Fiber<A, E> | undefined
    // The finalizer stands before the strand starts: what the strand does in its first step may interrupt the parent, and
    // then nothing that follows the start would run.
    return Effect.onExitPrimitive(
      Effect.withFiber((fiber) => {
        strand = start(fiber)
        return awaitStrand(strand)
      }),
      (exit): Effect.Effect<void, E> | undefined => (strand === undefined ? undefined : endStrand(strand, exit))
    )
  })
