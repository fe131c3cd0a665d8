/**
 * The event loop: a ready queue, timers, and the host's turn in between.
 *
 * Follows CPython's `asyncio.base_events`. The loop is also Effect's `Scheduler`, so that fibers, timers and callbacks share
 * one queue with asyncio's order.
 */

import { TimerHeap, type TimerNode, taskRegistry } from "@skein/core/kernel"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { KeyboardInterrupt, RuntimeError, SystemExit, TypeError, ValueError } from "./builtins.ts"
import { type AnnotatedBody, Coroutine, isCoroutineLike } from "./coroutines.ts"
import { type AnyAwaitable, type Awaitable, ensure_future, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { Handle, type Runnable, TimerHandle } from "./events.ts"
import { type AnyFuture, Future } from "./futures.ts"
import { type LiveGenerator, shutdownAsyncGenerators } from "./internal/asyncgen_hooks.ts"
import { swapContext, type Context as VariableContext } from "./internal/context.ts"
import { keepShapes } from "./internal/keep_shapes.ts"
import { loopClock } from "./internal/loop_clock.ts"
import { reportNeverAwaited } from "./internal/never_awaited.ts"
import { splitOptions } from "./internal/options.ts"
import { installRepr, repr } from "./internal/pyrepr.ts"
import { getRunningLoop, swapRunningLoop } from "./internal/running.ts"
import { callerSite, type SourceSite } from "./internal/source_site.ts"
import { hostTime, type TimeSource } from "./internal/time_source.ts"
import { UnretrievedErrors } from "./internal/unretrieved.ts"
import { logger } from "./log.ts"
import { type CoroutineLike, Task, type TaskOptions } from "./tasks.ts"

/** What an exception handler is told: CPython's keys. */
export interface ExceptionContext {
  readonly message?: string
  readonly exception?: unknown
  /** The future concerned; what it looked like, if it has been collected meanwhile. */
  readonly future?: object
  readonly task?: AnyFuture
  readonly handle?: Handle
  readonly asyncgen?: object
  readonly [key: string]: unknown
}

export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => unknown

type AnyCallback = (...args: ReadonlyArray<never>) => unknown

/** The last argument of `call_soon` and its kin, if wanted: the context to run the callback in. */
export interface InContext {
  readonly context: VariableContext
}

/** Makes the task for a coroutine: see {@link EventLoop.set_task_factory}. */
export type TaskFactory = (loop: EventLoop, coro: CoroutineLike, options: TaskOptions) => Future<unknown, unknown>

export interface EventLoopOptions {
  /** Where the time comes from; the host's monotonic clock if left out. */
  readonly time_source?: TimeSource
  /** The Effect services that the loop's tasks see, unless their creator has others. */
  readonly services?: Context.Context<never>
  readonly debug?: boolean
}

/** What the loop runs at a certain time: a {@link TimerHandle}, or something lighter of the library's own. */
export interface Timer extends Runnable, TimerNode {}

/** The loop that a fiber's coroutines run in, inherited by child fibers. */
export const CurrentLoop: Context.Reference<EventLoop | undefined> = Context.Reference("@skein/asyncio/CurrentLoop", {
  defaultValue: (): EventLoop | undefined => undefined
})

/**
 * How long the loop makes passes before the host gets its turn, in milliseconds. A turn of the host costs about a
 * microsecond; a task that only yields must not hold up its sockets for longer than this.
 */
const TURN_BUDGET = 0.5

/** Quiet turns of the host before a virtual clock jumps while an effect is in flight: enough for settled promises to react. */
const QUIET_TURNS = 2

const debugByEnvironment = (): boolean => {
  const value = process.env.ASYNCIO_DEBUG ?? process.env.PYTHONASYNCIODEBUG
  return value !== undefined && value !== ""
}

/**
 * Runs callbacks and tasks, in the order in which CPython's loop runs them.
 *
 * A pass runs the handles that were ready when it began; due timers join in order of time, then of creation. Passes are
 * made back to back for half a millisecond at most; then the host gets its turn for I/O and promises.
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
export class EventLoop implements Scheduler.Scheduler {
  readonly executionMode = "async"
  /** Seconds from which a callback counts as slow, in debug mode. */
  slow_callback_duration = 0.1
  _debug: boolean
  _current_task: Task<unknown, unknown> | undefined = undefined
  /** Effects in flight that were started by tasks of this loop. */
  _effects_in_flight = 0
  /** Promises of the host that futures of this loop wait for: a virtual clock stands still meanwhile. */
  _host_waits = 0
  /** How many of its tasks are not done. */
  _live_tasks = 0
  /** How many passes were made. */
  _passes = 0
  /** When the pass that is running began, in milliseconds of the loop's clock; good enough to say since when a task waits. */
  _pass_began = Number.NaN
  /** The asynchronous generators that were begun and have not ended, in order of their first iteration. */
  readonly _asyncgens = new Set<LiveGenerator>()
  _asyncgens_shutdown_called = false
  readonly _services: Context.Context<never>
  private readonly _time: TimeSource
  private _ready: Array<Runnable> = []
  private readonly _timers = new TimerHeap<Timer>()
  private _running = false
  private _stopping = false
  private _closed = false
  private _in_turn = false
  private _turn_requested = false
  private _withdraw_wait: (() => void) | undefined = undefined
  private _waits_until = Number.POSITIVE_INFINITY
  private _quiet_turns = 0
  private _finish: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined = undefined
  private _on_exhausted: (() => void) | undefined = undefined
  /** True if a virtual clock may jump although a promise of the host is waited for. */
  private _clock_freed = false
  private _task_factory: TaskFactory | undefined = undefined
  private _exception_handler: ExceptionHandler | undefined = undefined
  private _sources: WeakMap<object, SourceSite> | undefined = undefined
  /** What the loop runs now; in debug mode only. */
  private _current_handle: Runnable | undefined = undefined
  private readonly _unretrieved = new UnretrievedErrors()

  constructor(options?: EventLoopOptions) {
    keepShapes(() => new EventLoop())
    this._time = options?.time_source ?? hostTime
    const services = Context.add(options?.services ?? Context.empty(), CurrentLoop, this as EventLoop)
    const scheduled = Context.add(services, Scheduler.Scheduler, this as Scheduler.Scheduler)
    this._services = this._time.isVirtual ? Context.add(scheduled, Clock.Clock, loopClock(this)) : scheduled
    this._debug = options?.debug ?? debugByEnvironment()
  }

  // --- Scheduling ---------------------------------------------------------------------------------------------------

  /**
   * Queues a call for the next pass. First in, first out.
   *
   * @param args - the arguments, and as the last one, if wanted, `{ context }` to run it in
   * @returns a handle, by which the call can be cancelled
   */
  call_soon<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => unknown, ...args: Args): Handle
  call_soon<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): Handle
  call_soon(callback: AnyCallback, ...args: ReadonlyArray<unknown>): Handle {
    this._check_closed()
    if (this._debug) {
      this._check_thread()
      this._check_callback(callback, "call_soon")
    }
    const [values, options] = splitOptions(args)
    return this._call_soon(callback, values, options?.context)
  }

  /** {@link call_soon}, and wakes the loop: for calls from outside of its passes. */
  call_soon_threadsafe<Args extends ReadonlyArray<unknown>>(callback: (...args: Args) => unknown, ...args: Args): Handle
  call_soon_threadsafe<Args extends ReadonlyArray<unknown>>(
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): Handle
  call_soon_threadsafe(callback: AnyCallback, ...args: ReadonlyArray<unknown>): Handle {
    this._check_closed()
    if (this._debug) this._check_callback(callback, "call_soon_threadsafe")
    const [values, options] = splitOptions(args)
    return this._call_soon(callback, values, options?.context)
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
  ): TimerHandle
  call_later<Args extends ReadonlyArray<unknown>>(
    delay: number,
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): TimerHandle
  call_later(delay: number, callback: AnyCallback, ...args: ReadonlyArray<unknown>): TimerHandle {
    if (typeof delay !== "number") throw new TypeError("delay must not be None")
    return this._schedule_at(this.time() + delay, callback, args)
  }

  /** Queues a call for the time `when`, in seconds of the loop's clock; a time in the past is as good as now. */
  call_at<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): TimerHandle
  call_at<Args extends ReadonlyArray<unknown>>(
    when: number,
    callback: (...args: Args) => unknown,
    ...args: [...Args, InContext]
  ): TimerHandle
  call_at(when: number, callback: AnyCallback, ...args: ReadonlyArray<unknown>): TimerHandle {
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

  /** Has a timer run in a pass from its time on. */
  _schedule(timer: Timer): void {
    this._timers.push(timer)
    if (!this._in_turn && this._running && timer.timerWhen < this._waits_until) this._request_turn()
  }

  /** What a task without options is made with. */
  private readonly _in_this_loop = { loop: this as EventLoop }

  /** Puts something at the end of the ready queue. */
  _enqueue(runnable: Runnable): void {
    this._ready.push(runnable)
    if (!this._in_turn && this._running) this._request_turn()
  }

  /** Told by a timer that it has just been cancelled. */
  _timer_cancelled(timer: Timer): void {
    this._timers.noteCancelled(timer)
  }

  // --- Effect's scheduler -------------------------------------------------------------------------------------------

  /** A coroutine is never pre-empted; a foreign effect yields after Effect's usual number of operations. */
  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return {
      scheduleTask: (task) => {
        // An effect's finalizers may outlive the loop by a turn: they go on in the host's own queue.
        if (this._closed) setImmediate(task)
        else this._enqueue(new FiberTurn(task))
      },
      flush: () => {
        throw new RuntimeError("This event loop runs asynchronously: Effect.runSync can not wait for it.")
      }
    }
  }

  // --- Futures and tasks --------------------------------------------------------------------------------------------

  /** A future of this loop. */
  create_future<A = unknown>(): Future<A> {
    return new Future<A>({ loop: this })
  }

  /**
   * Makes a coroutine a task, whose first step is queued.
   *
   * @param options - `name`, `context`, `eager_start`
   * @throws `TypeError` if it is not a coroutine, `RuntimeError` if the loop is closed
   */
  create_task<T extends CoroutineLike>(coro: T, options?: TaskOptions): Task<ResultOf<T>, ServicesOf<T>> {
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

  get_task_factory(): TaskFactory | undefined {
    return this._task_factory
  }

  // --- Running ------------------------------------------------------------------------------------------------------

  /** Runs until {@link stop}: a promise, since a thread of JavaScript cannot block. */
  run_forever(): Promise<void> {
    return new Promise((resolve, reject) => {
      this._check_closed()
      this._check_running()
      this._running = true
      this._finish = { resolve, reject }
      this._request_turn()
    })
  }

  /**
   * Runs until `awaitable` is done, wrapped in a task if it is not a future.
   *
   * @param awaitable - any awaitable whose services are all provided
   * @returns a promise of its result
   * @throws what the awaitable throws; `RuntimeError` if the loop was stopped before it was done
   */
  run_until_complete<T extends Awaitable<unknown>>(awaitable: T): Promise<ResultOf<T>> {
    try {
      this._check_closed()
      this._check_running()
    } catch (error) {
      return Promise.reject(error)
    }
    return this._run_until_complete(awaitable)
  }

  private async _run_until_complete<T extends AnyAwaitable>(awaitable: T): Promise<ResultOf<T>> {
    const made: unknown = ensure_future(awaitable, { loop: this })
    // The caller hears of it otherwise, if it does not come to its end.
    if (made !== awaitable && made instanceof Task) made._log_destroy_pending = false
    const future = made as Future<ResultOf<T>>
    const _run_until_complete_cb = (done: Future<ResultOf<T>>) => {
      // KeyboardInterrupt and SystemExit have left the loop by themselves.
      const error = done._exception
      if (error instanceof KeyboardInterrupt || error instanceof SystemExit) return
      this.stop()
    }
    future.add_done_callback(_run_until_complete_cb)
    try {
      await this.run_forever()
    } catch (error) {
      // The error that left the loop is the future's own: it has been seen.
      if (future.done() && !future.cancelled()) future._mark_retrieved()
      throw error
    } finally {
      future.remove_done_callback(_run_until_complete_cb)
    }
    if (!future.done()) throw new RuntimeError("Event loop stopped before Future completed.")
    return future.result()
  }

  /** Ends {@link run_forever} after the pass that is running; a stopped loop that is started again makes one pass. */
  stop(): void {
    this._stopping = true
    if (!this._in_turn && this._running) this._request_turn()
  }

  is_running(): boolean {
    return this._running
  }

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
    this._closed = true
    this._ready = []
    this._timers.clear()
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

  /** Closes the asynchronous generators that were begun in this loop and not finished. */
  *shutdown_asyncgens(): AnnotatedBody<void> {
    this._asyncgens_shutdown_called = true
    yield* shutdownAsyncGenerators(this) as AnnotatedBody<void>
  }

  // --- The host's side ----------------------------------------------------------------------------------------------

  private _request_turn(): void {
    if (this._turn_requested) return
    this._withdraw()
    this._turn_requested = true
    this._time.defer(this._turn)
  }

  /** Takes back what the loop asked of the host while it was idle. */
  private _withdraw(): void {
    this._waits_until = Number.POSITIVE_INFINITY
    if (this._withdraw_wait !== undefined) {
      this._withdraw_wait()
      this._withdraw_wait = undefined
    }
    if (this._on_exhausted !== undefined) {
      process.removeListener("beforeExit", this._on_exhausted)
      this._on_exhausted = undefined
    }
  }

  private readonly _turn = (): void => {
    this._turn_requested = false
    if (!this._running) return
    this._withdraw()
    const previousLoop = swapRunningLoop(this)
    this._in_turn = true
    let failure: { readonly error: unknown } | undefined
    let ended = false
    try {
      ended = this._make_passes()
    } catch (error) {
      failure = { error }
    } finally {
      this._in_turn = false
      swapRunningLoop(previousLoop)
    }
    if (failure !== undefined || ended) this._end_run(failure)
  }

  private _end_run(failure: { readonly error: unknown } | undefined): void {
    this._withdraw()
    this._running = false
    this._stopping = false
    const finish = this._finish as NonNullable<typeof this._finish>
    this._finish = undefined
    if (failure === undefined) finish.resolve()
    else finish.reject(failure.error)
  }

  /** Makes passes until the loop stops (true), or until it is the host's turn. */
  private _make_passes(): boolean {
    const began = performance.now()
    for (;;) {
      if (this._ready.length === 0 && !this._stopping && !this._pass_time()) return false
      this._run_once()
      if (this._stopping) return true
      if (performance.now() - began >= TURN_BUDGET) {
        // Not at once when idle: `_pass_time` will ask for just what it needs.
        if (this._ready.length > 0) {
          this._request_turn()
          return false
        }
      }
    }
  }

  /**
   * Nothing is ready: waits for the first timer. Returns true if the next pass can begin at once, false if the host has been
   * asked to come back.
   */
  private _pass_time(): boolean {
    const timer = this._timers.peek()
    if (timer !== undefined && timer.timerWhen < this._time.now() + this._time.resolution) return true
    if (this._time.isVirtual) {
      if (this._host_waits > 0 && !this._clock_freed) {
        // A promise of the host holds the clock, unless the host has nothing left to do: then only the loop itself can settle
        // it, as one that `to_promise` made.
        return this._when_host_exhausted(() => {
          this._clock_freed = true
          this._turn()
        })
      }
      if (this._effects_in_flight > 0 && this._quiet_turns < QUIET_TURNS) {
        this._quiet_turns++
        this._request_turn()
        return false
      }
    }
    this._quiet_turns = 0
    if (timer !== undefined) {
      this._waits_until = timer.timerWhen
      this._withdraw_wait = this._time.wait(timer.timerWhen, () => {
        this._withdraw_wait = undefined
        this._turn()
      })
      return this._withdraw_wait === undefined
    }
    if (this._time.isVirtual && this._effects_in_flight === 0) throw this._deadlock()
    // Without a timer the loop keeps nothing of the host alive. If nothing else does, nobody will ever wake it.
    return this._when_host_exhausted(() => this._end_run({ error: this._deadlock() }))
  }

  /** Waits for whatever comes, and calls `then` if nothing can come any more: the process is about to end. */
  private _when_host_exhausted(then: () => void): false {
    this._on_exhausted = () => {
      this._withdraw()
      then()
    }
    process.once("beforeExit", this._on_exhausted)
    return false
  }

  private _deadlock(): RuntimeError {
    const waits = taskRegistry.describeWaits((node) => node instanceof Task && node._loop === this)
    return new Deadlock(waits)
  }

  private _run_once(): void {
    this._passes++
    const now = this._time.now()
    this._pass_began = now * 1000
    if (this._timers.length > 0) {
      const limit = now + this._time.resolution
      for (let timer = this._timers.popBefore(limit); timer !== undefined; timer = this._timers.popBefore(limit)) {
        this._ready.push(timer)
      }
    }
    this._quiet_turns = 0
    this._clock_freed = false
    const batch = this._ready
    this._ready = []
    let index = 0
    try {
      if (this._debug) {
        for (; index < batch.length; index++) this._run_timed(batch[index] as Runnable)
      } else {
        for (; index < batch.length; index++) {
          const runnable = batch[index] as Runnable
          if (!runnable._cancelled) runnable._run()
        }
      }
    } catch (error) {
      // What this pass has not run stays first in line.
      this._ready = batch.slice(index + 1).concat(this._ready)
      throw error
    }
    this._unretrieved.passEnded()
  }

  private _run_timed(runnable: Runnable): void {
    if (runnable._cancelled) return
    const began = this.time()
    this._current_handle = runnable
    try {
      runnable._run()
    } finally {
      this._current_handle = undefined
    }
    const took = this.time() - began
    if (took >= this.slow_callback_duration) {
      logger.warning(`Executing ${repr(runnable)} took ${took.toFixed(3)} seconds`)
    }
  }

  // --- Errors -------------------------------------------------------------------------------------------------------

  /**
   * Lets `handler(loop, context)` take the errors that have nowhere to go; `undefined` goes back to the default one.
   *
   * @throws `TypeError` if it cannot be called
   */
  set_exception_handler(handler: ExceptionHandler | null | undefined): void {
    if (handler !== undefined && handler !== null && typeof handler !== "function") {
      throw new TypeError(`A callable object or None is expected, got ${repr(handler)}`)
    }
    this._exception_handler = handler ?? undefined
  }

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
          swapContext(previous)
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

  /** A future of this loop got an exception: if nobody looks at it, it will be reported. */
  _note_failed(future: AnyFuture): void {
    this._unretrieved.add(future)
  }

  // --- Debug mode ---------------------------------------------------------------------------------------------------

  get_debug(): boolean {
    return this._debug
  }

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

/** A fiber's turn, queued by Effect through the {@link Scheduler.Scheduler} that the loop is. */
class FiberTurn implements Runnable {
  readonly _cancelled = false
  private readonly task: () => void

  constructor(task: () => void) {
    this.task = task
  }

  _run(): void {
    this.task()
  }
}

/**
 * Every task waits, no timer is set and nothing of the host is in flight: the program can never go on. CPython would wait for
 * ever; here the run ends with this error, which names who waits for what.
 */
export class Deadlock extends RuntimeError {
  constructor(waits: string) {
    super(
      "deadlock: nothing is ready and nothing is scheduled, so no task can ever run again." +
        (waits === "" ? "" : `\n${waits}`)
    )
  }
}

/** A new event loop, on the host's clock. */
export const new_event_loop = (): EventLoop => new EventLoop()
