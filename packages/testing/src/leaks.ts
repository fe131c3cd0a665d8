/**
 * Leak checks: what a program has left behind when it ends.
 *
 * It sees every task and fiber that the program starts, also detached ones; timers of the virtual clock are fibers that sleep.
 */
import { Task, VirtualTime } from "@skein/core"
import { recordSpawnSites, type TaskKind, type TaskNode, type TaskState, taskRegistry } from "@skein/core/kernel"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { descendsFrom, HoldingWatch, type Listened, ListenerWatch, taskLeak } from "./internal/leak.ts"
import { type Leak, LeakError } from "./LeakError.ts"

export type { Listened } from "./internal/leak.ts"
export { type Leak, LeakError } from "./LeakError.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** What a leak check looks at. */
export interface LeakOptions {
  /** What the program is called in messages; `main` if left out. */
  readonly name?: string | undefined
  /** Objects whose listeners are compared before and after, besides `process`. */
  readonly listeners?: ReadonlyArray<Listened> | undefined
}

/**
 * Runs a program, and fails if it has left something behind: tasks and fibers that have not ended, sleeps, locks and permits
 * that are still held, listeners.
 *
 * The program runs as a task of its own. When it has ended, whatever was about to run gets its turn; then the check is made, and
 * what is left is interrupted, so that it does not disturb what comes after. A fiber that was interrupted, or is just ending, is no
 * leak. On virtual time "about to run" is exact; on the real clock it is some turns of the host.
 *
 * What the program registers in a scope around it is still there when the check is made: use `Effect.scoped` inside.
 *
 * @param effect - the program
 * @param options.name - what it is called in messages
 * @param options.listeners - objects whose listeners are compared, besides `process`
 * @returns what the program returns
 * @throws `LeakError` with all leaks, each by name, and with the place where it was started; behind the program's own failure in
 *   the cause, if it has failed too
 *
 * When interrupted: the program is interrupted, its clean-up awaited, and the check is made then.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, VirtualTime } from "@skein/core"
 * import { noLeaks } from "@skein/testing"
 *
 * const program = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   yield* Lock.acquire(lock)
 *   yield* Effect.sleep("1 second")
 * })
 * const error = await VirtualTime.runPromise(Effect.flip(noLeaks(Effect.orDie(program))))
 * console.log(error.message.split("\n")[1]) // =>   Lock "db" is still held by task "main", which has ended
 * ```
 */
export const noLeaks = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options?: LeakOptions
): Effect.Effect<A, E | LeakError, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.withFiber((fiber) => Effect.succeed(new Watch(fiber, options))),
      (watch) =>
        Effect.flatMap(Effect.exit(restore(watch.run(effect))), (exit) =>
          Effect.flatMap(watch.end, (leaks) => {
            if (leaks.length === 0) return exit
            const own = Exit.isFailure(exit) ? exit.cause.reasons : []
            return Effect.failCause(
              Cause.fromReasons<E | LeakError>([...own, Cause.makeFailReason(new LeakError(leaks))])
            )
          })
        )
    )
  )

/** Turns that what is about to run gets, at most, before it counts as left behind. */
const SETTLING_TURNS = 16

/** The shortest time: it passes when everything is idle. */
const INSTANT = "1 nano"

class Watch {
  private readonly root: Root
  private readonly holding: HoldingWatch
  private readonly listeners: ListenerWatch
  private readonly fibers: FiberWatch
  private readonly name: string
  private stopRecording = (): void => undefined

  constructor(fiber: AnyFiber, options: LeakOptions | undefined) {
    this.name = options?.name ?? "main"
    this.root = new Root()
    taskRegistry.add(this.root, fiber.getRef(Task.CurrentTask))
    this.holding = new HoldingWatch(this.root)
    this.listeners = new ListenerWatch(options?.listeners ?? [])
    this.fibers = new FiberWatch(fiber.getRef(Scheduler.Scheduler), fiber)
  }

  run<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const spawned = Task.spawn(effect, { name: this.name }).pipe(
      Effect.provideService(Task.CurrentTask, this.root),
      Effect.provideService(Scheduler.Scheduler, this.fibers)
    )
    // Not before, since the place where the program itself is started says nothing.
    this.stopRecording = recordSpawnSites()
    return Effect.scoped(Effect.flatMap(Effect.flatMap(spawned, Task.await), (exit) => exit))
  }

  readonly end: Effect.Effect<ReadonlyArray<Leak>> = Effect.suspend(() =>
    Effect.ensuring(
      Effect.tap(this.settled(SETTLING_TURNS), () => Effect.sync(() => this.fibers.interruptAll())),
      Effect.sync(() => {
        this.stopRecording()
        this.holding.close()
        taskRegistry.remove(this.root)
      })
    )
  )

  private settled(turns: number): Effect.Effect<ReadonlyArray<Leak>> {
    return Effect.andThen(
      oneTurn,
      Effect.flatMap(VirtualTime.timers, (timers) => {
        const leaks = this.leaks(timers)
        return leaks.length === 0 || turns === 1 ? Effect.succeed(leaks) : this.settled(turns - 1)
      })
    )
  }

  private leaks(timers: ReadonlyArray<VirtualTime.Timer>): ReadonlyArray<Leak> {
    const sleepOf = (fiber: AnyFiber): string | undefined => {
      const due = timers.find((timer) => timer.fiber === fiber)?.due
      return due === undefined ? undefined : `sleeps until ${due} ms of virtual time`
    }
    const unfinished = this.fibers.unfinished()
    const taskLeaks = [...taskRegistry]
      .filter((node) => descendsFrom(node, this.root))
      .map((node) => {
        const own = unfinished.map((fiber) => (taskOf(fiber) === node ? sleepOf(fiber) : undefined))
        return taskLeak(
          node,
          own.find((sleep) => sleep !== undefined)
        )
      })
    const fiberLeaks = unfinished
      // The fibers of a task that has not ended are told of by the task.
      .filter((fiber) => taskOf(fiber)?.taskIsLive !== true || taskOf(fiber) === this.root)
      .map((fiber): Leak => {
        const task = taskOf(fiber)
        const whose = task === undefined || task === this.root ? "" : ` of task "${task.name}"`
        const what = sleepOf(fiber) ?? "waits for something that is not of Skein"
        return { kind: "fiber", what: `${this.fibers.nameOf(fiber)}${whose} ${what}`, spawnSite: task?.spawnSite }
      })
    return [...taskLeaks, ...fiberLeaks, ...this.holding.leaks(), ...this.listeners.leaks()]
  }
}

const taskOf = (fiber: AnyFiber): TaskNode | undefined => fiber.getRef(Task.CurrentTask)

const turnOfHost = Effect.callback<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

/** Lets everything run that is about to. When a timer of the virtual clock fires, all of it has; the real clock cannot tell. */
const oneTurn: Effect.Effect<void> = Effect.matchCauseEffect(VirtualTime.now, {
  onSuccess: () => Effect.sleep(INSTANT),
  onFailure: () => turnOfHost
})

/** The task above the program's, so that what the program starts has a living ancestor when the program has ended. */
class Root implements Task.RunningTask {
  taskId = 0
  taskIsLive = false
  taskPrevious: TaskNode | undefined = undefined
  taskNext: TaskNode | undefined = undefined
  taskParent: TaskNode | undefined = undefined
  waitingOn: Task.RunningTask["waitingOn"] = undefined
  waitingSince: number | undefined = undefined
  holds: Task.RunningTask["holds"] = undefined
  readonly name = "leak check"
  readonly kind: TaskKind = "core"
  readonly state: TaskState = "waiting"
  readonly spawnSite = undefined
}

/** How many fibers are remembered before those that have ended are forgotten. */
const PURGE_AT = 1024

/** A scheduler that does as another one does, and sees every fiber that makes a step. */
class FiberWatch implements Scheduler.Scheduler {
  readonly executionMode: "sync" | "async"
  private readonly inner: Scheduler.Scheduler
  private readonly watcher: AnyFiber
  private readonly numbers = new Map<AnyFiber, number>()
  private seen = 0
  private purgeAt = PURGE_AT
  private last: AnyFiber | undefined = undefined

  constructor(inner: Scheduler.Scheduler, watcher: AnyFiber) {
    this.inner = inner
    this.executionMode = inner.executionMode
    this.watcher = watcher
  }

  shouldYield(fiber: AnyFiber): boolean {
    if (fiber !== this.last) {
      this.last = fiber
      if (fiber !== this.watcher && !this.numbers.has(fiber)) this.add(fiber)
    }
    return this.inner.shouldYield(fiber)
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this.inner.makeDispatcher()
  }

  unfinished(): ReadonlyArray<AnyFiber> {
    return [...this.numbers.keys()].filter((fiber) => fiber.pollUnsafe() === undefined)
  }

  nameOf(fiber: AnyFiber): string {
    return `fiber ${this.numbers.get(fiber)}`
  }

  interruptAll(): void {
    for (const fiber of this.unfinished()) fiber.interruptUnsafe()
  }

  private add(fiber: AnyFiber): void {
    this.numbers.set(fiber, ++this.seen)
    if (this.numbers.size < this.purgeAt) return
    for (const other of this.numbers.keys()) if (other.pollUnsafe() !== undefined) this.numbers.delete(other)
    this.purgeAt = Math.max(PURGE_AT, this.numbers.size * 2)
  }
}
