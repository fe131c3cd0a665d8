/**
 * Where asyncio meets what is not asyncio: promises of the host, and the futures of `concurrent.futures`.
 *
 * Follows CPython's `asyncio.futures.wrap_future`; promises are ours.
 */

import type { EventLoop } from "./base_events.ts"
import { AssertionError, TypeError } from "./builtins.ts"
import {
  CancelledError as ConcurrentCancelledError,
  Future as ConcurrentFuture,
  InvalidStateError as ConcurrentInvalidStateError
} from "./concurrent_futures.ts"
import { type CoroutineLike, isCoroutineLike } from "./coroutines.ts"
import { type AnyAwaitable, ensure_future, type Provided, type ResultOf } from "./ensure_future.ts"
import { get_event_loop, get_running_loop } from "./events.ts"
import { CancelledError, InvalidStateError } from "./exceptions.ts"
import { Future, isfuture } from "./futures.ts"
import { repr } from "./internal/pyrepr.ts"
import { getRunningLoop } from "./internal/running.ts"
import type * as Public from "./public_classes.ts"

/** The future for a promise. Until it is done, the loop counts a wait for the host, and a virtual clock stands still. */
class PromiseFuture<A> extends Future<A> {
  private waits = true

  constructor(promise: PromiseLike<A>, loop: EventLoop) {
    super({ loop })
    loop._host_waits++
    // Through the ready queue, also to wake the loop: the promise settles outside of its passes.
    promise.then(
      (value) => this.settle(() => this._set_result(value)),
      (error: unknown) =>
        this.settle(() => (error instanceof CancelledError ? super.cancel(error.args[0]) : this._set_exception(error)))
    )
  }

  override cancel(msg?: unknown): boolean {
    if (!super.cancel(msg)) return false
    this.stopWaiting()
    // A clock that stood still for the promise alone goes on now.
    if (getRunningLoop() !== this._loop && !this._loop.is_closed()) this._loop.call_soon_threadsafe(() => undefined)
    return true
  }

  override describeWait(): string {
    return `a promise of the host, by ${repr(this)}`
  }

  private settle(set: () => void): void {
    if (!this.waits || this._loop.is_closed()) return
    this._loop.call_soon_threadsafe(() => {
      if (this.done()) return
      this.stopWaiting()
      set()
    })
  }

  private stopWaiting(): void {
    this.waits = false
    this._loop._host_waits--
  }
}
Object.defineProperty(PromiseFuture, "name", { value: "Future", configurable: true })

const isPromiseLike = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

/**
 * The asyncio future for something that will have a result elsewhere: a promise of the host, or a future of
 * `concurrent_futures`.
 *
 * When interrupted: the future is cancelled, and with it the concurrent one. A promise can not be cancelled, and what it gives
 * later is dropped; where the other side can be, use `Effect.tryPromise((signal) => ...)`, which is awaited likewise.
 *
 * @param options.loop - the loop of the future; the running one if left out
 * @returns an asyncio future is returned unchanged
 * @throws `AssertionError` if it is nothing of the kind
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.wrap_future(Promise.resolve(42))
 * })
 * console.log(await asyncio.run(main())) // => 42
 * ```
 */
export const wrap_future = <A>(
  future: PromiseLike<A> | ConcurrentFuture<A> | Future<A>,
  options?: { readonly loop?: Public.EventLoop | null | undefined }
): Public.Future<A> => {
  if (isfuture(future)) return future as Future<A>
  if (isPromiseLike(future)) return new PromiseFuture(future, options?.loop ?? get_event_loop())
  if (!(future instanceof ConcurrentFuture)) {
    throw new AssertionError(`concurrent.futures.Future is expected, got ${repr(future)}`)
  }
  const wrapped = (options?.loop ?? get_event_loop()).create_future<A>()
  followConcurrent(future, wrapped)
  return wrapped
}

/** Lets an asyncio future have the outcome of a concurrent one, and the concurrent one be cancelled with it. */
const followConcurrent = <A>(source: ConcurrentFuture<A>, future: Future<A>): void => {
  const loop = future.get_loop()
  future.add_done_callback(() => {
    if (future.cancelled()) source.cancel()
  })
  source.add_done_callback(() => {
    if (loop.is_closed()) return
    loop.call_soon_threadsafe(() => {
      if (future.done()) return
      if (source.cancelled()) {
        future.cancel()
        return
      }
      const exception = source.exception()
      if (exception === undefined) future.set_result(source.result())
      else future.set_exception(translated(exception))
    })
  })
}

/** The errors that `concurrent.futures` and asyncio have each of their own. */
const translated = (exception: unknown): unknown => {
  if (exception instanceof ConcurrentCancelledError) return new CancelledError(...exception.args)
  if (exception instanceof ConcurrentInvalidStateError) return new InvalidStateError(...exception.args)
  return exception
}

/** Lets a concurrent future have the outcome of an asyncio one, and the asyncio one be cancelled with it. */
const followFuture = <A>(source: Future<A>, future: ConcurrentFuture<A>): void => {
  const loop = source.get_loop()
  future.add_done_callback(() => {
    if (future.cancelled() && !loop.is_closed()) loop.call_soon_threadsafe(() => source.cancel())
  })
  source.add_done_callback(() => {
    if (source.cancelled()) future.cancel()
    if (!future.set_running_or_notify_cancel()) return
    const exception = source.exception()
    if (exception === undefined) future.set_result(source.result())
    else future.set_exception(exception)
  })
}

/**
 * Makes a coroutine a task of a loop, from outside of that loop's passes.
 *
 * @param coro - a coroutine or a bare generator
 * @param loop - the loop that shall run it
 * @returns a concurrent future of the result; cancelling it cancels the task
 * @throws `TypeError` if it is not a coroutine
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.new_event_loop()
 * const running = loop.run_forever()
 * const future = asyncio.run_coroutine_threadsafe(asyncio.sleep(0.001, "done"), loop)
 * future.add_done_callback((done) => {
 *   console.log(done.result())
 *   loop.stop()
 * })
 * await running // => done
 * loop.close()
 * ```
 */
export const run_coroutine_threadsafe = <T extends CoroutineLike>(
  coro: T & Provided<T>,
  loop: Public.EventLoop
): ConcurrentFuture<ResultOf<T>> => {
  if (!isCoroutineLike(coro)) throw new TypeError("A coroutine object is required")
  const future = new ConcurrentFuture<ResultOf<T>>()
  loop.call_soon_threadsafe(() => {
    try {
      followFuture(ensure_future(coro as CoroutineLike, { loop }) as Future<ResultOf<T>>, future)
    } catch (error) {
      if (future.set_running_or_notify_cancel()) future.set_exception(error)
      throw error
    }
  })
  return future
}

/**
 * The promise for an awaitable of the running loop, for code that takes promises. A coroutine becomes a task.
 *
 * The loop must be running until the awaitable is done: what is left when it ends is cancelled, and the promise then rejects
 * with `CancelledError`.
 *
 * @param options.loop - the loop to run it in; the running one if left out
 * @returns a promise of the result, which rejects with the exception, or with `CancelledError`
 * @throws `RuntimeError` if no loop is running, `TypeError` if it cannot be awaited
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const answer = asyncio.coroutine(function* answer() {
 *   yield* asyncio.sleep(0.001)
 *   return 42
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const promise = asyncio.to_promise(answer())
 *   return yield* asyncio.wrap_future(promise.then((n) => n + 1))
 * })
 * console.log(await asyncio.run(main())) // => 43
 * ```
 */
export const to_promise = <T extends AnyAwaitable>(
  awaitable: T & Provided<T>,
  options?: { readonly loop?: Public.EventLoop | undefined }
): Promise<ResultOf<T>> => {
  const loop = options?.loop ?? (isfuture(awaitable) ? awaitable.get_loop() : get_running_loop())
  const future = ensure_future(awaitable as AnyAwaitable, { loop }) as Future<ResultOf<T>>
  return new Promise((resolve, reject) => {
    future._add_listener({
      _future_done: () => (future._succeeded ? resolve(future.result()) : reject(future._error())),
      _describe: () => "to_promise.<locals>._settle()"
    })
  })
}
