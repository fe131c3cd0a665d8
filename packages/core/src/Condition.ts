/**
 * Waiting for news about something that a lock guards.
 *
 * A wake-up says that something may have changed, not that it is as you want it: look again, or use `Condition.waitFor`, which
 * does.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describeWaiters } from "./internal/holding.ts"
import { Leaf, Operation } from "./internal/leaf.ts"
import { LockImpl } from "./internal/lock.ts"
import { type AnyFiber, type ParkedFiber, type Place, takeFrom } from "./internal/parking.ts"
import { Printed, waitingSuffix } from "./internal/printed.ts"
import { ConditionState } from "./kernel/ConditionState.ts"
import * as Lock from "./Lock.ts"

const TypeId: unique symbol = Symbol.for("@skein/core/Condition")

/**
 * A condition variable over a lock.
 */
export interface Condition {
  readonly [TypeId]: typeof TypeId
  /** The given name, or `condition-` and a number. */
  readonly name: string
  /** The lock to hold when waiting and notifying. */
  readonly lock: Lock.Lock
  /** Its name, its lock and how many wait, in one line. */
  toString(): string
}

/** What a condition is doing now. */
export interface ConditionStatistics {
  /** The name of the condition. */
  readonly name: string
  /** Its lock. */
  readonly lock: Lock.LockStatistics
  /** Who waits to be notified, first served first. */
  readonly waiting: ReadonlyArray<string>
}

class ConditionImpl extends Printed implements Condition, Place<void, never, { entered: boolean }> {
  readonly [TypeId]: typeof TypeId = TypeId
  readonly kind = "Condition"
  readonly lock: LockImpl
  readonly state: ConditionState
  private readonly lockAgain: Effect.Effect<void>

  constructor(lock: LockImpl, name: string | undefined) {
    super("Condition", name)
    this.lock = lock
    this.lockAgain = Effect.orDie(lock.acquire)
    this.state = new ConditionState({
      get locked() {
        return lock.state.locked
      },
      release: () => lock.releaseUnsafe()
    })
  }

  refuse(): undefined {
    return undefined
  }

  isOpen(): boolean {
    return false
  }

  take(): void {
    // A condition is never open: whoever waits is woken by somebody.
  }

  enqueue(node: ParkedFiber, ask: { entered: boolean }): void {
    ask.entered = true
    this.state.startWait(node)
  }

  resumed(node: ParkedFiber): void {
    this.state.left(node)
  }

  abandoned(node: ParkedFiber): void {
    this.state.left(node)
  }

  describeState(): string {
    return `lock ${JSON.stringify(this.lock.name)} ${this.lock.describeState()}${waitingSuffix(this.state.waiters.length)}`
  }

  describeWait(): string {
    return `a notification of ${this.describeHeld()}`
  }

  readonly wait: Effect.Effect<void, Lock.NotOwnerError> = this.waitUntil(Effect.void)

  /**
   * Waits, and then runs `arrival` with the lock held: again and again if that says {@link notYet}. The lock is held on return,
   * whether the wait went well or was interrupted.
   */
  waitUntil(arrival: Effect.Effect<void, NotYet>): Effect.Effect<void, Lock.NotOwnerError> {
    return Effect.uninterruptibleMask((restore) => this.visit(arrival, restore))
  }

  private visit(arrival: Effect.Effect<void, NotYet>, restore: Restore): Effect.Effect<void, Lock.NotOwnerError> {
    return Effect.withFiber((fiber): Effect.Effect<void, Lock.NotOwnerError> => {
      const error = this.lock.notOwner(fiber)
      if (error !== undefined) return Effect.fail(error)
      const ask = { entered: false }
      return Effect.flatMap(Effect.exit(restore(takeFrom<void, never, { entered: boolean }>(this, ask))), (exit) => {
        if (Exit.isSuccess(exit)) {
          // An interruption that came since it was woken, and was held back, comes to light here. Where the arrival succeeds, the
          // same step goes on to what follows the wait: only then has the notification got there.
          const notArrived = (cause: Cause.Cause<NotYet>) => {
            if (cause === notYet.cause) return this.visit(arrival, restore)
            this.state.passOn()
            return Effect.failCause(cause as Cause.Cause<never>)
          }
          return Effect.andThen(this.lockAgain, Effect.catchCause(restore(arrival), notArrived))
        }
        // Interrupted before it got in line: the lock was never given back.
        if (!ask.entered) return exit
        return Effect.flatMap(this.lockAgain, () => {
          this.state.passOn()
          return exit
        })
      })
    })
  }

  notify(count: number, fiber: AnyFiber): Lock.NotOwnerError | undefined {
    const error = this.lock.notOwner(fiber)
    if (error === undefined) this.state.notify(count)
    return error
  }
}

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

type NotYet = "not yet"

/** Says that what the wait is for has not come. */
const notYet = Exit.fail<NotYet>("not yet") as Exit.Failure<never, NotYet>

/** Looks whether what the wait is for has come. */
class Look extends Leaf<void, NotYet> {
  private readonly predicate: () => boolean

  constructor(predicate: () => boolean) {
    super()
    this.predicate = predicate
  }

  run(): Effect.Effect<void, NotYet> {
    return this.predicate() ? Exit.void : notYet
  }
}

const implOf = (condition: Condition): ConditionImpl => condition as ConditionImpl

/**
 * Makes a condition, over a lock of its own or one that others use too.
 *
 * @param options.lock - the lock that guards what the news is about; a new one if left out.
 * @param options.name - what it is called in messages; by default `condition-` and a number.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Condition, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const changed = yield* Condition.make()
 *   let stock = 0
 *   const buyer = Condition.withLock(
 *     changed,
 *     Effect.andThen(
 *       Condition.waitFor(changed, () => stock > 0),
 *       Effect.sync(() => --stock)
 *     )
 *   )
 *   const delivery = Condition.withLock(
 *     changed,
 *     Effect.andThen(
 *       Effect.sync(() => ++stock),
 *       Condition.notify(changed)
 *     )
 *   )
 *   yield* Effect.all([buyer, Effect.delay(delivery, "1 day")], { concurrency: "unbounded" })
 *   return stock
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 0
 * ```
 */
export const make = (options?: { readonly lock?: Lock.Lock; readonly name?: string }): Effect.Effect<Condition> =>
  Effect.sync(() => {
    const name = options?.name
    const lock = options?.lock ?? new LockImpl(name)
    return new ConditionImpl(lock as LockImpl, name)
  })

/**
 * Runs an effect while holding the condition's lock: `Lock.withLock` of it.
 *
 * When interrupted: while it waits for the lock, nothing is taken; while the effect runs, the lock is given back after the
 * effect's clean-up.
 *
 * @example
 * ```ts
 * import { Condition, Lock } from "@skein/core"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const changed = yield* Condition.make()
 *   const inside = yield* Condition.withLock(changed, Lock.isLocked(changed.lock))
 *   return [inside, yield* Lock.isLocked(changed.lock)]
 * })
 * console.log(await Effect.runPromise(program)) // => [ true, false ]
 * ```
 */
export const withLock: {
  (self: Condition): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Lock.SelfDeadlockError, R>
  <A, E, R>(self: Condition, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Lock.SelfDeadlockError, R>
} = ((self: Condition, effect?: Effect.Effect<unknown, unknown, unknown>) =>
  effect === undefined ? Lock.withLock(self.lock) : Lock.withLock(self.lock, effect)) as typeof withLock

/**
 * Gives the lock back, waits to be notified, and takes the lock again.
 *
 * Fairness: notifications go to waiters in order of arrival; then they stand in line for the lock like all others.
 *
 * When interrupted: it takes the lock again before it ends, so that code around it finds the lock as it left it; that may take
 * as long as others hold it. A notification that it had received goes to the next waiter.
 *
 * @throws NotOwnerError if the fiber does not hold the lock.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Condition, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const news = yield* Condition.make()
 *   let ready = false
 *   const reader = Condition.withLock(news, Effect.as(Condition.wait(news), "read"))
 *   const writer = Effect.gen(function* () {
 *     yield* Effect.sleep("1 second")
 *     ready = true
 *     yield* Condition.notify(news)
 *   })
 *   const [what] = yield* Effect.all([reader, Condition.withLock(news, writer)], { concurrency: "unbounded" })
 *   return `${what}: ${ready}`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => read: true
 * ```
 */
export const wait = (self: Condition): Effect.Effect<void, Lock.NotOwnerError> => implOf(self).wait

/**
 * Waits, again and again, until a predicate holds; not at all if it holds already. The lock must be held.
 *
 * When interrupted: as {@link wait}.
 *
 * @param predicate - looks at what the lock guards; called with the lock held.
 * @throws NotOwnerError if the fiber does not hold the lock.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Condition, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const news = yield* Condition.make()
 *   let ready = false
 *   const reader = Condition.withLock(news, Effect.as(Condition.waitFor(news, () => ready), "read"))
 *   const writer = Effect.gen(function* () {
 *     yield* Effect.sleep("1 second")
 *     ready = true
 *     yield* Condition.notifyAll(news)
 *   })
 *   const [what] = yield* Effect.all([reader, Condition.withLock(news, writer)], { concurrency: "unbounded" })
 *   return `${what}: ${ready}`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => read: true
 * ```
 */
export const waitFor = (self: Condition, predicate: () => boolean): Effect.Effect<void, Lock.NotOwnerError> =>
  Effect.suspend(() => (predicate() ? Effect.void : implOf(self).waitUntil(new Look(predicate))))

/**
 * Wakes the first `count` that wait. They go on when they get the lock.
 *
 * @param count - how many; 1 if left out.
 * @throws NotOwnerError if the fiber does not hold the lock.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Condition, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const news = yield* Condition.make()
 *   const seen: Array<number> = []
 *   const reader = (n: number) =>
 *     Condition.withLock(news, Effect.andThen(Condition.wait(news), Effect.sync(() => seen.push(n))))
 *   for (const n of [1, 2, 3]) yield* Effect.forkChild(reader(n))
 *   yield* Effect.sleep("1 second")
 *   yield* Condition.withLock(news, Condition.notify(news, 2))
 *   yield* Effect.sleep("1 second")
 *   return seen.join(" ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1 2
 * ```
 */
export const notify = (self: Condition, count = 1): Effect.Effect<void, Lock.NotOwnerError> =>
  new Notify(implOf(self), count)

class Notify extends Operation<void, Lock.NotOwnerError> {
  private readonly condition: ConditionImpl
  private readonly count: number

  constructor(condition: ConditionImpl, count: number) {
    super()
    this.condition = condition
    this.count = count
  }

  run(fiber: AnyFiber): Effect.Effect<void, Lock.NotOwnerError> {
    const error = this.condition.notify(this.count, fiber)
    return error === undefined ? Effect.void : Effect.fail(error)
  }
}

/**
 * Wakes all that wait. They go on, one after the other, when they get the lock.
 *
 * @throws NotOwnerError if the fiber does not hold the lock.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Condition, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const news = yield* Condition.make()
 *   const seen: Array<number> = []
 *   const reader = (n: number) =>
 *     Condition.withLock(news, Effect.andThen(Condition.wait(news), Effect.sync(() => seen.push(n))))
 *   for (const n of [1, 2, 3]) yield* Effect.forkChild(reader(n))
 *   yield* Effect.sleep("1 second")
 *   yield* Condition.withLock(news, Condition.notifyAll(news))
 *   yield* Effect.sleep("1 second")
 *   return seen.join(" ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1 2 3
 * ```
 */
export const notifyAll = (self: Condition): Effect.Effect<void, Lock.NotOwnerError> =>
  Effect.suspend(() => notify(self, implOf(self).state.waiters.length))

/**
 * Its lock, and who waits to be notified.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Condition, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const news = yield* Condition.make({ name: "news" })
 *   yield* Effect.forkChild(Condition.withLock(news, Condition.wait(news)))
 *   yield* Effect.sleep("1 second")
 *   const { lock, waiting } = yield* Condition.statistics(news)
 *   return `${lock.owner ?? "nobody"} holds the lock, ${waiting.length} waits`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => nobody holds the lock, 1 waits
 * ```
 */
export const statistics = (self: Condition): Effect.Effect<ConditionStatistics> =>
  Effect.map(Lock.statistics(self.lock), (lock) =>
    Object.freeze({ name: self.name, lock, waiting: describeWaiters(implOf(self).state.waiters) })
  )
