/**
 * A number of permits that tasks take and give back. Follows CPython's `asyncio.locks.Semaphore` and `BoundedSemaphore`; the
 * rules are the kernel's `SemaphoreState`.
 */

import { SemaphoreState } from "@skein/core/kernel"
import { TypeError, ValueError } from "../builtins.ts"
import type { Coroutine } from "../coroutines.ts"
import { type Callable, callable } from "../internal/callable.ts"
import { keepShape } from "../internal/keep_shapes.ts"
import { lockRepr, ofLocksModule } from "../internal/loop_bound.ts"
import { endedWithNothing, endedWithTrue, Operation, OperationDefinition, type Steps } from "../internal/operation.ts"
import { installRepr, type Representable, repr } from "../internal/pyrepr.ts"
import { SingleWait } from "../internal/waiter.ts"
import { Acquirable, enterBy } from "./acquirable.ts"

/** How a {@link Semaphore} is made. */
export interface SemaphoreOptions {
  /** How many permits there are at first; 1 if left out. */
  readonly value?: number | undefined
}

/** Everything that {@link Semaphore} is, apart from being callable without `new`. */
export class SemaphoreClass extends Acquirable {
  readonly _state: SemaphoreState

  /**
   * @param value - how many permits there are at first
   * @throws `ValueError` if it is below 0, `TypeError` if it is not a number
   */
  constructor(value?: number | SemaphoreOptions, bounded = false) {
    super()
    const permits = permitsOf(value)
    this._state = new SemaphoreState(permits, bounded ? permits : undefined)
  }

  /** How many permits are free and promised to nobody. */
  get _value(): number {
    return this._state.value
  }

  /** True if {@link acquire} would have to wait: no permit is free, or somebody waits already. */
  locked(): boolean {
    return this._state.locked
  }

  /**
   * Takes a permit; waits while none is free, or others wait.
   *
   * Fairness: first come, first served; a newcomer waits behind the others even if a permit is free.
   *
   * When interrupted: no permit is taken; one that was set aside for this waiter already goes to the next.
   *
   * @returns true
   * @throws `RuntimeError` if it has to wait and the semaphore belongs to another event loop
   */
  acquire(): Coroutine<true> {
    return new Operation(acquire, this, undefined)
  }

  /** Gives a permit back, and sets it aside for the first waiter if there is one. Any task may do it. */
  release(): void {
    this._state.release()
  }

  _enter_steps(): Steps<undefined> {
    if (this.acquire !== SemaphoreClass.prototype.acquire) return enterBy(this as never)
    return this._state.tryAcquire() ? endedWithNothing : new SemaphoreWaiter(this, undefined)
  }

  __repr__(): string {
    const state = this.locked() ? "locked" : `unlocked, value:${repr(this._state.value)}`
    return lockRepr(this, state, this._state.waiters.length)
  }
}
installRepr(SemaphoreClass)
ofLocksModule(SemaphoreClass)

/** Everything that {@link BoundedSemaphore} is, apart from being callable without `new`. */
export class BoundedSemaphoreClass extends SemaphoreClass {
  constructor(value?: number | SemaphoreOptions) {
    super(value, true)
  }

  /**
   * Gives a permit back, and sets it aside for the first waiter if there is one.
   *
   * @throws `ValueError` if all permits are back already
   */
  override release(): void {
    if (!this._state.release()) throw new ValueError("BoundedSemaphore released too many times")
  }
}
ofLocksModule(BoundedSemaphoreClass)

const permitsOf = (given: number | SemaphoreOptions | undefined): number => {
  const value = typeof given === "object" && given !== null ? given.value : given
  if (value === undefined) return 1
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`a semaphore's value is a number of permits, such as Semaphore(3), not ${repr(value)}`)
  }
  if (value < 0) throw new ValueError("Semaphore initial value must be >= 0")
  return value
}

class SemaphoreWaiter<A> extends SingleWait<A> {
  private readonly semaphore: SemaphoreClass
  private readonly outcome: A

  constructor(semaphore: SemaphoreClass, outcome: A) {
    super(semaphore._get_loop())
    this.semaphore = semaphore
    this.outcome = outcome
    semaphore._state.enqueue(this)
  }

  protected woken(): A {
    this.semaphore._state.resumed(this)
    return this.outcome
  }

  protected gaveUp(): void {
    this.semaphore._state.abandoned(this)
  }

  get operation(): string {
    return "Semaphore.acquire"
  }

  get primitive(): Representable {
    return this.semaphore
  }
}

keepShape(() => new SemaphoreWaiter(new SemaphoreClass(), undefined))

const acquire = new OperationDefinition<SemaphoreClass, undefined, true>("Semaphore.acquire", (semaphore) =>
  semaphore._state.tryAcquire() ? endedWithTrue : new SemaphoreWaiter(semaphore, true)
)

/**
 * A number of permits: so many tasks at a time can be inside.
 *
 * Source: `asyncio.Semaphore`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const three = new asyncio.Semaphore(3)
 *   const download = asyncio.coroutine(function* download() {
 *     yield* asyncio.async_with(three, function* () {
 *       yield* asyncio.sleep(1)
 *     })
 *   })
 *   yield* asyncio.gather(...Array.from({ length: 9 }, () => download()))
 *   return asyncio.get_running_loop().time()
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 3
 * ```
 */
export interface Semaphore extends SemaphoreClass {}
export const Semaphore: Callable<new (value?: number | SemaphoreOptions) => Semaphore> = callable(
  SemaphoreClass,
  "Semaphore"
)

/**
 * A {@link Semaphore} that refuses to be released more often than it was acquired.
 *
 * Source: `asyncio.BoundedSemaphore`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const two = asyncio.BoundedSemaphore(2)
 * try {
 *   two.release()
 * } catch (error) {
 *   console.log(String(error)) // => ValueError: BoundedSemaphore released too many times
 * }
 * ```
 */
export interface BoundedSemaphore extends BoundedSemaphoreClass {}
export const BoundedSemaphore: Callable<new (value?: number | SemaphoreOptions) => BoundedSemaphore> = callable(
  BoundedSemaphoreClass,
  "BoundedSemaphore"
)
