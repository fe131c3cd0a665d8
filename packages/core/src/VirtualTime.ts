/**
 * A clock that jumps to the next timer when every fiber is idle: hours of sleeping run in milliseconds, in the same order
 * every time, and a program that can never go on fails at once and says who waits for what.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { TaggedError } from "./internal/taggedError.ts"
import { taskRegistry } from "./kernel/TaskRegistry.ts"
import { TimerHeap, type TimerNode } from "./kernel/TimerHeap.ts"

/**
 * Every fiber waits, no timer is set, and the program has not ended: it never will.
 *
 * `waits` has one line for each task that waits (who waits for what, and what it holds meanwhile); fibers that are no tasks
 * have no names and are not in it. `time` is the virtual time in milliseconds.
 */
export class DeadlockError extends TaggedError("VirtualTimeDeadlockError")<{
  readonly time: number
  readonly waits: ReadonlyArray<string>
  readonly duringCleanUp: boolean
}> {
  override get message(): string {
    const who =
      this.waits.length === 0
        ? "  (no task is known to wait; fibers started with Task.spawn or in a TaskGroup are named here)"
        : this.waits.map((line) => `  ${line}`).join("\n")
    return (
      `Deadlock at ${this.time} ms of virtual time${this.duringCleanUp ? ", while cleaning up" : ""}: ` +
      `every fiber waits, and no timer is set that could wake one.\n${who}\n` +
      "A program that waits for real I/O (sockets, files, workers) must run on the real clock: leave out VirtualTime."
    )
  }
}

/**
 * Quiet turns of the host's event loop before the clock jumps. One lets every promise that is settled already run all its
 * reactions; the second lets callbacks run that the host itself had queued for the turn after.
 */
const QUIET_TURNS = 2

/** Passes over the ready queue before the host gets its turn, so that fibers which only yield cannot starve promises. */
const PASSES_PER_TURN = 128

class Sleeper implements TimerNode {
  readonly timerWhen: number
  readonly resume: (effect: Effect.Effect<void>) => void
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false

  constructor(when: number, resume: (effect: Effect.Effect<void>) => void) {
    this.timerWhen = when
    this.resume = resume
  }
}

interface Bucket {
  readonly priority: number
  readonly tasks: Array<() => void>
}

type Main = Fiber.Fiber<unknown, unknown>

// One ready queue for all fibers of a run, where Effect's own scheduler has one for each fiber: otherwise the order of two
// fibers would depend on the host. Lower priority numbers go first; tasks queued during a pass wait for the next one.
class Engine implements Scheduler.Scheduler, Scheduler.SchedulerDispatcher {
  readonly executionMode = "async"
  now = 0
  readonly timers = new TimerHeap<Sleeper>()
  private ready: Array<Bucket> = []
  private awake = false
  /** Invariant: false only if no fiber of this run has made a step, and no task has run, since it was last set to false. */
  private stirred = false
  private quietTurns = 0
  /** Runs inside of this one that have not ended. They have clocks of their own, so time waits for them here. */
  innerRuns = 0
  private main: Main | undefined = undefined
  private deadlock: DeadlockError | undefined = undefined
  private onEnd: ((exit: Exit.Exit<unknown, unknown>) => void) | undefined = undefined

  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
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

  /** Watches over the program from now on. `onEnd` is called once, in a turn of its own or within a step of the program. */
  watch(main: Main, onEnd: (exit: Exit.Exit<unknown, unknown>) => void): void {
    this.main = main
    this.onEnd = onEnd
    main.addObserver((exit) => this.end(exit))
    if (this.onEnd !== undefined) this.wakeUp()
  }

  private end(exit: Exit.Exit<unknown, unknown>): void {
    const onEnd = this.onEnd
    this.onEnd = undefined
    this.main = undefined
    onEnd?.(this.deadlock === undefined ? exit : failWith(this.deadlock, exit))
  }

  private wakeUp(): void {
    if (this.awake) return
    this.awake = true
    setImmediate(this.turn)
  }

  private readonly turn = (): void => {
    this.awake = false
    try {
      for (let pass = 0; pass < PASSES_PER_TURN && this.ready.length > 0; pass++) this.runPass()
      if (this.ready.length === 0 && this.main !== undefined) this.rest()
    } finally {
      // Once the program has ended time stands still, but fibers that outlive it may still run.
      if (this.ready.length > 0 || this.main !== undefined) this.wakeUp()
    }
  }

  private rest(): void {
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
    this.now = first.timerWhen
    for (const sleeper of due) {
      if (!sleeper.timerCancelled) this.scheduleTask(() => sleeper.resume(Effect.void), 0)
    }
  }

  private reportDeadlock(): void {
    const waits = taskRegistry.describeWaits()
    const duringCleanUp = this.deadlock !== undefined
    const error = new DeadlockError({
      time: this.now,
      waits: waits === "" ? [] : waits.split("\n"),
      duringCleanUp
    })
    // First the program is interrupted and cleans up, on a clock that still goes. Should that hang too, it is left behind.
    if (duringCleanUp) {
      this.deadlock = undefined
      this.end(Exit.fail(error))
    } else {
      this.deadlock = error
      this.main?.interruptUnsafe()
    }
  }

  private runPass(): void {
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

const failWith = (error: DeadlockError, exit: Exit.Exit<unknown, unknown>): Exit.Exit<never, unknown> => {
  const kept = Exit.isFailure(exit) ? exit.cause.reasons.filter((reason) => !Cause.isInterruptReason(reason)) : []
  return Exit.failCause(Cause.fromReasons<unknown>([Cause.makeFailReason(error), ...kept]))
}

class VirtualClock implements Clock.Clock {
  readonly engine: Engine
  readonly currentTimeMillis: Effect.Effect<number> = Effect.sync(() => this.currentTimeMillisUnsafe())
  readonly currentTimeNanos: Effect.Effect<bigint> = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos: Effect.Effect<bigint> = Effect.sync(() => this.currentTimeNanosUnsafe())

  constructor(engine: Engine) {
    this.engine = engine
  }

  currentTimeMillisUnsafe(): number {
    return this.engine.now
  }

  currentTimeNanosUnsafe(): bigint {
    const whole = Math.floor(this.engine.now)
    return BigInt(whole) * 1_000_000n + BigInt(Math.round((this.engine.now - whole) * 1_000_000))
  }

  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe()
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow
    if (!Number.isFinite(millis)) return Effect.never
    const engine = this.engine
    return Effect.callback((resume) => {
      const sleeper = new Sleeper(engine.now + millis, resume)
      engine.timers.push(sleeper)
      return Effect.sync(() => {
        sleeper.timerCancelled = true
        engine.timers.noteCancelled(sleeper)
      })
    })
  }
}

/**
 * Runs a program on a clock of its own, which starts at 0 and jumps to the next timer whenever every fiber is idle.
 *
 * Timers that are due at the same time fire in the order in which they were set, and all fibers share one ready queue, so
 * the program does the same every time. Before a jump the host gets quiet turns of its event loop, until no fiber has made a
 * step for two of them: promises that can settle without the outside world do settle first. Real I/O takes longer than
 * that and does not belong under virtual time; the clock would jump, or a deadlock be reported, while it is in flight.
 *
 * When the program ends, time stops. Fibers that were detached from it and sleep then are never woken.
 *
 * @param effect - the program. The fibers that it starts inherit the clock and the scheduler.
 * @returns what the program returns.
 * @throws `DeadlockError` in the error channel, when every fiber waits and no timer is set. The program has then been
 *   interrupted and has cleaned up (errors of that are kept behind the `DeadlockError` in the cause); a clean-up that hangs
 *   as well is left behind, and the error says so.
 *
 * When interrupted: the program is interrupted, and its clean-up awaited, in virtual time.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   yield* Effect.sleep("10 hours")
 *   return yield* VirtualTime.now
 * })
 * console.log(await Effect.runPromise(VirtualTime.run(program))) // => 36000000
 * ```
 */
export const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | DeadlockError, R> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.callback<A, E | DeadlockError>((resume) => {
      const outer = Context.get(context, Clock.Clock)
      const engine = new Engine()
      const inside = context.pipe(
        Context.add(Scheduler.Scheduler, engine),
        Context.add(Clock.Clock, new VirtualClock(engine))
      )
      const main = Effect.runForkWith(inside)(effect)
      if (outer instanceof VirtualClock) outer.engine.innerRuns++
      let ended = false
      let onCleanedUp: (() => void) | undefined
      engine.watch(main, (exit) => {
        ended = true
        if (outer instanceof VirtualClock) outer.engine.innerRuns--
        resume(exit as Exit.Exit<A, E | DeadlockError>)
        onCleanedUp?.()
      })
      return Effect.callback<void>((cleanedUp) => {
        // Not awaited through the fiber: a clean-up that hangs ends the run, but never the fiber.
        onCleanedUp = () => cleanedUp(Effect.void)
        main.interruptUnsafe()
        if (ended) onCleanedUp()
      })
    })
  )

/**
 * The milliseconds of virtual time since the run began, fractions included.
 *
 * Outside of {@link run} it dies: a program that depends on virtual time should not go on without.
 */
export const now: Effect.Effect<number> = Effect.suspend(() =>
  Clock.clockWith((clock) =>
    clock instanceof VirtualClock
      ? Effect.succeed(clock.engine.now)
      : Effect.die(
          new Error(
            "VirtualTime.now was read outside of virtual time. Wrap the program in VirtualTime.run, or read the clock in " +
              "use with Clock.currentTimeMillis."
          )
        )
  )
)

/**
 * Runs a program under virtual time from outside of Effect.
 *
 * @returns a promise of what the program returns; it is rejected with the program's error, or a {@link DeadlockError}.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { VirtualTime } from "@skein/core"
 *
 * console.log(await VirtualTime.runPromise(Effect.as(Effect.sleep("1 day"), "tomorrow"))) // => tomorrow
 * ```
 */
export const runPromise = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(run(effect))

/**
 * Runs a program under virtual time from outside of Effect.
 *
 * @returns a promise of how the program ended; it is never rejected.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { VirtualTime } from "@skein/core"
 *
 * const exit = await VirtualTime.runPromiseExit(Effect.andThen(Effect.sleep("1 day"), Effect.fail("too late")))
 * console.log(exit._tag) // => Failure
 * ```
 */
export const runPromiseExit = <A, E>(effect: Effect.Effect<A, E>): Promise<Exit.Exit<A, E | DeadlockError>> =>
  Effect.runPromiseExit(run(effect))
