/**
 * A mutual exclusion lock with an owner: one fiber at a time, in order of arrival.
 *
 * Use `Lock.withLock` wherever you can: it gives the lock back however the work ends.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { describeFiber } from "./internal/cancellation.ts"
import { describeWaiters } from "./internal/holding.ts"
import { Locked, LockImpl, type LockTypeId, type NotOwnerError, type SelfDeadlockError } from "./internal/lock.ts"
import type { AnyFiber } from "./internal/parking.ts"

export { NotOwnerError, SelfDeadlockError } from "./internal/lock.ts"

/**
 * A lock that one fiber at a time may hold.
 */
export interface Lock {
  readonly [LockTypeId]: LockTypeId
  /** The given name, or `lock-` and a number. */
  readonly name: string
  /** Its name, its owner and how many wait, in one line. */
  toString(): string
}

/** What a lock is doing now. */
export interface LockStatistics {
  /** The name of the lock. */
  readonly name: string
  /** Who holds it, e.g. `task "writer"`. */
  readonly owner: string | undefined
  /** Who waits for it, first served first. */
  readonly waiting: ReadonlyArray<string>
}

const implOf = (lock: Lock): LockImpl => lock as LockImpl

/**
 * Makes an open lock.
 *
 * @param name - what it is called in messages; by default `lock-` and a number.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   let balance = 0
 *   const deposit = Effect.gen(function* () {
 *     const before = balance
 *     yield* Effect.sleep("1 second")
 *     balance = before + 10
 *   })
 *   yield* Effect.all([1, 2, 3].map(() => Lock.withLock(lock, deposit)), { concurrency: "unbounded" })
 *   return balance
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 30
 * ```
 */
export const make = (name?: string): Effect.Effect<Lock> => Effect.sync(() => new LockImpl(name))

/**
 * Takes the lock, waiting for it if need be. It must be given back by {@link release}.
 *
 * Fairness: in order of arrival. Whoever has just released it gets in line like all others.
 *
 * When interrupted: while it waits, nothing is taken, and a turn that it was given goes to the next. Prefer `withLock`: between
 * this effect and the one that makes sure of the release there is room for an interruption.
 *
 * @throws SelfDeadlockError if the fiber holds it already.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   yield* Effect.acquireUseRelease(
 *     Lock.acquire(lock),
 *     () => Effect.sleep("1 second"),
 *     () => Effect.orDie(Lock.release(lock))
 *   )
 *   return String(lock)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => Lock("db", unlocked)
 * ```
 */
export const acquire = (self: Lock): Effect.Effect<void, SelfDeadlockError> => implOf(self).acquire

/**
 * Takes the lock if that is possible at once. Tells whether it did.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   return [yield* Lock.tryAcquire(lock), yield* Lock.tryAcquire(lock)].join(", then ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => true, then false
 * ```
 */
export const tryAcquire = (self: Lock): Effect.Effect<boolean> =>
  Effect.sync(() => {
    const lock = implOf(self)
    if (!lock.isOpen()) return false
    lock.take(undefined, Fiber.getCurrent() as AnyFiber)
    return true
  })

/**
 * Gives the lock back and wakes the first that waits.
 *
 * @throws NotOwnerError if the fiber does not hold it.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   yield* Lock.acquire(lock)
 *   yield* Lock.release(lock)
 *   const error = yield* Effect.flip(Lock.release(lock))
 *   return error._tag
 * })
 * console.log(await VirtualTime.runPromise(program)) // => NotOwnerError
 * ```
 */
export const release = (self: Lock): Effect.Effect<void, NotOwnerError> =>
  Effect.withFiber((fiber) => {
    const lock = implOf(self)
    const error = lock.notOwner(fiber)
    if (error !== undefined) return Effect.fail(error)
    lock.releaseUnsafe()
    return Effect.void
  })

/**
 * Takes the lock until the scope closes, waiting for it if need be.
 *
 * When interrupted: as {@link acquire}; once it has the lock, the scope gives it back.
 *
 * @throws SelfDeadlockError if the fiber holds it already.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   const inside = yield* Effect.scoped(Effect.andThen(Lock.acquireScoped(lock), Lock.isLocked(lock)))
 *   return [inside, yield* Lock.isLocked(lock)].join(", then ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => true, then false
 * ```
 */
export const acquireScoped = (self: Lock): Effect.Effect<void, SelfDeadlockError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.flatMap(restore(implOf(self).acquire), () =>
        Scope.addFinalizer(
          scope,
          Effect.sync(() => implOf(self).releaseUnsafe())
        )
      )
    )
  )

/**
 * Runs an effect while holding the lock, and gives it back however the effect ends.
 *
 * When interrupted: while it waits, nothing is taken; while the effect runs, the lock is given back after the effect's
 * clean-up.
 *
 * @throws SelfDeadlockError if the fiber holds it already.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   const steps: Array<string> = []
 *   const step = (name: string) =>
 *     Effect.gen(function* () {
 *       steps.push(`${name} begins`)
 *       yield* Effect.sleep("1 second")
 *       steps.push(`${name} ends`)
 *     }).pipe(Lock.withLock(lock))
 *   yield* Effect.all([step("a"), step("b")], { concurrency: "unbounded" })
 *   return steps.join(", ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => a begins, a ends, b begins, b ends
 * ```
 */
export const withLock: {
  (self: Lock): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | SelfDeadlockError, R>
  <A, E, R>(self: Lock, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SelfDeadlockError, R>
} = ((self: Lock, effect?: Effect.Effect<unknown, unknown, unknown>) =>
  effect === undefined
    ? (later: Effect.Effect<unknown, unknown, unknown>) => new Locked(implOf(self), later)
    : new Locked(implOf(self), effect)) as typeof withLock

/**
 * Tells whether somebody holds the lock.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   return yield* Lock.withLock(lock, Lock.isLocked(lock))
 * })
 * console.log(await VirtualTime.runPromise(program)) // => true
 * ```
 */
export const isLocked = (self: Lock): Effect.Effect<boolean> => Effect.sync(() => implOf(self).state.locked)

/**
 * Who holds the lock and who waits for it.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   yield* Effect.forkChild(Lock.withLock(lock, Effect.sleep("1 minute")))
 *   yield* Effect.forkChild(Lock.withLock(lock, Effect.void))
 *   yield* Effect.sleep("1 second")
 *   const { waiting } = yield* Lock.statistics(lock)
 *   return `${waiting.length} waits for "${lock.name}"`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1 waits for "db"
 * ```
 */
export const statistics = (self: Lock): Effect.Effect<LockStatistics> =>
  Effect.sync(() => {
    const lock = implOf(self)
    return Object.freeze({
      name: lock.name,
      owner: lock.owner === undefined ? undefined : describeFiber(lock.owner),
      waiting: describeWaiters(lock.state.waiters)
    })
  })
