import * as Effect from "effect/Effect"
import type * as Scheduler from "effect/Scheduler"
import { type AnyFiber, Engine, type Sleeper } from "./virtualEngine.ts"

interface Bucket {
  readonly priority: number
  readonly tasks: Array<() => void>
}

// One ready queue for all fibers of a run, where Effect's own scheduler has one for each fiber: otherwise the order of two
// fibers would depend on the host. Lower priority numbers go first; tasks queued during a pass wait for the next one.
export class FifoEngine extends Engine implements Scheduler.SchedulerDispatcher {
  private ready: Array<Bucket> = []

  shouldYield(fiber: AnyFiber): boolean {
    // Asked before every step of every fiber, also of those which a promise resumes past the scheduler.
    this.stirred = true
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this
  }

  scheduleTask(task: () => void, priority: number): void {
    const buckets = this.ready
    let index = buckets.length
    while (index > 0 && (buckets[index - 1] as Bucket).priority > priority) index--
    const before = buckets[index - 1]
    if (before !== undefined && before.priority === priority) before.tasks.push(task)
    else buckets.splice(index, 0, { priority, tasks: [task] })
    this.wakeUp()
  }

  flush(): void {
    while (this.ready.length > 0) this.runPass()
  }

  protected isIdle(): boolean {
    return this.ready.length === 0
  }

  protected timerFired(sleeper: Sleeper): void {
    this.scheduleTask(() => sleeper.resume(Effect.void), 0)
  }

  protected runPass(): void {
    // Not every task is a fiber's: an event loop takes its turns here too.
    this.stirred = true
    const buckets = this.ready
    this.ready = []
    let bucketIndex = 0
    let taskIndex = 0
    try {
      for (; bucketIndex < buckets.length; bucketIndex++) {
        const tasks = (buckets[bucketIndex] as Bucket).tasks
        for (taskIndex = 0; taskIndex < tasks.length; ) (tasks[taskIndex++] as () => void)()
      }
    } finally {
      // A task that threw (an observer of a fiber, say) must not take the rest of the pass with it.
      for (; bucketIndex < buckets.length; bucketIndex++, taskIndex = 0) {
        const { priority, tasks } = buckets[bucketIndex] as Bucket
        for (const task of tasks.slice(taskIndex)) this.scheduleTask(task, priority)
      }
    }
  }
}
