/**
 * Futures that belong to no loop: the meeting point between an event loop and code that runs elsewhere.
 *
 * Follows CPython's `concurrent.futures`, as far as asyncio meets it. A thread of JavaScript can not block, so `result()` and
 * `exception()` never wait: await `asyncio.wrap_future(future)` instead.
 */

import { RuntimeError, TimeoutError } from "./builtins.ts"
import { defineException, Exception, type ExceptionClass, type kind } from "./internal/base_exception.ts"
import { callableAs } from "./internal/callable.ts"
import { address, installRepr, typeName } from "./internal/pyrepr.ts"
import { logger } from "./log.ts"

export { TimeoutError } from "./builtins.ts"

/** The future was cancelled. Unlike asyncio's error of that name it is an `Exception`. */
export interface CancelledError extends Exception {
  readonly [kind]: `Exception.ConcurrentCancelledError${string}`
}
export const CancelledError: ExceptionClass<CancelledError> = defineException<CancelledError>(
  "CancelledError",
  Exception
)

/** The operation is not allowed in this state. */
export interface InvalidStateError extends Exception {
  readonly [kind]: `Exception.ConcurrentInvalidStateError${string}`
}
export const InvalidStateError: ExceptionClass<InvalidStateError> = defineException<InvalidStateError>(
  "InvalidStateError",
  Exception
)

/** The executor can not take or finish work any more. */
export interface BrokenExecutor extends RuntimeError {
  readonly [kind]: `Exception.RuntimeError.BrokenExecutor${string}`
}
export const BrokenExecutor: ExceptionClass<BrokenExecutor> = defineException<BrokenExecutor>(
  "BrokenExecutor",
  RuntimeError
)

type State = "PENDING" | "RUNNING" | "CANCELLED" | "CANCELLED_AND_NOTIFIED" | "FINISHED"

class FutureClass<A = unknown> {
  private _state: State = "PENDING"
  private _result: A | undefined = undefined
  private _exception: unknown = undefined
  private _done_callbacks: Array<(future: Future<A>) => unknown> = []

  /**
   * Cancels the future, unless its work has begun or ended.
   *
   * @returns true if it is cancelled now
   */
  cancel(): boolean {
    if (this._state === "RUNNING" || this._state === "FINISHED") return false
    if (this._state === "PENDING") {
      this._state = "CANCELLED"
      this._invoke_callbacks()
    }
    return true
  }

  /** True if the future was cancelled. */
  cancelled(): boolean {
    return this._state === "CANCELLED" || this._state === "CANCELLED_AND_NOTIFIED"
  }

  /** True while the work is under way: it can not be cancelled any more. */
  running(): boolean {
    return this._state === "RUNNING"
  }

  /** True once the future has a result, has an exception or was cancelled. */
  done(): boolean {
    return this._state === "FINISHED" || this.cancelled()
  }

  /**
   * Calls `fn` with this future when it is done: inside the call that makes it so, or now if it is done. What a callback
   * throws is logged.
   */
  add_done_callback(fn: (future: Future<A>) => unknown): void {
    if (this.done()) this._call(fn)
    else this._done_callbacks.push(fn)
  }

  /**
   * The result.
   *
   * @throws the exception that was set; `CancelledError` if cancelled; `TimeoutError` if there is nothing yet, since it can not
   *   wait
   */
  result(timeout?: number | null): A {
    this._check_done(timeout)
    if (this._exception !== undefined) throw this._exception
    return this._result as A
  }

  /** The exception that was set, or `undefined`. Throws as {@link FutureClass.result} does, but for that exception. */
  exception(timeout?: number | null): unknown {
    this._check_done(timeout)
    return this._exception
  }

  /**
   * For whoever does the work: to be called before it begins.
   *
   * @returns false if the future was cancelled, and the work is not wanted
   * @throws `RuntimeError` if it was called before
   */
  set_running_or_notify_cancel(): boolean {
    if (this._state === "CANCELLED") {
      this._state = "CANCELLED_AND_NOTIFIED"
      return false
    }
    if (this._state === "PENDING") {
      this._state = "RUNNING"
      return true
    }
    logger.error(`Future ${address(this)} in unexpected state: ${this._state}`)
    throw new RuntimeError("Future in unexpected state")
  }

  /**
   * For whoever does the work: its result.
   *
   * @throws `InvalidStateError` if the future is done
   */
  set_result(result: A): void {
    this._check_open()
    this._result = result
    this._state = "FINISHED"
    this._invoke_callbacks()
  }

  /**
   * For whoever does the work: its failure.
   *
   * @throws `InvalidStateError` if the future is done
   */
  set_exception(exception: unknown): void {
    this._check_open()
    this._exception = exception
    this._state = "FINISHED"
    this._invoke_callbacks()
  }

  private _check_open(): void {
    if (this.done()) throw new InvalidStateError(`${this._state}: ${this.__repr__()}`)
  }

  private _check_done(timeout: number | null | undefined): void {
    if (this.cancelled()) throw new CancelledError()
    if (this._state === "FINISHED") return
    if (timeout !== undefined && timeout !== null && timeout <= 0) throw new TimeoutError()
    throw new TimeoutError(
      "the future is not done, and a thread of JavaScript can not wait for it: " +
        "await it with yield* asyncio.wrap_future(future)"
    )
  }

  private _invoke_callbacks(): void {
    const callbacks = this._done_callbacks
    this._done_callbacks = []
    for (const callback of callbacks) this._call(callback)
  }

  private _call(callback: (future: Future<A>) => unknown): void {
    try {
      callback(this as Future<A>)
    } catch (error) {
      if (!(error instanceof Exception)) throw error
      logger.error(`exception calling callback for ${this.__repr__()}`, error)
    }
  }

  __repr__(): string {
    const state = this._state === "CANCELLED_AND_NOTIFIED" ? "cancelled" : this._state.toLowerCase()
    const outcome =
      this._state !== "FINISHED"
        ? ""
        : this._exception === undefined
          ? ` returned ${typeName(this._result)}`
          : ` raised ${typeName(this._exception)}`
    return `<Future at ${address(this)} state=${state}${outcome}>`
  }
}
installRepr(FutureClass)

/**
 * A result that comes from elsewhere: from another thread, another process, or a callback of the host.
 *
 * Whoever does the work calls `set_running_or_notify_cancel`, then `set_result` or `set_exception`. In a coroutine it is
 * awaited as `yield* asyncio.wrap_future(future)`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { Future } from "@skein/asyncio/concurrent_futures"
 *
 * const work = Future<number>()
 * setImmediate(() => work.set_result(42))
 *
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.wrap_future(work)
 * })
 * console.log(await asyncio.run(main())) // => 42
 * ```
 */
export interface Future<A = unknown> extends FutureClass<A> {}

/** The class {@link Future}, with and without `new`. */
export interface FutureConstructor {
  new <A = unknown>(): Future<A>
  <A = unknown>(): Future<A>
  readonly prototype: Future
}

export const Future: FutureConstructor = callableAs<FutureConstructor>(FutureClass, "Future")
