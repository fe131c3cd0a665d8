// Cancels a task at a chosen point of its life, from outside of it, as another fiber would.
//
// A fiber can be interrupted where it is suspended, and the scheduler may suspend it before any of its operations. So the points
// are: before each operation of the task's fibers; while one of them waits; and after one was woken, before it runs.
import { Task, VirtualTime } from "@skein/core"
import { type TaskNode, taskRegistry } from "@skein/core/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A fiber of the victim. */
interface Part {
  readonly fiber: AnyFiber
  /** How many operations it was about to make. */
  operations: number
  /** The operation after which it was last seen to wait. */
  waitedAfter: number
  /** What it waits for, or has waited for last. */
  wait: string | undefined
  /** A check whether it waits is queued. */
  isProbed: boolean
}

/** A scheduler that does as another one does, and cancels. */
export class CancelScheduler implements Scheduler.Scheduler {
  readonly executionMode: "sync" | "async"
  /** How many points the victim has come to. */
  points = 0
  /** Where it was cancelled; undefined as long as it has not been. */
  cancelledAt: string | undefined = undefined
  /** What it has waited for. */
  readonly trace: Array<string> = []
  /** What the victim is called; nothing is counted before this is known. */
  victimName: string | undefined = undefined
  private isStopped = false
  /** The victim, once it is there. */
  victim: TaskNode | undefined = undefined
  private victimFiber: AnyFiber | undefined = undefined
  private readonly inner: Scheduler.Scheduler
  private readonly target: number
  private readonly countsOperations: boolean
  /** It is to be cancelled once more, in the first wait of its clean-up. */
  private isDueAgain: boolean
  private readonly probes: Scheduler.SchedulerDispatcher
  private readonly parts = new Map<AnyFiber, Part>()
  /** The number of the last task whose beginning was looked for. */
  private newestTask = taskRegistry.totalAdded
  private readonly pending = new Map<Scheduler.SchedulerDispatcher, number>()
  /** The fiber that is made to yield, to be cancelled before it goes on. */
  private yielding: AnyFiber | undefined = undefined

  /** @param target - the number of the point, from 1; 0 only counts them */
  constructor(inner: Scheduler.Scheduler, target: number, countsOperations: boolean, twice: boolean) {
    this.inner = inner
    this.executionMode = inner.executionMode
    this.target = target
    this.countsOperations = countsOperations
    this.isDueAgain = twice
    this.probes = inner.makeDispatcher()
  }

  shouldYield(fiber: AnyFiber): boolean {
    const answer = this.inner.shouldYield(fiber)
    const part = this.partOf(fiber)
    if (part === undefined) return answer
    if (this.isOver()) {
      if (this.cancelledAt !== undefined && this.isDueAgain) this.probe(part)
      return answer
    }
    part.operations++
    this.probe(part)
    // Before its first operation a task is not there for others yet.
    if (!this.countsOperations || (part.operations === 1 && fiber === this.victimFiber)) return answer
    const after = part.wait === undefined ? "" : `, after it waited for ${part.wait}`
    const where = `before operation ${part.operations}${after}`
    if (!this.comesTo(where)) return answer
    this.yielding = fiber
    return true
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    const inner = this.inner.makeDispatcher()
    // The scheduler below may tell fibers apart by their dispatchers, so it must meet the very object that the fiber has. One
    // that is its own only dispatcher does not.
    const dispatcher: Scheduler.SchedulerDispatcher = Object.create(inner)
    const self = (inner as unknown) === this.inner ? inner : dispatcher
    // oxlint-disable-next-line typescript/unbound-method -- it is called with `.call` only
    const schedule = inner.scheduleTask
    dispatcher.scheduleTask = (task, priority) => {
      const begun = this.taskThatBegins()
      if (begun !== undefined) {
        const isTarget = this.isVictim(begun) && this.comesTo("before its first step")
        const begin = () => {
          if (isTarget) this.cancel()
          task()
        }
        return schedule.call(self, begin, priority)
      }
      this.pending.set(dispatcher, (this.pending.get(dispatcher) ?? 0) + 1)
      const before = this.cancellationBefore(dispatcher)
      const turn = () => {
        this.pending.set(dispatcher, (this.pending.get(dispatcher) ?? 1) - 1)
        if (before) this.cancel()
        task()
      }
      schedule.call(self, turn, priority)
    }
    dispatcher.flush = () => inner.flush()
    return dispatcher
  }

  /** The task whose first turn is queued: a task queues it where it is made, on its parent's part, and has no fiber until then. */
  private taskThatBegins(): TaskNode | undefined {
    if (taskRegistry.totalAdded === this.newestTask) return undefined
    this.newestTask = taskRegistry.totalAdded
    for (const task of taskRegistry) {
      if (task.taskId === this.newestTask && task.kind === "core" && task.state === "ready") return task
    }
    return undefined
  }

  private isVictim(task: TaskNode): boolean {
    if (this.victim !== undefined || task.name !== this.victimName || this.isOver()) return false
    this.victim = task
    return true
  }

  /** Something is queued for a fiber: whether the victim is to be cancelled before that is run. */
  private cancellationBefore(dispatcher: Scheduler.SchedulerDispatcher): boolean {
    const yielding = this.yielding
    if (yielding !== undefined) {
      if (yielding.currentDispatcher !== dispatcher) return false
      this.yielding = undefined
      return true
    }
    if (this.isOver()) return false
    for (const part of this.parts.values()) {
      if (part.fiber.currentDispatcher !== dispatcher) continue
      // What a fiber queues while it runs is its own doing.
      if (Fiber.getCurrent() === part.fiber || part.fiber.pollUnsafe() !== undefined) return false
      return this.comesTo(`woken${part.wait === undefined ? "" : ` from waiting for ${part.wait}`}, before it ran`)
    }
    return false
  }

  private isOver(): boolean {
    return this.isStopped || this.cancelledAt !== undefined || this.victimFiber?.pollUnsafe() !== undefined
  }

  /** The program has ended: whatever the victim does now has no points. */
  stop(): void {
    this.isStopped = true
  }

  private comesTo(where: string): boolean {
    if (++this.points !== this.target) return false
    this.cancelledAt = where
    return true
  }

  private cancel(): void {
    if (this.victimFiber !== undefined) this.victimFiber.interruptUnsafe()
    else if (Task.isTask(this.victim)) Effect.runFork(Task.cancel(this.victim))
  }

  private partOf(fiber: AnyFiber): Part | undefined {
    const known = this.parts.get(fiber)
    if (known !== undefined) return known
    const task = fiber.getRef(Task.CurrentTask)
    if (task === undefined || (this.victim ?? task) !== task) return undefined
    if (this.victim === undefined) {
      if (task.name !== this.victimName) return undefined
      this.victim = task
    }
    this.victimFiber ??= fiber
    const part: Part = { fiber, operations: 0, waitedAfter: 0, wait: undefined, isProbed: false }
    this.parts.set(fiber, part)
    return part
  }

  /** Looks, in a turn after the one that runs, whether the fiber waits then. */
  private probe(part: Part): void {
    if (part.isProbed) return
    part.isProbed = true
    this.probes.scheduleTask(() => {
      part.isProbed = false
      if (this.cancelledAt !== undefined) return this.cancelAgain(part)
      if (this.isOver() || part.waitedAfter === part.operations || !this.isWaiting(part.fiber)) return
      part.waitedAfter = part.operations
      part.wait = this.describeWait(part.fiber)
      if (this.comesTo(`while it waited for ${part.wait}`)) this.cancel()
      else this.trace.push(part.wait)
    }, 0)
  }

  private cancelAgain(part: Part): void {
    if (!this.isDueAgain || this.isStopped || !this.isWaiting(part.fiber)) return
    this.isDueAgain = false
    this.cancelledAt += `, and again while it waited for ${this.describeWait(part.fiber)}`
    this.cancel()
  }

  private isWaiting(fiber: AnyFiber): boolean {
    return fiber.pollUnsafe() === undefined && (this.pending.get(fiber.currentDispatcher) ?? 0) === 0
  }

  private describeWait(fiber: AnyFiber): string {
    const target = this.victim?.waitingOn
    if (target !== undefined) return target.describeWait()
    const timers = Effect.runSync(Effect.provideService(VirtualTime.timers, Clock.Clock, fiber.getRef(Clock.Clock)))
    const due = timers.find((timer) => timer.fiber === fiber)?.due
    return due === undefined ? "something that is not of Skein" : `${due} ms of virtual time`
  }
}
