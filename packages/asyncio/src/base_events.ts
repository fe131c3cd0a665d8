/**
 * The event loop: a ready queue, timers, and the host's turn in between.
 *
 * Follows CPython's `asyncio.base_events`. The loop is also Effect's `Scheduler`, so that fibers, timers and callbacks share
 * one queue with asyncio's order.
 */

import { taskRegistry } from "@skein/core/kernel"
import * as Context from "effect/Context"
import * as Scheduler from "effect/Scheduler"
import { effectModules } from "#effect"
import { KeyboardInterrupt, RuntimeError, SystemExit, TypeError, ValueError } from "./builtins.ts"
import { type AnnotatedBody, Coroutine, isCoroutineLike } from "./coroutines.ts"
import { type AnyAwaitable, type Awaitable, ensure_future, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { _ThreadSafeHandle, Handle, TimerHandle } from "./events.ts"
import { type AnyFuture, Future } from "./futures.ts"
import { type LiveGenerator, shutdownAsyncGenerators } from "./internal/asyncgen_hooks.ts"
import { restoreContext, swapContext, type Context as VariableContext } from "./internal/context.ts"
import { keepShapes } from "./internal/keep_shapes.ts"
import { loopClock } from "./internal/loop_clock.ts"
import { reportNeverAwaited } from "./internal/never_awaited.ts"
import { splitOptions } from "./internal/options.ts"
import { Passes } from "./internal/passes.ts"
import { installRepr, repr } from "./internal/pyrepr.ts"
import { getRunningLoop } from "./internal/running.ts"
import { callerSite, type SourceSite } from "./internal/source_site.ts"
import { hostTime, type TimeSource } from "./internal/time_source.ts"
import { UnretrievedErrors } from "./internal/unretrieved.ts"
import { logger } from "./log.ts"
import type * as Public from "./public_classes.ts"
import { type CoroutineLike, Task, type TaskOptions } from "./tasks.ts"

/** What an exception handler is told: CPython's keys. */
export interface ExceptionContext {
  /** What has happened. */
  readonly message?: string
  /** The error, if there is one. */
  readonly exception?: unknown
  /** The future concerned; what it looked like, if it has been collected meanwhile. */
  readonly future?: object
  /** The task concerned. */
  readonly task?: AnyFuture
  /** The callback concerned. */
  readonly handle?: Public.Handle
  /** The asynchronous generator concerned. */
  readonly asyncgen?: object
  readonly [key: string]: unknown
}

/** Is told of errors that nobody handles: see {@link EventLoop.set_exception_handler}. */
export type ExceptionHandler = (loop: Public.EventLoop, context: ExceptionContext) => unknown

type AnyCallback = (...args: ReadonlyArray<never>) => unknown

/** The last argument of `call_soon` and its kin, if wanted: the context to run the callback in. */
export interface InContext {
  /** Where the callback's context variables are read and written. */
  readonly context: VariableContext
}

/** Makes the task for a coroutine: see {@link EventLoop.set_task_factory}. */
export type TaskFactory = (
  loop: Public.EventLoop,
  coro: CoroutineLike,
  options: TaskOptions
) => Public.Future<unknown, unknown>

/** How an {@link EventLoop} is made. */
export interface EventLoopOptions {
  /** Where the time comes from; the host's monotonic clock if left out. */
  readonly time_source?: TimeSource
  /** The Effect services that the loop's tasks see, unless their creator has others. */
  readonly services?: Context.Context<never>
  /** Switches debug mode on or off; left as the environment says (`ASYNCIO_DEBUG`) if left out. */
  readonly debug?: boolean
}

export type { Timer } from "./internal/passes.ts"

/** The loop that a fiber's coroutines run in, inherited by child fibers. */
export const CurrentLoop: Context.Reference<Public.EventLoop | undefined> = Context.Reference(
  "@skein/asyncio/CurrentLoop",
  {
    defaultValue: (): Public.EventLoop | undefined => undefined
  }
)

const debugByEnvironment = (): boolean => {
  const value = process.env.ASYNCIO_DEBUG ?? process.env.PYTHONASYNCIODEBUG
  return value !== undefined && value !== ""
}

/**
 * Runs callbacks and tasks, in the order in which CPython's loop runs them.
 *
 * A pass runs the handles that were ready when it began; due timers join in order of time, then of creation. Passes are
 * made back to back for a tenth of a millisecond at most; then the host gets its turn for I/O and promises.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.new_event_loop()
 * loop.call_soon(() => console.log("first"))
 * loop.call_soon(() => loop.stop())
 * await loop.run_forever() // => first
 * loop.close()
 * ```
 */
export class EventLoop extends Passes implements Scheduler.Scheduler {
  /** What a task without options is made with. */
  private readonly _in_this_loop = { loop: this as EventLoop }

  _current_task: Task<unknown, unknown> | undefined = undefined
  /** How many of its tasks are not done. */
  _live_tasks = 0
  /** The asynchronous generators that were begun and have not ended, in order of their first iteration. */
  readonly _asyncgens = new Set<LiveGenerator>()
  _asyncgens_shutdown_called = false
  readonly _services: Context.Context<never>
  private _task_factory: TaskFactory | undefined = undefined
  private _exception_handler: ExceptionHandler | undefined = undefined
  private _sources: WeakMap<object, SourceSite> | undefined = undefined
  private readonly _unretrieved = new UnretrievedErrors()

  constructor(options?: EventLoopOptions) {
    super(options?.time_source ?? hostTime, options?.debug ?? debugByEnvironment())
    keepShapes(() => new EventLoop())
    const services = Context.add(options?.services ?? Context.empty(), CurrentLoop, this as EventLoop)
    const scheduled = Context.add(services, Scheduler.Scheduler, this as Scheduler.Scheduler)
    this._services = this._time.isVirtual
      ? Context.add(scheduled, effectModules().Clock.Clock, loopClock(this))
      : scheduled
  }

  // --- Scheduling ---------------------------------------------------------------------------------------------------

  /**
   * Queues a call for the next pass. First in, first out.
   *
   * @param args - the arguments, and as the last one, if wanted, `{ context }` to run it in
   * @returns a handle, by which the call can be cancelled
   */
  call_soon<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => unknown, ...args: Args): Public.Handle
  call_soon<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): Public.Handle
  call_soon(callback: AnyCallback, ...args: ReadonlyArray<unknown>): Public.Handle {
    this._check_closed()
    if (this._debug) {
      this._check_thread()
      this._check_callback(callback, "call_soon")
    }
    const [values, options] = splitOptions(args)
    return this._call_soon(callback, values, options?.context)
  }

  /** {@link call_soon}, and wakes the loop: for calls from outside of its passes. */
  call_soon_threadsafe<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Public.Handle
  call_soon_threadsafe<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): Public.Handle
  call_soon_threadsafe(callback: AnyCallback, ...args: ReadonlyArray<unknown>): Public.Handle {
    this._check_closed()
    if (this._debug) this._check_callback(callback, "call_soon_threadsafe")
    const [values, options] = splitOptions(args)
    const handle = new _ThreadSafeHandle(callback, values, this, options?.context)
    this._enqueue(handle)
    return handle
  }

  /**
   * Queues a call for `delay` seconds from now.
   *
   * @returns a handle that knows its time and can be cancelled
   */
  call_later<Args extends ReadonlyArray<unknown>>(
    delay: number,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Public.TimerHandle
  call_later<Args extends ReadonlyArray<unknown>>(
    delay: number,
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): Public.TimerHandle
  call_later(delay: number, callback: AnyCallback, ...args: ReadonlyArray<unknown>): Public.TimerHandle {
    if (typeof delay !== "number") throw new TypeError("delay must not be None")
    return this._schedule_at(this.time() + delay, callback, args)
  }

  /** Queues a call for the time `when`, in seconds of the loop's clock; a time in the past is as good as now. */
  call_at<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Public.TimerHandle
  call_at<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): Public.TimerHandle
  call_at(when: number, callback: AnyCallback, ...args: ReadonlyArray<unknown>): Public.TimerHandle {
    if (typeof when !== "number") throw new TypeError("when cannot be None")
    return this._schedule_at(when, callback, args)
  }

  private _schedule_at(when: number, callback: AnyCallback, args: ReadonlyArray<unknown>): TimerHandle {
    this._check_closed()
    if (this._debug) {
      this._check_thread()
      this._check_callback(callback, "call_at")
    }
    if (Number.isNaN(when)) throw new ValueError("Invalid delay: NaN (not a number)")
    const [values, options] = splitOptions(args)
    return this._call_at(when, callback, values, options?.context)
  }

  /** True if the clock stands still while anything can run: two runs of one program are then the same. */
  get _is_virtual(): boolean {
    return this._time.isVirtual
  }

  /** The loop's clock, in seconds. Only differences mean anything. */
  time(): number {
    return this._time.now()
  }

  _call_soon(callback: AnyCallback, args: ReadonlyArray<unknown>, context?: VariableContext): Handle {
    const handle = new Handle(callback, args, this, context)
    this._enqueue(handle)
    return handle
  }

  _call_at(when: number, callback: AnyCallback, args: ReadonlyArray<unknown>, context?: VariableContext): TimerHandle {
    const timer = new TimerHandle(when, callback, args, this, context)
    this._schedule(timer)
    return timer
  }

  // --- Futures and tasks --------------------------------------------------------------------------------------------

  /** A future of this loop. */
  create_future<A = unknown>(): Public.Future<A> {
    return new Future<A>({ loop: this })
  }

  /**
   * Makes a coroutine a task, whose first step is queued.
   *
   * @param options - `name`, `context`, `eager_start`
   * @throws `TypeError` if it is not a coroutine, `RuntimeError` if the loop is closed
   */
  create_task<T extends CoroutineLike>(coro: T, options?: TaskOptions): Public.Task<ResultOf<T>, ServicesOf<T>> {
    this._check_closed()
    const made =
      this._task_factory === undefined
        ? new Task<ResultOf<T>, ServicesOf<T>>(
            coro,
            options === undefined ? this._in_this_loop : { ...options, loop: this }
          )
        : this._task_factory(this, coro, options ?? {})
    return made as Task<ResultOf<T>, ServicesOf<T>>
  }

  /** Lets `factory(loop, coro, options)` make the tasks from now on; `undefined` goes back to {@link Task}. */
  set_task_factory(factory: TaskFactory | null | undefined): void {
    if (factory !== undefined && factory !== null && typeof factory !== "function") {
      throw new TypeError("task factory must be a callable or None")
    }
    this._task_factory = factory ?? undefined
  }

  /** What makes the tasks now; `undefined` for the class {@link Task} itself. */
  get_task_factory(): TaskFactory | undefined {
    return this._task_factory
  }

  // --- Running ------------------------------------------------------------------------------------------------------

  /** Runs until {@link stop}: a promise, since a thread of JavaScript cannot block. */
  run_forever(): Promise<void> {
    return new Promise((resolve, reject) => {
      this._check_closed()
      this._check_running()
      this._begin_run({ resolve, reject })
    })
  }

  /**
   * Runs until `future` is done: a task is made of it if it is another awaitable.
   *
   * @param future - a future, or any awaitable whose services are all provided
   * @returns a promise of its result
   * @throws what the awaitable throws; `RuntimeError` if the loop was stopped before it was done
   */
  run_until_complete<T extends Awaitable<unknown>>(future: T): Promise<ResultOf<T>> {
    try {
      this._check_closed()
      this._check_running()
    } catch (error) {
      return Promise.reject(error)
    }
    return this._run_until_complete(future)
  }

  private async _run_until_complete<T extends AnyAwaitable>(awaitable: T): Promise<ResultOf<T>> {
    const made: unknown = ensure_future(awaitable, { loop: this })
    // The caller hears of it otherwise, if it does not come to its end.
    if (made !== awaitable && made instanceof Task) made._log_destroy_pending = false
    const future = made as Future<ResultOf<T>>
    const _run_until_complete_cb = (done: Future<ResultOf<T>>) => {
      // KeyboardInterrupt and SystemExit have left the loop by themselves.
      const error = done._exception
      done._mark_retrieved()
      if (error instanceof KeyboardInterrupt || error instanceof SystemExit) return
      this.stop()
    }
    future.add_done_callback(_run_until_complete_cb)
    try {
      await this.run_forever()
    } catch (error) {
      // The error that left the loop is the future's own, which nobody else has.
      if (made !== awaitable && future.done()) future._mark_retrieved()
      throw error
    } finally {
      future.remove_done_callback(_run_until_complete_cb)
    }
    if (!future.done()) throw new RuntimeError("Event loop stopped before Future completed.")
    return future.result()
  }

  /** True while the loop makes passes. */
  is_running(): boolean {
    return this._running
  }

  /** True once the loop was closed. */
  is_closed(): boolean {
    return this._closed
  }

  /**
   * Closes the loop; what is queued is dropped. Closing twice is harmless.
   *
   * @throws `RuntimeError` while the loop runs
   */
  close(): void {
    if (this._running) throw new RuntimeError("Cannot close a running event loop")
    if (this._closed) return
    if (this._debug) logger.debug(`Close ${repr(this)}`)
    this._unretrieved.reportAll(this)
    this._drop_all()
    this._abandon_tasks()
    reportNeverAwaited(this)
  }

  /** The tasks that are not done will never be: CPython says so when their last reference goes. */
  private _abandon_tasks(): void {
    if (this._live_tasks === 0) return
    for (const node of [...taskRegistry]) {
      if (!(node instanceof Task) || node._loop !== this) continue
      taskRegistry.remove(node)
      if (!node._log_destroy_pending) continue
      this.call_exception_handler({
        message: "Task was destroyed but it is pending!",
        task: node,
        ...this._source_context(node)
      })
    }
  }

  /**
   * Closes the asynchronous generators that were begun in this loop and not finished.
   *
   * When interrupted: the clean-up of each generator is cancelled at its await.
   */
  *shutdown_asyncgens(): AnnotatedBody<void> {
    this._asyncgens_shutdown_called = true
    yield* shutdownAsyncGenerators(this) as AnnotatedBody<void>
  }

  /**
   * Shuts the default executor down. Executors are not there yet, so there is nothing to shut down; a run awaits it all the same,
   * in a task of its own, so that tasks made while it cleans up have CPython's numbers.
   */
  *shutdown_default_executor(): AnnotatedBody<void> {}

  protected _deadlock(): RuntimeError {
    const waits = taskRegistry.describeWaits((node) => node instanceof Task && node._loop === this)
    return new Deadlock(waits)
  }

  // --- Errors -------------------------------------------------------------------------------------------------------

  /**
   * Lets `handler(loop, context)` take the errors that have nowhere to go; `undefined` goes back to the default one.
   *
   * @param handler - called with the loop and with what has happened; `undefined` for {@link default_exception_handler}
   * @throws `TypeError` if it cannot be called
   */
  set_exception_handler(handler: ExceptionHandler | null | undefined): void {
    if (handler !== undefined && handler !== null && typeof handler !== "function") {
      throw new TypeError(`A callable object or None is expected, got ${repr(handler)}`)
    }
    this._exception_handler = handler ?? undefined
  }

  /** What is told of errors that nobody handles; `undefined` for {@link EventLoop.default_exception_handler}. */
  get_exception_handler(): ExceptionHandler | undefined {
    return this._exception_handler
  }

  /** Logs an error: the message, then a line for each key, sorted. */
  default_exception_handler(context: ExceptionContext): void {
    const lines = [context.message ?? "Unhandled exception in event loop"]
    const handle = this._current_handle === undefined ? undefined : this._sources?.get(this._current_handle)
    const shown: ExceptionContext =
      handle !== undefined && context.source_traceback === undefined
        ? { ...context, handle_traceback: handle.stack }
        : context
    for (const key of Object.keys(shown).sort()) {
      if (key === "message" || key === "exception") continue
      const value = shown[key]
      if (value === undefined) continue
      const what = key === "source_traceback" ? "Object" : key === "handle_traceback" ? "Handle" : undefined
      lines.push(
        what === undefined
          ? `${key}: ${repr(value)}`
          : `${key}: ${what} created at (most recent call last):\n${String(value)}`
      )
    }
    logger.error(lines.join("\n"), context.exception)
  }

  /** Hands an error that has nowhere to go to the exception handler, in the context of the task, future or handle concerned. */
  call_exception_handler(context: ExceptionContext): void {
    if (this._exception_handler === undefined) {
      try {
        this.default_exception_handler(context)
      } catch (error) {
        if (error instanceof SystemExit || error instanceof KeyboardInterrupt) throw error
        logger.error("Exception in default exception handler", error)
      }
      return
    }
    try {
      const concerned = context.task ?? context.future ?? context.handle
      const variables = concerned instanceof Task || concerned instanceof Handle ? concerned.get_context() : undefined
      if (variables === undefined) this._exception_handler(this, context)
      else {
        const previous = swapContext(variables)
        try {
          this._exception_handler(this, context)
        } finally {
          restoreContext(previous)
        }
      }
    } catch (error) {
      if (error instanceof SystemExit || error instanceof KeyboardInterrupt) throw error
      this.default_exception_handler({
        message: "Unhandled error in exception handler",
        exception: error,
        context
      })
    }
  }

  protected _pass_ended(): void {
    this._unretrieved.passEnded()
  }

  /** A future of this loop got an exception: if nobody looks at it, it will be reported. */
  _note_failed(future: AnyFuture): void {
    this._unretrieved.add(future)
  }

  // --- Debug mode ---------------------------------------------------------------------------------------------------

  /** Whether debug mode is on. */
  get_debug(): boolean {
    return this._debug
  }

  /**
   * Switches debug mode on or off: slow callbacks and coroutines that were never awaited are then reported with their places.
   */
  set_debug(enabled: boolean): void {
    this._debug = enabled
  }

  /** Remembers where something was made; in debug mode only. */
  _note_source(made: object): void {
    this._sources ??= new WeakMap()
    this._sources.set(made, callerSite())
  }

  /** Where something was made, as `file:line`, if debug mode was on then. */
  _source_of(made: object): string | undefined {
    return this._sources?.get(made)?.site
  }

  _source_context(made: object): { readonly source_traceback?: string } {
    const source = this._sources?.get(made)
    return source === undefined ? {} : { source_traceback: source.stack }
  }

  private _check_closed(): void {
    if (this._closed) throw new RuntimeError("Event loop is closed")
  }

  private _check_running(): void {
    if (this._running) throw new RuntimeError("This event loop is already running")
    if (getRunningLoop() !== undefined) {
      throw new RuntimeError("Cannot run the event loop while another loop is running")
    }
  }

  private _check_thread(): void {
    const running = getRunningLoop()
    if (this._running && running !== undefined && running !== this) {
      throw new RuntimeError("Non-thread-safe operation invoked on an event loop other than the current one")
    }
  }

  private _check_callback(callback: unknown, method: string): void {
    if (isCoroutineLike(callback)) {
      throw new TypeError(`coroutines cannot be used with ${method}()`)
    }
    if (callback instanceof Coroutine || typeof callback !== "function") {
      throw new TypeError(`a callable object was expected by ${method}(), got ${repr(callback)}`)
    }
  }

  __repr__(): string {
    const python = (value: boolean) => (value ? "True" : "False")
    return (
      `<${this.constructor.name} running=${python(this._running)} closed=${python(this._closed)} ` +
      `debug=${python(this._debug)}>`
    )
  }
}
installRepr(EventLoop)

/**
 * Every task waits, no timer is set and nothing of the host is in flight: the program can never go on. CPython would wait for
 * ever; here the run ends with this error, which names who waits for what.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const lock = asyncio.Lock()
 *   yield* lock.acquire()
 *   yield* lock.acquire()
 * })
 * try {
 *   await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })
 * } catch (error) {
 *   console.log(error instanceof asyncio.Deadlock) // => true
 * }
 * ```
 */
export class Deadlock extends RuntimeError {
  constructor(waits: string) {
    const who = waits === "" ? "" : `\n${waits}`
    super(`nothing is ready and nothing is scheduled, so no task can ever run again.${who}`)
  }
}

/**
 * A new event loop, on the host's clock.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.new_event_loop()
 * console.log(await loop.run_until_complete(asyncio.sleep(0, "done"))) // => done
 * loop.close()
 * ```
 */
export const new_event_loop = (): Public.EventLoop => new EventLoop()
