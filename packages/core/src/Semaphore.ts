/**
 * A number of permits that fibers take and give back, in order of arrival whatever the weight.
 *
 * Unlike Effect's own semaphore, a light request never passes a heavy one, so a heavy one is not starved; releasing more than
 * was taken is an error; and waiting, holding and state can be seen.
 */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { RunningTask } from "./internal/currentTask.ts"
import { type Frame, leaving } from "./internal/effectInternals.ts"
import { describeWaiters, noteHeld, noteReleased } from "./internal/holding.ts"
import { enterHolding, Leaf } from "./internal/leaf.ts"
import { type AnyFiber, type ParkedFiber, type Place, Stay, takeFrom } from "./internal/parking.ts"
import { Printed, waitingSuffix } from "./internal/printed.ts"
import { TaggedError } from "./internal/taggedError.ts"
import { WeightedSemaphoreState } from "./kernel/SemaphoreState.ts"
import type { HeldResource } from "./kernel/TaskRegistry.ts"

const TypeId: unique symbol = Symbol.for("@skein/core/Semaphore")

/**
 * A number of permits.
 */
export interface Semaphore {
  readonly [TypeId]: typeof TypeId
  /** The given name, or `semaphore-` and a number. */
  readonly name: string
  /** Its name, its free permits and how many wait, in one line. */
  toString(): string
}

/** What a semaphore is doing now. */
export interface SemaphoreStatistics {
  /** The name of the semaphore. */
  readonly name: string
  /** The permits that it has in all; `undefined` if it is not bounded. */
  readonly permits: number | undefined
  /** The permits that are free, and not set aside for a waiter. */
  readonly available: number
  /** Who waits for permits, first served first. */
  readonly waiting: ReadonlyArray<string>
}

/**
 * More permits were given back than had been taken.
 */
export class OverReleaseError extends TaggedError("OverReleaseError")<{
  readonly semaphore: string
  readonly permits: number
  readonly released: number
  readonly available: number
}> {
  override get message(): string {
    return (
      `Semaphore "${this.semaphore}" has ${this.permits} permits, of which ${this.available} are free; ` +
      `giving back ${this.released} would exceed that. Release what was taken once, by Semaphore.withPermits, or make it ` +
      "with Semaphore.makeUnbounded if permits are to be added."
    )
  }
}

class SemaphoreImpl extends Printed implements Semaphore, Place<void, never, number>, HeldResource {
  readonly [TypeId]: typeof TypeId = TypeId
  readonly kind = "Semaphore"
  readonly state: WeightedSemaphoreState
  readonly acquireOne: Effect.Effect<void>

  constructor(permits: number, bound: number | undefined, name: string | undefined) {
    super("Semaphore", name)
    this.state = new WeightedSemaphoreState(permits, bound)
    this.acquireOne = takeFrom<void, never, number>(this, 1)
  }

  refuse(): undefined {
    return undefined
  }

  isOpen(weight: number): boolean {
    return weight <= this.state.value && this.state.waiters.isAllCancelled
  }

  take(weight: number): void {
    this.state.tryAcquire(weight)
  }

  enqueue(node: ParkedFiber): void {
    this.state.enqueue(node)
  }

  resumed(node: ParkedFiber): void {
    this.state.resumed(node)
  }

  abandoned(node: ParkedFiber): void {
    this.state.abandoned(node)
  }

  acquire(weight: number): Effect.Effect<void> {
    return weight === 1 ? this.acquireOne : takeFrom<void, never, number>(this, weight)
  }

  describeState(): string {
    const { bound, value, waiters } = this.state
    return `${value}${bound === undefined ? "" : ` of ${bound}`} free${waitingSuffix(waiters.length)}`
  }

  describeWait(): string {
    return `${this.describeHeld()} (${this.describeState()})`
  }
}

const implOf = (semaphore: Semaphore): SemaphoreImpl => semaphore as SemaphoreImpl

const checkTotal = (permits: number): void => {
  if (!Number.isInteger(permits) || permits < 0) {
    throw new RangeError(`A semaphore needs a number of permits that is an integer of 0 or more, got ${permits}.`)
  }
}

const checkWeight = (semaphore: SemaphoreImpl, weight: number): void => {
  if (!Number.isInteger(weight) || weight < 1) {
    throw new RangeError(`Semaphore "${semaphore.name}": ask for an integer of 1 or more permits, got ${weight}.`)
  }
  const bound = semaphore.state.bound
  if (bound !== undefined && weight > bound) {
    throw new RangeError(
      `Semaphore "${semaphore.name}" has ${bound} permits in all; ${weight} at once can never be had. Ask for at most ${bound}.`
    )
  }
}

/**
 * Makes a semaphore of `permits` permits, all of them free.
 *
 * @param permits - how many there are: an integer of 0 or more. Anything else dies with a RangeError.
 * @param options.name - what it is called in messages; by default `semaphore-` and a number.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(2, { name: "connections" })
 *   const query = Effect.sleep("1 second")
 *   yield* Effect.all([1, 2, 3, 4].map(() => Semaphore.withPermit(connections, query)), { concurrency: "unbounded" })
 *   return String(connections)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => Semaphore("connections", 2 of 2 free)
 * ```
 */
export const make = (permits: number, options?: { readonly name?: string }): Effect.Effect<Semaphore> =>
  Effect.sync(() => {
    checkTotal(permits)
    return new SemaphoreImpl(permits, permits, options?.name)
  })

/**
 * Makes a semaphore that starts with `permits` permits, to which releasing may add any number: for signalling.
 *
 * @param permits - how many there are at first: an integer of 0 or more. Anything else dies with a RangeError.
 * @param options.name - what it is called in messages; by default `semaphore-` and a number.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const signals = yield* Semaphore.makeUnbounded(0)
 *   yield* Effect.forkChild(Effect.andThen(Effect.sleep("1 second"), Effect.orDie(Semaphore.release(signals, 3))))
 *   yield* Semaphore.acquire(signals, 2)
 *   return yield* Semaphore.available(signals)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1
 * ```
 */
export const makeUnbounded = (permits: number, options?: { readonly name?: string }): Effect.Effect<Semaphore> =>
  Effect.sync(() => {
    checkTotal(permits)
    return new SemaphoreImpl(permits, undefined, options?.name)
  })

/**
 * Takes permits, waiting for them if need be. They must be given back by {@link release}.
 *
 * Fairness: in order of arrival, whatever the number. While a heavy request waits at the head, lighter ones wait behind it.
 *
 * When interrupted: while it waits, nothing is taken, and permits that were set aside for it go to the next. Prefer
 * `withPermits`: between this effect and the one that makes sure of the release there is room for an interruption.
 *
 * @param permits - how many; 1 if left out. Asking for less than 1, or more than there are in all, dies with a RangeError.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(3)
 *   yield* Semaphore.acquire(connections, 2)
 *   return yield* Semaphore.available(connections)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1
 * ```
 */
export const acquire = (self: Semaphore, permits = 1): Effect.Effect<void> =>
  Effect.suspend(() => {
    const semaphore = implOf(self)
    checkWeight(semaphore, permits)
    return semaphore.acquire(permits)
  })

/**
 * Takes permits if that is possible at once. Tells whether it did.
 *
 * @param permits - how many; 1 if left out. Asking for less than 1, or more than there are in all, dies with a RangeError.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(1)
 *   return [yield* Semaphore.tryAcquire(connections), yield* Semaphore.tryAcquire(connections)].join(", then ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => true, then false
 * ```
 */
export const tryAcquire = (self: Semaphore, permits = 1): Effect.Effect<boolean> =>
  Effect.sync(() => {
    const semaphore = implOf(self)
    checkWeight(semaphore, permits)
    return semaphore.state.tryAcquire(permits)
  })

/**
 * Gives permits back and wakes all waiters that now fit, in order.
 *
 * @param permits - how many; 1 if left out.
 * @throws OverReleaseError, and nothing changes, if more would be free than there are.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(1)
 *   yield* Semaphore.acquire(connections)
 *   yield* Semaphore.release(connections)
 *   const error = yield* Effect.flip(Semaphore.release(connections))
 *   return error._tag
 * })
 * console.log(await VirtualTime.runPromise(program)) // => OverReleaseError
 * ```
 */
export const release = (self: Semaphore, permits = 1): Effect.Effect<void, OverReleaseError> =>
  Effect.suspend(() => {
    const semaphore = implOf(self)
    const { bound, value } = semaphore.state
    if (!Number.isInteger(permits) || permits < 1) {
      throw new RangeError(`Semaphore "${semaphore.name}": release an integer of 1 or more permits, got ${permits}.`)
    }
    if (semaphore.state.release(permits)) return Effect.void
    return Effect.fail(
      new OverReleaseError({ semaphore: semaphore.name, permits: bound ?? 0, released: permits, available: value })
    )
  })

/**
 * Takes permits until the scope closes, waiting for them if need be.
 *
 * When interrupted: as {@link acquire}; once it has the permits, the scope gives them back.
 *
 * @param permits - how many; 1 if left out. Asking for less than 1, or more than there are in all, dies with a RangeError.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(2)
 *   const inside = yield* Effect.scoped(
 *     Effect.andThen(Semaphore.acquireScoped(connections), Semaphore.available(connections))
 *   )
 *   return [inside, yield* Semaphore.available(connections)].join(", then ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1, then 2
 * ```
 */
export const acquireScoped = (self: Semaphore, permits = 1): Effect.Effect<void, never, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.flatMap(restore(acquire(self, permits)), () =>
        Effect.withFiber((fiber) => {
          const semaphore = implOf(self)
          const task = noteHeld(fiber, semaphore)
          const giveBack = Effect.sync(() => {
            noteReleased(task, semaphore)
            semaphore.state.release(permits)
          })
          return Scope.addFinalizer(scope, giveBack)
        })
      )
    )
  )

/** An effect with permits. */
class Permitted<A, E, R> extends Stay<A, E, number> {
  private readonly semaphore: SemaphoreImpl
  private readonly effect: Effect.Effect<A, E, R>

  constructor(semaphore: SemaphoreImpl, permits: number, effect: Effect.Effect<A, E, R>) {
    super(semaphore, permits)
    this.semaphore = semaphore
    this.effect = effect
  }

  override run(fiber: AnyFiber): Effect.Effect<A, E> {
    checkWeight(this.semaphore, this.ask)
    return super.run(fiber)
  }

  enter(fiber: AnyFiber): Effect.Effect<A, E> {
    const held = new HeldPermits(this.semaphore, this.ask, noteHeld(fiber, this.semaphore))
    return enterHolding(fiber, held, this.effect)
  }
}

/** Permits that are given back when an effect ends. */
class HeldPermits implements Frame {
  private readonly semaphore: SemaphoreImpl
  private readonly permits: number
  private readonly task: RunningTask | undefined

  constructor(semaphore: SemaphoreImpl, permits: number, task: RunningTask | undefined) {
    this.semaphore = semaphore
    this.permits = permits
    this.task = task
  }

  [leaving](): void {
    noteReleased(this.task, this.semaphore)
    this.semaphore.state.release(this.permits)
  }
}

/** An effect with permits, if they are free now. */
class PermittedIfOpen<A, E, R> extends Leaf<Option.Option<A>, E> {
  private readonly permitted: Permitted<Option.Option<A>, E, R>
  private readonly semaphore: SemaphoreImpl
  private readonly permits: number

  constructor(semaphore: SemaphoreImpl, permits: number, effect: Effect.Effect<A, E, R>) {
    super()
    this.semaphore = semaphore
    this.permits = permits
    this.permitted = new Permitted(semaphore, permits, Effect.asSome(effect))
  }

  run(fiber: AnyFiber): Effect.Effect<Option.Option<A>, E> {
    checkWeight(this.semaphore, this.permits)
    return this.semaphore.state.tryAcquire(this.permits) ? this.permitted.enter(fiber) : Effect.succeedNone
  }
}

const withPermitsImpl = <A, E, R>(self: Semaphore, permits: number, effect: Effect.Effect<A, E, R>) =>
  new Permitted(implOf(self), permits, effect)

/**
 * Runs an effect while holding permits, and gives them back however the effect ends.
 *
 * Fairness: as {@link acquire}.
 *
 * When interrupted: while it waits, nothing is taken; while the effect runs, the permits are given back after the effect's
 * clean-up.
 *
 * @example
 * ```ts
 * import { Semaphore } from "@skein/core"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const memory = yield* Semaphore.make(8)
 *   const inside = yield* Semaphore.withPermits(memory, 5, Semaphore.available(memory))
 *   return [inside, yield* Semaphore.available(memory)]
 * })
 * console.log(await Effect.runPromise(program)) // => [ 3, 8 ]
 * ```
 */
export const withPermits: {
  (self: Semaphore, permits: number): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Semaphore, permits: number, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
} = ((self: Semaphore, permits: number, effect?: Effect.Effect<unknown, unknown, unknown>) =>
  effect === undefined
    ? (later: Effect.Effect<unknown, unknown, unknown>) => withPermitsImpl(self, permits, later)
    : withPermitsImpl(self, permits, effect)) as typeof withPermits

/**
 * Runs an effect while holding one permit: {@link withPermits} of 1.
 *
 * When interrupted: while it waits, nothing is taken; while the effect runs, the permit is given back after the effect's
 * clean-up.
 *
 * @example
 * ```ts
 * import { Semaphore } from "@skein/core"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(2)
 *   return yield* Semaphore.available(connections).pipe(Semaphore.withPermit(connections))
 * })
 * console.log(await Effect.runPromise(program)) // => 1
 * ```
 */
export const withPermit: {
  (self: Semaphore): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Semaphore, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
} = ((self: Semaphore, effect?: Effect.Effect<unknown, unknown, unknown>) =>
  effect === undefined ? withPermits(self, 1) : withPermitsImpl(self, 1, effect)) as typeof withPermit

/**
 * Runs an effect while holding permits if they can be had at once; otherwise it does not run it, and the result is none.
 *
 * When interrupted: it never waits for permits; while the effect runs, they are given back after the effect's clean-up.
 *
 * @example
 * ```ts
 * import { Semaphore } from "@skein/core"
 * import * as Effect from "effect/Effect"
 * import * as Option from "effect/Option"
 *
 * const program = Effect.gen(function* () {
 *   const memory = yield* Semaphore.make(8)
 *   const one = yield* Semaphore.withPermitsIfAvailable(memory, 5, Effect.succeed("done"))
 *   const two = yield* Semaphore.withPermitsIfAvailable(memory, 9, Effect.succeed("done")).pipe(Effect.exit)
 *   const inside = yield* Effect.succeed("done").pipe(
 *     Semaphore.withPermitsIfAvailable(memory, 5),
 *     Semaphore.withPermits(memory, 5)
 *   )
 *   return [Option.isSome(one), two._tag, Option.isSome(inside)]
 * })
 * console.log(await Effect.runPromise(program)) // => [ true, 'Failure', false ]
 * ```
 */
export const withPermitsIfAvailable: {
  (self: Semaphore, permits: number): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  <A, E, R>(self: Semaphore, permits: number, effect: Effect.Effect<A, E, R>): Effect.Effect<Option.Option<A>, E, R>
} = ((self: Semaphore, permits: number, effect?: Effect.Effect<unknown, unknown, unknown>) => {
  const run = (body: Effect.Effect<unknown, unknown, unknown>) => new PermittedIfOpen(implOf(self), permits, body)
  return effect === undefined ? run : run(effect)
}) as typeof withPermitsIfAvailable

/**
 * How many permits are free, and not set aside for a waiter.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(3)
 *   return yield* Semaphore.withPermits(connections, 2, Semaphore.available(connections))
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1
 * ```
 */
export const available = (self: Semaphore): Effect.Effect<number> => Effect.sync(() => implOf(self).state.value)

/**
 * How many permits there are and are free, and who waits for some.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Semaphore, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const connections = yield* Semaphore.make(1)
 *   yield* Semaphore.acquire(connections)
 *   yield* Effect.forkChild(Semaphore.acquire(connections))
 *   yield* Effect.sleep("1 second")
 *   const { available, waiting } = yield* Semaphore.statistics(connections)
 *   return `${available} free, ${waiting.length} waiting`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 0 free, 1 waiting
 * ```
 */
export const statistics = (self: Semaphore): Effect.Effect<SemaphoreStatistics> =>
  Effect.sync(() => {
    const { name, state } = implOf(self)
    return Object.freeze({
      name,
      permits: state.bound,
      available: state.value,
      waiting: describeWaiters(state.waiters)
    })
  })
