// The deadline that applies to a fiber travels in its context. A context is inherited by every fiber that is forked, also by
// one that outlives the deadline's scope; therefore whoever attaches a task to something older than the scope it is started
// in (a group, a `Scope`) looks up the deadline that applies there.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { isOnHostTime } from "./fairClock.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A stretch of code with a deadline, or shielded from those around it. */
export interface DeadlineExtent {
  /** The nearest deadline in force, in milliseconds of the clock's monotonic time. Infinity for none. */
  readonly at: number
  readonly clock: Clock.Clock
  /** The extent around it. */
  readonly around: DeadlineExtent | undefined
  /** The `Scope` in use where it began: that one outlives it, and so does what is spawned in it. */
  readonly scope: Scope.Scope | undefined
  /** The fiber that runs its body, and that its timer interrupts. */
  fiber: AnyFiber | undefined
  /** In whose place that fiber acts, if the extent is what knows. */
  readonly owner: AnyFiber | undefined
}

export const CurrentDeadline: Context.Reference<DeadlineExtent | undefined> = Context.Reference<
  DeadlineExtent | undefined
>("@skein/core/CurrentDeadline", { defaultValue: () => undefined })

export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** The deadline in force in an extent, on a clock. A deadline of another clock says nothing there. */
export const timeOf = (extent: DeadlineExtent | undefined, clock: Clock.Clock): number =>
  extent !== undefined && (extent.clock === clock || (isOnHostTime(extent.clock) && isOnHostTime(clock)))
    ? extent.at
    : Number.POSITIVE_INFINITY

/** The deadline that applies to a fiber, on that fiber's clock. */
export const deadlineOf = (fiber: AnyFiber): number => timeOf(fiber.getRef(CurrentDeadline), fiber.getRef(Clock.Clock))

/** Milliseconds until the deadline that applies to a fiber; negative once it has passed, Infinity if there is none. */
export const remainingOf = (fiber: AnyFiber): number => {
  const at = deadlineOf(fiber)
  return at === Number.POSITIVE_INFINITY ? at : at - monotonicMillis(fiber.getRef(Clock.Clock))
}

/** An extent inside the one that a fiber is in. */
export class Extent implements DeadlineExtent {
  readonly at: number
  readonly clock: Clock.Clock
  readonly around: DeadlineExtent | undefined
  fiber: AnyFiber | undefined = undefined
  private readonly context: Context.Context<never>

  constructor(parent: AnyFiber, clock: Clock.Clock, around: DeadlineExtent | undefined, at: number) {
    this.at = at
    this.clock = clock
    this.around = around
    this.context = parent.context
  }

  get owner(): AnyFiber | undefined {
    return undefined
  }

  get scope(): Scope.Scope | undefined {
    return Option.getOrUndefined(Context.getOption(this.context, Scope.Scope))
  }
}

/** The extent that bounds what is spawned into a scope: the innermost one that the scope was opened in. */
export const extentOfScope = (fiber: AnyFiber, scope: Scope.Scope): DeadlineExtent | undefined => {
  let extent = fiber.getRef(CurrentDeadline)
  while (extent !== undefined && extent.scope === scope) extent = extent.around
  return extent
}
