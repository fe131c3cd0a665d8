// The clock of a loop as Effect's `Clock` service: an `Effect.sleep` that a coroutine awaits is then a timer of the loop, and
// follows its virtual time.

import type * as Clock from "effect/Clock"
import { effectModules } from "#effect"
import type { EventLoop } from "../base_events.ts"

/** Effect's view of a loop's clock; it counts from the loop's own zero. */
export const loopClock = (loop: EventLoop): Clock.Clock => {
  const { Duration, Effect } = effectModules()
  const millis = () => loop.time() * 1000
  const nanos = () => BigInt(Math.round(loop.time() * 1e9))
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep(duration) {
      const seconds = Duration.toMillis(duration) / 1000
      if (seconds <= 0) return Effect.yieldNow
      if (!Number.isFinite(seconds)) return Effect.never
      return Effect.callback((resume) => {
        const timer = loop._call_at(loop.time() + seconds, () => resume(Effect.void), [])
        return Effect.sync(() => timer.cancel())
      })
    }
  }
}
