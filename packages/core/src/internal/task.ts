import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { SpawnSite } from "../kernel/SpawnSite.ts"
import type { HeldResource, TaskNode, TaskState, WaitTarget } from "../kernel/TaskRegistry.ts"
import { taskRegistry } from "../kernel/TaskRegistry.ts"
import { type Cancellation, cancellationOfCause, noteOf } from "./cancellation.ts"
import { CurrentTask, type RunningTask, taskOf } from "./currentTask.ts"
import { CurrentDeadline, type DeadlineExtent } from "./deadline.ts"
import { adopt, type Parent } from "./effectInternals.ts"
import { scheduleTurn, type TurnTaker } from "./fairScheduler.ts"
import { nestOrDefer } from "./shallow.ts"
import { withoutInterrupts } from "./strand.ts"

export const TaskTypeId: unique symbol = Symbol.for("@skein/core/Task")
export type TaskTypeId = typeof TaskTypeId

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A task: a fiber with a name and a place in the tree. The object itself is its node in the registry. */
export class TaskImpl<out A, out E> implements RunningTask, WaitTarget, Parent {
  declare readonly [TaskTypeId]: { readonly _A: () => A; readonly _E: () => E }
  // What each wait reads and writes comes first: of a thousand tasks that wait in turn, that is one line of the cache for each.
  waitingOn: WaitTarget | undefined = undefined
  waitingSince: number | undefined = undefined
  clockOwner: Context.Context<never> | undefined = undefined
  clock: Clock.Clock | undefined = undefined
  taskId = 0
  taskIsLive = false
  taskPrevious: TaskNode | undefined = undefined
  taskNext: TaskNode | undefined = undefined
  taskParent: TaskNode | undefined = undefined
  private readonly site: SpawnSite | undefined
  holds: Array<HeldResource> | undefined = undefined
  private readonly givenName: string | undefined
  /** The fiber that runs it, from its first step to its end. */
  fiber: Fiber.Fiber<A, E> | undefined = undefined
  /** What it takes to begin. Invariant: there until it has begun, or ended without that. */
  start: Start | undefined = undefined
  exit: Exit.Exit<A, E> | undefined = undefined
  /** The first cancellation that was asked for, or the one it ended by. */
  cancellation: Cancellation | undefined = undefined
  /** True once somebody has asked how it ended, so that nobody need be told of its failure any more. */
  isObserved = false
  /** Called once the task has ended and nobody need be told of a failure any more. */
  onSettled: (() => void) | undefined = undefined
  /** What it belongs to, and where it stands there. */
  owner: TaskOwner | undefined = undefined
  ownerIndex = 0
  ownerPrevious: AnyTask | undefined = undefined
  ownerNext: AnyTask | undefined = undefined
  private observers: Set<(exit: Exit.Exit<never, never>) => void> | undefined = undefined

  constructor(name: string | undefined, site?: SpawnSite) {
    this.site = site
    this.givenName = name
  }

  get kind(): "core" {
    return "core"
  }

  get name(): string {
    return this.givenName ?? this.owner?.nameOf(this as AnyTask) ?? `task-${this.taskId}`
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

  get hasStarted(): boolean {
    return this.start === undefined
  }

  get state(): TaskState {
    if (this.cancellation !== undefined) return "cancelling"
    if (!this.hasStarted) return "ready"
    const running = Fiber.getCurrent()
    return running !== undefined && taskOf(running) === this ? "running" : "waiting"
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
    const { fiber, start } = this
    if (fiber !== undefined) nestOrDefer(fiber, () => fiber.interruptUnsafe(by, noteOf(cancellation)))
    else if (start !== undefined) this.endUnbegun(start, cancellation, by)
    return true
  }

  // It never begins. Its end may be put off, if the stack is deep; the first cancellation is then the one that counts.
  private endUnbegun(start: Start, cancellation: Cancellation, by: number | undefined): void {
    if (start.isCalledOff) return
    start.isCalledOff = true
    const exit = Exit.failCause(Cause.annotate(Cause.interrupt(by), noteOf(cancellation)))
    nestOrDefer(start.parent, () => this.end(exit))
  }

  /** Calls back at its end; at once, if it has ended. Returns what takes that back. */
  addObserver(observer: (exit: Exit.Exit<A, E>) => void): () => void {
    if (this.exit !== undefined) {
      observer(this.exit)
      return () => undefined
    }
    this.observers ??= new Set()
    this.observers.add(observer)
    return () => void this.observers?.delete(observer)
  }

  pollUnsafe(): Exit.Exit<A, E> | undefined {
    return this.exit
  }

  get _children(): this {
    return this
  }

  /** Called by its fiber, which has ended. */
  delete(fiber: AnyFiber): void {
    this.end(fiber.pollUnsafe() as Exit.Exit<A, E>)
  }

  private end(exit: Exit.Exit<A, E>): void {
    this.exit = exit
    this.start = undefined
    this.waitingOn = undefined
    // What it holds stays noted: nobody but a later release can change that.
    if (this.holds?.length === 0) this.holds = undefined
    if (exit._tag === "Failure") this.cancellation = cancellationOfCause(exit.cause)
    taskRegistry.remove(this)
    if (this.isObserved || !this.hasFailed) this.settle()
    this.owner?.taskEnded(this as AnyTask, exit)
    // Who keeps the task to ask how it ended does not keep what ran it.
    this.fiber = undefined
    const observers = this.observers
    this.observers = undefined
    if (observers !== undefined) for (const observer of observers) observer(exit as Exit.Exit<never, never>)
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

type AnyTask = TaskImpl<unknown, unknown>

/** What a task may belong to. */
export interface TaskOwner {
  /** What a task is called that was not given a name, if its owner has names for them. */
  nameOf(task: AnyTask): string | undefined
  /** Called when the task has ended, after it left the registry. */
  taskEnded(task: AnyTask, exit: Exit.Exit<unknown, unknown>): void
}

interface AsyncContext {
  runInAsyncScope<This>(call: (this: This) => void, self: This): void
}

/** What carries `AsyncLocalStorage` from where it is made to what it runs; hosts other than Node may have none. */
export const AsyncResource: new (type: string) => AsyncContext =
  globalThis.process?.getBuiltinModule?.("node:async_hooks")?.AsyncResource ??
  class {
    runInAsyncScope<This>(call: (this: This) => void, self: This): void {
      call.call(self)
    }
  }

/** A task that is to begin. What only the running task needs is made when it runs: until then there may be a great many. */
class Start extends AsyncResource implements TurnTaker {
  /** True once the task was cancelled before it began. */
  isCalledOff = false
  readonly parent: AnyFiber
  readonly effect: Effect.Effect<unknown, unknown, unknown>
  private readonly task: AnyTask
  private readonly context: Context.Context<never>

  constructor(
    task: AnyTask,
    parent: AnyFiber,
    context: Context.Context<never>,
    effect: Effect.Effect<unknown, unknown, unknown>
  ) {
    super("@skein/core/Task")
    this.task = task
    this.parent = parent
    this.context = context
    this.effect = effect
  }

  takeTurn(): void {
    if (!this.isCalledOff) this.runInAsyncScope(begin, this)
  }

  run(): void {
    const task = this.task
    const context = Context.addUnsafe(this.context, CurrentTask.key, task) as Context.Context<never>
    Effect.runForkWith(context)(beginning)
  }
}

const begin = function (this: Start): void {
  this.run()
}

/** The first step of every task, which makes its fiber known before anything can ask for it. */
const beginning: Effect.Effect<unknown, unknown> = Effect.withFiber((fiber) => {
  const task = fiber.getRef(CurrentTask) as AnyTask
  const { effect } = task.start as Start
  task.start = undefined
  task.fiber = fiber
  adopt(fiber, task)
  return effect as Effect.Effect<unknown, unknown>
})

/** What a new task takes over from the context of the fiber that starts it. */
export interface Origin {
  readonly context: Context.Context<never>
  readonly task: RunningTask | undefined
  readonly deadline: DeadlineExtent | undefined
}

/** Looks up where a fiber's tasks come from; `known` is the answer for the fiber that last asked, which is often the same. */
export const originOf = (fiber: AnyFiber, known?: Origin): Origin =>
  known !== undefined && known.context === fiber.context
    ? known
    : { context: fiber.context, task: taskOf(fiber), deadline: fiber.getRef(CurrentDeadline) }

/**
 * Starts a task: it begins at the next turn of the parent's scheduler. Its fiber is made when it begins.
 *
 * Synchronous, so that nothing can come between its birth and its being somebody's child.
 *
 * @param site - where the program asked for it, if that was noted.
 * @param deadline - the extent that bounds the task: that of what it belongs to, not that of who starts it.
 * @param origin - that of the parent.
 * @param owner - what the task belongs to, and where it stands there.
 */
export const startTask = <A, E, R>(
  parent: AnyFiber,
  effect: Effect.Effect<A, E, R>,
  name: string | undefined,
  site: SpawnSite | undefined,
  deadline: DeadlineExtent | undefined,
  origin: Origin,
  owner?: TaskOwner,
  ownerIndex = 0
): TaskImpl<A, E> => {
  const task = new TaskImpl<A, E>(name, site)
  // Before anybody hears of the task, and asks for its name.
  task.owner = owner
  task.ownerIndex = ownerIndex
  taskRegistry.add(task, origin.task)
  const context = origin.deadline === deadline ? origin.context : Context.add(origin.context, CurrentDeadline, deadline)
  const start = new Start(task as AnyTask, parent, context, effect)
  task.start = start
  scheduleTurn(parent, start)
  return task
}

/** A task that never begins, of which the registry does not know, and what would start it: for `keepShapes`. */
export const taskShapes = (parent: AnyFiber): ReadonlyArray<object> => {
  const task = new TaskImpl<unknown, unknown>("kept")
  return [task, new Start(task as AnyTask, parent, parent.context, Effect.void)]
}
