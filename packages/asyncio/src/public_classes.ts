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
import { VirtualEventLoop as VirtualEventLoopClass } from "./virtual_events.ts"

interface InLoop {
  readonly loop?: EventLoopClass | undefined
}

/** {@inheritDoc FutureClass} */
export interface Future<A = unknown, R = never> extends FutureClass<A, R> {}

export interface FutureConstructor {
  new <A = unknown>(options?: InLoop): Future<A>
  <A = unknown>(options?: InLoop): Future<A>
  readonly prototype: Future<unknown, unknown>
}

export const Future: FutureConstructor = callableAs<FutureConstructor>(FutureClass)

/** {@inheritDoc TaskClass} */
export interface Task<A = unknown, R = never> extends TaskClass<A, R> {}

export interface TaskConstructor {
  new <T extends CoroutineLike>(coro: T, options?: TaskOptions & InLoop): Task<ResultOf<T>, ServicesOf<T>>
  <T extends CoroutineLike>(coro: T, options?: TaskOptions & InLoop): Task<ResultOf<T>, ServicesOf<T>>
  readonly prototype: Task<unknown, unknown>
}

export const Task: TaskConstructor = callableAs<TaskConstructor>(TaskClass)

export interface EventLoop extends EventLoopClass {}
export const EventLoop: Callable<new (options?: EventLoopOptions) => EventLoop> = callable(EventLoopClass)

export interface VirtualEventLoop extends VirtualEventLoopClass {}
export const VirtualEventLoop: Callable<new (options?: Omit<EventLoopOptions, "time_source">) => VirtualEventLoop> =
  callable(VirtualEventLoopClass)

export interface Handle extends HandleClass {}
export const Handle: Callable<new (...args: ConstructorParameters<typeof HandleClass>) => Handle> =
  callable(HandleClass)

export interface TimerHandle extends TimerHandleClass {}
export const TimerHandle: Callable<new (...args: ConstructorParameters<typeof TimerHandleClass>) => TimerHandle> =
  callable(TimerHandleClass)

export interface Runner extends RunnerClass {}
export const Runner: Callable<new (options?: RunOptions) => Runner> = callable(RunnerClass)
