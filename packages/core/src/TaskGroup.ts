/**
 * Groups of tasks, none of which outlives its group (nurseries). What the failure of one means for the others is a policy,
 * and a policy is a value: {@link failFast} unless you say otherwise, or {@link collectAll}.
 *
 * After Trio's nurseries and asyncio's `TaskGroup`.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { beginWait, endWait } from "./internal/currentTask.ts"
import { extentOfScope } from "./internal/deadline.ts"
import * as internal from "./internal/policy.ts"
import { TaggedError } from "./internal/taggedError.ts"
import { GroupImpl, type GroupSettings, runGroup } from "./internal/taskGroup.ts"
import { noteSpawnSite } from "./kernel/SpawnSite.ts"
import type { SpawnOptions, Task } from "./Task.ts"

export type { CollectAll, Collected, FailFast, Outcome, Policy, PolicyLambda, TaskFailure } from "./internal/policy.ts"
export { TaskGroupError } from "./internal/policy.ts"

/**
 * A task was to be spawned in a group that takes no more: it was cancelled, because something in it failed, or it has ended.
 */
export class TaskGroupClosedError extends TaggedError("TaskGroupClosedError")<{
  readonly group: string
  /** `closing`: cancelled, its tasks are still cleaning up. `ended`: over. */
  readonly state: "closing" | "ended"
}> {
  override get message(): string {
    return this.state === "closing"
      ? `Group "${this.group}" is shutting down and takes no more tasks. ` +
          "Start clean-up work in a group of its own, or run it in the finalizer itself."
      : `Group "${this.group}" has ended and takes no more tasks. ` +
          "Spawn from its body or from one of its tasks, or use a group that lives longer (TaskGroup.make in an outer scope)."
  }
}

const spawnedTypeId: unique symbol = Symbol.for("@skein/core/TaskGroup/Spawned")

/**
 * Stands among the services that an effect asks for, and says that it spawns tasks in a group, and what they succeed and fail
 * with. `TaskGroup.run` answers it; it exists only in types, so that the types of a group's result need no annotation.
 */
export interface Spawned<out Name extends string, out A, out E> {
  readonly [spawnedTypeId]: { readonly name: Name; readonly value: A; readonly error: E }
}

type ValueOf<Name extends string, R> = R extends Spawned<Name, infer A, unknown> ? A : never
type ErrorOf<Name extends string, R> = R extends Spawned<Name, unknown, infer E> ? E : never
type Without<Name extends string, R> = Exclude<R, Spawned<Name, unknown, unknown>>

/** What can be seen of any group. */
export interface GroupInfo {
  /** The given name, or `group`. */
  readonly name: string
  /** `open`: takes tasks. `closing`: cancelled, its tasks are still cleaning up. `ended`: over. */
  readonly state: "open" | "closing" | "ended"
  /** The most tasks that run at once, if there is a limit. */
  readonly limit: number | undefined
  /** How many wait for a place. */
  readonly waiting: number
  /** Its name, state and numbers, in one line. */
  toString(): string
}

/** The group that {@link run} gives to its body. */
export interface Nursery<out Name extends string> extends GroupInfo {
  /**
   * Starts a task in the group, at the next turn of the scheduler; waits for a place first if the group is full.
   *
   * Places go to those who wait in order of arrival. A task that spawns in its own full group holds its place while it waits.
   *
   * @throws `TaskGroupClosedError` when the group was cancelled or has ended, also while waiting for a place.
   *
   * When interrupted while waiting: nothing was spawned, and no place is lost.
   */
  spawn<A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options?: SpawnOptions
  ): Effect.Effect<Task<A, E>, TaskGroupClosedError, R | Spawned<Name, A, E>>
}

/** A group that lives as long as a scope; see {@link make}. */
export interface TaskGroup<in A = unknown, in out E = unknown> extends GroupInfo {
  /**
   * As the `spawn` of {@link Nursery}.
   *
   * When interrupted while waiting: nothing was spawned, and no place is lost.
   */
  spawn<A2 extends A, E2 extends E, R>(
    effect: Effect.Effect<A2, E2, R>,
    options?: SpawnOptions
  ): Effect.Effect<Task<A2, E2>, TaskGroupClosedError, R>
  /**
   * Waits until the group has no task, whatever comes later.
   *
   * @throws `TaskGroupError` with all failures so far; each failure is handed out once.
   *
   * When interrupted: only the waiting ends.
   */
  readonly join: Effect.Effect<void, internal.TaskGroupError<E>>
}

/** How a group is made. */
export interface GroupOptions<Name extends string = string> {
  /** What the group is called in messages. Groups that are used across each other's bodies need different names. */
  readonly name?: Name | undefined
  /** The most tasks that run at once: a positive integer. No limit if left out. */
  readonly limit?: number | undefined
}

type Result<L extends internal.PolicyLambda, B, A, E> = (L & {
  readonly Body: B
  readonly Value: A
  readonly Failure: E
})["run"]

type ResultOfAll<
  L extends internal.PolicyLambda,
  Effects extends ReadonlyArray<Effect.Effect<unknown, unknown, unknown>>
> = (L & { readonly Effects: Effects })["all"]

type Failed<L extends internal.PolicyLambda, E> = (L & { readonly Failure: E })["error"]

/**
 * The first failure, of a task or of the body, cancels all others; the group fails with a `TaskGroupError` of all failures. A
 * task that was cancelled by itself is no failure. The group's result is the body's; that of `all` is the values.
 */
export const failFast: internal.Policy<internal.FailFast> = internal.failFast

/**
 * Tasks fail without consequences for the others; how each one ended is the result, in the order of spawning. Only a failure
 * of the body cancels the tasks and makes the group fail.
 */
export const collectAll: internal.Policy<internal.CollectAll> = internal.collectAll

const settingsFor = (
  policy: internal.Policy<internal.PolicyLambda>,
  options: GroupOptions | undefined,
  fallbackName: string,
  { keepsExits, numbersTasks }: { readonly keepsExits: boolean; readonly numbersTasks: boolean }
): GroupSettings => ({
  name: options?.name ?? fallbackName,
  limit: options?.limit,
  stopsOn: policy.stopsOn,
  keepsExits,
  numbersTasks,
  refusal: ({ name, state }) => new TaskGroupClosedError({ group: name, state: state === "closing" ? state : "ended" })
})

/**
 * Runs a body that spawns tasks in a group, and ends when the body and all tasks have ended.
 *
 * If the body fails, the tasks are cancelled, and the group fails when they have cleaned up. What the failure of a task
 * does is the policy's affair; with {@link failFast} it cancels the other tasks and the body. All failures are kept.
 * Tasks see the deadlines that are in force where the group is, wherever they are spawned.
 *
 * The body runs in a fiber of its own, so that it can be cancelled while the group goes on to its end.
 *
 * @param body - spawns tasks with `group.spawn`, and may do other things.
 * @param options.policy - by default {@link failFast}.
 * @param options.limit - the most tasks that run at once; `spawn` waits for a place.
 * @param options.name - by default `group`.
 * @returns what the policy makes of it: the body's value for `failFast`, `Collected` for `collectAll`.
 * @throws `TaskGroupError` with the failures. An invalid limit is a defect.
 *
 * When interrupted: body and tasks are cancelled and their clean-up awaited; then the interruption goes on, with a
 * `TaskGroupError` beside it in the cause if anything failed.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Task, TaskGroup, VirtualTime } from "@skein/core"
 *
 * const program = TaskGroup.run((group) =>
 *   Effect.gen(function* () {
 *     const tea = yield* group.spawn(Effect.as(Effect.sleep("3 minutes"), "tea"))
 *     const toast = yield* group.spawn(Effect.as(Effect.sleep("2 minutes"), "toast"))
 *     return [yield* Task.join(tea), yield* Task.join(toast), yield* VirtualTime.now]
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => [ 'tea', 'toast', 180000 ]
 * ```
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { TaskGroup, VirtualTime } from "@skein/core"
 *
 * const program = TaskGroup.run(
 *   Effect.fnUntraced(function* (group) {
 *     yield* group.spawn(Effect.fail("the milk is sour"), { name: "milk" })
 *     yield* group.spawn(Effect.sleep("1 hour"), { name: "kettle" })
 *   }),
 *   { name: "breakfast" }
 * )
 * const error = await VirtualTime.runPromise(Effect.flip(program))
 * console.log(error.errors) // => [ 'the milk is sour' ]
 * ```
 */
export const run = <B, EB, R, const Name extends string = "group", L extends internal.PolicyLambda = internal.FailFast>(
  body: (group: Nursery<Name>) => Effect.Effect<B, EB, R>,
  options?: GroupOptions<Name> & { readonly policy?: internal.Policy<L> | undefined }
): Effect.Effect<
  Result<L, B, ValueOf<Name, R>, EB | ErrorOf<Name, R>>,
  Failed<L, EB | ErrorOf<Name, R>>,
  Without<Name, R>
> => {
  const policy: internal.Policy<internal.PolicyLambda> = options?.policy ?? internal.failFast
  const settings = settingsFor(policy, options, "group", { keepsExits: policy.keepsExits, numbersTasks: false })
  // The types of a policy's result are known to its lambda alone.
  const start = (group: GroupImpl) => body(group as GroupInfo as Nursery<Name>)
  return runGroup(settings, start, policy.conclude, internal.errorOf) as Effect.Effect<never, never, never>
}

/**
 * Runs effects as tasks of one group, and ends when all have.
 *
 * Like `Effect.all`, but every failure is kept, and every task has a name (`name[0]`, `name[1]`, ...) and a place in the
 * tree.
 *
 * @param effects - the effects, in a tuple or an array.
 * @param options.policy - by default {@link failFast}.
 * @param options.limit - the most tasks that run at once; the rest begin in order as places become free.
 * @param options.name - by default `all`.
 * @returns values in the order of `effects`, with `failFast`; `Exit`s in that order, with `collectAll`.
 * @throws `TaskGroupError` with the failures. With `failFast` a task that was cancelled by itself is among them, since its value
 *   is missing.
 *
 * When interrupted: all tasks are cancelled and their clean-up awaited; then the interruption goes on, with a
 * `TaskGroupError` beside it in the cause if anything failed.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { TaskGroup, VirtualTime } from "@skein/core"
 *
 * const square = (n: number) => Effect.as(Effect.sleep(1000 - n), n * n)
 * const program = TaskGroup.all([3, 1, 2].map(square), { limit: 2 })
 * console.log(await VirtualTime.runPromise(program)) // => [ 9, 1, 4 ]
 * ```
 */
export const all = <
  const Effects extends ReadonlyArray<Effect.Effect<unknown, unknown, unknown>>,
  L extends internal.PolicyLambda = internal.FailFast
>(
  effects: Effects,
  options?: GroupOptions & { readonly policy?: internal.Policy<L> | undefined }
): Effect.Effect<
  ResultOfAll<L, Effects>,
  Failed<L, Effect.Error<Effects[number]>>,
  Effect.Services<Effects[number]>
> => {
  const policy: internal.Policy<internal.PolicyLambda> = options?.policy ?? internal.failFast
  const settings = settingsFor(policy, options, "all", { keepsExits: true, numbersTasks: true })
  const from = { site: noteSpawnSite() }
  const spawnAll = (group: GroupImpl) =>
    Effect.forEach(effects, (effect) => group.spawn(effect, from), { discard: true })
  return runGroup(settings, spawnAll, policy.concludeAll, internal.errorOf) as Effect.Effect<never, never, never>
}

/**
 * Makes a group that lives as long as the current scope, for tasks that come and go: a server's connections, say.
 *
 * When the scope closes, the tasks that still run are cancelled and awaited; failures that `join` has not handed out make
 * the close die with a `TaskGroupError`. With {@link failFast} the first failure cancels the other tasks, and the group takes
 * no more; the fiber that made it is not interrupted, and learns of it by `join`. With {@link collectAll} a failure has no
 * consequences for the others, and is kept until `join` hands it out.
 *
 * @param options.policy - by default {@link failFast}.
 * @param options.limit - the most tasks that run at once; `spawn` waits for a place.
 * @param options.name - by default `group`.
 *
 * When interrupted: it does not wait.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { TaskGroup, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const group = yield* TaskGroup.make({ name: "connections", limit: 10 })
 *     yield* group.spawn(Effect.sleep("5 seconds"))
 *     yield* group.join
 *     return String(group)
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => TaskGroup("connections", open, 0 running, limit 10, 0 waiting)
 * ```
 */
export const make = <A = unknown, E = unknown>(
  options?: GroupOptions & { readonly policy?: internal.Policy<internal.PolicyLambda> | undefined }
): Effect.Effect<TaskGroup<A, E>, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.withFiber((owner) => {
        const settings = settingsFor(options?.policy ?? internal.failFast, options, "group", {
          keepsExits: false,
          numbersTasks: false
        })
        const group = new ScopedGroup<E>(owner, extentOfScope(owner, scope), settings)
        return Effect.succeed(group as GroupInfo as TaskGroup<A, E> & ScopedGroup<E>)
      })
    ),
    (group) => group.close
  )

class ScopedGroup<E> extends GroupImpl {
  readonly join: Effect.Effect<void, internal.TaskGroupError<E>> = Effect.withFiber((fiber) => {
    const target = { describeWait: () => `the tasks of group "${this.name}"` }
    const task = beginWait(fiber, target)
    const { failures } = this
    let handedOut: typeof failures = []
    return Effect.onExit(
      this.whenIdle(() => {
        handedOut = [...failures]
        const error = this.takeFailures()
        return error === undefined ? Effect.void : Effect.fail(error)
      }),
      (exit) =>
        Effect.sync(() => {
          endWait(task, target)
          // Interrupted between taking them and failing with them.
          if (handedOut.length > 0 && !(Exit.isFailure(exit) && Cause.hasFails(exit.cause)))
            failures.unshift(...handedOut)
        })
    )
  })

  readonly close: Effect.Effect<void> = Effect.withFiber((fiber) => {
    const by = `the scope of group "${this.name}"`
    this.cancel({ source: "scope", by, reason: `${by} closed` }, fiber.id)
    return this.whenIdle(() => {
      this.finish()
      const error = this.takeFailures()
      return error === undefined ? Effect.void : Effect.die(error)
    })
  })

  private takeFailures(): internal.TaskGroupError<E> | undefined {
    if (this.failures.length === 0) return undefined
    const error = internal.errorOf(this.outcome)
    this.failures.length = 0
    return error as internal.TaskGroupError<E>
  }
}
