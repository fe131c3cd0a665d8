/**
 * Awaitables in the order in which they end: `asyncio.as_completed`.
 *
 * Follows CPython's `asyncio.tasks.as_completed`.
 */

import type { EventLoop } from "./base_events.ts"
import { StopAsyncIteration, TimeoutError, TypeError } from "./builtins.ts"
import { type Body, Coroutine, CoroutineDefinition } from "./coroutines.ts"
import { type AnyAwaitable, ensure_future, isawaitable, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { get_event_loop, type TimerHandle } from "./events.ts"
import type { AnyFuture, Future } from "./futures.ts"
import { pythonType } from "./internal/async_iteration.ts"
import { DoneRelay } from "./internal/done_relay.ts"
import type * as Public from "./public_classes.ts"
import { Queue } from "./queues.ts"

/** Options of {@link as_completed}. */
export interface AsCompletedOptions {
  /** Seconds after which those that are left count as timed out; `undefined` for no limit. */
  readonly timeout?: number | null | undefined
}

/** What asynchronous iteration gives for an awaitable: itself if it is a task or a future, else the task that was made for it. */
export type FutureFor<T> = T extends Future<unknown, unknown> ? T : Public.Task<ResultOf<T>, ServicesOf<T>>

const waitDefinition = new CoroutineDefinition("_AsCompletedIterator._wait_for_one", () => undefined)
const nextDefinition = new CoroutineDefinition("_AsCompletedIterator.__anext__", () => undefined)

/**
 * What {@link as_completed} gives: for a plain `for` loop, coroutines to be awaited one by one; for `async_for`, the tasks and
 * futures themselves, done.
 */
class _AsCompletedIterator<T> implements IterableIterator<Coroutine<ResultOf<T>, ServicesOf<T>>> {
  /** Those that are done and not handed out; `undefined` stands for one that has timed out. */
  private readonly done = new Queue<AnyFuture | undefined>()
  private readonly todo: Set<AnyFuture>
  /** How many are to be handed out. */
  private left: number
  private readonly relay: DoneRelay
  private readonly timer: TimerHandle | undefined

  constructor(loop: EventLoop, awaitables: ReadonlySet<AnyAwaitable>, timeout: number | undefined) {
    this.relay = new DoneRelay(loop, "_AsCompletedIterator._handle_completion()", (future) => this.completed(future))
    this.todo = new Set()
    for (const awaitable of awaitables) this.todo.add(ensure_future(awaitable, { loop }) as AnyFuture)
    this.left = this.todo.size
    for (const future of this.todo) future._add_listener(this.relay)
    this.timer = timeout === undefined || this.left === 0 ? undefined : loop.call_later(timeout, () => this.timedOut())
  }

  [Symbol.iterator](): this {
    return this
  }

  /** The next coroutine; it waits for whichever is done next, and gives its result or throws its exception. */
  next(): IteratorResult<Coroutine<ResultOf<T>, ServicesOf<T>>, undefined> {
    if (this.left === 0) return { done: true, value: undefined }
    this.left--
    const waiting = new Coroutine<ResultOf<T>, ServicesOf<T>>(waitDefinition, resultOfNext as never, this, [])
    return { done: false, value: waiting }
  }

  __aiter__(): this {
    return this
  }

  /**
   * The next task or future that is done.
   *
   * When interrupted: it stays the next one.
   *
   * @throws `StopAsyncIteration` when all were handed out, `TimeoutError` when the time is up
   */
  __anext__(): Coroutine<FutureFor<T>, ServicesOf<T>> {
    return new Coroutine<FutureFor<T>, ServicesOf<T>>(nextDefinition, nextDone as never, this, [])
  }

  *_next_done(): Body<AnyFuture> {
    if (this.left === 0) throw new StopAsyncIteration()
    this.left--
    return yield* this._wait_for_one()
  }

  *_wait_for_one(): Body<AnyFuture> {
    const future = yield* this.done.get()
    if (future === undefined) throw new TimeoutError()
    return future
  }

  private completed(future: AnyFuture): void {
    // The timeout may have come first.
    if (!this.todo.delete(future)) return
    this.done.put_nowait(future)
    if (this.todo.size === 0) this.timer?.cancel()
  }

  private timedOut(): void {
    for (const future of this.todo) {
      future._remove_listener(this.relay)
      this.done.put_nowait(undefined)
    }
    this.todo.clear()
  }
}

function* resultOfNext(this: _AsCompletedIterator<unknown>): Body {
  const future = yield* this._wait_for_one()
  return future.result()
}

function nextDone(this: _AsCompletedIterator<unknown>): Body<AnyFuture> {
  return this._next_done()
}

/**
 * What {@link as_completed} returns: iterated with `for`, coroutines to be awaited one by one; with `async_for`, the tasks and futures
 * themselves, done.
 */
export type AsCompletedIterator<T> = _AsCompletedIterator<T>

/**
 * Runs awaitables concurrently, and hands them out in the order in which they end.
 *
 * In a plain `for` loop it gives one coroutine for each; awaiting it gives the next result, or throws the next exception. In
 * `async_for` it gives the tasks and futures themselves, done (new tasks for coroutines). Coroutines become tasks at the call, in
 * order; an awaitable that is given twice counts once.
 *
 * When the time is up, `async_for` throws `TimeoutError`; in the plain form each coroutine that is left does. The awaitables
 * themselves run on.
 *
 * When interrupted: the awaitables run on.
 *
 * @param fs - coroutines, futures, tasks, effects
 * @param options.timeout - seconds, counted from the call
 * @throws `TypeError` if it is given a single awaitable, or something that cannot be awaited
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const after = asyncio.coroutine(function* after(delay: number) {
 *   yield* asyncio.sleep(delay)
 *   return delay
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const delays: Array<number> = []
 *   for (const next of asyncio.as_completed([after(3), after(1), after(2)])) delays.push(yield* next)
 *   return delays
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 1, 2, 3 ]
 * ```
 */
export const as_completed = <T extends AnyAwaitable>(
  fs: Iterable<T>,
  options?: AsCompletedOptions
): AsCompletedIterator<T> => {
  if (isawaitable(fs)) throw new TypeError(`expects an iterable of awaitables, not ${pythonType(fs)}`)
  if (typeof fs !== "object" || fs === null || !(Symbol.iterator in fs)) {
    throw new TypeError(`'${pythonType(fs)}' object is not iterable`)
  }
  return new _AsCompletedIterator<T>(get_event_loop(), new Set<AnyAwaitable>(fs), options?.timeout ?? undefined)
}
