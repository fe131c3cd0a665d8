/**
 * The engine's classes as users see them: callable with and without `new`, as in Python. The library itself uses the classes
 * behind them, which are quicker to make.
 */

import { EventLoop as EventLoopClass, type EventLoopOptions } from "./base_events.ts"
import type { ResultOf, ServicesOf } from "./ensure_future.ts"
import { Handle as HandleClass, TimerHandle as TimerHandleClass } from "./events.ts"
import { Future as FutureClass } from "./futures.ts"
import { type Callable, callable, callableAs } from "./internal/callable.ts"
import { Runner as RunnerClass, type RunOptions } from "./runners.ts"
import { type CoroutineLike, Task as TaskClass, type TaskOptions } from "./tasks.ts"
import { VirtualEventLoop as VirtualEventLoopClass, type VirtualEventLoopOptions } from "./virtual_events.ts"

/** What a {@link Future} is made with. */
export interface FutureOptions {
  /** The loop that it belongs to; the running one if left out. */
  readonly loop?: EventLoop | undefined
}

/**
 * A result that is not there yet. Awaiting it (`yield* future`) suspends until it is; a future that is done does not suspend.
 *
 * It belongs to one loop. It is also an `Effect`, and waits likewise in plain Effect code.
 *
 * When interrupted (the wait for it): the future is cancelled.
 *
 * Source: `asyncio.Future`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const loop = asyncio.get_running_loop()
 *   const future = asyncio.Future<string>()
 *   loop.call_later(1, () => future.set_result("done"))
 *   return yield* future
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => done
 * ```
 */
export interface Future<A = unknown, R = never> extends FutureClass<A, R> {}

/** The class {@link Future}, with and without `new`. */
export interface FutureConstructor {
  new <A = unknown>(options?: FutureOptions): Future<A>
  <A = unknown>(options?: FutureOptions): Future<A>
  readonly prototype: Future<unknown, unknown>
}

export const Future: FutureConstructor = callableAs<FutureConstructor>(FutureClass)

/**
 * A coroutine that runs by itself: a {@link Future} of its result, and a fiber of Effect. Made by `create_task`.
 *
 * Awaiting it gives the coroutine's result or throws its exception; the awaiter wakes one pass after the last step.
 *
 * When interrupted (the wait for it, or the task itself, as a fiber): the task is cancelled, and awaited.
 *
 * Source: `asyncio.Task`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const task: asyncio.Task<string> = asyncio.create_task(asyncio.sleep(60, "slept"), { name: "sleeper" })
 *   yield* asyncio.sleep(1)
 *   task.cancel()
 *   yield* asyncio.wait([task])
 *   return [task.get_name(), task.cancelled()]
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 'sleeper', true ]
 * ```
 */
export interface Task<A = unknown, R = never> extends TaskClass<A, R> {}

/** The class {@link Task}, with and without `new`. */
export interface TaskConstructor {
  new <T extends CoroutineLike>(coro: T, options?: TaskOptions & FutureOptions): Task<ResultOf<T>, ServicesOf<T>>
  <T extends CoroutineLike>(coro: T, options?: TaskOptions & FutureOptions): Task<ResultOf<T>, ServicesOf<T>>
  readonly prototype: Task<unknown, unknown>
}

export const Task: TaskConstructor = callableAs<TaskConstructor>(TaskClass)

/**
 * Runs callbacks and tasks, in the order in which CPython's loop runs them: a pass runs what was ready when it began; due timers
 * join in order of time, then of creation. Between passes the host gets its turn for I/O and promises.
 *
 * Source: `asyncio.BaseEventLoop`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.EventLoop()
 * loop.call_soon((text: string) => console.log(text), "soon")
 * loop.call_later(0.001, () => loop.stop())
 * await loop.run_forever() // => soon
 * loop.close()
 * ```
 */
export interface EventLoop extends EventLoopClass {}
export const EventLoop: Callable<new (options?: EventLoopOptions) => EventLoop> = callable(EventLoopClass)

/**
 * An {@link EventLoop} whose clock stands still while anything can run and jumps to the next timer when nothing can: hours of
 * sleeping take milliseconds, in the same order every time. It starts at 0. A program that can never go on ends with a `Deadlock`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.VirtualEventLoop()
 * console.log(await loop.run_until_complete(asyncio.sleep(36_000, "slept")), loop.time()) // => slept 36000
 * loop.close()
 * ```
 */
export interface VirtualEventLoop extends VirtualEventLoopClass {}
export const VirtualEventLoop: Callable<new (options?: VirtualEventLoopOptions) => VirtualEventLoop> =
  callable(VirtualEventLoopClass)

/**
 * A queued call, which can be cancelled: what `call_soon` returns.
 *
 * Source: `asyncio.Handle`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.new_event_loop()
 * const handle: asyncio.Handle = loop.call_soon(() => console.log("never printed"))
 * handle.cancel()
 * console.log(handle.cancelled()) // => true
 * loop.close()
 * ```
 */
export interface Handle extends HandleClass {}
export const Handle: Callable<new (...args: ConstructorParameters<typeof HandleClass>) => Handle> =
  callable(HandleClass)

/**
 * A {@link Handle} of a call at a certain time: what `call_later` and `call_at` return.
 *
 * Source: `asyncio.TimerHandle`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const loop = asyncio.VirtualEventLoop()
 * const timer: asyncio.TimerHandle = loop.call_at(5, () => undefined)
 * console.log(timer.when()) // => 5
 * loop.close()
 * ```
 */
export interface TimerHandle extends TimerHandleClass {}
export const TimerHandle: Callable<new (...args: ConstructorParameters<typeof TimerHandleClass>) => TimerHandle> =
  callable(TimerHandleClass)

/**
 * Runs coroutines one after the other in one loop and one context, and then cleans up: the remaining tasks are cancelled and
 * awaited, asynchronous generators closed, the signal handler removed, the loop closed.
 *
 * Source: `asyncio.Runner`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * await using runner = asyncio.Runner()
 * console.log(await runner.run(asyncio.sleep(0, "one"))) // => one
 * console.log(await runner.run(asyncio.sleep(0, "two"))) // => two
 * ```
 */
export interface Runner extends RunnerClass {}
export const Runner: Callable<new (options?: RunOptions) => Runner> = callable(RunnerClass)
