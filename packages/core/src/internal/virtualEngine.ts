// The heart of virtual time: a scheduler for all fibers of a run, and a clock that moves when they are idle.
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import { taskRegistry } from "../kernel/TaskRegistry.ts"
import { TimerHeap, type TimerNode } from "../kernel/TimerHeap.ts"
import { taskOf } from "./currentTask.ts"
import { DeadlockError } from "./deadlockError.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/**
 * Quiet turns of the host's event loop before the clock jumps. One lets every promise that is settled already run all its
 * reactions; the second lets callbacks run that the host itself had queued for the turn after.
 */
const QUIET_TURNS = 2

/** Passes over the ready queue before the host gets its turn, so that fibers which only yield cannot starve promises. */
const PASSES_PER_TURN = 128

/** A fiber that waits for a time. */
export class Sleeper implements TimerNode {
  readonly timerWhen: number
  readonly resume: (effect: Effect.Effect<void>) => void
  /** Where its next turn is queued; asked only when the time has come. */
  readonly fiber: AnyFiber | undefined
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false

  constructor(when: number, fiber: AnyFiber | undefined, resume: (effect: Effect.Effect<void>) => void) {
    this.timerWhen = when
    this.fiber = fiber
    this.resume = resume
  }
}

/** Time, idleness and the end of a run. What is ready, and in which order it goes, is a subclass's. */
export abstract class Engine implements Scheduler.Scheduler {
  readonly executionMode = "async"
  now = 0
  readonly timers = new TimerHeap<Sleeper>()
  private readonly tasksBefore = taskRegistry.totalAdded
  private awake = false
  /** Invariant: false only if no fiber of this run has made a step, and no task has run, since it was last set to false. */
  protected stirred = false
  private quietTurns = 0
  /** Runs inside of this one that have not ended. They have clocks of their own, so time waits for them here. */
  innerRuns = 0
  private main: AnyFiber | undefined = undefined
  /** Why the run fails, whatever its program makes of being interrupted for it. */
  private failure: { readonly error: unknown } | undefined = undefined
  private onEnd: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined = undefined

  abstract shouldYield(fiber: AnyFiber): boolean
  abstract makeDispatcher(): Scheduler.SchedulerDispatcher

  /** True if nothing is ready. */
  protected abstract isIdle(): boolean

  /** Runs what was ready when it began, or some of it. */
  protected abstract runPass(): void

  /** Queues the turn of a fiber whose time has come. */
  protected abstract timerFired(sleeper: Sleeper): void

  /** Watches over the program from now on. `onEnd` is called once, in a turn of its own or within a step of the program. */
  watch(main: AnyFiber, onEnd: (exit: Exit.Exit<unknown, unknown>) => void): void {
    this.main = main
    this.onEnd = onEnd
    main.addObserver((exit) => this.mainEnded(exit))
    if (this.onEnd !== undefined) this.wakeUp()
  }

  protected mainEnded(exit: Exit.Exit<unknown, unknown>): void {
    this.end(exit)
  }

  protected end(exit: Exit.Exit<unknown, unknown>): void {
    const onEnd = this.onEnd
    this.onEnd = undefined
    this.main = undefined
    onEnd?.(this.failure === undefined ? exit : failWith(this.failure.error, exit))
  }

  /** Interrupts the program, which then fails with `error`. The second time it is left where it is. */
  protected fail(error: unknown): void {
    if (this.failure === undefined) {
      this.failure = { error }
      this.main?.interruptUnsafe()
    } else {
      this.failure = undefined
      this.end(Exit.fail(error))
    }
  }

  protected wakeUp(): void {
    if (this.awake) return
    this.awake = true
    setImmediate(this.turn)
  }

  private readonly turn = (): void => {
    this.awake = false
    try {
      for (let pass = 0; pass < PASSES_PER_TURN && !this.isIdle(); pass++) this.runPass()
      if (this.isIdle() && this.main !== undefined) this.rest()
    } finally {
      // Once the program has ended time stands still, but fibers that outlive it may still run.
      if (!this.isIdle() || this.main !== undefined) this.wakeUp()
    }
  }

  /** Nothing is ready, and the program has not ended. */
  protected rest(): void {
    if (this.stirred || this.innerRuns > 0) {
      this.stirred = false
      this.quietTurns = 0
    } else if (++this.quietTurns >= QUIET_TURNS) {
      this.quietTurns = 0
      this.jump()
    }
  }

  private jump(): void {
    const first = this.timers.pop()
    if (first === undefined) {
      this.reportDeadlock()
      return
    }
    // Collected before the first is fired: a sleeper set meanwhile, even for this very instant, waits for the next jump.
    const due = [first]
    for (
      let next = this.timers.peek();
      next !== undefined && next.timerWhen === first.timerWhen;
      next = this.timers.peek()
    ) {
      due.push(this.timers.pop() as Sleeper)
    }
    // Where a timer may fire early, the clock may be past one that is due.
    this.now = Math.max(this.now, first.timerWhen)
    for (const sleeper of due) if (!sleeper.timerCancelled) this.timerFired(sleeper)
  }

  private reportDeadlock(): void {
    // Tasks of other runs, which may have been left waiting for ever, are none of this one's.
    const own = this.main === undefined ? undefined : taskOf(this.main)
    const waits = taskRegistry.describeWaits((task) => task.taskId > this.tasksBefore || task === own)
    this.fail(
      new DeadlockError({
        time: this.now,
        waits: waits === "" ? [] : waits.split("\n"),
        duringCleanUp: this.failure !== undefined
      })
    )
  }
}

const failWith = (error: unknown, exit: Exit.Exit<unknown, unknown>): Exit.Exit<never, unknown> => {
  const kept = Exit.isFailure(exit) ? exit.cause.reasons.filter((reason) => !Cause.isInterruptReason(reason)) : []
  return Exit.failCause(Cause.fromReasons<unknown>([Cause.makeFailReason(error), ...kept]))
}
