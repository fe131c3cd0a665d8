/**
 * A flag that fibers wait for: once it is up, all of them go on.
 */
import * as Effect from "effect/Effect"
import { describeWaiters } from "./internal/holding.ts"
import { Operation } from "./internal/leaf.ts"
import { type ParkedFiber, type Place, takeFrom } from "./internal/parking.ts"
import { Printed, waitingSuffix } from "./internal/printed.ts"
import { EventState } from "./kernel/EventState.ts"

const TypeId: unique symbol = Symbol.for("@skein/core/Event")

/**
 * A flag that can be raised, lowered and waited for.
 */
export interface Event {
  readonly [TypeId]: typeof TypeId
  /** The given name, or `event-` and a number. */
  readonly name: string
  /** Its name, whether it is set and how many wait, in one line. */
  toString(): string
}

/** What an event is doing now. */
export interface EventStatistics {
  /** The name of the event. */
  readonly name: string
  /** Whether the flag is up. */
  readonly isSet: boolean
  /** Who waits for it, in order of arrival. */
  readonly waiting: ReadonlyArray<string>
}

class EventImpl extends Printed implements Event, Place<void, never, undefined> {
  readonly [TypeId]: typeof TypeId = TypeId
  readonly kind = "Event"
  readonly state: EventState = new EventState()
  readonly wait: Effect.Effect<void>

  constructor(name: string | undefined) {
    super("Event", name)
    this.wait = takeFrom<void, never, undefined>(this, undefined)
  }

  refuse(): undefined {
    return undefined
  }

  isOpen(): boolean {
    return this.state.isSet
  }

  take(): void {
    // Nothing is used up.
  }

  enqueue(node: ParkedFiber): void {
    this.state.enqueue(node)
  }

  resumed(node: ParkedFiber): void {
    this.state.left(node)
  }

  abandoned(node: ParkedFiber): void {
    this.state.left(node)
  }

  describeState(): string {
    return `${this.state.isSet ? "set" : "unset"}${waitingSuffix(this.state.waiters.length)}`
  }

  describeWait(): string {
    return this.describeHeld()
  }
}

const implOf = (event: Event): EventImpl => event as EventImpl

/**
 * Makes an event that is not set.
 *
 * @param name - what it is called in messages; by default `event-` and a number.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Event, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const open = yield* Event.make("open")
 *   const visitor = Effect.as(Event.wait(open), "in")
 *   const host = Effect.andThen(Effect.sleep("1 hour"), Event.set(open))
 *   const [first, second] = yield* Effect.all([visitor, visitor, host], { concurrency: "unbounded" })
 *   return `${first} ${second}`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => in in
 * ```
 */
export const make = (name?: string): Effect.Effect<Event> => Effect.sync(() => new EventImpl(name))

/**
 * Waits until the event is set; at once if it is.
 *
 * Fairness: all that wait are woken, in order of arrival. Lowering the flag before they run does not call them back.
 *
 * When interrupted: nothing is lost.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Event, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const open = yield* Event.make("open")
 *   yield* Effect.forkChild(Effect.andThen(Effect.sleep("1 hour"), Event.set(open)))
 *   yield* Event.wait(open)
 *   return yield* VirtualTime.now
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 3600000
 * ```
 */
export const wait = (self: Event): Effect.Effect<void> => implOf(self).wait

/**
 * Raises the flag and wakes all that wait. Returns how many that were.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Event, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const open = yield* Event.make("open")
 *   for (const _ of ["a", "b"]) yield* Effect.forkChild(Event.wait(open))
 *   yield* Effect.sleep("1 second")
 *   return [yield* Event.set(open), yield* Event.set(open)].join(" then ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 2 then 0
 * ```
 */
export const set = (self: Event): Effect.Effect<number> => new SetFlag(implOf(self))

class SetFlag extends Operation<number> {
  private readonly event: EventImpl

  constructor(event: EventImpl) {
    super()
    this.event = event
  }

  run(): Effect.Effect<number> {
    return Effect.succeed(this.event.state.set())
  }
}

/**
 * Lowers the flag.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Event, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const open = yield* Event.make("open")
 *   yield* Event.set(open)
 *   yield* Event.clear(open)
 *   return String(open)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => Event("open", unset)
 * ```
 */
export const clear = (self: Event): Effect.Effect<void> => Effect.sync(() => implOf(self).state.clear())

/**
 * Tells whether the flag is up.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Event, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const open = yield* Event.make("open")
 *   yield* Event.set(open)
 *   return yield* Event.isSet(open)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => true
 * ```
 */
export const isSet = (self: Event): Effect.Effect<boolean> => Effect.sync(() => implOf(self).state.isSet)

/**
 * Whether the flag is up, and who waits for it.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Event, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const open = yield* Event.make("open")
 *   yield* Effect.forkChild(Event.wait(open))
 *   yield* Effect.sleep("1 second")
 *   const { isSet, waiting } = yield* Event.statistics(open)
 *   return `${isSet}, ${waiting.length} waiting`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => false, 1 waiting
 * ```
 */
export const statistics = (self: Event): Effect.Effect<EventStatistics> =>
  Effect.sync(() => {
    const { name, state } = implOf(self)
    return Object.freeze({ name, isSet: state.isSet, waiting: describeWaiters(state.waiters) })
  })
