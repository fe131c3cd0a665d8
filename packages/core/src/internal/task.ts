import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { SpawnSite } from "../kernel/SpawnSite.ts"
import type { HeldResource, TaskNode, TaskState, WaitTarget } from "../kernel/TaskRegistry.ts"
import { taskRegistry } from "../kernel/TaskRegistry.ts"
import { type Cancellation, cancellationOfCause, noteOf } from "./cancellation.ts"
import { CurrentTask, type RunningTask } from "./currentTask.ts"
import { CurrentDeadline, type DeadlineExtent } from "./deadline.ts"
import { nestOrDefer } from "./shallow.ts"
import { withoutInterrupts } from "./strand.ts"

export const TaskTypeId: unique symbol = Symbol.for("@skein/core/Task")
export type TaskTypeId = typeof TaskTypeId

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A task: a fiber with a name and a place in the tree. The object itself is its node in the registry. */
export class TaskImpl<out A, out E> implements RunningTask, WaitTarget {
  declare readonly [TaskTypeId]: { readonly _A: () => A; readonly _E: () => E }
  taskId = 0
  taskIsLive = false
  taskPrevious: TaskNode | undefined = undefined
  taskNext: TaskNode | undefined = undefined
  taskParent: TaskNode | undefined = undefined
  readonly kind = "core"
  waitingOn: WaitTarget | undefined = undefined
  waitingSince: number | undefined = undefined
  private readonly site: SpawnSite | undefined
  holds: Array<HeldResource> | undefined = undefined
  private readonly givenName: string | undefined
  /** Defined from the start on: `startTask` sets it before anyone sees the task. */
  declare fiber: Fiber.Fiber<A, E>
  hasStarted = false
  exit: Exit.Exit<A, E> | undefined = undefined
  /** The first cancellation that was asked for, or the one it ended by. */
  cancellation: Cancellation | undefined = undefined
  /** True once somebody has asked how it ended, so that nobody need be told of its failure any more. */
  isObserved = false
  /** Called once the task has ended and nobody need be told of a failure any more. */
  onSettled: (() => void) | undefined = undefined

  constructor(name: string | undefined, site?: SpawnSite) {
    this.site = site
    this.givenName = name
  }

  get name(): string {
    return this.givenName ?? `task-${this.taskId}`
  }

  get spawnSite(): string | undefined {
    return this.site?.place
  }

  get id(): number {
    return this.taskId
  }

  get parent(): TaskNode | undefined {
    return taskRegistry.parentOf(this)
  }

  get state(): TaskState {
    if (this.cancellation !== undefined) return "cancelling"
    if (!this.hasStarted) return "ready"
    return Fiber.getCurrent()?.getRef(CurrentTask) === this ? "running" : "waiting"
  }

  /** True if it ended with an error; an error of its clean-up after a cancellation is one. */
  get hasFailed(): boolean {
    return this.exit?._tag === "Failure" && withoutInterrupts(this.exit.cause).reasons.length > 0
  }

  /** Notes that somebody learns how it ended, or will. */
  observe(): void {
    this.isObserved = true
    if (this.exit !== undefined) this.settle()
  }

  describeWait(): string {
    return `the end of task "${this.name}"`
  }

  /** Asks it to stop. False if it has ended already. The fiber may run on, and even end, before this returns. */
  cancelUnsafe(cancellation: Cancellation, by: number | undefined): boolean {
    if (this.exit !== undefined) return false
    this.cancellation ??= cancellation
    nestOrDefer(this.fiber, () => this.fiber.interruptUnsafe(by, noteOf(cancellation)))
    return true
  }

  end(exit: Exit.Exit<A, E>): void {
    this.exit = exit
    this.waitingOn = undefined
    // What it holds stays noted: nobody but a later release can change that.
    if (this.holds?.length === 0) this.holds = undefined
    if (exit._tag === "Failure") this.cancellation = cancellationOfCause(exit.cause)
    taskRegistry.remove(this)
    if (this.isObserved || !this.hasFailed) this.settle()
  }

  private settle(): void {
    const onSettled = this.onSettled
    this.onSettled = undefined
    onSettled?.()
  }

  toString(): string {
    return `Task(${JSON.stringify(this.name)}, ${this.describeState()})`
  }

  toJSON(): unknown {
    return { _id: "Task", id: this.taskId, name: this.name, state: this.describeState() }
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString()
  }

  private describeState(): string {
    if (this.exit === undefined) {
      if (this.cancellation !== undefined) return `cancelling: ${this.cancellation.reason}`
      return this.waitingOn === undefined ? this.state : `waiting for ${this.waitingOn.describeWait()}`
    }
    if (this.exit._tag === "Success") return "succeeded"
    return this.hasFailed ? "failed" : `cancelled: ${this.cancellation?.reason}`
  }
}

/**
 * Starts a task at the next turn of the parent's scheduler.
 *
 * Synchronous, so that nothing can come between the birth of the fiber and its being somebody's child.
 *
 * @param options.site - where the program asked for it, if that was noted.
 * @param options.deadline - the extent that bounds the task: that of what it belongs to, not that of who starts it.
 * @param options.onEnd - called when the task has ended, after it left the registry.
 */
export const startTask = <A, E, R>(
  parent: AnyFiber,
  effect: Effect.Effect<A, E, R>,
  options: {
    readonly name: string | undefined
    readonly site: SpawnSite | undefined
    readonly deadline: DeadlineExtent | undefined
    readonly onEnd?: ((task: TaskImpl<A, E>, exit: Exit.Exit<A, E>) => void) | undefined
  }
): TaskImpl<A, E> => {
  const task = new TaskImpl<A, E>(options.name, options.site)
  taskRegistry.add(task, parent.getRef(CurrentTask))
  const deferred = Effect.callback<A, E, R>((resume) => {
    parent.currentDispatcher.scheduleTask(() => {
      task.hasStarted = true
      resume(effect)
    }, 0)
  })
  let context = Context.add(parent.context, CurrentTask, task)
  if (parent.getRef(CurrentDeadline) !== options.deadline) {
    context = Context.add(context, CurrentDeadline, options.deadline)
  }
  task.fiber = Effect.runForkWith(context as Context.Context<R>)(deferred)
  task.fiber.addObserver((exit) => {
    task.end(exit)
    options.onEnd?.(task, exit)
  })
  return task
}
