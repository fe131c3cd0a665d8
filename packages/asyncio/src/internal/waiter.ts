// Who waits for a primitive: a future of the loop and a node of the kernel's wait queue in one object. Waking the node
// completes the future, whose waiting task then gets its turn in the next pass, as with CPython's futures in a deque.

import type { WaitNode, WaitQueue } from "@skein/core/kernel"
import type { EventLoop } from "../base_events.ts"
import { RuntimeError } from "../builtins.ts"
import { Future, SUSPENDED } from "../futures.ts"
import type { Steps } from "./operation.ts"
import { type Representable, repr } from "./pyrepr.ts"
import { suspendOn } from "./suspension.ts"

/** A call that waits for a primitive, such as `Queue.get`. */
export interface WaitDescription {
  readonly operation: string
  readonly primitive: Representable
}

/** A task's place in a primitive's line. */
export abstract class Waiter extends Future<unknown> implements WaitNode, WaitDescription {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined

  constructor(loop: EventLoop) {
    super({ loop })
  }

  get isWaiting(): boolean {
    return !this.done()
  }

  get isCancelled(): boolean {
    return this.cancelled()
  }

  wake(): void {
    this._set_result(true)
  }

  override cancel(msg?: unknown): boolean {
    if (!super.cancel(msg)) return false
    this.waitQueue?.noteCancelled(this)
    return true
  }

  abstract get operation(): string
  abstract get primitive(): Representable

  override describeWait(): string {
    return `${this.operation} on ${repr(this.primitive)}`
  }

  override __repr__(): string {
    // What CPython has in this place is a plain future.
    return `<Future ${this._repr_info().join(" ")}>`
  }

  /** The step that suspends the task until somebody wakes this waiter. */
  suspend(): IteratorYieldResult<this> {
    return suspendOn(this)
  }

  /** Refuses to go on for somebody who drives the coroutine by hand and did not wait. */
  checkWoken(): void {
    if (!this.done()) throw new RuntimeError("await wasn't used with future")
  }
}

/** A wait of one suspension: the waiter is its own steps. */
export abstract class SingleWait<A> extends Waiter implements Steps<A> {
  next(): IteratorResult<unknown, A> {
    if (!this._has(SUSPENDED)) {
      this._turn(SUSPENDED, true)
      return this.suspend()
    }
    this.checkWoken()
    return { done: true, value: this.woken() }
  }

  throw(error: unknown): never {
    this.gaveUp()
    throw error
  }

  return(value: A): IteratorResult<unknown, A> {
    this.gaveUp()
    return { done: true, value }
  }

  /** The task runs again: what it waited for has come. Returns what the wait gives. */
  protected abstract woken(): A

  /** The task gives up, woken or not. */
  protected abstract gaveUp(): void
}
