// The host's clock for fibers of the fair scheduler. Effect's own clock sets a timer of the host for each sleeper, and runs all
// that are due inside one turn of the host, before anything that was ready earlier. Here a sleeper that is due goes to the end
// of the scheduler's queue, and the host has its turn between them.
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { scheduleTurn } from "./fairScheduler.ts"
import { addHostTimer, armHostTimer, cancelHostTimer, type HostTimer, hostClock, hostNow } from "./hostTimers.ts"
import { Leaf } from "./leaf.ts"
import { Suspension } from "./suspension.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A fiber that sleeps. */
class Sleeper extends Suspension<void> implements HostTimer {
  readonly timerWhen: number
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false

  constructor(fiber: AnyFiber, millis: number) {
    super(fiber)
    this.timerWhen = hostNow() + millis
  }

  fire(): void {
    scheduleTurn(this.fiber, this)
  }

  protected ended(): Effect.Effect<void> {
    return Effect.void
  }

  protected abandoned(): void {
    cancelHostTimer(this)
  }
}

class Sleep extends Leaf<void> {
  private readonly millis: number

  constructor(millis: number) {
    super()
    this.millis = millis
  }

  run(fiber: AnyFiber): Effect.Effect<void> {
    const sleeper = new Sleeper(fiber, this.millis)
    addHostTimer(sleeper)
    armHostTimer(sleeper)
    return sleeper.suspend()
  }
}

/** The host's time, and sleepers that go on in their scheduler's queue. */
export const fairClock: Clock.Clock = {
  currentTimeMillisUnsafe: () => hostClock.currentTimeMillisUnsafe(),
  currentTimeMillis: hostClock.currentTimeMillis,
  currentTimeNanosUnsafe: () => hostClock.currentTimeNanosUnsafe(),
  currentTimeNanos: hostClock.currentTimeNanos,
  monotonicTimeNanosUnsafe: () => hostClock.monotonicTimeNanosUnsafe(),
  monotonicTimeNanos: hostClock.monotonicTimeNanos,
  sleep(duration) {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow
    if (!Number.isFinite(millis)) return Effect.never
    return new Sleep(millis)
  }
}

/** Whether a clock is the host's: there, timers can share a heap. */
export const isOnHostTime = (clock: Clock.Clock): boolean => clock === hostClock || clock === fairClock

/** One that never begins to sleep: for `keepShapes`. */
export const sleeperShape = (fiber: AnyFiber): object => new Sleeper(fiber, 0)
