// Effect runs a fiber inside the call that resumes, interrupts or starts it. In a deep tree (a task in whose group a task has
// a group, and so on) the end of the innermost would resume the one around it within its own last step, that one the next,
// and some thousand levels up the stack would be full and everybody above left waiting for ever. So beyond a depth that
// ordinary programs do not reach, the call is left to a turn of the scheduler.
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

/** Each level costs some ten frames of the stack, on top of what the program needs. */
const DEEPEST = 100

/** Invariant: how many calls of {@link nest} are on the stack. */
let depth = 0

/** Whether a call that runs a fiber should not be made in this turn. */
export const isDeep = (): boolean => depth >= DEEPEST

/** Makes a call that may run a fiber, and counts it while it lasts. */
export const nest = <A>(call: () => A): A => {
  depth++
  try {
    return call()
  } finally {
    depth--
  }
}

/** Makes a call that may run a fiber: now, or in a turn of the given fiber's scheduler if the stack is deep. */
export const nestOrDefer = (fiber: Fiber.Fiber<unknown, unknown>, call: () => void): void => {
  if (isDeep()) fiber.currentDispatcher.scheduleTask(() => nest(call), 0)
  else nest(call)
}

/** What ends: a fiber, or a task. */
type Ending<A, E> = Pick<Fiber.Fiber<A, E>, "addObserver" | "pollUnsafe">

/** As `Fiber.await`, for a tree of any depth. */
export const awaitEnd = <A, E>(target: Ending<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.withFiber((fiber) => {
    const exit = target.pollUnsafe()
    if (exit !== undefined) return Effect.succeed(exit)
    return Effect.callback((resume) => {
      const stop = target.addObserver((end) => nestOrDefer(fiber, () => resume(Effect.succeed(end))))
      return Effect.sync(stop)
    })
  })

/**
 * As `Fiber.await`, but goes on in a later turn than the one in which the target ended. Whoever waits for a task may be about to
 * be cancelled in that very step, together with it, and must not go on with its end as if that were news.
 */
export const awaitEndLater = <A, E>(target: Ending<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.withFiber((fiber) => {
    const exit = target.pollUnsafe()
    if (exit !== undefined) return Effect.succeed(exit)
    return Effect.callback((resume) => {
      const stop = target.addObserver((end) =>
        fiber.currentDispatcher.scheduleTask(() => resume(Effect.succeed(end)), 0)
      )
      return Effect.sync(stop)
    })
  })
