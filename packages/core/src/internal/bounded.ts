// An effect that has to end within a time runs in a strand, which a timer interrupts. Most such effects end in time, and many
// without ever waiting: those have cost a fiber and no timer.
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { type Cancellation, noteOf } from "./cancellation.ts"
import { CurrentDeadline, type DeadlineExtent, Extent, monotonicMillis, timeOf } from "./deadline.ts"
import { stepInto } from "./effectInternals.ts"
import { isOnHostTime } from "./fairClock.ts"
import { addHostTimer, armHostTimer, cancelHostTimer, type HostTimer } from "./hostTimers.ts"
import { Leaf } from "./leaf.ts"
import { isDeep, nest } from "./shallow.ts"
import { awaitStrand, endStrand, ownerOf, withoutInterrupts } from "./strand.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** The extent of an effect that has to end in time. */
class BoundedExtent extends Extent {
  /** True once its time was over before its strand had ended. */
  isExpired = false
  private isOver = false
  private strand: AnyFiber | undefined = undefined
  private readonly parent: AnyFiber
  private readonly bounded: AnyBounded
  readonly duration: Duration.Duration
  private readonly expiry: number
  /** What takes the timer back, while there is one. */
  private cancelTimer: (() => void) | undefined = undefined

  /** @param expiry - when it has to have ended; one around it may have to earlier. */
  constructor(
    parent: AnyFiber,
    clock: Clock.Clock,
    around: DeadlineExtent | undefined,
    bounded: AnyBounded,
    duration: Duration.Duration,
    expiry: number
  ) {
    super(parent, clock, around, Math.min(expiry, timeOf(around, clock)))
    this.parent = parent
    this.bounded = bounded
    this.duration = duration
    this.expiry = expiry
  }

  override get owner(): AnyFiber {
    return ownerOf(this.parent)
  }

  start(): AnyFiber {
    // On the host's clock the timer can wait until the strand does.
    if (!isOnHostTime(this.clock)) this.setTimer()
    const context = Context.addUnsafe(this.parent.context, CurrentDeadline.key, this) as Context.Context<never>
    const strand = nest(() => Effect.runForkWith(context)(beginning))
    this.strand = strand
    if (strand.pollUnsafe() !== undefined) this.ended()
    else {
      this.arm()
      strand.addObserver(() => this.ended())
    }
    return strand
  }

  /** The strand's first step. */
  begin(fiber: AnyFiber): Effect.Effect<unknown, unknown, unknown> {
    this.fiber = fiber
    const { effect } = this.bounded
    return isDeep() ? Effect.andThen(Effect.yieldNow, effect) : effect
  }

  // Of two deadlines for the same instant the outer one is first, so its timer is set before this one.
  private arm(): void {
    if (this.cancelTimer !== undefined || this.isOver) return
    for (let around = this.around; around !== undefined; around = around.around) {
      if (around instanceof BoundedExtent) {
        around.arm()
        break
      }
    }
    this.setTimer()
  }

  private setTimer(): void {
    if (isOnHostTime(this.clock)) {
      const timer = new Expiry(this.expiry, this)
      addHostTimer(timer)
      armHostTimer(timer)
      this.cancelTimer = () => cancelHostTimer(timer)
      return
    }
    const sleeper = Effect.runForkWith(this.parent.context)(this.clock.sleep(this.duration))
    sleeper.addObserver((exit) => {
      if (Exit.isSuccess(exit)) this.expire()
    })
    this.cancelTimer = () => sleeper.interruptUnsafe()
  }

  expire(): void {
    this.isExpired = true
    this.strand?.interruptUnsafe(this.parent.id, noteOf(this.bounded.note(this.duration)))
  }

  private ended(): void {
    this.isOver = true
    this.cancelTimer?.()
  }
}

/** The end of an extent's time, on the host's clock. */
class Expiry implements HostTimer {
  readonly timerWhen: number
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false
  private readonly extent: BoundedExtent

  constructor(when: number, extent: BoundedExtent) {
    this.timerWhen = when
    this.extent = extent
  }

  fire(): void {
    this.extent.expire()
  }
}

const beginning = Effect.withFiber((fiber) =>
  (fiber.getRef(CurrentDeadline) as BoundedExtent).begin(fiber)
) as Effect.Effect<unknown, unknown>

type AnyBounded = Bounded<unknown, unknown, unknown, unknown, unknown>

/** What becomes of an effect that has to end within a time. */
export abstract class Bounded<A, E, R, B, E2> extends Leaf<B, E | E2> {
  readonly effect: Effect.Effect<A, E, R>
  protected readonly time: Duration.Input
  protected readonly name: string | undefined

  constructor(effect: Effect.Effect<A, E, R>, time: Duration.Input, name: string | undefined) {
    super()
    this.effect = effect
    this.time = time
    this.name = name
  }

  /** It has ended by itself. */
  protected abstract ended(exit: Exit.Exit<A, E>): Exit.Exit<B, E>

  /** Its time was over; with the errors of its clean-up. */
  protected abstract expired(rest: Cause.Cause<E>, duration: Duration.Duration): Effect.Effect<B, E | E2>

  /** Why it was cancelled, if its time was over. */
  abstract note(duration: Duration.Duration): Cancellation

  run(fiber: AnyFiber): Effect.Effect<B, E | E2> {
    const duration = Duration.fromInputUnsafe(this.time)
    const clock = fiber.getRef(Clock.Clock)
    const expiry = monotonicMillis(clock) + Duration.toMillis(duration)
    const around = fiber.getRef(CurrentDeadline)
    // Nothing to be done if the effect would be cancelled no later anyway, and by a scope that this very fiber belongs to.
    if (expiry === Number.POSITIVE_INFINITY || (around?.fiber === fiber && timeOf(around, clock) <= expiry)) {
      const effect = this.effect as Effect.Effect<A, E>
      return Effect.flatMap(effect, (value) => this.ended(Exit.succeed(value)))
    }
    const extent = new BoundedExtent(fiber, clock, around, this as AnyBounded, duration, expiry)
    const strand = extent.start() as Fiber.Fiber<A, E>
    const exit = strand.pollUnsafe()
    if (exit !== undefined && Exit.isSuccess(exit)) return this.ended(exit)
    // What the strand has done by now may have interrupted this fiber. The finalizer stands before that comes through.
    const waits = Effect.onExitPrimitive(awaitStrand(strand), (end) => endStrand(strand, end))
    const concluded = Effect.flatMap(waits, (end: Exit.Exit<A, E>) => this.conclude(end, extent))
    return stepInto(fiber, stepInto(fiber, concluded)) as Effect.Effect<B, E | E2>
  }

  private conclude(exit: Exit.Exit<A, E>, extent: BoundedExtent): Effect.Effect<B, E | E2> {
    // An effect that ended by itself after the deadline, in a region that cannot be interrupted, has ended all the same.
    return extent.isExpired && Exit.isFailure(exit) && Exit.hasInterrupts(exit)
      ? this.expired(withoutInterrupts(exit.cause), extent.duration)
      : this.ended(exit)
  }
}
