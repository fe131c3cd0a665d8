/**
 * Waiting for news about something that a lock guards. Follows CPython's `asyncio.locks.Condition`; the rules are the kernel's
 * `ConditionState`.
 */

import { ConditionState, type LockLike } from "@skein/core/kernel"
import { RuntimeError, TypeError } from "../builtins.ts"
import type { Coroutine } from "../coroutines.ts"
import type { Awaitable } from "../ensure_future.ts"
import { CancelledError } from "../exceptions.ts"
import { callableAs } from "../internal/callable.ts"
import { lockRepr, ofLocksModule } from "../internal/loop_bound.ts"
import { Ended, endedWithTrue, Operation, OperationDefinition, type Steps, stepThrough } from "../internal/operation.ts"
import { installRepr, type Representable, repr, typeName } from "../internal/pyrepr.ts"
import { type WaitDescription, Waiter } from "../internal/waiter.ts"
import { Acquirable, enterBy } from "./acquirable.ts"
import { type Lock, LockClass } from "./lock.ts"

/** What a condition can stand on: a {@link Lock}, a semaphore, or anything with these three methods. */
export interface ConditionLock {
  /** True while somebody holds it. */
  locked(): boolean
  /** Takes it, waiting for it if need be. */
  acquire(): Awaitable<unknown, unknown>
  /** Gives it back. */
  release(): void
}

/** How a {@link Condition} is made. */
export interface ConditionOptions<L extends ConditionLock> {
  /** The lock to stand on; a new one if left out. */
  readonly lock?: L | null | undefined
}

/** Everything that {@link Condition} is, apart from being callable without `new`. */
export class ConditionClass<L extends ConditionLock = Lock> extends Acquirable {
  readonly _lock: L
  readonly _state: ConditionState

  /** @param lock - the lock to stand on, which several conditions may share; a new one if left out */
  constructor(lock?: L | ConditionOptions<L> | null) {
    super()
    this._lock = lockOf<L>(lock)
    this._state = new ConditionState(lockLike(this._lock))
  }

  /** True while somebody has the lock. */
  locked(): boolean {
    return this._lock.locked()
  }

  /**
   * Takes the lock: its own `acquire`.
   *
   * When interrupted: as that. The lock is not taken.
   */
  acquire(): ReturnType<L["acquire"]> {
    return this._lock.acquire() as ReturnType<L["acquire"]>
  }

  /** Opens the lock: its own `release`. */
  release(): void {
    this._lock.release()
  }

  /**
   * Opens the lock, waits for a notification, and takes the lock again. It may also return without one (see {@link notify}), so
   * look again at what you wait for, in a loop, or use {@link wait_for}.
   *
   * Fairness: notified in the order of arrival; the lock is taken in the order of waking.
   *
   * When interrupted: the lock is taken again before the error is thrown, however long that takes; further cancellations
   * meanwhile are held back, and the last of them is thrown then. A notification that was on its way goes to the next.
   *
   * @returns true
   * @throws `RuntimeError` if nobody has the lock, or if the condition belongs to another event loop
   */
  wait(): Coroutine<true> {
    return new Operation(wait, this, undefined)
  }

  /**
   * Waits until a predicate holds; does not suspend if it does already.
   *
   * When interrupted: as {@link wait}.
   *
   * @param predicate - called with the lock held: at once, and after each notification
   * @returns what the predicate returned
   * @throws `RuntimeError` if it has to wait and nobody has the lock; what the predicate throws
   */
  wait_for<A>(predicate: () => A): Coroutine<A> {
    return new Operation(waitFor, this, predicate) as Coroutine<A>
  }

  /**
   * Wakes those who have waited longest. They run on when they get the lock, so open it.
   *
   * A waiter that was notified, and is cancelled before it runs, passes the notification on; the next may then find nothing
   * changed.
   *
   * @param n - how many; fewer if fewer wait
   * @throws `RuntimeError` if nobody has the lock
   */
  notify(n = 1): void {
    if (!this._state.notify(n)) throw new RuntimeError("cannot notify on un-acquired lock")
  }

  /**
   * Wakes all who wait. They run on one after the other, as they get the lock.
   *
   * @throws `RuntimeError` if nobody has the lock
   */
  notify_all(): void {
    this.notify(this._state.waiters.length)
  }

  _enter_steps(): Steps<undefined> {
    const lock: ConditionLock = this._lock
    if (lock instanceof LockClass && this.acquire === ConditionClass.prototype.acquire) return lock._enter_steps()
    return enterBy(this as never)
  }

  __repr__(): string {
    return lockRepr(this, this.locked() ? "locked" : "unlocked", this._state.waiters.length)
  }
}
installRepr(ConditionClass)
ofLocksModule(ConditionClass)

const lockOf = <L extends ConditionLock>(given: L | ConditionOptions<L> | null | undefined): L => {
  const isOptions =
    typeof given === "object" && given !== null && Object.getPrototypeOf(given) === Object.prototype && "lock" in given
  const lock = isOptions ? given.lock : given
  if (lock === undefined || lock === null) return new LockClass() as unknown as L
  for (const method of ["locked", "acquire", "release"] as const) {
    if (typeof (lock as L)[method] !== "function") {
      throw new TypeError(
        `a condition stands on a lock, such as Condition(new Lock()); ${repr(lock)} has no method ${method}()`
      )
    }
  }
  return lock as L
}

/** A condition over whatever lock. */
export type AnyCondition = ConditionClass<ConditionLock>

/** The kernel's state of a lock of our own, which is quicker to ask than the lock. */
const lockLike = (lock: ConditionLock): LockLike => {
  if (
    lock instanceof LockClass &&
    lock.locked === LockClass.prototype.locked &&
    lock.release === LockClass.prototype.release
  ) {
    return new StateOfLock(lock)
  }
  return new LockByMethods(lock)
}

class StateOfLock implements LockLike {
  private readonly lock: LockClass

  constructor(lock: LockClass) {
    this.lock = lock
  }

  get locked(): boolean {
    return this.lock._state.locked
  }

  release(): void {
    this.lock.release()
  }
}

class LockByMethods implements LockLike {
  private readonly lock: ConditionLock

  constructor(lock: ConditionLock) {
    this.lock = lock
  }

  get locked(): boolean {
    return this.lock.locked()
  }

  release(): void {
    this.lock.release()
  }
}

/** Woken with `False`, where locks say `True`: CPython's reprs show it. */
class ConditionWaiter extends Waiter {
  private readonly condition: AnyCondition
  private readonly waiting: WaitDescription | undefined

  constructor(condition: AnyCondition, waiting: WaitDescription | undefined) {
    super(condition._get_loop())
    this.condition = condition
    this.waiting = waiting
  }

  get operation(): string {
    return this.waiting?.operation ?? "Condition.wait"
  }

  get primitive(): Representable {
    return this.waiting?.primitive ?? this.condition
  }

  override wake(): void {
    this._set_result(false)
  }
}

/**
 * The steps of a wait: suspended in the condition's line, then in the lock's. Whatever ends the first part, the second is gone
 * through to its end, and what was thrown meanwhile is thrown after it.
 */
class WaitSteps implements Steps<true> {
  private readonly condition: AnyCondition
  private readonly waiter: Waiter
  private readonly waiting: WaitDescription | undefined
  private begun = false
  private reacquiring: Steps<unknown> | undefined = undefined
  private failure: { error: unknown } | undefined = undefined

  constructor(condition: AnyCondition, waiting: WaitDescription | undefined) {
    const state = condition._state
    if (!state.lock.locked) throw new RuntimeError("cannot wait on un-acquired lock")
    this.condition = condition
    this.waiting = waiting
    this.waiter = new ConditionWaiter(condition, waiting)
    state.startWait(this.waiter)
  }

  next(value?: unknown): IteratorResult<unknown, true> {
    if (!this.begun) {
      this.begun = true
      return this.waiter.suspend()
    }
    if (this.reacquiring !== undefined) return this.step(this.reacquiring, value)
    this.waiter.checkWoken()
    return this.reacquire()
  }

  throw(error: unknown): IteratorResult<unknown, true> {
    if (this.reacquiring === undefined) {
      this.failure = { error }
      return this.reacquire()
    }
    let result: IteratorResult<unknown>
    try {
      result = this.reacquiring.throw(error)
    } catch (thrown) {
      return this.reacquiringFailed(thrown)
    }
    return result.done === true ? this.finish() : result
  }

  return(value: true): IteratorResult<unknown, true> {
    // Nobody will go on with this wait: it leaves whichever line it stands in, and others get its turn.
    if (this.reacquiring === undefined) this.condition._state.left(this.waiter)
    else this.reacquiring.return?.(undefined)
    this.condition._state.passOn()
    return { done: true, value }
  }

  private reacquire(): IteratorResult<unknown, true> {
    if (this.reacquiring === undefined) this.condition._state.left(this.waiter)
    let acquiring: Steps<unknown> | undefined
    try {
      acquiring = stepsToAcquire(this.condition, this.waiting)
    } catch (thrown) {
      return this.reacquiringFailed(thrown)
    }
    if (acquiring === undefined) return this.finish()
    this.reacquiring = acquiring
    return this.step(acquiring, undefined)
  }

  private step(acquiring: Steps<unknown>, value: unknown): IteratorResult<unknown, true> {
    let result: IteratorResult<unknown>
    try {
      result = acquiring.next(value)
    } catch (thrown) {
      return this.reacquiringFailed(thrown)
    }
    return result.done === true ? this.finish() : result
  }

  /** A cancellation is held back until the lock is taken; any other error means that it cannot be taken. */
  private reacquiringFailed(error: unknown): IteratorResult<unknown, true> {
    this.failure = { error }
    return error instanceof CancelledError ? this.reacquire() : this.finish()
  }

  private finish(): IteratorResult<unknown, true> {
    if (this.failure === undefined) return endedWithTrue
    // The notification may have come before the error did: it was meant for somebody.
    this.condition._state.passOn()
    throw this.failure.error
  }
}

/** The steps of taking the lock again; `undefined` if it was free and is taken now. */
const stepsToAcquire = (condition: AnyCondition, waiting: WaitDescription | undefined): Steps<unknown> | undefined => {
  const lock = condition._lock
  if (lock instanceof LockClass && lock.acquire === LockClass.prototype.acquire) {
    return lock._try_acquire() ? undefined : lock._wait(true, waiting)
  }
  return (lock.acquire() as unknown as Iterable<unknown>)[Symbol.iterator]() as unknown as Steps<unknown>
}

/** The steps of {@link ConditionClass.wait}, for a primitive that stands on a condition. */
export const waitSteps = (condition: AnyCondition, waiting?: WaitDescription): Steps<true> =>
  new WaitSteps(condition, waiting)

const wait = new OperationDefinition<AnyCondition, undefined, true>("Condition.wait", (condition) =>
  waitSteps(condition)
)

const waitFor = new OperationDefinition<AnyCondition, () => unknown, unknown>(
  "Condition.wait_for",
  (condition, predicate) => {
    if (typeof predicate !== "function") throw new TypeError(`'${typeName(predicate)}' object is not callable`)
    const result = predicate()
    return result ? new Ended(result) : waitUntil(condition, predicate)
  }
)

function* waitUntil(condition: AnyCondition, predicate: () => unknown): Generator<unknown, unknown, unknown> {
  for (;;) {
    yield* condition.wait === ConditionClass.prototype.wait
      ? stepThrough(waitSteps(condition))
      : (condition.wait() as unknown as Iterable<unknown, unknown, unknown>)
    const result = predicate()
    if (result) return result
  }
}

/**
 * A lock, and a place to wait for news about what it guards: the waiters give the lock up until they are notified.
 *
 * Source: `asyncio.Condition`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const letters: Array<string> = []
 *   const posted = new asyncio.Condition()
 *   const read = asyncio.coroutine(function* read() {
 *     return yield* asyncio.async_with(posted, function* () {
 *       yield* posted.wait_for(() => letters.length > 0)
 *       return letters.pop()
 *     })
 *   })
 *   const reader = asyncio.create_task(read())
 *   yield* asyncio.sleep(1)
 *   yield* asyncio.async_with(posted, function* () {
 *     letters.push("dear reader")
 *     posted.notify()
 *   })
 *   return yield* reader
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => dear reader
 * ```
 */
export interface Condition<L extends ConditionLock = Lock> extends ConditionClass<L> {}

/** The class {@link Condition}, with and without `new`. */
export interface ConditionConstructor {
  new (): Condition
  new <L extends ConditionLock = Lock>(lock: L | ConditionOptions<L> | null | undefined): Condition<L>
  (): Condition
  <L extends ConditionLock = Lock>(lock: L | ConditionOptions<L> | null | undefined): Condition<L>
  readonly prototype: Condition
}
export const Condition: ConditionConstructor = callableAs<ConditionConstructor>(ConditionClass, "Condition")
