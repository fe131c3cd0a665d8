// What `timeout` and `wait_for` share: a timer without a callback, arguments and context of its own (a program that wraps each
// request in a timeout makes them by the thousand), and what becomes of an error that leaves a body whose time has run out.

import type { EventLoop, Timer } from "../base_events.ts"
import { TimeoutError } from "../builtins.ts"
import { CancelledError } from "../exceptions.ts"
import type { Task } from "../tasks.ts"
import { BaseExceptionImpl } from "./base_exception.ts"
import { cancelledError } from "./cancelled.ts"

/** A timer that can be withdrawn. */
export interface DeadlineTimer extends Timer {
  _cancelled: boolean
}

/** Starts a timer. One whose time has come goes to the end of the ready queue, and not through the heap, as in CPython. */
export const arm = (loop: EventLoop, timer: DeadlineTimer): void => {
  if (timer.timerWhen <= loop.time()) loop._enqueue(timer)
  else loop._schedule(timer)
}

/** Withdraws a timer; one that has fired, or was withdrawn before, is left alone. */
export const disarm = (loop: EventLoop, timer: DeadlineTimer): void => {
  if (timer._cancelled) return
  timer._cancelled = true
  loop._timer_cancelled(timer)
}

/**
 * What a body that was overtaken by its deadline ends with: the deadline's request is withdrawn, and if it was the only one
 * since the body began, its `CancelledError` becomes a `TimeoutError`.
 *
 * @param cancelling - the task's count of requests when the body began
 * @param error - what left the body
 * @returns what is to leave it instead
 */
export const afterExpiry = (task: Task<unknown, unknown>, cancelling: number, error: unknown): unknown => {
  if (task.uncancel() > cancelling) return error
  if (error instanceof CancelledError) return new TimeoutError({ cause: error })
  showTimeoutIn(error)
  return error
}

/**
 * Puts a `TimeoutError` into an error's chain of contexts, in front of the first `CancelledError`; likewise in the members of an
 * exception group.
 *
 * An error that has no context at all was, as a rule, thrown by clean-up code; Python would have given it the `CancelledError`
 * as its context, JavaScript gave it nothing. It gets what Python's would have. Not so a group, which was, as a rule, thrown by a
 * `TaskGroup`, and that knows its context.
 */
const showTimeoutIn = (error: unknown): void => {
  if (!(error instanceof Error)) return
  const members = (error as { exceptions?: unknown }).exceptions
  if (Array.isArray(members)) for (const each of [error, ...members]) spliceTimeout(each)
  else if (contextOf(error) !== undefined) spliceTimeout(error)
  else setContext(error, new TimeoutError({ cause: cancelledError(undefined) }))
}

const spliceTimeout = (error: unknown): void => {
  // Python keeps such chains free of cycles; a `cause` can be anything.
  const seen = new Set<unknown>()
  for (let at = error; at instanceof Error && !seen.has(at); at = contextOf(at)) {
    seen.add(at)
    const context = contextOf(at)
    if (!(context instanceof CancelledError)) continue
    setContext(at, new TimeoutError({ cause: context }))
    return
  }
}

const contextOf = (error: Error): unknown => {
  const context = (error as { __context__?: unknown }).__context__
  return context ?? error.cause
}

const setContext = (error: Error, context: unknown): void => {
  if (error instanceof BaseExceptionImpl) error.__context__ = context
  else if (Object.isExtensible(error)) {
    Object.defineProperty(error, "__context__", { value: context, writable: true, configurable: true })
  }
}
