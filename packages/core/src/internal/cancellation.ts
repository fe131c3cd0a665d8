import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import { taskOf } from "./currentTask.ts"

/**
 * Why something was cancelled, and who asked for it. It travels with the interruption, so everything that is cancelled as a
 * consequence carries the record of what started it.
 */
export interface Cancellation {
  /**
   * What started it: a call of `Task.cancel`, a deadline, another task of the group that failed, the body of the group that
   * failed or was cancelled itself, the end of a group or scope, or an interruption that Skein knows nothing about.
   */
  readonly source: "request" | "deadline" | "sibling" | "body" | "scope" | "interrupt"
  /** Who asked, e.g. `task "main"` or `fiber #7`. */
  readonly by: string
  /** Why, in words. */
  readonly reason: string
}

const CancellationNote = Context.Service<Cancellation>("@skein/core/Cancellation")

/** The annotations that carry a record along with an interruption. */
export const noteOf = (cancellation: Cancellation): Context.Context<never> =>
  Context.make(CancellationNote, cancellation) as Context.Context<never>

/** The record that a cause carries: that of the first interruption, if there were several. */
export const findNote = (cause: Cause.Cause<unknown>): Cancellation | undefined => {
  for (const reason of cause.reasons) {
    const annotations = Cause.reasonAnnotations(reason) as Context.Context<Cancellation>
    const note = Context.getOrUndefined(annotations, CancellationNote)
    if (note !== undefined) return note
  }
  return undefined
}

/** The record of an interrupted cause; made up from the interrupting fibers if it carries none. */
export const cancellationOfCause = (cause: Cause.Cause<unknown>): Cancellation | undefined => {
  if (!Cause.hasInterrupts(cause)) return undefined
  const note = findNote(cause)
  if (note !== undefined) return note
  const fibers = [...Cause.interruptors(cause)].map((id) => `fiber #${id}`)
  const by = fibers.length === 0 ? "outside" : fibers.join(", ")
  return { source: "interrupt", by, reason: `interrupted by ${by}` }
}

/** How to call a fiber in a message: by its task if it has one. */
export const describeFiber = (fiber: Fiber.Fiber<unknown, unknown>): string => {
  const task = taskOf(fiber)
  return task === undefined ? `fiber #${fiber.id}` : `task "${task.name}"`
}
