// The deadline that applies to a fiber travels in its context. A context is inherited by every fiber that is forked, also by
// one that outlives the deadline's scope; therefore whoever attaches a task to something older than the scope it is started
// in (a group, a `Scope`) looks up the deadline that applies there.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"

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
}

export const CurrentDeadline: Context.Reference<DeadlineExtent | undefined> = Context.Reference<
  DeadlineExtent | undefined
>("@skein/core/CurrentDeadline", { defaultValue: () => undefined })

export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** The deadline that applies to a fiber, on that fiber's clock. A deadline of another clock says nothing here. */
export const deadlineOf = (fiber: AnyFiber): number => {
  const extent = fiber.getRef(CurrentDeadline)
  return extent === undefined || extent.clock !== fiber.getRef(Clock.Clock) ? Number.POSITIVE_INFINITY : extent.at
}

/** Milliseconds until the deadline that applies to a fiber; negative once it has passed, Infinity if there is none. */
export const remainingOf = (fiber: AnyFiber): number => {
  const at = deadlineOf(fiber)
  return at === Number.POSITIVE_INFINITY ? at : at - monotonicMillis(fiber.getRef(Clock.Clock))
}

/** A new extent inside the one that a fiber is in. */
export const extentIn = (fiber: AnyFiber, at: number): DeadlineExtent => ({
  at,
  clock: fiber.getRef(Clock.Clock),
  around: fiber.getRef(CurrentDeadline),
  scope: Option.getOrUndefined(Context.getOption(fiber.context, Scope.Scope)),
  fiber: undefined
})

/** The extent that bounds what is spawned into a scope: the innermost one that the scope was opened in. */
export const extentOfScope = (fiber: AnyFiber, scope: Scope.Scope): DeadlineExtent | undefined => {
  let extent = fiber.getRef(CurrentDeadline)
  while (extent !== undefined && extent.scope === scope) extent = extent.around
  return extent
}
