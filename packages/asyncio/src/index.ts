/**
 * Python's asyncio, name by name, on Effect fibers.
 *
 * @see docs/porting.md for the mapping from Python
 */

export { type AsCompletedIterator, type AsCompletedOptions, as_completed, type FutureFor } from "./as_completed.ts"
export {
  type AnyAsyncIterable,
  type AsyncIterableIterator,
  type AsyncIterableLike,
  type AsyncIteratorLike,
  aiter,
  anext,
  async_for,
  BREAK,
  type ItemOf,
  type LoopBody,
  type ServicesOfIterable
} from "./async_for.ts"
export { AsyncGenerator, type AsyncGeneratorOf, async_generator, type EmittedBy } from "./async_generators.ts"
// What Python has as syntax
export {
  type AnyAsyncContextManager,
  type AsyncContextManager,
  async_with,
  type Entered,
  type EnteredAll,
  type ServicesOfManager,
  type SwallowedBy,
  type SwallowedByManager
} from "./async_with.ts"
export {
  CurrentLoop,
  Deadlock,
  type EventLoopOptions,
  type ExceptionContext,
  type ExceptionHandler,
  type InContext,
  new_event_loop,
  type TaskFactory
} from "./base_events.ts"
export {
  type ComprehensionOptions,
  type ComprehensionSource,
  comprehension,
  dict_comprehension,
  set_comprehension
} from "./comprehensions.ts"
// Coroutines
export {
  type AnnotatedBody as Body,
  Coroutine,
  type CoroutineFunction,
  type CoroutineLike,
  coroutine,
  iscoroutine,
  iscoroutinefunction,
  type Step
} from "./coroutines.ts"
export { create_eager_task_factory, eager_task_factory, type TaskMaker, type TaskMakerOptions } from "./eager.ts"
export {
  type AnyAwaitable,
  type Awaitable,
  type CustomAwaitable,
  ensure_future,
  isawaitable,
  type ResultOf,
  type ServicesOf
} from "./ensure_future.ts"
export {
  _get_running_loop,
  _set_running_loop,
  get_event_loop,
  get_running_loop,
  set_event_loop
} from "./events.ts"
// Errors and logging
export * from "./exceptions.ts"
// Futures and tasks
export { type AnyFuture, type DoneCallback, isfuture } from "./futures.ts"

// Several at once
export { type GatherOptions, gather, type ResultsOf, type ResultsOrErrorsOf } from "./gather.ts"
export type { Callable } from "./internal/callable.ts"
export type { TimeSource } from "./internal/time_source.ts"
// Synchronisation
export {
  Barrier,
  type BarrierOptions,
  BoundedSemaphore,
  Condition,
  type ConditionConstructor,
  type ConditionLock,
  type ConditionOptions,
  Event,
  Lock,
  Semaphore,
  type SemaphoreOptions
} from "./locks.ts"
export { type Level, type Logger, type LogHandler, type LogRecord, logger } from "./log.ts"
export {
  EventLoop,
  Future,
  type FutureConstructor,
  type FutureOptions,
  Handle,
  Runner,
  Task,
  type TaskConstructor,
  TimerHandle,
  VirtualEventLoop
} from "./public_classes.ts"
export {
  LifoQueue,
  type LifoQueueConstructor,
  PriorityQueue,
  type PriorityQueueConstructor,
  Queue,
  type QueueConstructor,
  type QueueItems,
  type QueueOptions,
  type QueueShutdownOptions
} from "./queues.ts"
// Running
export { type LoopFactory, type RunOptions, run } from "./runners.ts"
export { shield } from "./shield.ts"
export { sleep } from "./sleep.ts"
export * as staggered from "./staggered.ts"
export { TaskGroup } from "./taskgroups.ts"
export { all_tasks, create_task, current_task, type TaskOptions } from "./tasks.ts"
export { Timeout, timeout, timeout_at } from "./timeouts.ts"
export type { VirtualEventLoopOptions } from "./virtual_events.ts"
export { ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, type ReturnWhen, type WaitOptions, wait } from "./wait.ts"
export { type WaitForOptions, wait_for } from "./wait_for.ts"
export { run_coroutine_threadsafe, to_promise, wrap_future } from "./wrap_future.ts"
