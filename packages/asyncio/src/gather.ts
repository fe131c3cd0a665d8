/**
 * Awaiting several at once, for all their results.
 *
 * Follows CPython's `asyncio.tasks.gather`.
 */

import type { EventLoop } from "./base_events.ts"
import { type AnyAwaitable, ensure_future, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { get_event_loop, type Runnable } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import { type AnyFuture, type DoneListener, Future } from "./futures.ts"
import { createWithoutStack } from "./internal/base_exception.ts"
import { splitTrailingOptions } from "./internal/options.ts"

/** The future of a `gather`: cancelling it cancels the children. */
class _GatheringFuture extends Future<Array<unknown>, unknown> {
  private children: ReadonlyArray<AnyFuture> = []
  private readonly returnExceptions: boolean
  private unfinished = 0
  private cancelRequested = false

  constructor(loop: EventLoop, returnExceptions: boolean) {
    super({ loop })
    this.returnExceptions = returnExceptions
  }

  watch(children: ReadonlyArray<AnyFuture>, distinct: ReadonlySet<AnyFuture>): void {
    this.children = children
    this.unfinished = distinct.size
    const ended: Array<AnyFuture> = []
    for (const child of distinct) {
      if (child.done()) ended.push(child)
      else child._add_listener(new ChildWatch(this, child))
    }
    // With all of them finished eagerly, the outer future is done on return.
    for (const child of ended) this.childDone(child)
  }

  /** Cancels the children that are not done; the outer future is done when they all are. */
  override cancel(msg?: unknown): boolean {
    if (this.done()) return false
    let took = false
    for (const child of this.children) if (child.cancel(msg)) took = true
    if (took) this.cancelRequested = true
    return took
  }

  childDone(child: AnyFuture): void {
    this.unfinished--
    if (this.done()) {
      // The first error has been handed out; those that come later count as seen.
      child._mark_retrieved()
      return
    }
    if (!this.returnExceptions && !child._succeeded) {
      this._set_exception(child._error())
      return
    }
    if (this.unfinished > 0) return
    if (this.cancelRequested) {
      this._set_exception((this.children[this.children.length - 1] as AnyFuture)._make_cancelled_error())
      return
    }
    this._set_result(this.children.map(resultOrException))
  }
}

const resultOrException = (child: AnyFuture): unknown => {
  if (child._succeeded) return child.result()
  if (!child.cancelled()) return child._error()
  return createWithoutStack(CancelledError, child._cancel_text)
}

/** Waits for one child, and tells the outer future a pass later, as a done callback would. */
class ChildWatch implements DoneListener, Runnable {
  declare readonly _cancelled: false
  private readonly outer: _GatheringFuture
  private readonly child: AnyFuture

  constructor(outer: _GatheringFuture, child: AnyFuture) {
    this.outer = outer
    this.child = child
  }

  _future_done(): void {
    this.outer._loop._enqueue(this)
  }

  _run(): void {
    this.outer.childDone(this.child)
  }

  _describe(): string {
    return "gather.<locals>._done_callback()"
  }
}
Object.defineProperty(ChildWatch.prototype, "_cancelled", { value: false })

/** The results of awaitables, in their order. */
export type ResultsOf<T extends ReadonlyArray<unknown>> = { -readonly [K in keyof T]: ResultOf<T[K]> }

/** The results of awaitables, in their order; an exception stands in the place of a result that is not there. */
export type ResultsOrErrorsOf<T extends ReadonlyArray<unknown>> = { -readonly [K in keyof T]: ResultOf<T[K]> | Error }

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
): Future<ResultsOf<T>, ServicesOf<T[number]>>
export function gather<const T extends ReadonlyArray<AnyAwaitable>>(
  ...args: [...T, { readonly return_exceptions: true }]
): Future<ResultsOrErrorsOf<T>, ServicesOf<T[number]>>
export function gather<const T extends ReadonlyArray<AnyAwaitable>>(
  ...args: [...T, GatherOptions]
): Future<ResultsOrErrorsOf<T>, ServicesOf<T[number]>>
export function gather(...args: ReadonlyArray<unknown>): Future<unknown, unknown> {
  const [awaitables, options] = splitTrailingOptions<GatherOptions>(args, ["return_exceptions"])
  if (awaitables.length === 0) {
    const outer = get_event_loop().create_future<Array<unknown>>()
    outer.set_result([])
    return outer
  }
  const distinct = new Set<AnyFuture>()
  const children: Array<AnyFuture> = []
  let tasks: Map<unknown, AnyFuture> | undefined
  let loop: EventLoop | undefined
  for (const awaitable of awaitables) {
    let future = tasks?.get(awaitable)
    if (future === undefined) {
      future = ensure_future(awaitable as AnyAwaitable, { loop }) as AnyFuture
      loop ??= future.get_loop()
      distinct.add(future)
      if (future !== awaitable) {
        tasks ??= new Map()
        tasks.set(awaitable, future)
      }
    }
    children.push(future)
  }
  const outer = new _GatheringFuture(loop as EventLoop, options?.return_exceptions === true)
  outer.watch(children, distinct)
  return outer
}
