/**
 * Mutual exclusion between tasks. Follows CPython's `asyncio.locks.Lock`; the rules are the kernel's `LockState`.
 */

import { LockState } from "@skein/core/kernel"
import { RuntimeError } from "../builtins.ts"
import type { Coroutine } from "../coroutines.ts"
import { type Callable, callable } from "../internal/callable.ts"
import { keepShape } from "../internal/keep_shapes.ts"
import { lockRepr, ofLocksModule } from "../internal/loop_bound.ts"
import { endedWithNothing, endedWithTrue, Operation, OperationDefinition, type Steps } from "../internal/operation.ts"
import { installRepr, type Representable } from "../internal/pyrepr.ts"
import { getRunningLoop } from "../internal/running.ts"
import { SingleWait, type WaitDescription } from "../internal/waiter.ts"
import type { Task } from "../tasks.ts"
import { Acquirable, enterBy } from "./acquirable.ts"

/** Everything that {@link Lock} is, apart from being callable without `new`. */
export class LockClass extends Acquirable {
  readonly _state = new LockState()
  /** Who took the lock last, for deadlock reports. Any task may release it. */
  _taker: Task<unknown, unknown> | undefined = undefined

  /** True while somebody has the lock; a waiter whose turn has come has it when it runs. */
  locked(): boolean {
    return this._state.locked
  }

  /**
   * Takes the lock; waits while another task has it, or others wait.
   *
   * Fairness: first come, first served; nobody passes a waiter, not even the task that has just released the lock.
   *
   * When interrupted: the lock is not taken; if it was this waiter's turn already, the next one gets it.
   *
   * @returns true
   * @throws `RuntimeError` if it has to wait and the lock belongs to another event loop
   */
  acquire(): Coroutine<true> {
    return new Operation(acquire, this, undefined)
  }

  /**
   * Opens the lock, and wakes the first waiter. Any task may do it.
   *
   * @throws `RuntimeError` if it is not locked
   */
  release(): void {
    if (!this._state.release()) throw new RuntimeError("Lock is not acquired.")
    this._taker = undefined
  }

  /** Takes the lock now, if nobody has to wait for it. */
  _try_acquire(): boolean {
    if (!this._state.tryAcquire()) return false
    this._taker = getRunningLoop()?._current_task
    return true
  }

  /** The wait for the lock, when it cannot be taken at once. */
  _wait<A>(outcome: A, waiting?: WaitDescription): Steps<A> {
    return new LockWaiter(this, outcome, waiting)
  }

  _enter_steps(): Steps<undefined> {
    if (this.acquire !== LockClass.prototype.acquire) return enterBy(this as never)
    return this._try_acquire() ? endedWithNothing : this._wait(undefined)
  }

  __repr__(): string {
    return lockRepr(this, this._state.locked ? "locked" : "unlocked", this._state.waiters.length)
  }
}
installRepr(LockClass)
ofLocksModule(LockClass)

class LockWaiter<A> extends SingleWait<A> {
  private readonly lock: LockClass
  private readonly outcome: A
  /** The call on whose behalf the lock is taken, if it is a condition's. */
  private readonly waiting: WaitDescription | undefined

  constructor(lock: LockClass, outcome: A, waiting: WaitDescription | undefined) {
    super(lock._get_loop())
    this.lock = lock
    this.outcome = outcome
    this.waiting = waiting
    lock._state.enqueue(this)
  }

  protected woken(): A {
    const lock = this.lock
    lock._state.resumed(this)
    lock._taker = this._loop._current_task
    return this.outcome
  }

  protected gaveUp(): void {
    this.lock._state.abandoned(this)
  }

  get operation(): string {
    return this.waiting?.operation ?? "Lock.acquire"
  }

  get primitive(): Representable {
    return this.waiting?.primitive ?? this.lock
  }

  override describeWait(): string {
    const taker = this.lock._taker
    const held = taker === undefined ? "" : `, taken by task "${taker.get_name()}"`
    return super.describeWait() + held
  }
}
keepShape(() => new LockWaiter(new LockClass(), undefined, undefined))

const acquire = new OperationDefinition<LockClass, undefined, true>("Lock.acquire", (lock) =>
  lock._try_acquire() ? endedWithTrue : lock._wait(true)
)

/**
 * A lock that one task at a time can have: `yield* async_with(lock, function* () { ... })`, or `acquire`, then `try`, and `release`
 * in `finally`.
 *
 * It is fair, it is not owned (any task may release it) and not reentrant: a task that acquires it twice waits for itself.
 *
 * Source: `asyncio.Lock`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const lock = new asyncio.Lock()
 *   let inside = 0
 *   let most = 0
 *   const visit = asyncio.coroutine(function* visit() {
 *     yield* asyncio.async_with(lock, function* () {
 *       most = Math.max(most, ++inside)
 *       yield* asyncio.sleep(1)
 *       inside--
 *     })
 *   })
 *   yield* asyncio.gather(visit(), visit(), visit())
 *   return most
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 1
 * ```
 */
export interface Lock extends LockClass {}
export const Lock: Callable<new () => Lock> = callable(LockClass, "Lock")
