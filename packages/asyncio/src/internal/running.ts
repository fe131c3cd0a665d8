// What is running right now, in this thread of JavaScript. A loop counts as running while it makes its passes (between them
// the thread belongs to the host), so everything that runs inside a pass, plain callbacks included, finds it here.

import type * as Fiber from "effect/Fiber"
import type { EventLoop } from "../base_events.ts"

/** The loop whose pass is running, if any. */
let runningLoop: EventLoop | undefined

/** The loop that `set_event_loop` named, if any. */
let currentLoop: EventLoop | undefined

/**
 * The fiber whose coroutine is being stepped, for the length of one `next()` or `throw()`. A coroutine that finds itself
 * iterated while this fiber is the current one is being awaited by another coroutine; if another fiber is current, an
 * `Effect.gen` stands in between.
 */
let steppedFiber: Fiber.Fiber<unknown, unknown> | undefined

export const getRunningLoop = (): EventLoop | undefined => runningLoop

/** Makes `loop` the running one, and returns the one that was. */
export const swapRunningLoop = (loop: EventLoop | undefined): EventLoop | undefined => {
  const previous = runningLoop
  runningLoop = loop
  return previous
}

export const getCurrentLoop = (): EventLoop | undefined => currentLoop

export const setCurrentLoop = (loop: EventLoop | undefined): void => {
  currentLoop = loop
}

export const getSteppedFiber = (): Fiber.Fiber<unknown, unknown> | undefined => steppedFiber

/** Makes `fiber` the one that is being stepped, and returns the one that was. */
export const swapSteppedFiber = (
  fiber: Fiber.Fiber<unknown, unknown> | undefined
): Fiber.Fiber<unknown, unknown> | undefined => {
  const previous = steppedFiber
  steppedFiber = fiber
  return previous
}
