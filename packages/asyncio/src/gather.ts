/**
 * Awaiting several at once, for all their results.
 *
 * Follows CPython's `asyncio.tasks.gather`.
 */

import type { EventLoop } from "./base_events.ts"
import { type AnyAwaitable, ensure_future, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { get_event_loop } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import { type AnyFuture, Future } from "./futures.ts"
import { createWithoutStack } from "./internal/base_exception.ts"
import { describePending } from "./internal/described_future.ts"
import { DoneRelay } from "./internal/done_relay.ts"
import { splitTrailingOptions } from "./internal/options.ts"
import type * as Public from "./public_classes.ts"
import { Task } from "./tasks.ts"

/** The future of a `gather`: cancelling it cancels the children. */
class _GatheringFuture extends Future<Array<unknown>, unknown> {
  /** The future of each argument; one that was given twice stands here twice. */
  private readonly children: Array<AnyFuture> = []
  private readonly returnExceptions: boolean
  private readonly relay: DoneRelay
  /** Children that were done when they came, such as tasks that an eager start has finished. */
  private endedEarly: Array<AnyFuture> | undefined = undefined
  /** How many distinct children have not reported their end. */
  private unfinished = 0
  private complete = false
  private cancelRequested = false

  constructor(loop: EventLoop, returnExceptions: boolean) {
    super({ loop })
    this.returnExceptions = returnExceptions
    this.relay = new DoneRelay(loop, "gather.<locals>._done_callback()", (child) => this.childDone(child))
  }

  add(child: AnyFuture, isNew: boolean): void {
    this.children.push(child)
    if (!isNew) return
    this.unfinished++
    if (!child.done()) child._add_listener(this.relay)
    else if (this.endedEarly === undefined) this.endedEarly = [child]
    else this.endedEarly.push(child)
  }

  /** True for a future that this one waits for, if nobody else has begun to wait for it since. */
  isLastToAwait(given: unknown): given is AnyFuture {
    return (given as Partial<AnyFuture> | null | undefined)?._last_listener === this.relay
  }

  /**
   * True if what was given need not be remembered in case it is given again: {@link isLastToAwait} will tell. With a task factory
   * it might not, since the tasks that `gather` makes may start at once and wait for it too.
   */
  recognizes(given: unknown): boolean {
    return this.isLastToAwait(given) && this._loop.get_task_factory() === undefined
  }

  /** All arguments have been added. If all of them are done, so is the outer future now. */
  close(): void {
    this.complete = true
    if (this.endedEarly !== undefined) for (const child of this.endedEarly) this.childDone(child)
    this.endedEarly = undefined
  }

  /** Cancels the children that are not done; the outer future is done when they all are. */
  override cancel(msg?: unknown): boolean {
    if (this.done()) return false
    let took = false
    for (const child of this.children) if (child.cancel(msg)) took = true
    if (took) this.cancelRequested = true
    return took
  }

  private childDone(child: AnyFuture): void {
    this.unfinished--
    // The first error has been handed out, and those that come later count as seen; or an argument could not be awaited, and
    // nobody has got the outer future.
    if (this.done() || !this.complete) {
      child._mark_retrieved()
      return
    }
    if (!this.returnExceptions && !child._succeeded) {
      this._set_exception(child._error())
      return
    }
    if (this.unfinished > 0) return
    if (this.cancelRequested) {
      for (const each of this.children) each._mark_retrieved()
      this._set_exception((this.children[this.children.length - 1] as AnyFuture)._make_cancelled_error())
      return
    }
    this._set_result(this.children.map(resultOrException))
  }

  override describeWait(): string {
    return `gather: ${describePending(new Set(this.children))}`
  }
}

const resultOrException = (child: AnyFuture): unknown => {
  if (child._succeeded) return child.result()
  if (!child.cancelled()) return child._error()
  return createWithoutStack(CancelledError, child._cancel_text)
}

/** The results of awaitables, in their order. */
export type ResultsOf<T extends ReadonlyArray<unknown>> = { -readonly [K in keyof T]: ResultOf<T[K]> }

/** The results of awaitables, in their order; an exception stands in the place of a result that is not there. */
export type ResultsOrErrorsOf<T extends ReadonlyArray<unknown>> = { -readonly [K in keyof T]: ResultOf<T[K]> | Error }

/** Options of {@link gather}, as its last argument. */
export interface GatherOptions {
  /** Whether exceptions are results like others. */
  readonly return_exceptions?: boolean | undefined
}

/**
 * Awaits several awaitables at once: a future of the list of their results, in the order of the arguments.
 *
 * Coroutines become tasks, in order. The first exception is passed on at once; the others run on, and their later errors
 * count as seen. With `{ return_exceptions: true }` as the last argument, exceptions are results.
 *
 * When interrupted: cancelling it cancels every child that is not done; it ends when they all have.
 *
 * @param args - coroutines, futures, tasks, Effects; and as the last one, if wanted, `{ return_exceptions: true }`
 * @throws `TypeError` if one cannot be awaited, `ValueError` if they belong to different loops
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const after = asyncio.coroutine(function* after<T>(delay: number, value: T) {
 *   yield* asyncio.sleep(delay)
 *   return value
 * })
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.gather(after(2, "slow"), after(1, 7))
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 'slow', 7 ]
 * ```
 */
export function gather<const T extends ReadonlyArray<AnyAwaitable>>(
  ...args: T
): Public.Future<ResultsOf<T>, ServicesOf<T[number]>>
export function gather<const T extends ReadonlyArray<AnyAwaitable>>(
  ...args: [...T, { readonly return_exceptions: true }]
): Public.Future<ResultsOrErrorsOf<T>, ServicesOf<T[number]>>
export function gather<const T extends ReadonlyArray<AnyAwaitable>>(
  ...args: [...T, { readonly return_exceptions?: false | undefined }]
): Public.Future<ResultsOf<T>, ServicesOf<T[number]>>
export function gather<const T extends ReadonlyArray<AnyAwaitable>>(
  ...args: [...T, GatherOptions]
): Public.Future<ResultsOrErrorsOf<T>, ServicesOf<T[number]>>
export function gather(...args: ReadonlyArray<unknown>): Future<unknown, unknown> {
  const [awaitables, options] = splitTrailingOptions<GatherOptions>(args, ["return_exceptions"])
  if (awaitables.length === 0) {
    const outer = get_event_loop().create_future<Array<unknown>>()
    outer.set_result([])
    return outer
  }
  let outer: _GatheringFuture | undefined
  let distinct: Map<unknown, AnyFuture> | undefined
  for (const awaitable of awaitables) {
    // Most arguments are tasks, by the hundred thousand sometimes: a table of them would cost a tenth of the whole.
    const known = outer?.isLastToAwait(awaitable) === true ? awaitable : distinct?.get(awaitable)
    const child = known ?? (ensure_future(awaitable as AnyAwaitable, { loop: outer?.get_loop() }) as AnyFuture)
    // The caller cannot get at this one, and could do nothing about a report that it was pending at the end.
    if (child !== awaitable && child instanceof Task) child._log_destroy_pending = false
    outer ??= new _GatheringFuture(child.get_loop(), options?.return_exceptions === true)
    outer.add(child, known === undefined)
    if (known !== undefined || awaitables.length === 1 || outer.recognizes(awaitable)) continue
    distinct ??= new Map()
    distinct.set(awaitable, child)
  }
  const complete = outer as _GatheringFuture
  complete.close()
  return complete
}
