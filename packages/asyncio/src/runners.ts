/**
 * Running a program: one loop, one context, and nothing left behind.
 *
 * Follows CPython's `asyncio.runners`.
 */

import type { EventLoop } from "./base_events.ts"
import { new_event_loop } from "./base_events.ts"
import { KeyboardInterrupt, RuntimeError, TypeError } from "./builtins.ts"
import { Coroutine } from "./coroutines.ts"
import { type Awaitable, adviceFor, asCoroutine, isawaitable, type ResultOf } from "./ensure_future.ts"
import { set_event_loop } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import { Future } from "./futures.ts"
import { gather } from "./gather.ts"
import { type Context, copy_context } from "./internal/context.ts"
import { getRunningLoop } from "./internal/running.ts"
import type * as Public from "./public_classes.ts"
import { all_tasks, type Task } from "./tasks.ts"

/** Makes the loop of a run: a function, or a class of loops. */
export type LoopFactory = (() => Public.EventLoop) | (new () => Public.EventLoop)

/** Options of {@link run} and {@link Runner}. */
export interface RunOptions {
  /** Switches debug mode on or off; left as the environment says (`ASYNCIO_DEBUG`) if left out. */
  readonly debug?: boolean | undefined
  /** Makes the loop; {@link new_event_loop} if left out. */
  readonly loop_factory?: LoopFactory | undefined
}

/**
 * Runs coroutines one after the other in one loop and one context, and then cleans up: the remaining tasks are cancelled and
 * awaited, asynchronous generators and executors closed, the signal handler removed, the loop closed.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const greet = asyncio.coroutine(function* greet(name: string) {
 *   yield* asyncio.sleep(0)
 *   return `hello ${name}`
 * })
 * await using runner = new asyncio.Runner()
 * console.log(await runner.run(greet("one"))) // => hello one
 * console.log(await runner.run(greet("two"))) // => hello two
 * ```
 */
export class Runner {
  private _state: "created" | "initialized" | "closed" = "created"
  private readonly _debug: boolean | undefined
  private readonly _loop_factory: LoopFactory | undefined
  private _loop: EventLoop | undefined = undefined
  private _context: Context | undefined = undefined
  private _main_task: Task<unknown, unknown> | undefined = undefined
  private _interrupts = 0
  private _set_event_loop = false
  /** True where an Effect runtime is the entry to the program: signals are its business then. */
  _leaves_signals = false

  constructor(options?: RunOptions) {
    this._debug = options?.debug
    this._loop_factory = options?.loop_factory
  }

  /**
   * Runs an awaitable to its end.
   *
   * @param options.context - the context to run it in; the runner's own if left out
   * @returns a promise of its result
   * @throws what it throws; `RuntimeError` if a loop is running already or the runner is closed; `TypeError` if it cannot be
   *   awaited; `KeyboardInterrupt` if SIGINT cancelled it
   */
  async run<T extends Awaitable<unknown>>(coro: T, options?: { readonly context?: Context }): Promise<ResultOf<T>> {
    if (getRunningLoop() !== undefined) {
      throw nestedRun("Runner.run()", coro)
    }
    const loop = this._lazy_init()
    if (!isawaitable(coro)) {
      throw new TypeError(`An asyncio.Future, a coroutine or an awaitable is required${adviceFor(coro)}`)
    }
    const context = options?.context ?? (this._context as Context)
    const task = loop.create_task(coro instanceof Future ? awaitIt(coro as Future<unknown>) : asCoroutine(coro), {
      context
    })
    this._main_task = task as Task<unknown, unknown>
    this._interrupts = 0
    const onSigint = (): void => this._on_sigint(loop)
    const takesSigint = !this._leaves_signals && process.listenerCount("SIGINT") === 0
    if (takesSigint) process.on("SIGINT", onSigint)
    try {
      return (await loop.run_until_complete(task as Task)) as ResultOf<T>
    } catch (error) {
      if (this._interrupts > 0 && error instanceof CancelledError && task.uncancel() === 0) {
        throw new KeyboardInterrupt()
      }
      throw error
    } finally {
      if (takesSigint) process.removeListener("SIGINT", onSigint)
      this._main_task = undefined
    }
  }

  /** The first SIGINT cancels the main task; the second ends the run at once. */
  private _on_sigint(loop: EventLoop): void {
    this._interrupts++
    const task = this._main_task
    if (this._interrupts === 1 && task !== undefined && !task.done()) {
      task.cancel()
      loop.call_soon_threadsafe(() => undefined)
      return
    }
    loop.call_soon_threadsafe(() => {
      throw new KeyboardInterrupt()
    })
  }

  /** Cancels what is running; for a fiber that is interrupted while it runs a coroutine. */
  _cancel_main(): void {
    this._main_task?.cancel()
  }

  /**
   * The runner's loop, made now if it is not there yet.
   *
   * @throws `RuntimeError` if the runner is closed
   */
  get_loop(): Public.EventLoop {
    return this._lazy_init()
  }

  /** Cleans up, as described at the class. Closing twice is harmless. */
  async close(): Promise<void> {
    if (this._state !== "initialized") return
    const loop = this._loop as EventLoop
    this._state = "closed"
    try {
      await cancelAllTasks(loop)
      await loop.run_until_complete(loop.shutdown_asyncgens())
      await loop.run_until_complete(loop.shutdown_default_executor())
    } finally {
      if (this._set_event_loop) set_event_loop(undefined)
      loop.close()
      this._loop = undefined
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private _lazy_init(): EventLoop {
    if (this._state === "closed") throw new RuntimeError("Runner is closed")
    if (this._state === "initialized") return this._loop as EventLoop
    if (this._loop_factory === undefined) {
      this._loop = new_event_loop()
      // As in CPython: a runner with a loop of its own making names it as the current one, until it is closed.
      set_event_loop(this._loop)
      this._set_event_loop = true
    } else this._loop = makeLoop(this._loop_factory)
    if (this._debug !== undefined) this._loop.set_debug(this._debug)
    this._context = copy_context()
    this._state = "initialized"
    return this._loop
  }
}

const makeLoop = (factory: LoopFactory): EventLoop =>
  isClass(factory) ? new factory() : (factory as () => EventLoop)()

const isClass = (factory: LoopFactory): factory is new () => EventLoop =>
  /^class\b/.test(Function.prototype.toString.call(factory))

function* awaitIt<A>(future: Future<A>): Generator<unknown, A, never> {
  return yield* future
}

/** CPython's error for a run within a run, and what to do instead. The coroutine that was handed over will never run. */
const nestedRun = (call: string, main: unknown): RuntimeError => {
  if (main instanceof Coroutine) main.close()
  const error = new RuntimeError(`${call} cannot be called from a running event loop`)
  error.add_note("Await the coroutine instead, with yield*, or let it run by itself: asyncio.create_task(coroutine).")
  return error
}

const cancelAllTasks = async (loop: EventLoop): Promise<void> => {
  const left = [...all_tasks(loop)]
  if (left.length === 0) return
  for (const task of left) task.cancel()
  await loop.run_until_complete(gather(...left, { return_exceptions: true }))
  for (const task of left) {
    if (task.cancelled()) continue
    const exception = task._exception
    if (!task._failed) continue
    task._mark_retrieved()
    loop.call_exception_handler({
      message: "unhandled exception during asyncio.run() shutdown",
      exception,
      task
    })
  }
}

/**
 * Runs a program: makes a loop, runs `main` in it, and leaves nothing behind. It is the one entry from ordinary code.
 *
 * @param main - any awaitable whose services are all provided
 * @param options - `debug`, `loop_factory` (`asyncio.VirtualEventLoop` runs it on virtual time)
 * @returns a promise of its result
 * @throws what `main` throws; `RuntimeError` inside a running loop: `yield*` the coroutine there, or make it a task
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   yield* asyncio.sleep(0.001)
 *   return "done"
 * })
 * console.log(await asyncio.run(main())) // => done
 * ```
 */
export const run = async <T extends Awaitable<unknown>>(main: T, options?: RunOptions): Promise<ResultOf<T>> => {
  if (getRunningLoop() !== undefined) {
    throw nestedRun("asyncio.run()", main)
  }
  const runner = new Runner(options)
  try {
    return await runner.run(main)
  } finally {
    await runner.close()
  }
}
