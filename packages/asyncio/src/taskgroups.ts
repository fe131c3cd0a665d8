/**
 * Tasks that belong together: `asyncio.TaskGroup`.
 *
 * Follows CPython 3.14's `asyncio.taskgroups`.
 */

import type { EventLoop } from "./base_events.ts"
import { BaseExceptionGroup, Exception, KeyboardInterrupt, RuntimeError, SystemExit, str } from "./builtins.ts"
import { type Body, Coroutine, CoroutineDefinition, isGenerator } from "./coroutines.ts"
import type { ResultOf, ServicesOf } from "./ensure_future.ts"
import { get_running_loop } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import type { AnyFuture, Future } from "./futures.ts"
import { type Callable, callable } from "./internal/callable.ts"
import { DescribedFuture, describePending } from "./internal/described_future.ts"
import { DoneRelay } from "./internal/done_relay.ts"
import { type Failure, failureOf } from "./internal/failure.ts"
import { Ended, Operation, OperationDefinition } from "./internal/operation.ts"
import { installRepr, repr } from "./internal/pyrepr.ts"
import type * as Public from "./public_classes.ts"
import type { CoroutineLike, Task, TaskOptions } from "./tasks.ts"

type AnyTask = Task<unknown, unknown>

const enter = new OperationDefinition<TaskGroup, undefined, TaskGroup>("TaskGroup.__aenter__", (group) => {
  group._enter()
  return new Ended(group)
})
const exitDefinition = new CoroutineDefinition("TaskGroup.__aexit__", () => undefined)

class TaskGroupClass {
  private _entered = false
  private _exiting = false
  private _aborting = false
  private _loop: EventLoop | undefined = undefined
  private _children_done: DoneRelay | undefined = undefined
  private _parent_task: AnyTask | undefined = undefined
  /** True once the group has cancelled its parent task, a request that it takes back on exit. */
  private _parent_cancel_requested = false
  /**
   * The children that are not done, in order of creation, and among them some that are: at most as many. A set of just the former
   * would cost a third of what a child costs.
   */
  private _tasks: Array<AnyTask> = []
  /** How many children have not reported their end. */
  private _unfinished = 0
  private _errors: Array<unknown> = []
  /** The first `SystemExit` or `KeyboardInterrupt`: it leaves the group bare. */
  private _base_error: Failure | undefined = undefined
  private _on_completed_fut: Future<boolean> | undefined = undefined

  /**
   * Enters the group; never suspends.
   *
   * @throws `RuntimeError` outside of a task, and the second time
   */
  __aenter__(): Coroutine<TaskGroup> {
    return new Operation(enter, this as unknown as TaskGroup, undefined)
  }

  /**
   * Waits for all children, and throws their errors as one exception group. Without children it does not suspend.
   */
  __aexit__(exc_type?: unknown, exc?: unknown, _tb?: unknown): Coroutine<undefined> {
    return new Coroutine<undefined>(exitDefinition, exit as never, this, [failureOf(exc_type, exc)])
  }

  /**
   * Makes a coroutine a task of the group.
   *
   * @param options - `name`, `context`, `eager_start`
   * @throws `RuntimeError` before the group is entered, when it is shutting down, and when it is finished; `TypeError` if it is
   *   not a coroutine
   */
  create_task<T extends CoroutineLike>(coro: T, options?: TaskOptions): Public.Task<ResultOf<T>, ServicesOf<T>> {
    if (!this._entered) throw this._refuse(coro, "has not been entered")
    if (this._exiting && this._unfinished === 0) throw this._refuse(coro, "is finished")
    if (this._aborting) throw this._refuse(coro, "is shutting down")
    const task = (this._loop as EventLoop).create_task(coro, options)
    this._tasks.push(task as AnyTask)
    this._unfinished++
    // A task that has ended already, by an eager start, reports in the next pass too: an error of it must not cancel the parent
    // in the middle of a step.
    task._add_listener(this._children_done as DoneRelay)
    return task
  }

  private _refuse(coro: CoroutineLike, why: string): Error {
    if (coro instanceof Coroutine) coro.close()
    else if (isGenerator(coro)) (coro as Generator<unknown, unknown, unknown>).return(undefined)
    return new RuntimeError(`TaskGroup ${repr(this)} ${why}`)
  }

  _enter(): void {
    if (this._entered) throw new RuntimeError(`TaskGroup ${repr(this)} has already been entered`)
    this._loop ??= get_running_loop()
    this._parent_task = this._loop._current_task
    if (this._parent_task === undefined) {
      throw new RuntimeError(`TaskGroup ${repr(this)} cannot determine the parent task`)
    }
    this._children_done = new DoneRelay(this._loop, "TaskGroup._on_task_done()", (task) => {
      this._on_task_done(task as AnyTask)
    })
    this._entered = true
  }

  /** @param failure - what left the body */
  *_exit(failure: Failure | undefined): Body<undefined> {
    this._exiting = true
    try {
      return yield* this._join(failure)
    } finally {
      this._parent_task = undefined
      this._errors = []
      this._base_error = undefined
    }
  }

  private *_join(failure: Failure | undefined): Body<undefined> {
    const parent = this._parent_task as AnyTask
    if (failure !== undefined && isBaseError(failure.error)) this._base_error ??= failure
    const bodyCancelled = failure?.error instanceof CancelledError
    let cancellation = bodyCancelled ? failure : undefined
    if (failure !== undefined && !this._aborting) this._abort()

    // A loop, since the wait can be cancelled again and again.
    while (this._unfinished > 0) {
      this._on_completed_fut = new DescribedFuture<boolean>(
        this._loop as EventLoop,
        () => `the end of ${repr(this)}: ${describePending(this._tasks)}`
      )
      try {
        yield* this._on_completed_fut
      } catch (thrown) {
        if (!(thrown instanceof CancelledError)) throw thrown
        // While aborting, it is the group's own request, or one more of somebody else's: the count will tell.
        if (!this._aborting) {
          cancellation = { error: thrown }
          this._abort()
        }
      }
      this._on_completed_fut = undefined
    }

    if (this._base_error !== undefined) throw this._base_error.error
    if (this._parent_cancel_requested && parent.uncancel() === 0) cancellation = undefined
    if (cancellation !== undefined && this._errors.length === 0) throw cancellation.error
    if (failure !== undefined && !bodyCancelled) this._errors.push(failure.error)
    if (this._errors.length === 0) return undefined
    if (parent.cancelling() > 0) {
      // Somebody else has cancelled the parent, and that CancelledError is lost to the group: it is thrown at the next
      // suspension instead, and the count stays what it was.
      parent.uncancel()
      parent.cancel()
    }
    const group = new BaseExceptionGroup("unhandled errors in a TaskGroup", this._errors.map(asException))
    if (failure !== undefined) group.__context__ = failure.error
    throw group
  }

  private _abort(): void {
    this._aborting = true
    for (const task of this._tasks) if (!task.done()) task.cancel()
  }

  /** Lets go of the children that are done. */
  private _sweep(): void {
    this._tasks = this._unfinished === 0 ? [] : this._tasks.filter((task) => !task.done())
  }

  private _on_task_done(task: AnyTask): void {
    if (--this._unfinished * 2 <= this._tasks.length) this._sweep()
    const waiter = this._on_completed_fut
    if (waiter !== undefined && this._unfinished === 0 && !waiter.done()) waiter.set_result(true)
    if (!task._failed) return
    const error = task.exception()
    this._errors.push(error)
    if (isBaseError(error)) this._base_error ??= { error }
    const parent = this._parent_task
    if (parent === undefined || parent.done()) {
      // The block was left without its exit: nobody is there to throw it at.
      ;(this._loop as EventLoop).call_exception_handler({
        message: `Task ${repr(task)} has errored out but its parent task ${str(parent)} is already completed`,
        exception: error,
        task: task as AnyFuture
      })
      return
    }
    if (this._aborting || this._parent_cancel_requested) return
    this._abort()
    this._parent_cancel_requested = true
    parent.cancel()
  }

  __repr__(): string {
    const info = ["<TaskGroup"]
    if (this._unfinished > 0) info.push(`tasks=${this._unfinished}`)
    if (this._errors.length > 0) info.push(`errors=${this._errors.length}`)
    if (this._aborting) info.push("cancelling")
    else if (this._entered) info.push("entered")
    return `${info.join(" ")}>`
  }
}
installRepr(TaskGroupClass)

function exit(this: TaskGroupClass, failure: Failure | undefined): Body<undefined> {
  return this._exit(failure)
}

const isBaseError = (error: unknown): boolean => error instanceof SystemExit || error instanceof KeyboardInterrupt

/** JavaScript throws anything, and effects fail with anything; a group holds exceptions only. */
const asException = (error: unknown): Error => (error instanceof Error ? error : new Exception(error, { cause: error }))

/**
 * Tasks that belong together, entered with `async_with`: the block ends when all of them have.
 *
 * The first error of a child cancels the other children, and the block's own body at its await point. When all have ended, their
 * errors (not their cancellations) are thrown as one `ExceptionGroup`, in the order in which they were noticed, an error of the
 * body last. `KeyboardInterrupt` and `SystemExit` leave the group bare.
 *
 * When interrupted: the children are cancelled and awaited.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const double = asyncio.coroutine(function* double(x: number) {
 *   yield* asyncio.sleep(x)
 *   return 2 * x
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const tasks = yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
 *     return [group.create_task(double(1)), group.create_task(double(20))]
 *   })
 *   return tasks.map((task) => task.result())
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 2, 40 ]
 * ```
 */
export interface TaskGroup extends TaskGroupClass {}
export const TaskGroup: Callable<new () => TaskGroup> = callable(TaskGroupClass, "TaskGroup")
