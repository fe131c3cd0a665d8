/**
 * A coroutine that runs by itself: a future whose coroutine is stepped by the event loop, and an Effect fiber.
 *
 * Follows CPython's `asyncio.tasks`. How a coroutine is stepped, and how it meets Effect, is in internal/driver.ts; here is what a
 * task is to its users: a future with a name that can be asked to end, and a fiber.
 *
 * A task *is* a fiber: it implements Effect's public `Fiber` interface, with a run loop that steps a generator. `Fiber.join`,
 * `Fiber.interrupt` and `Fiber.getCurrent` work on it; it has services, a tracing span and child fibers. A fiber of Effect's
 * own around each task would do the same for twice the memory and ten times the cost of a step.
 */

import { noteSpawnSite, type SpawnSite, type TaskNode, type TaskState, taskRegistry } from "@skein/core/kernel"
import * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import { effectModules } from "#effect"
import type { EventLoop } from "./base_events.ts"
import { KeyboardInterrupt, RuntimeError, StopIteration, SystemExit, str, TypeError } from "./builtins.ts"
import { Coroutine, type CoroutineLike, isCoroutineLike } from "./coroutines.ts"
import { adviceFor, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { get_running_loop } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import { type AnyFuture, type DoneListener, NOT_MISSED } from "./futures.ts"
import { ownContextOf, type Context as VariableContext } from "./internal/context.ts"
import { type AnyFiber, CurrentTask, Driver, type Resume } from "./internal/driver.ts"
import { cacheOf, FiberTypeId, fiberVariance } from "./internal/effect_internals.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import { installRepr, repr } from "./internal/pyrepr.ts"
import { getRunningLoop, getSteppedFiber } from "./internal/running.ts"
import type * as Public from "./public_classes.ts"

export type { CoroutineLike } from "./coroutines.ts"

/** Options of {@link create_task}. */
export interface TaskOptions {
  /** The task's name; any value, turned into a string. `Task-N` if left out. */
  readonly name?: unknown
  /** The context to run in, uncopied; a copy of the current one if left out. */
  readonly context?: VariableContext | undefined
  /** Whether the coroutine's first part runs at once, inside this call. */
  readonly eager_start?: boolean | undefined
}

/** A fiber of Effect's own that runs the coroutine as an effect, and waits for the task. */
export interface Host {
  readonly services: Context.Context<never>
  readonly resume: Resume
}

let unnamedTasks = 0

/** Bare generators that were made tasks: such a one runs once. */
const driven = new WeakSet<object>()

/** Where tasks were made, of those that were made while places are recorded. */
const spawnSites = new WeakMap<object, SpawnSite>()

/**
 * A coroutine that runs by itself.
 *
 * Made by {@link create_task}. Awaiting it gives its result or throws its exception; the awaiter wakes one pass after the last
 * step.
 *
 * When interrupted (the wait for it, as an Effect, or the task itself, as a fiber): the task is cancelled, and awaited.
 */
export class Task<A = unknown, R = never> extends Driver<A, R> implements TaskNode, Fiber.Fiber<A, unknown> {
  declare readonly [FiberTypeId]: Fiber.Fiber.Variance<A, unknown>
  declare readonly currentOpCount: 0
  taskId = 0
  taskIsLive = false
  taskPrevious: TaskNode | undefined = undefined
  taskNext: TaskNode | undefined = undefined
  taskParent: TaskNode | undefined = undefined
  private _num_cancels_requested = 0
  private _name: string | number

  /**
   * @param coro - a coroutine or a bare generator
   * @throws `TypeError` for anything else: `ensure_future` is the one that takes any awaitable
   */
  constructor(coro: CoroutineLike, options?: TaskOptions & { readonly loop?: EventLoop | undefined }, host?: Host) {
    super(coro, options)
    if (!isCoroutineLike(coro)) throw new TypeError(`a coroutine was expected, got ${repr(coro)}${adviceFor(coro)}`)
    if (!(coro instanceof Coroutine)) {
      if (driven.has(coro)) throw new RuntimeError("cannot reuse already awaited coroutine")
      driven.add(coro)
    }
    const name = options?.name
    this._name = name === undefined || name === null ? ++unnamedTasks : typeof name === "string" ? name : str(name)
    const site = noteSpawnSite()
    if (site !== undefined) spawnSites.set(this, site)
    const loop = this._loop
    const creator = loop._current_task
    loop._live_tasks++
    if (host !== undefined) {
      this._services = host.services
      this._get_extras().resume = host.resume
      taskRegistry.add(this, Context.get(host.services, CurrentTask) ?? creator)
      loop._enqueue(this)
      return
    }
    // The creator's services, with what the effects around it have provided; the loop's own if no task made this one.
    this._services = creator !== undefined && creator === getSteppedFiber() ? creator._services : loop._services
    taskRegistry.add(this, creator)
    if (options?.eager_start === true && getRunningLoop() === loop) {
      // Also if the step threw, as a SystemExit does.
      try {
        this._step()
      } finally {
        if (this.done()) this._coro = undefined
      }
    } else loop._enqueue(this)
  }

  /** Whether it is reported if its loop goes while it is pending: not if nobody outside has ever had it in hand. */
  get _log_destroy_pending(): boolean {
    return !this._has(NOT_MISSED)
  }

  set _log_destroy_pending(on: boolean) {
    this._turn(NOT_MISSED, !on)
  }

  // --- What a user asks of a task -----------------------------------------------------------------------------------

  /** The name: the given one, or `Task-` and a number. */
  get_name(): string {
    return typeof this._name === "string" ? this._name : `Task-${this._name}`
  }

  /** Renames the task; any value is turned into a string. */
  set_name(value: unknown): void {
    this._name = typeof value === "string" ? value : str(value)
  }

  /** The coroutine, or `undefined` if the task was finished by an eager start. */
  get_coro(): CoroutineLike | undefined {
    return this._coro
  }

  /** The context whose variables the task sees. */
  get_context(): VariableContext {
    return ownContextOf(this)
  }

  /**
   * Asks the task to end: `CancelledError` is thrown at its await point, in a later pass. The coroutine may catch it, clean up,
   * and even refuse.
   *
   * @param msg - handed to the `CancelledError`; any value
   * @returns false if the task is done; true otherwise, and then the request is counted
   */
  override cancel(msg?: unknown): boolean {
    if (this.done()) return super.cancel(msg)
    this._num_cancels_requested++
    if (this._fut_waiter?.cancel(msg) === true) return true
    this._must_cancel = true
    this._cancel_message = msg
    return true
  }

  /** How many requests for cancellation were made and not taken back. */
  cancelling(): number {
    return this._num_cancels_requested
  }

  /** Takes one request for cancellation back, and returns how many are left; at none, a throw still pending is withdrawn. */
  uncancel(): number {
    if (this._num_cancels_requested > 0) {
      this._num_cancels_requested--
      if (this._num_cancels_requested === 0) this._must_cancel = false
    }
    return this._num_cancels_requested
  }

  override set_result(_result: A): void {
    throw new RuntimeError("Task does not support set_result operation")
  }

  override set_exception(_exception: unknown): void {
    throw new RuntimeError("Task does not support set_exception operation")
  }

  /**
   * Where the coroutine stands: its outermost frame as `name at file:line`; empty once it is done. JavaScript does not show the
   * frames of a suspended generator, so the line is that of the definition.
   *
   * @param options.limit - the most frames to give; all of them if left out
   */
  get_stack(options?: { readonly limit?: number | undefined }): ReadonlyArray<string> {
    if (this.done() || this._coro === undefined || options?.limit === 0) return []
    return [describePlace(this._coro)]
  }

  /**
   * Prints the stack of {@link get_stack}.
   *
   * @param options.limit - the most frames to print; all of them if left out
   * @param options.file - what each line is handed to; the host's standard error if left out
   */
  print_stack(options?: { readonly limit?: number | undefined; readonly file?: (line: string) => void }): void {
    const print = options?.file ?? console.error
    const stack = this.get_stack(options)
    if (stack.length === 0) print(`No stack for ${repr(this)}`)
    else for (const line of [`Stack for ${repr(this)} (most recent call last):`, ...stack]) print(line)
  }

  // --- For the registry of tasks ------------------------------------------------------------------------------------

  get name(): string {
    return this.get_name()
  }

  get kind(): "asyncio" {
    return "asyncio"
  }

  get state(): TaskState {
    if (this._loop._current_task === this) return "running"
    if (this._num_cancels_requested > 0) return "cancelling"
    return this._fut_waiter === undefined || this._fut_waiter.done() ? "ready" : "waiting"
  }

  get waitingOn(): AnyFuture | undefined {
    return this._fut_waiter
  }

  get waitingSince(): number | undefined {
    return this._fut_waiter === undefined ? undefined : this._loop._made_at + this._waiting_since
  }

  get spawnSite(): string | undefined {
    return this._loop._source_of(this) ?? spawnSites.get(this)?.place
  }

  get holds(): undefined {
    return undefined
  }

  // --- As a fiber ---------------------------------------------------------------------------------------------------

  /** The fiber's number. Negative, since Effect numbers its own fibers upwards from 1. */
  get id(): number {
    return -this.taskId
  }

  /** The Effect services that the coroutine sees. */
  get context(): Context.Context<never> {
    return this._services
  }

  /** Replaces the services that the coroutine sees. For Effect. */
  setContext(context: Context.Context<never>): void {
    this._services = context
  }

  /** The value of a reference, or its default. For Effect. */
  getRef<Value>(reference: Context.Reference<Value>): Value {
    return Context.get(this._services, reference)
  }

  /** What Effect keeps at hand of the services. */
  get cache(): Fiber.Fiber.Cache {
    return cacheOf(this._services)
  }

  /** Where Effect queues what this fiber goes on with: the loop. */
  get currentDispatcher(): Scheduler.SchedulerDispatcher {
    return this._loop.makeDispatcher()
  }

  /** Calls `observer` when the task is done, at once if it is; returns a function that takes this back. */
  addObserver(observer: (exit: Exit.Exit<A, unknown>) => void): () => void {
    if (this.done()) {
      observer(this._outcome())
      return () => undefined
    }
    // An observer lets another fiber go on, which must not happen within the step of whoever ends this task.
    const listener: DoneListener = {
      _future_done: () => void this._loop._call_soon(() => observer(this._outcome()), [])
    }
    this._add_listener(listener)
    const extras = this._get_extras()
    extras.observers ??= new Map()
    extras.observers.set(observer, listener)
    return () => this.removeObserver(observer)
  }

  /** Effect's own fibers have this too; `Fiber.joinAll` asks for it. */
  removeObserver(observer: (exit: Exit.Exit<A, unknown>) => void): void {
    const observers = this._extras?.observers
    const listener = observers?.get(observer)
    if (listener !== undefined) this._remove_listener(listener)
    observers?.delete(observer)
  }

  /** As in Effect's own fibers, whose `Fiber.join` and `Fiber.await` look here first. */
  get _exit(): Exit.Exit<A, unknown> | undefined {
    return this.pollUnsafe()
  }

  /** {@link cancel}: what interrupting a coroutine means. */
  interruptUnsafe(): void {
    this.cancel()
  }

  /** How the task ended; `undefined` while it has not. */
  pollUnsafe(): Exit.Exit<A, unknown> | undefined {
    return this.done() ? this._outcome() : undefined
  }

  /** The fibers that the coroutine's effects forked, and that live as long as the task. */
  override children(): Set<AnyFiber> {
    const extras = this._get_extras()
    extras.children ??= new Set()
    return extras.children
  }

  // --- The end ------------------------------------------------------------------------------------------------------

  protected _return(value: unknown): void {
    if (this._hasChildren()) this._endChildren(() => this._return(value))
    else if (this._must_cancel) {
      // The request came too late to be thrown anywhere; the result is thrown away, as CPython does.
      this._must_cancel = false
      this._leave()
      super.cancel(this._cancel_message)
    } else {
      this._leave()
      this._set_result(value)
    }
  }

  protected _fail(error: unknown): void {
    if (this._hasChildren()) {
      this._endChildren(() => this._fail(error))
      return
    }
    this._leave()
    if (error instanceof CancelledError) this._set_cancelled(error)
    else if (error instanceof StopIteration) {
      this._set_exception(new RuntimeError("coroutine raised StopIteration", { cause: error }))
    } else this._set_exception(error)
    if (error instanceof KeyboardInterrupt || error instanceof SystemExit) throw error
  }

  private _hasChildren(): boolean {
    const children = this._extras?.children
    return children !== undefined && children.size > 0
  }

  /** Interrupts the child fibers that are left, waits for them, and then goes on. */
  private _endChildren(then: () => void): void {
    const extras = this._get_extras()
    const children = extras.children as Set<AnyFiber>
    extras.children = undefined
    this._loop._effects_in_flight++
    const { Effect, Fiber } = effectModules()
    const interrupting = Effect.runForkWith(this._services)(Fiber.interruptAll(children))
    interrupting.addObserver(() => {
      this._loop._effects_in_flight--
      this._loop._call_soon(() => {
        try {
          then()
        } finally {
          this._tellHost()
        }
      }, [])
    })
  }

  private _leave(): void {
    taskRegistry.remove(this)
    this._loop._live_tasks--
    this._gen = undefined
  }

  /** Lets the fiber of Effect's own go on that waits for this task, if there is one: after the step, which is not its own. */
  protected _tellHost(): void {
    const resume = this._extras?.resume
    if (resume === undefined || !this.done()) return
    this._get_extras().resume = undefined
    resume(this._outcome())
  }

  override _repr_info(): Array<string> {
    const info = super._repr_info()
    if (this._num_cancels_requested > 0 && !this.done()) info[0] = "cancelling"
    const more = [`name=${repr(this.get_name())}`]
    if (this._coro !== undefined) {
      more.push(`coro=<${this.done() ? describeDone(this._coro) : describeRunning(this._coro)}>`)
    }
    if (this._fut_waiter !== undefined) more.push(`wait_for=${repr(this._fut_waiter)}`)
    info.splice(1, 0, ...more)
    return info
  }
}
installRepr(Task)
void Object.defineProperties(Task.prototype, {
  _cancelled: { value: false },
  currentOpCount: { value: 0 },
  [FiberTypeId]: { value: fiberVariance }
})

keepShape((loop) => {
  const task = new Task((function* () {})(), { loop, name: "never" })
  taskRegistry.remove(task)
  return task
})

const nameOf = (coro: CoroutineLike): string => (coro instanceof Coroutine ? coro.__name__ : "<generator>")
const siteOf = (coro: CoroutineLike): string => (coro instanceof Coroutine ? coro._definition.site : "<unknown>")
/** What CPython makes of a step of an asynchronous generator, which is a coroutine with neither a name nor a place. */
const withoutName = (coro: CoroutineLike): string | undefined =>
  coro instanceof Coroutine && coro._typeWithoutName !== undefined
    ? `<${coro._typeWithoutName} without __name__>()`
    : undefined
const describeRunning = (coro: CoroutineLike): string =>
  withoutName(coro) ?? `${nameOf(coro)}() running at ${siteOf(coro)}`
const describeDone = (coro: CoroutineLike): string =>
  withoutName(coro) ?? `${nameOf(coro)}() done, defined at ${siteOf(coro)}`
const describePlace = (coro: CoroutineLike): string => `  ${nameOf(coro)} at ${siteOf(coro)}`

/**
 * Makes a coroutine a task of the running loop: its first step is queued, and it runs by itself from then on.
 *
 * The task inherits its creator's services, tracing span, `AsyncLocalStorage` and context variables (a copy).
 *
 * @param options - `name`, `context`, `eager_start`
 * @throws `RuntimeError` outside of a loop, `TypeError` if it is not a coroutine
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const job = asyncio.coroutine(function* job(x: number) {
 *   yield* asyncio.sleep(1)
 *   return x
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const first = asyncio.create_task(job(1))
 *   const second = asyncio.create_task(job(2), { name: "second" })
 *   return [yield* first, yield* second, second.get_name()]
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 1, 2, 'second' ]
 * ```
 */
export const create_task = <T extends CoroutineLike>(
  coro: T,
  options?: TaskOptions
): Public.Task<ResultOf<T>, ServicesOf<T>> => get_running_loop().create_task(coro, options)

/**
 * The task whose step is running, or `undefined` (in a plain callback, for instance).
 *
 * @param loop - the loop to ask about; the running one if left out
 * @throws `RuntimeError` if there is none
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   return asyncio.current_task()?.get_name()
 * })
 * const named = asyncio.coroutine(function* named() {
 *   return yield* asyncio.create_task(main(), { name: "main" })
 * })
 * console.log(await asyncio.run(named(), { loop_factory: asyncio.VirtualEventLoop })) // => main
 * ```
 */
export const current_task = (loop?: EventLoop | null): Public.Task | undefined =>
  (loop ?? get_running_loop())._current_task as Task | undefined

/**
 * The tasks of a loop that are not done, the current one included, in order of creation.
 *
 * @param loop - the loop to ask about; the running one if left out
 *
 * @throws `RuntimeError` if none is given and none is running
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   asyncio.create_task(asyncio.sleep(60))
 *   asyncio.create_task(asyncio.sleep(60))
 *   const others = [...asyncio.all_tasks()].filter((task) => task !== asyncio.current_task())
 *   for (const task of others) task.cancel()
 *   return others.length
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 2
 * ```
 */
export const all_tasks = (loop?: EventLoop | null): Set<Public.Task> => {
  const asked = loop ?? get_running_loop()
  const tasks = new Set<Public.Task>()
  if (asked._live_tasks === 0) return tasks
  for (const node of taskRegistry) if (node instanceof Task && node._loop === asked) tasks.add(node as Task)
  return tasks
}
