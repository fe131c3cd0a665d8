// The host's clock for fibers of the fair scheduler. Effect's own clock sets a timer of the host for each sleeper, and runs all
// that are due inside one turn of the host, before anything that was ready earlier. Here a sleeper that is due goes to the end
// of the scheduler's queue, and the host has its turn between them.
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { scheduleTurn, type TurnTaker } from "./fairScheduler.ts"
import { addHostTimer, armHostTimer, cancelHostTimer, type HostTimer, hostClock, hostNow } from "./hostTimers.ts"
import { Leaf } from "./leaf.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A fiber that sleeps. As an effect, it is what is done when the fiber is interrupted. */
class Sleeper extends Leaf<void> implements HostTimer, TurnTaker {
  readonly timerWhen: number
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false
  private readonly fiber: AnyFiber
  private readonly resume: (effect: Effect.Effect<void>) => void

  constructor(millis: number, fiber: AnyFiber, resume: (effect: Effect.Effect<void>) => void) {
    super()
    this.timerWhen = hostNow() + millis
    this.fiber = fiber
    this.resume = resume
  }

  begin(): this {
    addHostTimer(this)
    armHostTimer(this)
    return this
  }

  fire(): void {
    scheduleTurn(this.fiber, this)
  }

  // One that is interrupted between the two is not resumed: the callback it stands for is over.
  takeTurn(): void {
    this.resume(Effect.void)
  }

  run(): Effect.Effect<void> {
    cancelHostTimer(this)
    return Effect.void
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
    return Effect.callback((resume) => new Sleeper(millis, Fiber.getCurrent() as AnyFiber, resume).begin())
  }
}

/** Whether a clock is the host's: there, timers can share a heap. */
export const isOnHostTime = (clock: Clock.Clock): boolean => clock === hostClock || clock === fairClock

/** One that never begins to sleep: for `keepShapes`. */
export const sleeperShape = (fiber: AnyFiber): object => new Sleeper(0, fiber, () => undefined)
