// A group of tasks, none of which outlives it. Synchronous but for the waiting itself: what a child's end means for the others
// is decided in the observer of its fiber, so nothing can come between.
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { SemaphoreState } from "../kernel/SemaphoreState.ts"
import { noteSpawnSite, type SpawnSite } from "../kernel/SpawnSite.ts"
import type { WaitTarget } from "../kernel/TaskRegistry.ts"
import type { WaitNode, WaitQueue } from "../kernel/WaitQueue.ts"
import { type Cancellation, findNote, noteOf } from "./cancellation.ts"
import { beginWait, endWait } from "./currentTask.ts"
import { CurrentDeadline, type DeadlineExtent } from "./deadline.ts"
import { Operation } from "./leaf.ts"
import type { Outcome, TaskFailure } from "./policy.ts"
import { nestOrDefer } from "./shallow.ts"
import { startStrand, withoutInterrupts } from "./strand.ts"
import { type Origin, originOf, startTask, type TaskImpl, type TaskOwner } from "./task.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>
type AnyTask = TaskImpl<unknown, unknown>

type Failure = TaskFailure<unknown>

/** Somebody who waits for a place in a full group. */
class PlaceWaiter implements WaitNode {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined
  isWaiting = true
  isCancelled = false
  /** True once it has left the line, with a place or without. */
  hasLeft = false
  private readonly fiber: AnyFiber
  private readonly resume: () => void

  constructor(fiber: AnyFiber, resume: () => void) {
    this.fiber = fiber
    this.resume = resume
  }

  wake(): void {
    this.isWaiting = false
    this.fiber.currentDispatcher.scheduleTask(this.resume, 0)
  }

  /** Sends it away: the group takes nobody any more. */
  refuse(): void {
    this.isCancelled = true
    this.wake()
    this.waitQueue?.noteCancelled(this)
  }
}

export interface GroupSettings {
  readonly name: string
  readonly limit: number | undefined
  /** Whether the end of a task is the end for the others. */
  readonly stopsOn: (exit: Exit.Exit<unknown, unknown>) => boolean
  readonly keepsExits: boolean
  /** Whether its tasks are called by its name and their number. */
  readonly numbersTasks: boolean
  /** The error of a `spawn` that comes too late. */
  readonly refusal: (group: GroupImpl) => unknown
}

export class GroupImpl implements WaitTarget, TaskOwner {
  readonly name: string
  readonly limit: number | undefined
  /** open: takes tasks. closing: was cancelled, waits for its tasks. ended: has none any more and takes none. */
  state: "open" | "closing" | "ended" = "open"
  /** How many tasks have not ended: a list through the tasks themselves, in the order in which they were spawned. */
  running = 0
  private firstRunning: AnyTask | undefined = undefined
  private lastRunning: AnyTask | undefined = undefined
  readonly failures: Array<Failure> = []
  private readonly settings: GroupSettings
  private readonly owner: AnyFiber
  private readonly deadline: DeadlineExtent | undefined
  private readonly places: SemaphoreState | undefined
  private readonly exits: Array<Exit.Exit<unknown, unknown>> = []
  private spawned = 0
  private origin: Origin | undefined = undefined
  private body: AnyFiber | undefined = undefined
  /** How the body ended. A group without one counts as having an ended body. */
  private bodyExit: Exit.Exit<unknown, unknown> | undefined = Exit.void
  private idleObservers: Array<() => void> = []

  /**
   * @param owner - the fiber that it belongs to.
   * @param deadline - the extent that bounds the group, and so its tasks.
   */
  constructor(owner: AnyFiber, deadline: DeadlineExtent | undefined, settings: GroupSettings) {
    const { limit } = settings
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
      throw new RangeError(
        `The limit of a TaskGroup is a positive integer, got ${String(limit)}; leave it out for no limit.`
      )
    }
    this.name = settings.name
    this.limit = limit
    this.settings = settings
    this.owner = owner
    this.deadline = deadline
    this.places = limit === undefined ? undefined : new SemaphoreState(limit)
  }

  /** How many wait for a place. */
  get waiting(): number {
    return this.places === undefined ? 0 : this.places.waiters.length
  }

  describeWait(): string {
    return `a place in group "${this.name}" (limit ${this.limit})`
  }

  toString(): string {
    const limit = this.limit === undefined ? "" : `, limit ${this.limit}, ${this.waiting} waiting`
    return `TaskGroup(${JSON.stringify(this.name)}, ${this.state}, ${this.running} running${limit})`
  }

  toJSON(): unknown {
    return { _id: "TaskGroup", name: this.name, state: this.state, running: this.running, waiting: this.waiting }
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString()
  }

  /** Starts the body in a strand of the owner. Called once, at most. */
  startBody(effect: Effect.Effect<unknown, unknown, unknown>): void {
    this.bodyExit = undefined
    this.body = startStrand(this.owner, this.owner.context, effect)
    this.body.addObserver((exit) => this.bodyEnded(exit))
  }

  spawn<A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options?: { readonly name?: string | undefined; readonly site?: SpawnSite | undefined }
  ): Effect.Effect<TaskImpl<A, E>, unknown, R> {
    const name = options?.name
    const site = options?.site ?? noteSpawnSite()
    return new Spawn(this, effect, name, site)
  }

  /** What a `spawn` does that comes too late. */
  refuse(): Effect.Effect<never, unknown> {
    return Effect.fail(this.settings.refusal(this))
  }

  /** True if there is a place for one task more, which is then taken. */
  takePlace(): boolean {
    return this.places === undefined || this.places.tryAcquire()
  }

  /** @param again - begins anew. */
  waitForPlace<A, E, R>(
    fiber: AnyFiber,
    effect: Effect.Effect<A, E, R>,
    name: string | undefined,
    site: SpawnSite | undefined,
    again: Effect.Effect<TaskImpl<A, E>, unknown, R>
  ): Effect.Effect<TaskImpl<A, E>, unknown, R> {
    const places = this.places as SemaphoreState
    return Effect.suspend(() => {
      let waiter: PlaceWaiter | undefined
      const waitingTask = beginWait(fiber, this)
      return Effect.onExit(
        Effect.callback<TaskImpl<A, E>, unknown, R>((resume) => {
          // Since the group was found full, the scheduler may have let others in, who gave a place back or closed the group.
          if (this.state !== "open" || !places.locked) return resume(again)
          const own = new PlaceWaiter(fiber, () => resume(enter))
          const enter = Effect.suspend(() => {
            own.hasLeft = true
            if (own.isCancelled) {
              places.abandoned(own)
              return this.refuse()
            }
            places.resumed(own)
            if (this.state === "open") return Effect.succeed(this.start(fiber, effect, name, site))
            places.release()
            return this.refuse()
          })
          waiter = own
          places.enqueue(own)
        }),
        () =>
          Effect.sync(() => {
            endWait(waitingTask, this)
            // Interrupted in the line, or after it was given a place that it has not taken: the place goes to the next.
            if (waiter !== undefined && !waiter.hasLeft) places.abandoned(waiter)
          })
      )
    })
  }

  /** Starts a task that has its place. */
  start<A, E, R>(
    fiber: AnyFiber,
    effect: Effect.Effect<A, E, R>,
    name: string | undefined,
    site: SpawnSite | undefined
  ): TaskImpl<A, E> {
    this.origin = originOf(fiber, this.origin)
    const task = startTask(fiber, effect, name, site, this.deadline, this.origin, this, this.spawned++)
    task.observe()
    if (this.settings.keepsExits) this.exits.push(Exit.void)
    this.add(task as AnyTask)
    return task
  }

  private add(task: AnyTask): void {
    const last = this.lastRunning
    task.ownerPrevious = last
    if (last === undefined) this.firstRunning = task
    else last.ownerNext = task
    this.lastRunning = task
    this.running++
  }

  private remove(task: AnyTask): void {
    const { ownerNext: next, ownerPrevious: previous } = task
    if (previous === undefined) this.firstRunning = next
    else previous.ownerNext = next
    if (next === undefined) this.lastRunning = previous
    else next.ownerPrevious = previous
    task.ownerPrevious = undefined
    task.ownerNext = undefined
    this.running--
  }

  nameOf(task: AnyTask): string | undefined {
    return this.settings.numbersTasks ? `${this.name}[${task.ownerIndex}]` : undefined
  }

  taskEnded(task: AnyTask, exit: Exit.Exit<unknown, unknown>): void {
    this.remove(task)
    if (this.settings.keepsExits) this.exits[task.ownerIndex] = exit
    if (Exit.isFailure(exit)) this.noteFailure("task", task.name, exit.cause)
    // Before the place goes to the next in line, who shall not have it if this is the end.
    if (this.state === "open" && this.settings.stopsOn(exit)) {
      const by = `task "${task.name}"`
      this.cancel({ source: "sibling", by, reason: `${by} of group "${this.name}" failed` }, task.fiber?.id)
    }
    this.places?.release()
    this.checkIdle()
  }

  private bodyEnded(exit: Exit.Exit<unknown, unknown>): void {
    this.bodyExit = exit
    if (Exit.isFailure(exit)) {
      this.noteFailure("body", this.name, exit.cause)
      const by = `the body of group "${this.name}"`
      const note = findNote(exit.cause) ?? {
        source: "body" as const,
        by,
        reason: `${by} ${withoutInterrupts(exit.cause).reasons.length === 0 ? "was interrupted" : "failed"}`
      }
      this.cancel(note, this.owner.id)
    }
    this.checkIdle()
  }

  private noteFailure(source: Failure["source"], name: string, cause: Cause.Cause<unknown>): void {
    const rest = withoutInterrupts(cause)
    if (rest.reasons.length > 0) this.failures.push({ source, name, cause: rest })
  }

  /** Cancels all tasks and the body, and takes no more tasks. */
  cancel(note: Cancellation, by: number | undefined): void {
    if (this.state !== "open") return
    this.state = "closing"
    // The line is sent away first, but hears of it in a later turn: those in it who belong to this group are interrupted now.
    if (this.places !== undefined) {
      for (const waiter of [...this.places.waiters]) if (waiter.isWaiting) (waiter as PlaceWaiter).refuse()
    }
    // One that is cancelled may end at once, and take others out of the list.
    const tasks: Array<AnyTask> = []
    for (let task = this.firstRunning; task !== undefined; task = task.ownerNext) tasks.push(task)
    for (const task of tasks) task.cancelUnsafe(note, by)
    const body = this.body
    if (body !== undefined) nestOrDefer(body, () => body.interruptUnsafe(by, noteOf(note)))
  }

  /** True while tasks run, or the body does. */
  get isBusy(): boolean {
    return this.running > 0 || this.bodyExit === undefined
  }

  private checkIdle(): void {
    if (this.isBusy) return
    const observers = this.idleObservers
    this.idleObservers = []
    for (const observer of observers) observer()
  }

  /**
   * Waits until neither tasks nor the body run, then goes on with `next`, which runs in the very step that ended it: nothing
   * can be spawned in between.
   */
  whenIdle<A, E>(next: () => Effect.Effect<A, E>): Effect.Effect<A, E> {
    if (!this.isBusy) return Effect.suspend(next)
    return Effect.withFiber((fiber) =>
      Effect.callback((resume) => {
        if (!this.isBusy) return resume(next())
        const observer = () => {
          const following = next()
          nestOrDefer(fiber, () => resume(following))
        }
        this.idleObservers.push(observer)
        return Effect.sync(() => {
          const index = this.idleObservers.indexOf(observer)
          if (index >= 0) this.idleObservers.splice(index, 1)
        })
      })
    )
  }

  /** Takes no more tasks. Called when it is idle. */
  finish(): void {
    this.state = "ended"
    this.origin = undefined
  }

  get outcome(): Outcome {
    const failures = [...this.failures]
    // The body's own error is the last, whenever it was noticed.
    failures.sort((left, right) => Number(left.source === "body") - Number(right.source === "body"))
    return { group: this.name, body: this.bodyExit ?? Exit.void, exits: this.exits, failures }
  }
}

/** The start of a task in a group. */
class Spawn<A, E, R> extends Operation<TaskImpl<A, E>, unknown> {
  private readonly group: GroupImpl
  private readonly effect: Effect.Effect<A, E, R>
  private readonly name: string | undefined
  private readonly site: SpawnSite | undefined

  constructor(group: GroupImpl, effect: Effect.Effect<A, E, R>, name: string | undefined, site: SpawnSite | undefined) {
    super()
    this.group = group
    this.effect = effect
    this.name = name
    this.site = site
  }

  run(fiber: AnyFiber): Effect.Effect<TaskImpl<A, E>, unknown> {
    const { effect, group, name, site } = this
    if (group.state !== "open") return group.refuse()
    return group.takePlace()
      ? Effect.succeed(group.start(fiber, effect, name, site))
      : (group.waitForPlace(fiber, effect, name, site, this) as Effect.Effect<TaskImpl<A, E>, unknown>)
  }
}

/** Runs a group with a body to its end, and concludes with what `conclude` makes of it. */
export const runGroup = <A, E, R>(
  settings: GroupSettings,
  body: (group: GroupImpl) => Effect.Effect<unknown, unknown, R>,
  conclude: (outcome: Outcome) => Exit.Exit<A, E>,
  errorOf: (outcome: Outcome) => E
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let group: GroupImpl | undefined
    const end = (own: GroupImpl) => () => {
      own.finish()
      return conclude(own.outcome)
    }
    return Effect.onExit(
      Effect.withFiber((owner): Effect.Effect<A, E> => {
        const own = new GroupImpl(owner, owner.getRef(CurrentDeadline), settings)
        group = own
        own.startBody(Effect.suspend(() => body(own)))
        return own.whenIdle(end(own))
      }),
      (exit): Effect.Effect<void, E> => {
        const own = group
        if (own === undefined || Exit.isSuccess(exit)) return Effect.void
        if (own.state === "ended") {
          // Interrupted after the group had ended, and before its owner went on: what it would have failed with is not lost.
          const isTold = withoutInterrupts(exit.cause).reasons.length > 0
          return isTold || own.failures.length === 0 ? Effect.void : Effect.fail(errorOf(own.outcome))
        }
        return Effect.withFiber((owner) => {
          own.cancel(interruptionNote(own, exit.cause), owner.id)
          // Interruption goes on its way, with what failed meanwhile beside it.
          return own.whenIdle(() => {
            own.finish()
            return own.failures.length === 0 ? Effect.void : Effect.fail(errorOf(own.outcome))
          })
        })
      }
    )
  })

const interruptionNote = (group: GroupImpl, cause: Cause.Cause<unknown>): Cancellation =>
  findNote(cause) ?? {
    source: "interrupt",
    by: "outside",
    reason: `the fiber that runs group "${group.name}" was interrupted`
  }
