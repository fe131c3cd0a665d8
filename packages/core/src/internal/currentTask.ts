// Which task a fiber belongs to. A reference in the context, so every fiber that a task starts belongs to it as well, and
// every synchronisation primitive can say what the task waits for without knowing what a task is.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type { HeldResource, TaskNode, WaitTarget } from "../kernel/TaskRegistry.ts"
import { parentOf } from "./effectInternals.ts"
import { isOnHostTime } from "./fairClock.ts"

/** A task of the registry whose waits and holdings the primitives note down. */
export interface RunningTask extends TaskNode {
  waitingOn: WaitTarget | undefined
  waitingSince: number | undefined
  holds: Array<HeldResource> | undefined
}

/** A task that remembers the clock of the context in which it last waited: there, most look-ups find the same. */
interface Remembering extends RunningTask {
  clockOwner: Context.Context<never> | undefined
  clock: Clock.Clock | undefined
}

const clockOf = (fiber: Fiber.Fiber<unknown, unknown>, task: RunningTask): Clock.Clock => {
  if (!("clockOwner" in task)) return fiber.getRef(Clock.Clock)
  const remembering = task as Remembering
  if (remembering.clockOwner !== fiber.context) {
    remembering.clockOwner = fiber.context
    remembering.clock = fiber.getRef(Clock.Clock)
  }
  return remembering.clock as Clock.Clock
}

/** The task in whose name the current fiber runs. */
export const CurrentTask: Context.Reference<RunningTask | undefined> = Context.Reference<RunningTask | undefined>(
  "@skein/core/CurrentTask",
  { defaultValue: () => undefined }
)

/** The task to which a fiber belongs. */
export const taskOf = (fiber: Fiber.Fiber<unknown, unknown>): RunningTask | undefined => {
  // Most often it is the task's own, which is at hand at half the cost of a look into the context.
  const parent = parentOf(fiber)
  return parent !== undefined && "taskIsLive" in parent ? (parent as RunningTask) : fiber.getRef(CurrentTask)
}

/** The host's time, read once in each turn of the host: reading it costs as much as the rest of a short wait. */
let hostTime: number | undefined
const forgetHostTime = (): void => {
  hostTime = undefined
}

const timeOf = (clock: Clock.Clock): number => {
  if (!isOnHostTime(clock)) return clock.currentTimeMillisUnsafe()
  if (hostTime === undefined) {
    hostTime = Date.now()
    queueMicrotask(forgetHostTime)
  }
  return hostTime
}

/**
 * Notes that the task of a fiber waits. Several fibers of one task may wait at once; the latest is shown.
 *
 * @returns what {@link endWait} needs.
 */
export const beginWait = (fiber: Fiber.Fiber<unknown, unknown>, target: WaitTarget): RunningTask | undefined => {
  const task = taskOf(fiber)
  if (task !== undefined) {
    task.waitingOn = target
    task.waitingSince = timeOf(clockOf(fiber, task))
  }
  return task
}

/** Notes that a wait is over, if it is still the one shown. */
export const endWait = (task: RunningTask | undefined, target: WaitTarget): void => {
  if (task !== undefined && task.waitingOn === target) {
    task.waitingOn = undefined
    task.waitingSince = undefined
  }
}
