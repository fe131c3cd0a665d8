/**
 * Deadlines for a block of code: `asyncio.timeout` and `asyncio.timeout_at`.
 *
 * Follows CPython's `asyncio.timeouts`. A deadline that passes cancels the task that entered the block, and remembers it; when
 * that `CancelledError` comes to the block's end, and nobody else has asked for it too, it becomes a `TimeoutError`.
 */

import type { EventLoop } from "./base_events.ts"
import { RuntimeError, TypeError, ValueError } from "./builtins.ts"
import type { Coroutine } from "./coroutines.ts"
import { get_running_loop } from "./events.ts"
import { type Callable, callable } from "./internal/callable.ts"
import { afterExpiry, arm, type DeadlineTimer, disarm } from "./internal/deadline.ts"
import { type Failure, failureOf } from "./internal/failure.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import { Ended, endedWithNothing, Operation, OperationDefinition } from "./internal/operation.ts"
import { floatRepr } from "./internal/pyfloat.ts"
import { installRepr, repr } from "./internal/pyrepr.ts"
import { getRunningLoop } from "./internal/running.ts"
import type { Task } from "./tasks.ts"

type State = "created" | "active" | "expiring" | "expired" | "finished"

const enter = new OperationDefinition<Timeout, undefined, Timeout>("Timeout.__aenter__", (timeout) => {
  timeout._enter()
  return new Ended(timeout)
})
const exit = new OperationDefinition<Timeout, Failure | undefined, undefined>(
  "Timeout.__aexit__",
  (timeout, failure) => {
    timeout._exit(failure)
    return endedWithNothing
  }
)

class TimeoutClass {
  private _state: State = "created"
  private _when: number | undefined
  private _timer: ExpiryTimer | undefined = undefined
  private _loop: EventLoop | undefined = undefined
  private _task: Task<unknown, unknown> | undefined = undefined
  /** How many requests to cancel the task there were on entering. */
  private _cancelling = 0

  /**
   * @param when - the deadline, in seconds of the loop's clock; `undefined` for none
   */
  constructor(when: number | null | undefined) {
    this._when = checkTime(when, "Timeout(when)")
  }

  /** The deadline, in seconds of the loop's clock; `undefined` if there is none. */
  when(): number | undefined {
    return this._when
  }

  /**
   * Moves the deadline while the block runs.
   *
   * @param when - in seconds of the loop's clock; a time in the past is as good as the next pass, `undefined` is never
   * @throws `RuntimeError` before the block is entered, once the deadline has passed, and after the block
   */
  reschedule(when: number | null | undefined): void {
    if (this._state !== "active") {
      if (this._state === "created") throw new RuntimeError("Timeout has not been entered")
      throw new RuntimeError(`Cannot change state of ${this._state} Timeout`)
    }
    this._when = checkTime(when, "reschedule(when)")
    const loop = this._loop as EventLoop
    if (this._timer !== undefined) disarm(loop, this._timer)
    this._timer = undefined
    if (this._when === undefined) return
    this._timer = new ExpiryTimer(this as unknown as Timeout, this._when)
    arm(loop, this._timer)
  }

  /** True once the deadline has passed inside the block, also after the block has ended. */
  expired(): boolean {
    return this._state === "expiring" || this._state === "expired"
  }

  /**
   * Enters the block; never suspends.
   *
   * @throws `RuntimeError` outside of a task, and the second time
   */
  __aenter__(): Coroutine<Timeout> {
    return new Operation(enter, this as unknown as Timeout, undefined)
  }

  /**
   * Leaves the block; never suspends.
   *
   * @throws `TimeoutError` in place of the `CancelledError` that the deadline alone caused
   */
  __aexit__(exc_type?: unknown, exc?: unknown, _tb?: unknown): Coroutine<undefined> {
    return new Operation(exit, this as unknown as Timeout, failureOf(exc_type, exc))
  }

  _enter(): void {
    if (this._state !== "created") throw new RuntimeError("Timeout has already been entered")
    const loop = getRunningLoop()
    const task = loop?._current_task
    if (loop === undefined || task === undefined) throw new RuntimeError("Timeout should be used inside a task")
    this._state = "active"
    this._loop = loop
    this._task = task
    this._cancelling = task.cancelling()
    this.reschedule(this._when)
  }

  /**
   * @param failure - what left the body
   * @throws what is to leave the block instead, if that is another error
   */
  _exit(failure: Failure | undefined): void {
    if (this._timer !== undefined) disarm(this._loop as EventLoop, this._timer)
    this._timer = undefined
    if (this._state === "active") this._state = "finished"
    if (this._state !== "expiring") return
    this._state = "expired"
    const task = this._task as Task<unknown, unknown>
    if (failure === undefined) {
      task.uncancel()
      return
    }
    const left = afterExpiry(task, this._cancelling, failure.error)
    if (left !== failure.error) throw left
  }

  _expire(): void {
    this._timer = undefined
    this._task?.cancel()
    this._state = "expiring"
  }

  __repr__(): string {
    if (this._state !== "active") return `<Timeout [${this._state}]>`
    return `<Timeout [active] when=${this._when === undefined ? "None" : floatRepr(rounded(this._when))}>`
  }
}
installRepr(TimeoutClass)

class ExpiryTimer implements DeadlineTimer {
  _cancelled = false
  readonly timerWhen: number
  timerSequence = 0
  timerScheduled = false
  private readonly timeout: Timeout

  constructor(timeout: Timeout, when: number) {
    this.timeout = timeout
    this.timerWhen = when
  }

  get timerCancelled(): boolean {
    return this._cancelled
  }

  _run(): void {
    this.timeout._expire()
  }

  __repr__(): string {
    return `<TimerHandle when=${floatRepr(this.timerWhen)} Timeout._on_timeout()>`
  }
}
installRepr(ExpiryTimer)
keepShape(() => new ExpiryTimer(Timeout(undefined), 0))

/** To three decimals, where a number has more. */
const rounded = (seconds: number): number => (Number.isInteger(seconds) ? seconds : Number(seconds.toFixed(3)))

/** A time or a delay in seconds, or `undefined` for none. */
const checkTime = (given: number | null | undefined, where: string): number | undefined => {
  if (given === undefined || given === null) return undefined
  if (typeof given !== "number")
    throw new TypeError(`${where} takes seconds as a number, or undefined, got ${repr(given)}`)
  if (Number.isNaN(given)) throw new ValueError("Invalid delay: NaN (not a number)")
  return given
}

/**
 * A deadline for a block of code, entered with `async_with`. Made by {@link timeout} and {@link timeout_at}.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.async_with(asyncio.timeout(5), function* (deadline) {
 *     deadline.reschedule(60)
 *     yield* asyncio.sleep(30)
 *     return [deadline.when(), deadline.expired()]
 *   })
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 60, false ]
 * ```
 */
export interface Timeout extends TimeoutClass {}
export const Timeout: Callable<new (when: number | null | undefined) => Timeout> = callable(TimeoutClass, "Timeout")

/**
 * A deadline for a block of code: if the block has not ended in time, what it waits for is cancelled, and the block ends with a
 * `TimeoutError` (whose cause is the `CancelledError`) when its clean-up is done.
 *
 * The time is counted from this call. The deadline of the innermost block that has passed converts the cancellation; a
 * cancellation that somebody else asked for meanwhile stays what it is.
 *
 * When interrupted: `CancelledError` is thrown where the block waits, and goes on from there; the deadline is withdrawn.
 *
 * @param delay - seconds from now; `undefined` for no deadline, which {@link Timeout.reschedule} can set later
 * @throws `RuntimeError` outside of a running loop
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { TimeoutError } from "@skein/asyncio/builtins"
 *
 * const main = asyncio.coroutine(function* main() {
 *   try {
 *     yield* asyncio.async_with(asyncio.timeout(2), function* () {
 *       yield* asyncio.sleep(3600)
 *     })
 *     return "slept"
 *   } catch (error) {
 *     if (error instanceof TimeoutError) return `gave up at ${asyncio.get_running_loop().time()}`
 *     throw error
 *   }
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => gave up at 2
 * ```
 */
export const timeout = (delay: number | null | undefined): Timeout => {
  const loop = get_running_loop()
  const seconds = checkTime(delay, "timeout(delay)")
  return new Timeout(seconds === undefined ? undefined : loop.time() + seconds)
}

/**
 * {@link timeout} with an absolute deadline.
 *
 * @param when - seconds of the loop's clock, `loop.time()`; a time in the past expires at the block's first suspension
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { TimeoutError } from "@skein/asyncio/builtins"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const loop = asyncio.get_running_loop()
 *   try {
 *     yield* asyncio.async_with(asyncio.timeout_at(loop.time() + 5), function* () {
 *       yield* asyncio.sleep(60)
 *     })
 *   } catch (error) {
 *     if (!(error instanceof TimeoutError)) throw error
 *   }
 *   return loop.time()
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 5
 * ```
 */
export const timeout_at = (when: number | null | undefined): Timeout => new Timeout(when)
