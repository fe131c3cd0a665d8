import type * as Fiber from "effect/Fiber"
import type { HeldResource } from "../kernel/TaskRegistry.ts"
import type { WaitQueue } from "../kernel/WaitQueue.ts"
import { describeFiber } from "./cancellation.ts"
import { CurrentTask, type RunningTask } from "./currentTask.ts"
import type { ParkedFiber } from "./parking.ts"

/** Notes that the task of a fiber holds something. Returns what {@link noteReleased} needs. */
export const noteHeld = (fiber: Fiber.Fiber<unknown, unknown>, resource: HeldResource): RunningTask | undefined => {
  const task = fiber.getRef(CurrentTask)
  if (task !== undefined) {
    if (task.holds === undefined) task.holds = [resource]
    else task.holds.push(resource)
  }
  return task
}

/** Notes that a task has given something back. */
export const noteReleased = (task: RunningTask | undefined, resource: HeldResource): void => {
  if (task?.holds === undefined) return
  const index = task.holds.lastIndexOf(resource)
  if (index >= 0) task.holds.splice(index, 1)
}

/** Who stands in a line and still waits, first served first. */
export const describeWaiters = (queue: WaitQueue): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (const node of queue) if (node.isWaiting) names.push(describeFiber((node as ParkedFiber).fiber))
  return Object.freeze(names)
}
