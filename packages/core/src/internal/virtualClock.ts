import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Chooser } from "../kernel/Chooser.ts"
import { type Engine, Sleeper } from "./virtualEngine.ts"

/** The clock of a run on virtual time. */
export class VirtualClock implements Clock.Clock {
  readonly engine: Engine
  readonly chooser: Chooser | undefined
  readonly currentTimeMillis: Effect.Effect<number> = Effect.sync(() => this.currentTimeMillisUnsafe())
  readonly currentTimeNanos: Effect.Effect<bigint> = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos: Effect.Effect<bigint> = Effect.sync(() => this.currentTimeNanosUnsafe())

  constructor(engine: Engine, chooser: Chooser | undefined) {
    this.engine = engine
    this.chooser = chooser
  }

  currentTimeMillisUnsafe(): number {
    return this.engine.now
  }

  currentTimeNanosUnsafe(): bigint {
    const whole = Math.floor(this.engine.now)
    return BigInt(whole) * 1_000_000n + BigInt(Math.round((this.engine.now - whole) * 1_000_000))
  }

  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe()
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow
    if (!Number.isFinite(millis)) return Effect.never
    const engine = this.engine
    return Effect.callback((resume) => {
      const sleeper = new Sleeper(engine.now + millis, Fiber.getCurrent(), resume)
      engine.timers.push(sleeper)
      return Effect.sync(() => {
        sleeper.timerCancelled = true
        engine.timers.noteCancelled(sleeper)
      })
    })
  }
}
