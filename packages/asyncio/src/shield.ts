/**
 * Protection from the awaiter's cancellation: `asyncio.shield`.
 *
 * Follows CPython's `asyncio.tasks.shield`.
 */

import { type AnyAwaitable, ensure_future, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import type { Runnable } from "./events.ts"
import type { AnyFuture, DoneListener, Future } from "./futures.ts"
import { copy_context } from "./internal/context.ts"
import { DescribedFuture } from "./internal/described_future.ts"
import { repr } from "./internal/pyrepr.ts"
import type * as Public from "./public_classes.ts"

/**
 * Awaits an awaitable so that cancelling the wait leaves the awaitable running.
 *
 * A coroutine is wrapped in a task. Keep that task where it can be awaited later: with the awaiter gone, an exception of the
 * shielded one goes to the loop's exception handler.
 *
 * When interrupted: the awaiter gets its `CancelledError`; the shielded one runs on.
 *
 * @param arg - a coroutine, future, task or any Effect
 * @returns a future with the result, the exception, or the cancellation of the awaitable; the awaitable's own future if that is
 *   done already
 * @throws `TypeError` if it cannot be awaited
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { TimeoutError } from "@skein/asyncio/builtins"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const saving = asyncio.create_task(asyncio.sleep(3, "saved"))
 *   try {
 *     yield* asyncio.wait_for(asyncio.shield(saving), 1)
 *   } catch (error) {
 *     if (!(error instanceof TimeoutError)) throw error
 *   }
 *   return yield* saving
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => saved
 * ```
 */
export const shield = <T extends AnyAwaitable>(arg: T): Public.Future<ResultOf<T>, ServicesOf<T>> => {
  const inner = ensure_future(arg) as AnyFuture
  if (inner.done()) return inner as Future<ResultOf<T>, ServicesOf<T>>
  const outer = new DescribedFuture(inner.get_loop(), () => `shield(${repr(inner)})`)
  const watch = new InnerWatch(inner, outer)
  inner._add_listener(watch)
  outer._add_listener(new OuterWatch(watch))
  return outer as unknown as Future<ResultOf<T>, ServicesOf<T>>
}

/** Hands what the inner future ends with to the outer one, a pass later. */
class InnerWatch implements DoneListener, Runnable {
  declare readonly _cancelled: false
  readonly inner: AnyFuture
  readonly outer: AnyFuture

  constructor(inner: AnyFuture, outer: AnyFuture) {
    this.inner = inner
    this.outer = outer
  }

  _future_done(): void {
    this.outer._loop._enqueue(this)
  }

  _run(): void {
    const { inner, outer } = this
    // Left as it is, so that an exception which nobody waits for any more counts as not retrieved.
    if (outer.cancelled()) return
    if (inner.cancelled()) outer.cancel()
    else if (inner._succeeded) outer.set_result(inner.result())
    else outer.set_exception(inner.exception())
  }

  _describe(): string {
    return "shield.<locals>._inner_done_callback()"
  }
}
Object.defineProperty(InnerWatch.prototype, "_cancelled", { value: false })

/** When the outer future is done first, it was cancelled: from then on the inner one's exception has no taker. */
class OuterWatch implements DoneListener, Runnable {
  declare readonly _cancelled: false
  private readonly watch: InnerWatch
  /** As it was when the shield was made: a report of the exception runs in it. */
  private readonly context = copy_context()

  constructor(watch: InnerWatch) {
    this.watch = watch
  }

  _future_done(): void {
    this.watch.outer._loop._enqueue(this)
  }

  _run(): void {
    const { inner } = this.watch
    if (inner.done()) return
    inner._remove_listener(this.watch)
    // Once, however many shields were cancelled.
    inner.remove_done_callback(_log_on_exception)
    inner.add_done_callback(_log_on_exception, { context: this.context })
  }

  _describe(): string {
    return "shield.<locals>._outer_done_callback()"
  }
}
Object.defineProperty(OuterWatch.prototype, "_cancelled", { value: false })

const _log_on_exception = (inner: AnyFuture): void => {
  if (!inner._failed) return
  const exception = inner.exception()
  const loop = inner.get_loop()
  loop.call_exception_handler({
    message: `${exception instanceof Error ? exception.name : typeof exception} exception in shielded future`,
    exception,
    future: inner,
    ...loop._source_context(inner)
  })
}
