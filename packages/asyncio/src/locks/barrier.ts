/**
 * A meeting of a fixed number of tasks, again and again. Follows CPython's `asyncio.locks.Barrier`; the rules are the kernel's
 * `BarrierState`.
 */

import { BarrierState } from "@skein/core/kernel"
import { TypeError, ValueError } from "../builtins.ts"
import type { Coroutine } from "../coroutines.ts"
import { BrokenBarrierError } from "../exceptions.ts"
import { type Callable, callable } from "../internal/callable.ts"
import { lockRepr, ofLocksModule } from "../internal/loop_bound.ts"
import { endedWithNothing, Operation, OperationDefinition, type Steps, stepThrough } from "../internal/operation.ts"
import { installRepr, repr } from "../internal/pyrepr.ts"
import { ConditionClass, waitSteps } from "./condition.ts"
import type { Lock } from "./lock.ts"

/** How a {@link Barrier} is made. */
export interface BarrierOptions {
  /** How many tasks meet. */
  readonly parties: number
}

/** Everything that {@link Barrier} is, apart from being callable without `new`. */
export class BarrierClass {
  readonly _cond: ConditionClass<Lock> = new ConditionClass()
  readonly _state: BarrierState

  /**
   * @param parties - how many tasks meet
   * @throws `ValueError` if it is below 1, `TypeError` if it is not a number
   */
  constructor(parties: number | BarrierOptions) {
    const count = typeof parties === "object" && parties !== null ? parties.parties : parties
    if (typeof count !== "number" || Number.isNaN(count)) {
      throw new TypeError(`a barrier is for a number of parties, such as Barrier(3), not ${repr(count)}`)
    }
    if (count < 1) throw new ValueError("parties must be >= 1")
    this._state = new BarrierState(count, this._cond._state)
  }

  /** How many tasks meet. */
  get parties(): number {
    return this._state.parties
  }

  /** How many tasks have arrived for the round that is filling; 0 while a round is on its way out. */
  get n_waiting(): number {
    return this._state.waiting
  }

  /** True after {@link abort}, until {@link reset}. */
  get broken(): boolean {
    return this._state.isBroken
  }

  /**
   * Waits until all parties have arrived. The last to arrive does not wait. Those who come while a round is on its way out wait
   * for the next one.
   *
   * Fairness: the round goes on in the order of arrival, the last to arrive first.
   *
   * When interrupted: the task no longer counts as arrived; the barrier is not broken, the others wait on.
   *
   * @returns the place in the order of arrival, from 0
   * @throws `BrokenBarrierError` if the barrier is broken, or is broken or reset meanwhile
   */
  wait(): Coroutine<number> {
    return new Operation(wait, this, undefined)
  }

  /**
   * Sends those who wait away with a `BrokenBarrierError`; the barrier can be used again, also if it was broken.
   *
   * When interrupted: nothing has changed.
   */
  reset(): Coroutine<undefined> {
    return new Operation(reset, this, undefined)
  }

  /**
   * Breaks the barrier: those who wait, and those who come, get a `BrokenBarrierError`, until it is {@link reset}.
   *
   * When interrupted: nothing has changed.
   */
  abort(): Coroutine<undefined> {
    return new Operation(abort, this, undefined)
  }

  /** Waits: the beginning of `async_with`, which binds the place in the order of arrival. */
  __aenter__(): Coroutine<number> {
    return new Operation(enter, this, undefined)
  }

  /** Does nothing: the end of `async_with`. */
  __aexit__(_exc_type?: unknown, _exc?: unknown, _tb?: unknown): Coroutine<undefined> {
    return new Operation(exit, this, undefined)
  }

  __repr__(): string {
    const { phase, isBroken, parties, waiting } = this._state
    return lockRepr(this, isBroken ? phase : `${phase}, waiters:${waiting}/${repr(parties)}`, 0)
  }
}
installRepr(BarrierClass)
ofLocksModule(BarrierClass)

function* meet(barrier: BarrierClass): Generator<unknown, number, unknown> {
  const condition = barrier._cond
  const state = barrier._state
  const waiting = { operation: "Barrier.wait", primitive: barrier }
  if (!condition._lock._try_acquire()) yield* stepThrough(condition._lock._wait(true, waiting))
  try {
    while (state.isBlocked) yield* stepThrough(waitSteps(condition, waiting))
    if (state.isBroken) throw new BrokenBarrierError("Barrier aborted")
    try {
      const index = state.arrive()
      while (state.isFilling) yield* stepThrough(waitSteps(condition, waiting))
      if (state.isRefused) throw new BrokenBarrierError("Abort or reset of barrier")
      return index
    } finally {
      state.leave()
    }
  } finally {
    condition.release()
  }
}

const changeBy = (operation: string, change: (state: BarrierState) => void) =>
  function* (barrier: BarrierClass): Generator<unknown, undefined, unknown> {
    const lock = barrier._cond._lock
    if (!lock._try_acquire()) yield* stepThrough(lock._wait(true, { operation, primitive: barrier }))
    try {
      change(barrier._state)
    } finally {
      lock.release()
    }
    return undefined
  }

const wait = new OperationDefinition<BarrierClass, undefined, number>("Barrier.wait", meet)
const reset = new OperationDefinition<BarrierClass, undefined, undefined>(
  "Barrier.reset",
  changeBy("Barrier.reset", (state) => state.reset())
)
const abort = new OperationDefinition<BarrierClass, undefined, undefined>(
  "Barrier.abort",
  changeBy("Barrier.abort", (state) => state.abort())
)
const enter = new OperationDefinition<BarrierClass, undefined, number>("Barrier.__aenter__", (barrier) =>
  barrier.wait === BarrierClass.prototype.wait
    ? meet(barrier)
    : ((barrier.wait() as unknown as Iterable<unknown>)[Symbol.iterator]() as unknown as Steps<number>)
)
const exit = new OperationDefinition<BarrierClass, undefined, undefined>("Barrier.__aexit__", () => endedWithNothing)

/**
 * A meeting point: `wait` goes on when as many tasks as there are parties have come. Then the barrier is ready for the next
 * round.
 *
 * Source: `asyncio.Barrier`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const barrier = new asyncio.Barrier(3)
 *   const walk = asyncio.coroutine(function* walk(minutes: number) {
 *     yield* asyncio.sleep(minutes * 60)
 *     const index = yield* barrier.wait()
 *     return [index, asyncio.get_running_loop().time()]
 *   })
 *   return yield* asyncio.gather(walk(5), walk(20), walk(10))
 * })
 * const met = await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })
 * console.log(met) // => [ [ 0, 1200 ], [ 2, 1200 ], [ 1, 1200 ] ]
 * ```
 */
export interface Barrier extends BarrierClass {}
export const Barrier: Callable<new (parties: number | BarrierOptions) => Barrier> = callable(BarrierClass, "Barrier")
