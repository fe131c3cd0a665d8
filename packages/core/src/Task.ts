/**
 * Named fibers in a tree: who started whom, what each waits for, how it ended, and why it was cancelled.
 *
 * `Task.spawn` ties a task to a `Scope`. When several tasks belong together, and the failure of one concerns the others, use
 * a `TaskGroup`.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { type Cancellation, cancellationOfCause, describeFiber, noteOf } from "./internal/cancellation.ts"
import * as internal from "./internal/currentTask.ts"
import { extentOfScope } from "./internal/deadline.ts"
import { Operation } from "./internal/leaf.ts"
import { awaitEnd, awaitEndLater } from "./internal/shallow.ts"
import { failWithRest, ownerOf, withoutInterrupts } from "./internal/strand.ts"
import { TaggedError } from "./internal/taggedError.ts"
import { originOf, startTask, TaskImpl, type TaskTypeId } from "./internal/task.ts"
import { noteSpawnSite } from "./kernel/SpawnSite.ts"
import type { TaskNode } from "./kernel/TaskRegistry.ts"
import { taskRegistry } from "./kernel/TaskRegistry.ts"

export type { Cancellation } from "./internal/cancellation.ts"

/**
 * A running or ended task that succeeds with `A` or fails with `E`.
 */
export interface Task<out A, out E = never> {
  readonly [TaskTypeId]: { readonly _A: () => A; readonly _E: () => E }
  /** A number that no other task of this process has. */
  readonly id: number
  /** The given name, or `task-` and the id. */
  readonly name: string
  /** The nearest ancestor that still lives; a task of `@skein/asyncio` may be one. */
  readonly parent: TaskInfo | undefined
  /** Its name and where it stands, in one line. */
  toString(): string
}

/** What the tree shows of any task, of core or of asyncio. */
export type TaskInfo = Pick<TaskNode, "taskId" | "name" | "kind" | "state">

/**
 * Where a task stands.
 *
 * `Ready`: not started yet. `Running`: it is the one that runs now. `Waiting`: suspended; `on` says for what, if that is
 * something that Skein knows. `Cancelling`: asked to stop, and not ended yet. The rest is how it ended. A task whose clean-up
 * failed when it was cancelled counts as `Failed`.
 */
export type TaskStatus<A, E> =
  | { readonly _tag: "Ready" }
  | { readonly _tag: "Running" }
  | { readonly _tag: "Waiting"; readonly on: string | undefined; readonly since: number | undefined }
  | { readonly _tag: "Cancelling"; readonly cancellation: Cancellation }
  | { readonly _tag: "Succeeded"; readonly value: A }
  | { readonly _tag: "Failed"; readonly cause: Cause.Cause<E> }
  | { readonly _tag: "Cancelled"; readonly cancellation: Cancellation }

/**
 * The task that was to give a value was cancelled before it had one. Whoever joins it is not cancelled by that.
 */
export class TaskCancelledError extends TaggedError("TaskCancelledError")<{
  readonly task: string
  readonly cancellation: Cancellation
}> {
  override get message(): string {
    return (
      `Task "${this.task}" was cancelled by ${this.cancellation.by}: ${this.cancellation.reason}. ` +
      "It has no value; use Task.await to get its Exit instead of an error."
    )
  }
}

/** How a task is started. */
export interface SpawnOptions {
  /** What the task is called in the tree and in messages. */
  readonly name?: string | undefined
}

const implOf = <A, E>(task: Task<A, E>): TaskImpl<A, E> => task as TaskImpl<A, E>

/**
 * Starts a task that lives no longer than the current scope.
 *
 * The task begins at the next turn of the scheduler, as a child of the current task. When the scope closes, a task that still
 * runs is cancelled and its end awaited; if its clean-up fails, the scope's close dies with that. A failure that nobody asked
 * for by then (by `join`, `await` or `status`) is logged as an error.
 *
 * @param effect - what the task does.
 * @param options.name - what the task is called; by default `task-` and its id.
 *
 * When interrupted: it does not wait.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const tea = yield* Task.spawn(Effect.as(Effect.sleep("3 minutes"), "tea"), { name: "kettle" })
 *     return yield* Task.join(tea)
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => tea
 * ```
 */
export const spawn: {
  (
    options?: SpawnOptions
  ): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Task<A, E>, never, R | Scope.Scope>
  <A, E, R>(effect: Effect.Effect<A, E, R>, options?: SpawnOptions): Effect.Effect<Task<A, E>, never, R | Scope.Scope>
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options?: SpawnOptions
  ): Effect.Effect<Task<A, E>, never, R | Scope.Scope> => {
    const site = noteSpawnSite()
    return Effect.flatMap(Effect.scope, (scope) => {
      // A scope of the task's own, so that a task that ends leaves nothing behind in a long-lived scope.
      const own = Scope.forkUnsafe(scope)
      let task: TaskImpl<A, E> | undefined
      const stop = Effect.suspend(() => (task === undefined ? Effect.void : stopForScope(task)))
      return Effect.andThen(
        Scope.addFinalizer(own, stop),
        Effect.withFiber((parent) => {
          const started = startTask(parent, effect, options?.name, site, extentOfScope(parent, scope), originOf(parent))
          started.onSettled = () => void Scope.closeUnsafe(own, Exit.void)
          task = started
          if (own.state._tag === "Closed") started.cancelUnsafe(scopeClosed, parent.id)
          return Effect.succeed<Task<A, E>>(started)
        })
      )
    })
  }
)

const scopeClosed: Cancellation = { source: "scope", by: "its scope", reason: "the scope it was spawned in closed" }

const stopForScope = <A, E>(task: TaskImpl<A, E>): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (task.exit === undefined) {
      return Effect.withFiber((fiber) => {
        task.cancelUnsafe(scopeClosed, fiber.id)
        return Effect.flatMap(awaitEnd(task), (exit) => Effect.orDie(failWithRest(exit)))
      })
    }
    return task.isObserved || !task.hasFailed || Exit.isSuccess(task.exit)
      ? Effect.void
      : Effect.logError(`Task "${task.name}" failed, and nobody asked how it ended.`, task.exit.cause)
  })

const awaitImpl = <A, E>(task: TaskImpl<A, E>): Effect.Effect<Exit.Exit<A, E>> =>
  Effect.withFiber((fiber) => {
    task.observe()
    if (task.exit !== undefined) return Effect.succeed(task.exit)
    if (ownerOf(fiber) === task.fiber) {
      return Effect.die(
        new Error(`Task "${task.name}" waits for its own end, which can never come. Join it from another task.`)
      )
    }
    const waiter = internal.beginWait(fiber, task)
    return Effect.onExit(awaitEndLater(task), () => Effect.sync(() => internal.endWait(waiter, task)))
  })

/**
 * Waits until a task has ended, and tells how, without failing.
 *
 * When interrupted: only the waiting ends; the task goes on.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const tea = yield* Task.spawn(Effect.as(Effect.sleep("3 minutes"), "tea"))
 *     const exit = yield* Task.await(tea)
 *     return exit._tag
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => Success
 * ```
 */
const await_ = <A, E>(task: Task<A, E>): Effect.Effect<Exit.Exit<A, E>> => awaitImpl(implOf(task))

export { await_ as await }

/**
 * Waits for the result of a task.
 *
 * @returns what the task returned.
 * @throws the task's error, or `TaskCancelledError` if it was cancelled. Joining oneself dies.
 *
 * When interrupted: only the waiting ends; the task goes on.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const tea = yield* Task.spawn(Effect.as(Effect.sleep("3 minutes"), "tea"), { name: "kettle" })
 *     const water = yield* Task.spawn(Effect.never, { name: "tap" })
 *     yield* Task.cancel(water)
 *     const error = yield* Effect.flip(Task.join(water))
 *     return `${yield* Task.join(tea)}, no water: ${error._tag}`
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => tea, no water: TaskCancelledError
 * ```
 */
export const join = <A, E>(task: Task<A, E>): Effect.Effect<A, E | TaskCancelledError> => new Join(implOf(task))

class Join<A, E> extends Operation<A, E | TaskCancelledError> {
  private readonly task: TaskImpl<A, E>

  constructor(task: TaskImpl<A, E>) {
    super()
    this.task = task
  }

  run(): Effect.Effect<A, E | TaskCancelledError> {
    const { task } = this
    if (task.exit === undefined) return Effect.flatMap(awaitImpl(task), (exit) => resultOf(task, exit))
    task.observe()
    return resultOf(task, task.exit)
  }
}

const resultOf = <A, E>(task: TaskImpl<A, E>, exit: Exit.Exit<A, E>): Exit.Exit<A, E | TaskCancelledError> => {
  if (Exit.isSuccess(exit)) return exit
  const cancellation = cancellationOfCause(exit.cause)
  const rest = withoutInterrupts(exit.cause)
  return cancellation !== undefined && rest.reasons.length === 0
    ? Exit.fail(new TaskCancelledError({ task: task.name, cancellation }))
    : Exit.failCause(rest)
}

/**
 * Asks a task to stop, and waits until it has.
 *
 * The interruption carries a {@link Cancellation} record, which the task and all that it cancels in turn can show. A task
 * that has ended already is left alone. A task may cancel itself; it then stops at once.
 *
 * @param options.reason - why, in words.
 * @returns how the task ended. It may have succeeded before the request came through.
 *
 * When interrupted: the request stands; only the waiting ends.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const poller = yield* Task.spawn(Effect.forever(Effect.sleep("1 second")), { name: "poller" })
 *     yield* Effect.sleep("1 minute")
 *     yield* Task.cancel(poller, { reason: "the page was closed" })
 *     return String(poller)
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => Task("poller", cancelled: the page was closed)
 * ```
 */
export const cancel: {
  (options?: { readonly reason?: string }): <A, E>(task: Task<A, E>) => Effect.Effect<Exit.Exit<A, E>>
  <A, E>(task: Task<A, E>, options?: { readonly reason?: string }): Effect.Effect<Exit.Exit<A, E>>
} = dual(
  (args) => isTask(args[0]),
  <A, E>(task: Task<A, E>, options?: { readonly reason?: string }): Effect.Effect<Exit.Exit<A, E>> =>
    Effect.withFiber((fiber) => {
      const impl = implOf(task)
      const by = describeFiber(fiber)
      const request: Cancellation = { source: "request", by, reason: options?.reason ?? `cancelled by ${by}` }
      impl.cancelUnsafe(request, fiber.id)
      // Waiting for oneself would never end where interruption is off, so this fiber stops by itself.
      return ownerOf(fiber) === impl.fiber
        ? Effect.failCause(Cause.annotate(Cause.interrupt(fiber.id), noteOf(request)))
        : awaitImpl(impl)
    })
)

/**
 * Where a task stands now.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const tea = yield* Task.spawn(Effect.as(Effect.sleep("3 minutes"), "tea"))
 *     const before = yield* Task.status(tea)
 *     yield* Task.join(tea)
 *     const after = yield* Task.status(tea)
 *     return `${before._tag}, then ${after._tag}`
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => Ready, then Succeeded
 * ```
 */
export const status = <A, E>(task: Task<A, E>): Effect.Effect<TaskStatus<A, E>> =>
  Effect.sync(() => {
    const impl = implOf(task)
    const exit = impl.exit
    if (exit === undefined) return statusOfLive(impl)
    impl.observe()
    if (Exit.isSuccess(exit)) return { _tag: "Succeeded", value: exit.value }
    return impl.cancellation !== undefined && !impl.hasFailed
      ? { _tag: "Cancelled", cancellation: impl.cancellation }
      : { _tag: "Failed", cause: exit.cause }
  })

const statusOfLive = <A, E>(task: TaskImpl<A, E>): TaskStatus<A, E> => {
  if (task.cancellation !== undefined) return { _tag: "Cancelling", cancellation: task.cancellation }
  if (!task.hasStarted) return { _tag: "Ready" }
  if (task.state === "running") return { _tag: "Running" }
  return { _tag: "Waiting", on: task.waitingOn?.describeWait(), since: task.waitingSince }
}

/** The task in whose name this runs; none outside of every task. Fibers that a task forks belong to it. */
export const current: Effect.Effect<Option.Option<Task<unknown, unknown>>> = Effect.withFiber((fiber) => {
  const task = internal.taskOf(fiber)
  return Effect.succeed(task instanceof TaskImpl ? Option.some<Task<unknown, unknown>>(task) : Option.none())
})

/**
 * The tasks that a task started and that still live, in order of creation. It walks over all live tasks.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const parent = yield* Task.spawn(
 *       Effect.scoped(
 *         Effect.andThen(Task.spawn(Effect.sleep("1 minute"), { name: "child" }), Effect.sleep("1 minute"))
 *       )
 *     )
 *     yield* Effect.sleep("1 second")
 *     const children = yield* Task.children(parent)
 *     return children.map(({ name }) => name).join(" ")
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => child
 * ```
 */
export const children = (task: Task<unknown, unknown>): Effect.Effect<ReadonlyArray<TaskInfo>> =>
  Effect.sync(() => taskRegistry.childrenOf(task as TaskImpl<unknown, unknown>))

/**
 * Why an effect was interrupted, read from its cause; none if the cause has no interruption.
 *
 * An interruption that did not come from Skein has `source: "interrupt"`.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Exit from "effect/Exit"
 * import * as Option from "effect/Option"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const tea = yield* Task.spawn(Effect.sleep("3 minutes"))
 *     const exit = yield* Task.cancel(tea, { reason: "no milk" })
 *     const why = Option.flatMap(Exit.getCause(exit), Task.cancellation)
 *     return Option.match(why, { onNone: () => "", onSome: ({ source, reason }) => `${source}: ${reason}` })
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => request: no milk
 * ```
 */
export const cancellation = (cause: Cause.Cause<unknown>): Option.Option<Cancellation> =>
  Option.fromUndefinedOr(cancellationOfCause(cause))

/**
 * Whether a value is a task.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const tea: unknown = yield* Task.spawn(Effect.sleep("3 minutes"))
 *     return [Task.isTask(tea), Task.isTask("tea")].join(", ")
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => true, false
 * ```
 */
export const isTask = (value: unknown): value is Task<unknown, unknown> => value instanceof TaskImpl

/**
 * The reference by which a fiber knows its task. For those who make other kinds of task (`@skein/asyncio` does): provide it
 * to the fibers of yours, and core's primitives show there what the task waits for and holds.
 */
export const CurrentTask = internal.CurrentTask

/** A task of any kind, as core's primitives see it. */
export type RunningTask = internal.RunningTask
