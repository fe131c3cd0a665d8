import type * as Fiber from "effect/Fiber"
import type { HeldResource } from "../kernel/TaskRegistry.ts"
import type { WaitQueue } from "../kernel/WaitQueue.ts"
import { describeFiber } from "./cancellation.ts"
import { type RunningTask, taskOf } from "./currentTask.ts"
import type { ParkedFiber } from "./parking.ts"

/** Notes that the task of a fiber holds something. Returns what {@link noteReleased} needs. */
export const noteHeld = (fiber: Fiber.Fiber<unknown, unknown>, resource: HeldResource): RunningTask | undefined => {
  const task = taskOf(fiber)
  if (task !== undefined) {
    if (task.holds === undefined) task.holds = [resource]
    else task.holds.push(resource)
  }
  return task
}

/** Notes that a task has given something back. */
export const noteReleased = (task: RunningTask | undefined, resource: HeldResource): void => {
  if (task?.holds === undefined) return
  const { holds } = task
  const index = holds.lastIndexOf(resource)
  // What was taken last is given back first, as a rule.
  if (index === holds.length - 1) holds.pop()
  else if (index >= 0) holds.splice(index, 1)
}

/** Who stands in a line and still waits, first served first. */
export const describeWaiters = (queue: WaitQueue): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (const node of queue) if (node.isWaiting) names.push(describeFiber((node as ParkedFiber).fiber))
  return Object.freeze(names)
}
