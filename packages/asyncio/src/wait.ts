/**
 * Waiting for several futures without taking their results: `asyncio.wait`.
 *
 * Follows CPython's `asyncio.tasks.wait`.
 */

import type { EventLoop } from "./base_events.ts"
import { AttributeError, TypeError, ValueError } from "./builtins.ts"
import { type Body, Coroutine, CoroutineDefinition, isCoroutineLike } from "./coroutines.ts"
import { adviceFor, isawaitable, type ServicesOf } from "./ensure_future.ts"
import { get_running_loop } from "./events.ts"
import { type AnyFuture, type Future, isfuture } from "./futures.ts"
import { pythonType } from "./internal/async_iteration.ts"
import { DescribedFuture, describePending } from "./internal/described_future.ts"
import { DoneRelay } from "./internal/done_relay.ts"
import { repr, typeName } from "./internal/pyrepr.ts"

/** {@link wait} returns when one of them is done. */
export const FIRST_COMPLETED = "FIRST_COMPLETED"
/** {@link wait} returns when one of them has an exception (a cancelled one has none), or all are done. */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION"
/** {@link wait} returns when all are done. */
export const ALL_COMPLETED = "ALL_COMPLETED"

/** What {@link wait} waits for. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED

/** Options of {@link wait}. */
export interface WaitOptions {
  /** Seconds after which it returns what there is; `undefined` for no limit. */
  readonly timeout?: number | null | undefined
  /** What it waits for: {@link ALL_COMPLETED} if left out. */
  readonly return_when?: ReturnWhen | undefined
}

const definition = new CoroutineDefinition("wait", () => undefined)

/**
 * Waits for futures and tasks, and gives those that are done and those that are not: two sets, each in the order of `fs`.
 *
 * It takes nothing from them: their exceptions are not thrown, and none is cancelled, neither when the time is up nor when the
 * waiting itself is cancelled. It always suspends, even if everything is done already.
 *
 * When interrupted: the futures are left alone.
 *
 * @param fs - futures and tasks; make a coroutine a task first
 * @param options - `timeout` (seconds), `return_when`
 * @throws `ValueError` if there are none or `return_when` is unknown, `TypeError` for coroutines and for a single future
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const quick = asyncio.create_task(asyncio.sleep(1, "quick"))
 *   const slow = asyncio.create_task(asyncio.sleep(9, "slow"))
 *   const [done, pending] = yield* asyncio.wait([quick, slow], { timeout: 5 })
 *   return [[...done].map((task) => task.result()), pending.has(slow)]
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ [ 'quick' ], true ]
 * ```
 */
export const wait = <F extends Future<unknown, unknown>>(
  fs: Iterable<F>,
  options?: WaitOptions
): Coroutine<[done: Set<F>, pending: Set<F>], ServicesOf<F>> =>
  new Coroutine(definition, waitChecked as never, undefined, [fs, options])

function* waitChecked(
  given: Iterable<AnyFuture>,
  options: WaitOptions | undefined
): Body<[Set<AnyFuture>, Set<AnyFuture>]> {
  if (isfuture(given) || isCoroutineLike(given)) {
    throw new TypeError(`expect a list of futures, not ${pythonType(given)}`)
  }
  if (typeof given !== "object" || given === null || !(Symbol.iterator in given)) {
    throw new TypeError(`'${typeName(given)}' object is not iterable`)
  }
  const futures = new Set(given)
  if (futures.size === 0) throw new ValueError("Set of Tasks/Futures is empty.")
  const mode = options?.return_when ?? ALL_COMPLETED
  if (mode !== ALL_COMPLETED && mode !== FIRST_COMPLETED && mode !== FIRST_EXCEPTION) {
    throw new ValueError(`Invalid return_when value: ${String(mode)}`)
  }
  for (const future of futures) if (!isfuture(future)) throw notAFuture(future)
  const loop = get_running_loop()
  return yield* new Wait(loop, futures, mode).run(options?.timeout ?? undefined)
}

const notAFuture = (given: unknown): Error => {
  if (isawaitable(given)) return new TypeError("Passing coroutines is forbidden, use tasks explicitly.")
  return new AttributeError(
    `'${typeName(given)}' object has no attribute 'add_done_callback'${adviceFor(given) || `: not a future: ${repr(given)}`}`
  )
}

/** One wait: a waiter, and how many futures it still waits for. */
class Wait {
  private readonly futures: Set<AnyFuture>
  private readonly mode: ReturnWhen
  private readonly waiter: DescribedFuture<void>
  private left: number

  constructor(loop: EventLoop, futures: Set<AnyFuture>, mode: ReturnWhen) {
    this.futures = futures
    this.mode = mode
    this.left = futures.size
    this.waiter = new DescribedFuture<void>(loop, () => `wait(${mode}): ${describePending(futures)}`)
  }

  private get loop(): EventLoop {
    return this.waiter._loop
  }

  *run(timeout: number | undefined): Body<[Set<AnyFuture>, Set<AnyFuture>]> {
    const timer = timeout === undefined ? undefined : this.loop.call_later(timeout, () => this.release())
    const relay = new DoneRelay(this.loop, "_wait.<locals>._on_completion()", (future) => this.noteDone(future))
    for (const future of this.futures) future._add_listener(relay)
    try {
      yield* this.waiter
    } finally {
      timer?.cancel()
      if (this.left > 0) for (const future of this.futures) future._remove_listener(relay)
    }
    // The table of all is the caller's from here on.
    if (this.left === 0) return [this.futures, new Set()]
    const done = new Set<AnyFuture>()
    const pending = new Set<AnyFuture>()
    for (const future of this.futures) (future.done() ? done : pending).add(future)
    return [done, pending]
  }

  private noteDone(future: AnyFuture): void {
    this.left--
    if (this.left <= 0 || this.mode === FIRST_COMPLETED || (this.mode === FIRST_EXCEPTION && hasException(future))) {
      this.release()
    }
  }

  private release(): void {
    if (!this.waiter.done()) this.waiter.set_result(undefined)
  }
}

/** Looking for an exception counts as having seen it. */
const hasException = (future: AnyFuture): boolean => {
  if (!future._failed) return false
  future._mark_retrieved()
  return true
}
