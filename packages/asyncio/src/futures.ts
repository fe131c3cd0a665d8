/**
 * A promise of a result in an event loop, with callbacks that go through the loop's ready queue.
 *
 * Follows CPython's `asyncio.futures` and its C twin, whose error texts it uses.
 */

import type { WaitTarget } from "@skein/core/kernel"
import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import type * as Exit from "effect/Exit"
import { effectModules } from "#effect"
import type { EventLoop } from "./base_events.ts"
import { RuntimeError, StopIteration, TypeError } from "./builtins.ts"
import { get_event_loop } from "./events.ts"
import { type CancelledError, InvalidStateError } from "./exceptions.ts"
import { cancelledError } from "./internal/cancelled.ts"
import { type Context, copy_context } from "./internal/context.ts"
import { formatCallback } from "./internal/format.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import { installRepr, repr, reprlib_repr } from "./internal/pyrepr.ts"
import { suspendOn } from "./internal/suspension.ts"
import type * as Public from "./public_classes.ts"

export type FutureState = "PENDING" | "CANCELLED" | "FINISHED"

/** Tells whether a future's exception is still unread. */
export interface UnreadMark {
  unread: boolean
}

/** Something to be told when a future is done: a callback with its context, or a task that waits. */
export interface DoneListener {
  /** Called once, inside the call that made the future done; it must only put something into the ready queue. */
  _future_done(future: AnyFuture): void
  /** How it shows in the future's repr. */
  _describe?(): string
}

/** A function that is called with the future that is done. */
export type DoneCallback<F> = (future: F) => unknown

/** A future of anything: what functions take that only look at it. */
export type AnyFuture = Future<unknown, unknown>

/** For overloads that take a value of which the compiler knows nothing, the services that it may ask for included. */
export type IfUnknown<T> = unknown extends T ? unknown : never

/** The message of a cancellation: wrapped, since any value may be one. */
class CancelMessage {
  readonly message: unknown

  constructor(message: unknown) {
    this.message = message
  }
}

/** The bits of a future's state that say how it stands. */
const OUTCOME = 3
const PENDING = 0
const CANCELLED = 1
const SUCCEEDED = 2
const FAILED = 3

/** Further bits: one number has room for what would be a field each, and there are futures by the million. */
const AWAITED = 4
/** For waits that are their own steps: the first step was taken. */
export const SUSPENDED = 8
/** For tasks: `CancelledError` is to be thrown at the next step. */
export const MUST_CANCEL = 16
/** For tasks: nobody is told if the loop goes while it is pending. */
export const NOT_MISSED = 32

class CallbackListener implements DoneListener {
  readonly callback: DoneCallback<never>
  private readonly context: Context

  constructor(callback: DoneCallback<never>, context: Context) {
    this.callback = callback
    this.context = context
  }

  _future_done(future: AnyFuture): void {
    future._loop._call_soon(this.callback as (future: AnyFuture) => unknown, [future], this.context)
  }
}

/**
 * What `yield* future` steps through: nothing if the future is done, else one suspension, in which the future itself is
 * handed to whoever drives the coroutine. Written by hand, since a generator for each await would cost ten times as much.
 */
class FutureIterator<A, R> implements Iterator<Future<A, R>, A, unknown> {
  private readonly future: Future<A, R>
  private suspended = false

  constructor(future: Future<A, R>) {
    this.future = future
  }

  next(): IteratorResult<Future<A, R>, A> {
    const future = this.future
    if (future.done()) return { done: true, value: future.result() }
    if (this.suspended) throw new RuntimeError("await wasn't used with future")
    this.suspended = true
    return suspendOn(future)
  }

  throw(error: unknown): never {
    throw error
  }
}

/**
 * A result that is not there yet. Awaiting it (`yield* future`) suspends until it is; a future that is done does not suspend.
 *
 * A future belongs to one loop. It is also an `Effect`: in plain Effect code it waits likewise, and interrupting that wait
 * cancels the future, as cancelling a waiting task does.
 *
 * When interrupted: the future that was waited for is cancelled.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* () {
 *   const loop = asyncio.get_running_loop()
 *   const future = loop.create_future<string>()
 *   loop.call_later(1, () => future.set_result("done"))
 *   return yield* future
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => done
 * ```
 */
export class Future<A = unknown, R = never> extends Effectable.Class<A, unknown, R> implements WaitTarget {
  readonly _loop: EventLoop
  private _state = PENDING
  /** While the future is pending: whom to tell, one or a list. Then the result or the exception. */
  private _value: unknown = undefined
  /**
   * What the future was or is to be cancelled with: a message, if there is one; or the error that ended a task as cancelled, which
   * is handed out once, so that its traceback and message are kept. Once it has failed, whether the exception is unread: `true`,
   * or an object from when the garbage collector watches the future (see unretrieved.ts).
   */
  private _note: CancelMessage | CancelledError | UnreadMark | true | undefined = undefined

  constructor(options?: { readonly loop?: EventLoop | undefined }) {
    super()
    this._loop = options?.loop ?? get_event_loop()
    if (this._loop._debug) this._loop._note_source(this)
  }

  /** The loop that the future belongs to. */
  get_loop(): Public.EventLoop {
    return this._loop
  }

  /** Duck-typing mark of {@link isfuture}: whether the future is handed over by an await and not by a bare `yield`. */
  get _awaited(): boolean {
    return this._has(AWAITED)
  }

  set _awaited(on: boolean) {
    this._turn(AWAITED, on)
  }

  protected _has(bit: number): boolean {
    return (this._state & bit) !== 0
  }

  protected _turn(bit: number, on: boolean): void {
    if (on) this._state |= bit
    else this._state &= ~bit
  }

  /** True once the future has a result, has an exception or was cancelled. */
  done(): boolean {
    return (this._state & OUTCOME) !== PENDING
  }

  /** True if the future was cancelled. */
  cancelled(): boolean {
    return (this._state & OUTCOME) === CANCELLED
  }

  /**
   * Cancels the future and schedules its callbacks.
   *
   * @param msg - handed to the `CancelledError` that the waiters get; any value
   * @returns false, and nothing changes, if the future is done already
   */
  cancel(msg?: unknown): boolean {
    if (this.done()) {
      this._mark_retrieved()
      return false
    }
    this._cancel_message = msg
    this._end(CANCELLED, undefined)
    return true
  }

  /** Makes the future cancelled, by an error that the first who asks is to get. */
  protected _set_cancelled(error: CancelledError): void {
    this._note = error
    this._end(CANCELLED, undefined)
  }

  protected get _cancel_message(): unknown {
    return this._note instanceof CancelMessage ? this._note.message : undefined
  }

  protected set _cancel_message(msg: unknown) {
    this._note = msg === undefined || msg === null ? undefined : new CancelMessage(msg)
  }

  /**
   * The result.
   *
   * @throws the exception that was set; `CancelledError` if cancelled; `InvalidStateError` if there is nothing yet
   */
  result(): A {
    switch (this._state & OUTCOME) {
      case SUCCEEDED:
        return this._value as A
      case FAILED:
        this._mark_retrieved()
        throw this._value
      case CANCELLED:
        throw this._make_cancelled_error()
      default:
        throw new InvalidStateError("Result is not set.")
    }
  }

  /**
   * The exception that was set, or `undefined` if there is a result.
   *
   * @throws `CancelledError` if cancelled; `InvalidStateError` if there is nothing yet
   */
  exception(): unknown {
    switch (this._state & OUTCOME) {
      case SUCCEEDED:
        return undefined
      case FAILED:
        this._mark_retrieved()
        return this._value
      case CANCELLED:
        throw this._make_cancelled_error()
      default:
        throw new InvalidStateError("Exception is not set.")
    }
  }

  /**
   * Calls `callback` with this future when it is done, through the loop's ready queue; at once queued if it is done already.
   *
   * @param options.context - the context to run it in; a copy of the current one if left out
   */
  add_done_callback(callback: DoneCallback<this>, options?: { readonly context?: Context | undefined }): void {
    this._add_listener(new CallbackListener(callback as DoneCallback<never>, options?.context ?? copy_context()))
  }

  /** Removes all entries of `fn` that are not queued yet, and returns how many. */
  remove_done_callback(fn: DoneCallback<this>): number {
    const listeners = this._listeners
    if (listeners === undefined) return 0
    const isIt = (listener: DoneListener) => listener instanceof CallbackListener && listener.callback === fn
    if (!Array.isArray(listeners)) {
      if (!isIt(listeners)) return 0
      this._value = undefined
      return 1
    }
    const kept = listeners.filter((listener) => !isIt(listener))
    this._value = kept.length === 0 ? undefined : kept
    return listeners.length - kept.length
  }

  /**
   * Makes the future done with a result.
   *
   * @throws `InvalidStateError` if it is done already
   */
  set_result(result: A): void {
    if (this.done()) throw new InvalidStateError("invalid state")
    this._set_result(result)
  }

  /**
   * Makes the future done with an exception: an instance, or an exception class, which is then instantiated.
   *
   * @throws `InvalidStateError` if it is done already, `TypeError` if it is given something else
   */
  set_exception(exception: unknown): void {
    if (this.done()) throw new InvalidStateError("invalid state")
    this._set_exception(asException(exception))
  }

  override [Symbol.iterator](): Effect.EffectIterator<Effect.Effect<A, unknown, R>> {
    return new FutureIterator<A, R>(this)
  }

  /** The wait for this future as a plain effect. */
  asEffect(): Effect.Effect<A, unknown, R> {
    const { Effect } = effectModules()
    return Effect.callback<A, unknown, R>((resume) => {
      this._awaited = false
      if (this.done()) return resume(this._outcome())
      this._add_listener({ _future_done: () => this._loop._call_soon(() => resume(this._outcome()), []) })
      return Effect.callback<void>((settled) => {
        this.cancel()
        const ended = () => settled(Effect.void)
        if (this.done()) return ended()
        this._add_listener({ _future_done: () => this._loop._call_soon(ended, []) })
      })
    })
  }

  /** The outcome as Effect's data; counts as having looked at the exception. */
  _outcome(): Exit.Exit<A, unknown> {
    const { Exit } = effectModules()
    this._mark_retrieved()
    if (this._succeeded) return Exit.succeed(this._value as A)
    if (this._failed) return Exit.fail(this._value)
    return Exit.interrupt()
  }

  /** Who is to be told. */
  private get _listeners(): DoneListener | Array<DoneListener> | undefined {
    return this.done() ? undefined : (this._value as DoneListener | Array<DoneListener> | undefined)
  }

  /** Tells `listener` when the future is done: now, if it is. */
  _add_listener(listener: DoneListener): void {
    if (this.done()) {
      listener._future_done(this)
      return
    }
    const listeners = this._value as DoneListener | Array<DoneListener> | undefined
    if (listeners === undefined) this._value = listener
    else if (Array.isArray(listeners)) listeners.push(listener)
    else this._value = [listeners, listener]
  }

  /** Whoever was last to ask to be told. */
  get _last_listener(): DoneListener | undefined {
    const listeners = this._listeners
    return Array.isArray(listeners) ? listeners[listeners.length - 1] : listeners
  }

  /** Takes a listener out again; one that is not there is ignored. */
  _remove_listener(listener: DoneListener): void {
    const listeners = this._listeners
    if (listeners === undefined) return
    if (listeners === listener) this._value = undefined
    else if (Array.isArray(listeners)) {
      const index = listeners.indexOf(listener)
      if (index >= 0) listeners.splice(index, 1)
      // An empty list would show in the repr.
      if (listeners.length === 0) this._value = undefined
    }
  }

  /** The exception if there is one, without counting as having looked at it. */
  get _exception(): unknown {
    return this._failed ? this._value : undefined
  }

  /** True while there is an exception that nobody has looked at. */
  get _is_unretrieved(): boolean {
    return this._failed && this._note !== undefined
  }

  /** Leaves a mark that tells whether the exception is still unread, also when the future itself is gone. */
  _mark_watched(): UnreadMark {
    const mark = { unread: true }
    this._note = mark
    return mark
  }

  /** The message that the future itself was cancelled with, `''` if there was none. */
  get _cancel_text(): unknown {
    return this._cancel_message ?? ""
  }

  /** True if the future is done with a result. */
  get _succeeded(): boolean {
    return (this._state & OUTCOME) === SUCCEEDED
  }

  /** The error that a waiter of this future gets; there must be one. */
  _error(): unknown {
    if (this.cancelled()) return this._make_cancelled_error()
    this._mark_retrieved()
    return this._value
  }

  /** True if the future is done with an exception; unlike {@link exception}, it does not count as having looked at it. */
  get _failed(): boolean {
    return (this._state & OUTCOME) === FAILED
  }

  /** Declares the exception to have been looked at. */
  _mark_retrieved(): void {
    if (!this._failed) return
    const mark = this._note as UnreadMark | true | undefined
    if (typeof mark === "object") mark.unread = false
    this._note = undefined
  }

  /** The error for a waiter of a cancelled future: the original one once, a fresh one afterwards. */
  _make_cancelled_error(): CancelledError {
    const note = this._note as CancelMessage | CancelledError | undefined
    if (note === undefined) return cancelledError(undefined)
    if (note instanceof CancelMessage) return cancelledError(note.message)
    this._note = undefined
    return note
  }

  protected _set_result(result: unknown): void {
    this._end(SUCCEEDED, result)
  }

  protected _set_exception(exception: unknown): void {
    this._note = true
    this._end(FAILED, exception)
    this._loop._note_failed(this)
  }

  private _end(outcome: number, value: unknown): void {
    const listeners = this._value as DoneListener | Array<DoneListener> | undefined
    this._state |= outcome
    this._value = value
    if (listeners === undefined) return
    if (!Array.isArray(listeners)) listeners._future_done(this)
    else for (let index = 0; index < listeners.length; index++) (listeners[index] as DoneListener)._future_done(this)
  }

  /** For the registry of tasks: what a task that waits for this future waits for. */
  describeWait(): string {
    return repr(this)
  }

  /** What stands between `<` and `>` in the future's repr, word by word. */
  _repr_info(): Array<string> {
    const info: Array<string> = [["pending", "cancelled", "finished", "finished"][this._state & OUTCOME] as string]
    if (this._succeeded) info.push(`result=${reprlib_repr(this._value)}`)
    if (this._failed) info.push(`exception=${repr(this._value)}`)
    const listeners = this._listeners
    if (listeners !== undefined) info.push(formatListeners(Array.isArray(listeners) ? listeners : [listeners]))
    const source = this._loop._source_of(this)
    if (source !== undefined) info.push(`created at ${source}`)
    return info
  }

  __repr__(): string {
    return `<${this.constructor.name} ${this._repr_info().join(" ")}>`
  }
}
installRepr(Future)
keepShape((loop) => new Future({ loop }))
keepShape((loop) => new FutureIterator(new Future({ loop })))

const formatListeners = (listeners: ReadonlyArray<DoneListener>): string => {
  const shown = listeners.map((listener) =>
    listener instanceof CallbackListener ? formatCallback(listener.callback, []) : describeListener(listener)
  )
  const [first, last] = [shown[0], shown[shown.length - 1]]
  if (shown.length <= 2) return `cb=[${shown.join(", ")}]`
  return `cb=[${first}, <${shown.length - 2} more>, ${last}]`
}

const describeListener = (listener: DoneListener): string =>
  isfuture(listener) ? "Task.task_wakeup()" : (listener._describe?.() ?? "<callback>()")

/** What `set_exception` was given, as an instance. */
const asException = (given: unknown): unknown => {
  let exception = given
  if (typeof given === "function" && (given === Error || given.prototype instanceof Error)) {
    exception = new (given as new () => Error)()
  }
  if (!(exception instanceof Error)) throw new TypeError("invalid exception object")
  if (exception instanceof StopIteration) {
    return new RuntimeError("StopIteration interacts badly with generators and cannot be raised into a Future", {
      cause: exception
    })
  }
  return exception
}

/**
 * Tells whether something is a future: duck-typed, so that other classes can pass as one.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const task = asyncio.create_task(asyncio.sleep(1))
 *   return [asyncio.isfuture(task), asyncio.isfuture(asyncio.sleep)]
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ true, false ]
 * ```
 */
export function isfuture<T>(obj: T & IfUnknown<T>): obj is T & IfUnknown<T> & Public.Future
export function isfuture(obj: unknown): obj is AnyFuture
export function isfuture(obj: unknown): boolean {
  return typeof obj === "object" && obj !== null && "_awaited" in obj && "add_done_callback" in obj
}

/** A failure of a foreign effect as the error to throw: its squashed cause, or `CancelledError` if it was interrupted. */
export const errorOf = (cause: Cause.Cause<unknown>, msg?: unknown): unknown => {
  const { Cause } = effectModules()
  return Cause.hasInterruptsOnly(cause) ? cancelledError(msg) : Cause.squash(cause)
}

/**
 * The wait for a foreign effect that is in flight: a future, so that a task cancels it as it cancels any other wait. Its
 * result is handed to the generator by the driver, since the effect's own iterator is what is suspended there.
 */
export class EffectFuture<A = unknown> extends Future<A> {
  private readonly _interrupt: () => void

  constructor(loop: EventLoop, interrupt: () => void) {
    super({ loop })
    this._interrupt = interrupt
  }

  /**
   * Interrupts the effect. The future is done when the effect has ended, its finalizers included; it may still succeed, if
   * it could not be interrupted.
   */
  override cancel(msg?: unknown): boolean {
    if (this.done()) return false
    this._cancel_message = msg
    this._interrupt()
    return true
  }

  _settle(exit: Exit.Exit<A, unknown>): void {
    const { Cause, Exit } = effectModules()
    if (Exit.isSuccess(exit)) this._set_result(exit.value)
    else if (Cause.hasInterruptsOnly(exit.cause)) super.cancel(this._cancel_message)
    else this._set_exception(Cause.squash(exit.cause))
  }
}
keepShape((loop) => new EffectFuture(loop, () => undefined))
