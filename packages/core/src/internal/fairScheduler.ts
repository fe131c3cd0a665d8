import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"

/** Steps between two looks at the clock: looking costs about a third of a short step. */
const STEPS_PER_LOOK = 16

/** A queue that was longer than this is not kept for the next pass. */
const LONGEST_KEPT = 65_536

/** Something that is to run in a turn of its own. */
export interface TurnTaker {
  takeTurn(): void
}

type Ready = (() => void) | TurnTaker

interface Bucket {
  readonly priority: number
  readonly tasks: Array<() => void>
}

// A pass runs what was ready when it began, lowest priority number first; what becomes ready meanwhile waits for the next pass.
// Almost everything has priority 0, so that one has an array of its own, and the two arrays change places from pass to pass.
export class FairSchedulerImpl implements Scheduler.Scheduler, Scheduler.SchedulerDispatcher {
  readonly executionMode = "async"
  private readonly turnMillis: number
  private pass: Array<Ready | undefined> = []
  private passLength = 0
  /** Invariant: what stands in `pass` before it has been run. */
  private position = 0
  private ready: Array<Ready | undefined> = []
  private readyLength = 0
  /** Ready tasks of other priorities, lowest number first. */
  private others: Array<Bucket> = []
  /** Invariant: true if, and only if, a turn of the host is on its way or running. */
  private isAwake = false

  constructor(turnMillis: number) {
    this.turnMillis = turnMillis
  }

  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this
  }

  scheduleTask(task: () => void, priority: number): void {
    if (priority === 0) this.ready[this.readyLength++] = task
    else this.scheduleWithPriority(task, priority)
    this.wakeUp()
  }

  /** As {@link scheduleTask} with priority 0, without a closure. */
  scheduleTurn(taker: TurnTaker): void {
    this.ready[this.readyLength++] = taker
    this.wakeUp()
  }

  private wakeUp(): void {
    if (this.isAwake) return
    this.isAwake = true
    setImmediate(this.turn)
  }

  private scheduleWithPriority(task: () => void, priority: number): void {
    const buckets = this.others
    let index = buckets.length
    while (index > 0 && (buckets[index - 1] as Bucket).priority > priority) index--
    const before = buckets[index - 1]
    if (before?.priority === priority) before.tasks.push(task)
    else buckets.splice(index, 0, { priority, tasks: [task] })
  }

  flush(): void {
    while (this.position < this.passLength || this.beginPass()) this.runUntil(Number.POSITIVE_INFINITY)
  }

  private readonly turn = (): void => {
    let isDone = false
    try {
      isDone = this.runUntil(performance.now() + this.turnMillis)
    } finally {
      // A task that threw (an observer of a fiber, say) must not take the others with it.
      if (isDone) this.isAwake = false
      else setImmediate(this.turn)
    }
  }

  /** Runs what is ready until the given time of the host. Returns true when nothing is ready any more. */
  private runUntil(end: number): boolean {
    let steps = 0
    do {
      const pass = this.pass
      while (this.position < this.passLength) {
        const task = pass[this.position] as Ready
        // A long pass must not keep what its early fibers have left behind.
        pass[this.position++] = undefined
        if (typeof task === "function") task()
        else task.takeTurn()
        if (++steps % STEPS_PER_LOOK === 0 && performance.now() >= end) return false
      }
    } while (this.beginPass())
    return true
  }

  /** Makes what is ready the next pass. Returns false if there is nothing. */
  private beginPass(): boolean {
    const { others, ready } = this
    if (this.readyLength === 0 && others.length === 0) return false
    // An array that is emptied by its length gives its memory back, and has to grow again in each pass.
    this.ready = this.pass.length > LONGEST_KEPT ? [] : this.pass
    this.pass = ready
    this.passLength = this.readyLength
    this.readyLength = 0
    this.position = 0
    if (others.length > 0) {
      this.pass = inOrder(others, ready.slice(0, this.passLength))
      this.passLength = this.pass.length
      this.others = []
    }
    return true
  }
}

const inOrder = (others: ReadonlyArray<Bucket>, ready: ReadonlyArray<Ready | undefined>): Array<Ready | undefined> => [
  ...others.filter(({ priority }) => priority < 0).flatMap(({ tasks }) => tasks),
  ...ready,
  ...others.filter(({ priority }) => priority > 0).flatMap(({ tasks }) => tasks)
]

/** Has something run in a turn of a fiber's scheduler. */
export const scheduleTurn = (fiber: Fiber.Fiber<unknown, unknown>, taker: TurnTaker): void => {
  const dispatcher = fiber.currentDispatcher
  if (dispatcher instanceof FairSchedulerImpl) dispatcher.scheduleTurn(taker)
  else dispatcher.scheduleTask(() => taker.takeTurn(), 0)
}
