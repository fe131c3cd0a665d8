// Where an event loop gets its time from. Three sources: the host's monotonic clock, a virtual clock that jumps, and
// Effect's `Clock` service (so that a coroutine which a plain Effect runs under `TestClock` follows that clock).

import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type * as Scheduler from "effect/Scheduler"
import { effectModules } from "#effect"

/** A clock in seconds, and a way to be woken by it. */
export interface TimeSource {
  /** The present, in seconds; it never runs backwards. */
  now(): number
  /** The smallest difference that the clock can show, in seconds. */
  readonly resolution: number
  /**
   * Calls `wake` once, not before `when`; returns a function that withdraws the request. A source that can jump sets its time
   * to `when` instead and returns `undefined`: the loop may go on at once.
   */
  wait(when: number, wake: () => void): (() => void) | undefined
  /** Calls `turn` in a later turn of the host, when what the host has ready has run. */
  defer(turn: () => void): void
  /** True if waiting is jumping: then the loop, when it is idle, first lets the host finish what is in flight. */
  readonly isVirtual: boolean
}

/** The longest wait handed to the host at once: a day, as in CPython (`MAXIMUM_SELECT_TIMEOUT`). */
const MAXIMUM_WAIT = 24 * 3600

/** The monotonic clock of the host. */
export const hostTime: TimeSource = {
  now: () => performance.now() / 1000,
  resolution: 1e-9,
  isVirtual: false,
  defer: setImmediate,
  wait(when, wake) {
    const seconds = Math.min(Math.max(0, when - performance.now() / 1000), MAXIMUM_WAIT)
    const timer = setTimeout(wake, Math.ceil(seconds * 1000))
    return () => clearTimeout(timer)
  }
}

/** A clock that stands still while anything can run, and jumps to the next timer when nothing can. */
export const makeVirtualTime = (start = 0): TimeSource & { advance(seconds: number): void } => {
  let now = start
  return {
    now: () => now,
    resolution: 1e-9,
    isVirtual: true,
    defer: setImmediate,
    wait(when) {
      if (when > now) now = when
      return undefined
    },
    advance(seconds) {
      now += seconds
    }
  }
}

/** A clock of Effect, as a fiber sees it; that fiber's scheduler gives the turns. */
export const effectTime = (
  clock: Clock.Clock,
  services: Context.Context<never>,
  dispatcher: Scheduler.SchedulerDispatcher
): TimeSource => ({
  now: () => clock.currentTimeMillisUnsafe() / 1000,
  // Milliseconds come in whole numbers, and `wait` may sleep a fraction less than asked: count half of one as reached.
  resolution: 0.0005,
  isVirtual: false,
  defer: (turn) => dispatcher.scheduleTask(turn, 0),
  wait(when, wake) {
    const millis = Math.max(0, when * 1000 - clock.currentTimeMillisUnsafe())
    const { Duration, Effect } = effectModules()
    const fiber = Effect.runForkWith(services)(
      Effect.andThen(clock.sleep(Duration.millis(Math.ceil(millis))), Effect.sync(wake))
    )
    return () => fiber.interruptUnsafe()
  }
})
