/**
 * Task factories that run a coroutine's first part at once.
 *
 * Follows CPython's `asyncio.tasks.create_eager_task_factory`.
 */

import type { TaskFactory } from "./base_events.ts"
import { TypeError } from "./builtins.ts"
import type { CoroutineLike } from "./coroutines.ts"
import type { Future } from "./futures.ts"
import { repr } from "./internal/pyrepr.ts"
import type * as Public from "./public_classes.ts"
import { Task, type TaskOptions } from "./tasks.ts"

/** What a task is made with. */
export interface TaskMakerOptions extends TaskOptions {
  /** The loop that the task belongs to. */
  readonly loop: Public.EventLoop
}

/** Makes a task: the class {@link Task}, a subclass, or a function that makes one. */
export type TaskMaker =
  | (new (
      coro: CoroutineLike,
      options: TaskMakerOptions
    ) => Public.Future<unknown, unknown>)
  | ((coro: CoroutineLike, options: TaskMakerOptions) => Public.Future<unknown, unknown>)

/**
 * A task factory for {@link EventLoop.set_task_factory} whose tasks start eagerly, unless asked not to with
 * `{ eager_start: false }`.
 *
 * @param custom_task_constructor - a class or a function; it is called with the coroutine and with `loop`, `name`, `context` and
 *   `eager_start`, as `Task` is
 * @throws `TypeError` if it cannot be called
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const cached = asyncio.coroutine(function* cached() {
 *   return "at once"
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const factory = asyncio.create_eager_task_factory((coro, options) => {
 *     const task = asyncio.Task(coro, options)
 *     task.set_name(`job ${task.get_name()}`)
 *     return task
 *   })
 *   asyncio.get_running_loop().set_task_factory(factory)
 *   const task = asyncio.create_task(cached(), { name: "one" })
 *   return [task.get_name(), task.done()]
 * })
 * console.log(await asyncio.run(main())) // => [ 'job one', true ]
 * ```
 */
export const create_eager_task_factory = (custom_task_constructor: TaskMaker): TaskFactory => {
  if (typeof custom_task_constructor !== "function") {
    throw new TypeError(
      `a class of tasks, or a function that makes one, is expected, got ${repr(custom_task_constructor)}`
    )
  }
  const make = makerOf(custom_task_constructor)
  return (loop, coro, options) => make(coro, { ...options, loop, eager_start: options.eager_start ?? true })
}

const makerOf = (constructor: TaskMaker) => {
  // Arrow functions and methods have no prototype, and cannot be called with `new`.
  if (constructor.prototype === undefined) {
    return constructor as (coro: CoroutineLike, options: TaskMakerOptions) => Future<unknown, unknown>
  }
  const Class = constructor as new (coro: CoroutineLike, options: TaskMakerOptions) => Future<unknown, unknown>
  return (coro: CoroutineLike, options: TaskMakerOptions) => new Class(coro, options)
}

/**
 * A task factory whose tasks run at once, inside `create_task`, up to their first suspension. What never suspends is done when
 * `create_task` returns, and is never queued.
 *
 * Everything else stays as it is, but the order of side effects does not: the task's first part comes before the creator's next
 * line.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const cached = asyncio.coroutine(function* cached(key: string) {
 *   return key.length
 * })
 * const main = asyncio.coroutine(function* main() {
 *   asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
 *   return asyncio.create_task(cached("abc")).done()
 * })
 * console.log(await asyncio.run(main())) // => true
 * ```
 */
export const eager_task_factory: TaskFactory = create_eager_task_factory(Task)
