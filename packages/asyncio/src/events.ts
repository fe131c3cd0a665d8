/**
 * Handles of scheduled callbacks, and the functions that find the event loop.
 *
 * Follows CPython's `asyncio.events`.
 */

import type { TimerNode } from "@skein/core/kernel"
import type { EventLoop } from "./base_events.ts"
import { KeyboardInterrupt, RuntimeError, SystemExit } from "./builtins.ts"
import { type Context, copy_context, restoreContext, swapContext } from "./internal/context.ts"
import { formatCallback } from "./internal/format.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import { installRepr } from "./internal/pyrepr.ts"
import { getCurrentLoop, getRunningLoop, setCurrentLoop, swapRunningLoop } from "./internal/running.ts"
import type * as Public from "./public_classes.ts"

/** What stands in the ready queue: a handle, or a task that is to take its next step. */
export interface Runnable {
  readonly _cancelled: boolean
  _run(): void
}

export type Callback<Args extends ReadonlyArray<never> = ReadonlyArray<never>> = (...args: Args) => unknown

/** A callback that was handed to the loop: what `call_soon` returns. */
export class Handle implements Runnable {
  _cancelled = false
  protected _callback: ((...args: ReadonlyArray<never>) => unknown) | undefined
  protected _args: ReadonlyArray<unknown> | undefined
  protected readonly _loop: EventLoop
  private readonly _context: Context
  private _frozen_repr: string | undefined

  constructor(
    callback: (...args: ReadonlyArray<never>) => unknown,
    args: ReadonlyArray<unknown>,
    loop: EventLoop,
    context?: Context
  ) {
    this._callback = callback
    this._args = args
    this._loop = loop
    this._context = context ?? copy_context()
    if (loop._debug) loop._note_source(this)
  }

  /** The context that the callback runs in. */
  get_context(): Context {
    return this._context
  }

  /** Keeps the callback from running, if it has not run. Cancelling twice is harmless. */
  cancel(): void {
    if (this._cancelled) return
    this._cancelled = true
    // In debug mode the repr goes on showing the callback, which itself is let go at once.
    if (this._loop._debug) this._frozen_repr = this.__repr__()
    this._callback = undefined
    this._args = undefined
  }

  /** True if {@link cancel} was called. */
  cancelled(): boolean {
    return this._cancelled
  }

  protected _is_same_call(other: Handle): boolean {
    const [args, others] = [this._args, other._args]
    return (
      this._cancelled === other._cancelled &&
      this._callback === other._callback &&
      args?.length === others?.length &&
      (args === undefined || args.every((arg, index) => Object.is(arg, others?.[index])))
    )
  }

  _run(): void {
    const callback = this._callback as (...args: ReadonlyArray<unknown>) => unknown
    const args = this._args as ReadonlyArray<unknown>
    const previous = swapContext(this._context)
    try {
      callback(...args)
    } catch (error) {
      if (error instanceof SystemExit || error instanceof KeyboardInterrupt) throw error
      this._loop.call_exception_handler({
        // One that cancelled its own handle is gone from it; CPython shows what is left.
        message: `Exception in callback ${this._callback === undefined ? "None()" : formatCallback(callback, args, this._loop._debug)}`,
        exception: error,
        handle: this,
        ...this._loop._source_context(this)
      })
    } finally {
      restoreContext(previous)
    }
  }

  _repr_info(): Array<string> {
    const info = [this.constructor.name]
    if (this._cancelled) info.push("cancelled")
    if (this._callback !== undefined && this._args !== undefined) {
      info.push(formatCallback(this._callback, this._args, this._loop._debug))
    }
    const source = this._loop._source_of(this)
    if (source !== undefined) info.push(`created at ${source}`)
    return info
  }

  __repr__(): string {
    return this._frozen_repr ?? `<${this._repr_info().join(" ")}>`
  }
}
installRepr(Handle)
keepShape((loop) => new Handle(() => undefined, [], loop))

/** What `call_soon_threadsafe` returns. There is only one thread: CPython's name for it, which reports and reprs show. */
export class _ThreadSafeHandle extends Handle {}

/** A callback that was handed to the loop for a certain time: what `call_later` and `call_at` return. */
export class TimerHandle extends Handle implements TimerNode {
  readonly timerWhen: number
  timerSequence = 0
  timerScheduled = false

  constructor(
    when: number,
    callback: (...args: ReadonlyArray<never>) => unknown,
    args: ReadonlyArray<unknown>,
    loop: EventLoop,
    context?: Context
  ) {
    super(callback, args, loop, context)
    this.timerWhen = when
  }

  get timerCancelled(): boolean {
    return this._cancelled
  }

  /** The time at which the callback is due, in seconds of the loop's clock. */
  when(): number {
    return this.timerWhen
  }

  override cancel(): void {
    if (this._cancelled) return
    super.cancel()
    this._loop._timer_cancelled(this)
  }

  /** True for a handle of the same time, callback, arguments and state. Python's `==`, which JavaScript keeps for identity. */
  __eq__(other: unknown): boolean {
    return other instanceof TimerHandle && this.timerWhen === other.timerWhen && this._is_same_call(other)
  }

  /** Lets `<`, `<=`, `>` and `>=` compare the times of two handles, as in Python. */
  [Symbol.toPrimitive](hint: string): string | number {
    return hint === "number" ? this.timerWhen : this.__repr__()
  }

  override _repr_info(): Array<string> {
    const info = super._repr_info()
    info.splice(this._cancelled ? 2 : 1, 0, `when=${formatWhen(this.timerWhen)}`)
    return info
  }
}

keepShape((loop) => new TimerHandle(0.5, () => undefined, [], loop))

/** A number as Python prints a float: with a point. */
const formatWhen = (when: number): string => (Number.isInteger(when) ? `${when}.0` : String(when))

/**
 * The loop whose pass is running now.
 *
 * @throws `RuntimeError` outside of one
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   return asyncio.get_running_loop().time()
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 0
 * ```
 */
export const get_running_loop = (): Public.EventLoop => {
  const loop = getRunningLoop()
  if (loop === undefined) throw new RuntimeError("no running event loop")
  return loop
}

/**
 * The running loop, or `undefined`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * console.log(asyncio._get_running_loop()) // => undefined
 * ```
 */
export const _get_running_loop = (): Public.EventLoop | undefined => getRunningLoop()

/**
 * Makes `loop` the running one; for the makers of loops.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.new_event_loop()
 * asyncio._set_running_loop(loop)
 * console.log(asyncio.get_running_loop() === loop) // => true
 * asyncio._set_running_loop(undefined)
 * loop.close()
 * ```
 */
export const _set_running_loop = (loop: Public.EventLoop | undefined): void => {
  swapRunningLoop(loop)
}

/**
 * The running loop, else the one that {@link set_event_loop} named.
 *
 * @throws `RuntimeError` if there is neither
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.new_event_loop()
 * asyncio.set_event_loop(loop)
 * console.log(asyncio.get_event_loop() === loop) // => true
 * loop.close()
 * ```
 */
export const get_event_loop = (): Public.EventLoop => {
  const loop = getRunningLoop() ?? getCurrentLoop()
  if (loop === undefined) throw new RuntimeError("There is no current event loop in thread 'MainThread'.")
  return loop
}

/**
 * Names the loop that {@link get_event_loop} returns while none is running; `undefined` takes it back.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.new_event_loop()
 * asyncio.set_event_loop(loop)
 * const future = asyncio.Future<number>()
 * console.log(future.get_loop() === loop) // => true
 * loop.close()
 * ```
 */
export const set_event_loop = (loop: Public.EventLoop | null | undefined): void => {
  setCurrentLoop(loop ?? undefined)
}
