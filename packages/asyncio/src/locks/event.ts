/**
 * A flag that tasks wait for. Follows CPython's `asyncio.locks.Event`; the rules are the kernel's `EventState`.
 */

import { EventState } from "@skein/core/kernel"
import type { Coroutine } from "../coroutines.ts"
import { type Callable, callable } from "../internal/callable.ts"
import { keepShape } from "../internal/keep_shapes.ts"
import { LoopBound, lockRepr, ofLocksModule } from "../internal/loop_bound.ts"
import { endedWithTrue, Operation, OperationDefinition, type Steps } from "../internal/operation.ts"
import { installRepr, type Representable } from "../internal/pyrepr.ts"
import { SingleWait, type WaitDescription } from "../internal/waiter.ts"

/** Everything that {@link Event} is, apart from being callable without `new`. */
export class EventClass extends LoopBound {
  readonly _state: EventState

  /** @param state - for primitives that have an event inside; a new one if left out */
  constructor(state: EventState = new EventState()) {
    super()
    this._state = state
  }

  /** True while the flag is up. */
  is_set(): boolean {
    return this._state.isSet
  }

  /**
   * Raises the flag: all who wait at this moment go on, in the order in which they came, even if the flag is lowered again
   * before they run. Raising it twice is harmless.
   */
  set(): void {
    this._state.set()
  }

  /** Lowers the flag: who waits from now on waits until it is raised again. */
  clear(): void {
    this._state.clear()
  }

  /**
   * Waits until the flag is up; does not suspend if it is.
   *
   * When interrupted: nothing is lost; the others wait on.
   *
   * @returns true
   * @throws `RuntimeError` if it has to wait and the event belongs to another event loop
   */
  wait(): Coroutine<true> {
    return new Operation(wait, this, undefined)
  }

  /** The wait for the flag, when it is down. */
  _wait<A>(outcome: A, waiting?: WaitDescription): Steps<A> {
    return new EventWaiter(this, outcome, waiting)
  }

  __repr__(): string {
    return lockRepr(this, this._state.isSet ? "set" : "unset", this._state.waiters.length)
  }
}
installRepr(EventClass)
ofLocksModule(EventClass)

class EventWaiter<A> extends SingleWait<A> {
  private readonly event: EventClass
  private readonly outcome: A
  /** The call on whose behalf the event is waited for, if it is a primitive's that has the event inside. */
  private readonly waiting: WaitDescription | undefined

  constructor(event: EventClass, outcome: A, waiting: WaitDescription | undefined) {
    super(event._get_loop())
    this.event = event
    this.outcome = outcome
    this.waiting = waiting
    event._state.enqueue(this)
  }

  protected woken(): A {
    this.event._state.left(this)
    return this.outcome
  }

  protected gaveUp(): void {
    this.event._state.left(this)
  }

  get operation(): string {
    return this.waiting?.operation ?? "Event.wait"
  }

  get primitive(): Representable {
    return this.waiting?.primitive ?? this.event
  }
}

keepShape(() => new EventWaiter(new EventClass(), undefined, undefined))

const wait = new OperationDefinition<EventClass, undefined, true>("Event.wait", (event) =>
  event._state.isSet ? endedWithTrue : event._wait(true)
)

/**
 * A flag that is down at first; tasks wait until somebody raises it.
 *
 * Source: `asyncio.Event`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const loop = asyncio.get_running_loop()
 *   const ready = new asyncio.Event()
 *   loop.call_later(5, () => ready.set())
 *   yield* ready.wait()
 *   return loop.time()
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 5
 * ```
 */
export interface Event extends EventClass {}
export const Event: Callable<new () => Event> = callable(EventClass, "Event")
