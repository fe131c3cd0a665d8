/**
 * A deadline for one awaitable: `asyncio.wait_for`.
 *
 * Follows CPython's `asyncio.tasks.wait_for`: the awaitable runs inside the caller's task, as in the block of a `timeout`. That
 * block is written out here as an iterator of its own, which is also its own timer: nothing else is made for a call.
 */

import type { EventLoop } from "./base_events.ts"
import { RuntimeError, TimeoutError, TypeError, ValueError } from "./builtins.ts"
import type { Body, Coroutine } from "./coroutines.ts"
import { type AnyAwaitable, ensure_future, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import type { Runnable } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import type { AnyFuture, DoneListener, Future } from "./futures.ts"
import { stepsOf } from "./internal/awaiting.ts"
import { afterExpiry, arm, type DeadlineTimer, disarm } from "./internal/deadline.ts"
import { DescribedFuture } from "./internal/described_future.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import { Operation, OperationDefinition, type Steps } from "./internal/operation.ts"
import { floatRepr } from "./internal/pyfloat.ts"
import { installRepr, repr } from "./internal/pyrepr.ts"
import { getRunningLoop } from "./internal/running.ts"
import type { Task } from "./tasks.ts"

const definition = new OperationDefinition<unknown, number | undefined, unknown>("wait_for", (awaitable, timeout) =>
  timeout !== undefined && timeout <= 0
    ? waitForNothing(awaitable as AnyAwaitable)
    : new WaitForRun(awaitable, timeout ?? Number.POSITIVE_INFINITY)
)

/** One run: the body of the block is the awaitable's iterator, whose steps it hands on in both directions. */
class WaitForRun implements Steps<unknown>, DeadlineTimer {
  _cancelled = false
  timerWhen = 0
  timerSequence = 0
  timerScheduled = false
  private readonly awaitable: unknown
  private readonly delay: number
  private loop: EventLoop | undefined = undefined
  private task: Task<unknown, unknown> | undefined = undefined
  private cancelling = 0
  private expired = false
  private steps: Iterator<unknown, unknown, unknown> | undefined = undefined

  constructor(awaitable: unknown, delay: number) {
    this.awaitable = awaitable
    this.delay = delay
  }

  next(value?: unknown): IteratorResult<unknown, unknown> {
    if (this.steps === undefined) this.enter()
    let result: IteratorResult<unknown, unknown>
    try {
      result = (this.steps as Iterator<unknown, unknown, unknown>).next(value)
    } catch (error) {
      throw this.leave(error)
    }
    if (result.done === true) this.end()
    return result
  }

  throw(error: unknown): IteratorResult<unknown, unknown> {
    const steps = this.steps
    if (steps === undefined) throw error
    let result: IteratorResult<unknown, unknown>
    try {
      if (steps.throw === undefined) throw error
      result = steps.throw(error)
    } catch (thrown) {
      throw this.leave(thrown)
    }
    if (result.done === true) this.end()
    return result
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    const steps = this.steps
    if (steps !== undefined) {
      this.end()
      steps.return?.()
    }
    return { done: true, value }
  }

  /** The time is up. */
  _run(): void {
    this.task?.cancel()
    this.expired = true
  }

  get timerCancelled(): boolean {
    return this._cancelled
  }

  private enter(): void {
    const loop = getRunningLoop()
    const task = loop?._current_task
    if (loop === undefined || task === undefined) throw new RuntimeError("Timeout should be used inside a task")
    this.loop = loop
    this.task = task
    this.cancelling = task.cancelling()
    if (this.delay === Number.POSITIVE_INFINITY) this._cancelled = true
    else {
      this.timerWhen = loop.time() + this.delay
      arm(loop, this)
    }
    // After the deadline's own timer: a sleep of the same length, which begins here, is overtaken by it.
    try {
      this.steps = stepsOf(this.awaitable)
    } catch (error) {
      throw this.leave(error)
    }
  }

  /** The awaitable has given its result. */
  private end(): void {
    disarm(this.loop as EventLoop, this)
    if (this.expired) (this.task as Task<unknown, unknown>).uncancel()
  }

  /** The awaitable has failed: what is to be thrown. */
  private leave(error: unknown): unknown {
    disarm(this.loop as EventLoop, this)
    return this.expired ? afterExpiry(this.task as Task<unknown, unknown>, this.cancelling, error) : error
  }

  __repr__(): string {
    return `<TimerHandle when=${floatRepr(this.timerWhen)} Timeout._on_timeout()>`
  }
}
installRepr(WaitForRun)
keepShape(() => new WaitForRun(undefined, 0))

/** `timeout <= 0`: what is not done already is cancelled before it has begun. */
function* waitForNothing(awaitable: AnyAwaitable): Body {
  const future = ensure_future(awaitable) as AnyFuture
  if (future.done()) return future.result()
  yield* cancelAndWait(future)
  try {
    return future.result()
  } catch (error) {
    throw error instanceof CancelledError ? new TimeoutError({ cause: error }) : error
  }
}

/** Cancels a future and waits for its end, but not on the future itself: cancelling the waiter must not cancel it again. */
function* cancelAndWait(future: AnyFuture): Body<void> {
  const waiter = new DescribedFuture<void>(
    future.get_loop(),
    () => `wait_for: the end of ${repr(future)}, which it cancelled`
  )
  const release = new Release(waiter)
  future._add_listener(release)
  try {
    future.cancel()
    yield* waiter
  } finally {
    future._remove_listener(release)
  }
}

class Release implements DoneListener, Runnable {
  declare readonly _cancelled: false
  private readonly waiter: Future<void>

  constructor(waiter: Future<void>) {
    this.waiter = waiter
  }

  _future_done(): void {
    this.waiter._loop._enqueue(this)
  }

  _run(): void {
    if (!this.waiter.done()) this.waiter.set_result(undefined)
  }

  _describe(): string {
    return "_release_waiter()()"
  }
}
Object.defineProperty(Release.prototype, "_cancelled", { value: false })

/** The time limit of {@link wait_for}, by its name. */
export interface WaitForOptions {
  /** Seconds; `undefined` for no deadline. */
  readonly timeout: number | null | undefined
}

/**
 * Awaits one awaitable, for a limited time. A coroutine runs inside the caller's task, in its context.
 *
 * When the time is up it is cancelled, as the caller's own cancellation would do it, and `TimeoutError` is thrown once its
 * clean-up has ended, however long that takes. If it swallows the cancellation and returns a value, that value is the result. To
 * leave it running, wrap it in `shield`.
 *
 * When interrupted: the awaitable is cancelled.
 *
 * @param fut - a coroutine, future, task or any Effect
 * @param timeout - seconds, as it is or as `{ timeout }`; `undefined` for no deadline; 0 or less cancels at once what is not done
 * @throws `TimeoutError`, whose cause is the `CancelledError`; what the awaitable throws; `TypeError` if it cannot be awaited
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { TimeoutError } from "@skein/asyncio/builtins"
 *
 * const fetch = asyncio.coroutine(function* fetch(seconds: number) {
 *   yield* asyncio.sleep(seconds)
 *   return "page"
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const page = yield* asyncio.wait_for(fetch(1), 5)
 *   try {
 *     yield* asyncio.wait_for(fetch(10), { timeout: 5 })
 *   } catch (error) {
 *     if (error instanceof TimeoutError) return `${page}, then nothing for 5 s`
 *     throw error
 *   }
 *   return "two pages"
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => page, then nothing for 5 s
 * ```
 */
export const wait_for = <T extends AnyAwaitable>(
  fut: T,
  timeout: number | null | undefined | WaitForOptions
): Coroutine<ResultOf<T>, ServicesOf<T>> =>
  new Operation(definition, fut, secondsOf(timeout)) as Coroutine<ResultOf<T>, ServicesOf<T>>

const secondsOf = (timeout: number | null | undefined | WaitForOptions): number | undefined => {
  const seconds = typeof timeout === "object" && timeout !== null ? timeout.timeout : timeout
  if (seconds === undefined || seconds === null) return undefined
  if (typeof seconds !== "number") {
    throw new TypeError(`wait_for(fut, timeout) takes seconds as a number, or undefined, got ${repr(seconds)}`)
  }
  if (Number.isNaN(seconds)) throw new ValueError("Invalid delay: NaN (not a number)")
  return seconds
}
