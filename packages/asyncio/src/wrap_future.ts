/**
 * Where asyncio meets what is not asyncio: promises of the host, and the futures of `concurrent.futures`.
 *
 * Follows CPython's `asyncio.futures.wrap_future`; promises are ours.
 */

import type { EventLoop } from "./base_events.ts"
import { AssertionError } from "./builtins.ts"
import { get_event_loop } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import { Future, isfuture } from "./futures.ts"
import { repr } from "./internal/pyrepr.ts"
import { getRunningLoop } from "./internal/running.ts"

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
 * The asyncio future for something that will have a result elsewhere: a promise of the host.
 *
 * When interrupted: the future is cancelled; a promise can not be, and what it gives later is dropped. Where the other side can
 * be cancelled, use `Effect.tryPromise((signal) => ...)` instead, which is awaited likewise.
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
  future: PromiseLike<A> | Future<A>,
  options?: { readonly loop?: EventLoop | null | undefined }
): Future<A> => {
  if (isfuture(future)) return future as Future<A>
  if (isPromiseLike(future)) return new PromiseFuture(future, options?.loop ?? get_event_loop())
  throw new AssertionError(`concurrent.futures.Future is expected, got ${repr(future)}`)
}
