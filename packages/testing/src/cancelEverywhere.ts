/**
 * Cancels a program at every point of its life, one point a run, and sees that it holds.
 */
import { Task, VirtualTime } from "@skein/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import { CancelEverywhereError, type CancelPoint, CancelReport } from "./CancelReport.ts"
import { explore } from "./explore.ts"
import { CancelScheduler } from "./internal/cancelScheduler.ts"
import { type LeakOptions, noLeaks } from "./leaks.ts"
import type { ExploreOptions } from "./options.ts"

export { CancelEverywhereError, type CancelPoint, CancelReport } from "./CancelReport.ts"

/** What is cancelled, and what is to hold afterwards. */
export interface CancelCase<out A = unknown, out E = unknown, out R = never> {
  /** The program. It runs as a task called `program`. */
  readonly program: Effect.Effect<A, E, R>
  /** The name of the task that is cancelled: the first one that is called so. The program itself if left out. */
  readonly victim?: string | undefined
  /** Checked when the program has ended: an effect that fails, or dies, if something is not right. */
  readonly invariant?: Effect.Effect<unknown, unknown, R> | undefined
  /** Whether the program may fail when its victim is cancelled; if not (the default), a failure counts. */
  readonly mayFail?: boolean | undefined
}

/** How a program is cancelled everywhere. */
export interface CancelOptions {
  /**
   * Whether it is cancelled before every operation, as a scheduler that may switch anywhere allows (the default), or only where it
   * begins, waits, and was woken.
   */
  readonly operations?: boolean | undefined
  /** Cancels it once more at each point, in the first wait of its clean-up. */
  readonly twice?: boolean | undefined
  /** What the leak check after each run looks at; `false` leaves the check out. */
  readonly leaks?: LeakOptions | false | undefined
  /** Runs each cancellation under many schedules. The points are those of the plain schedule. */
  readonly explore?: Pick<ExploreOptions, "maxSteps" | "runs" | "shrinkRuns" | "strategy" | "timers"> | undefined
}

/**
 * Runs a program on virtual time, first without cancelling it, and then once for each point at which it can be cancelled: before its
 * first step, before each operation, in each wait, and after it was woken from one and before it ran. After each run the invariant
 * must hold, nothing may be left behind, the program must not have failed, and nobody may wait for ever.
 *
 * Runs are the same each time, so the points of the first are those of all. State belongs into `setup`, which is run anew for
 * each.
 *
 * @param setup - makes the program and what is to hold: an effect that returns a {@link CancelCase}
 * @param options.operations - false: only where it begins, waits and was woken
 * @param options.twice - cancels it once more, in the first wait of its clean-up
 * @param options.leaks - what the leak check looks at; false leaves it out
 * @param options.explore - runs each cancellation under many schedules
 * @returns how many points there were, and what became of the victim at each
 * @throws `CancelEverywhereError` at the first point at which the program does not hold: it names the point and what the victim had
 *   waited for until then
 *
 * When interrupted: the run in progress is interrupted, and its clean-up awaited.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock } from "@skein/core"
 * import { cancelEverywhere } from "@skein/testing"
 *
 * const setup = Effect.gen(function* () {
 *   const lock = yield* Lock.make("db")
 *   return {
 *     program: Lock.withLock(lock, Effect.sleep("1 second")),
 *     invariant: Effect.map(Lock.isLocked(lock), (locked) => {
 *       if (locked) throw new Error("the lock is held by nobody")
 *     })
 *   }
 * })
 * const report = await Effect.runPromise(cancelEverywhere(setup, { operations: false }))
 * console.log(report.points.map((point) => point.where).join("; "))
 * // => before its first step; while it waited for 1000 ms of virtual time
 * ```
 */
export const cancelEverywhere = <A, E, R, E2, R2>(
  setup: Effect.Effect<CancelCase<A, E, R>, E2, R2>,
  options?: CancelOptions
): Effect.Effect<CancelReport, CancelEverywhereError, Exclude<R | R2, Scope.Scope>> =>
  Effect.gen(function* () {
    const plain = new Sweep(setup, options)
    yield* plain.attempt(0, 0, false)
    const count = plain.pointsSeen
    const points: Array<CancelPoint> = []
    for (let point = 1; point <= count; point++) {
      for (const twice of options?.twice === true ? [false, true] : [false]) {
        points.push(yield* plain.attempt(point, count, twice))
      }
    }
    return new CancelReport(points)
  })

const endings = { Succeeded: "succeeded", Failed: "failed", Cancelled: "cancelled" } as const

class Sweep<A, E, R, E2, R2> {
  private readonly setup: Effect.Effect<CancelCase<A, E, R>, E2, R2>
  private readonly options: CancelOptions | undefined
  /** The run that was made last. */
  private scheduler: CancelScheduler | undefined = undefined
  private ended: CancelPoint["ended"] = "failed"

  constructor(setup: Effect.Effect<CancelCase<A, E, R>, E2, R2>, options: CancelOptions | undefined) {
    this.setup = setup
    this.options = options
  }

  get pointsSeen(): number {
    return this.scheduler?.points ?? 0
  }

  /** Runs the program, cancelled at a point; at none if that is 0. */
  attempt(
    point: number,
    of: number,
    twice: boolean
  ): Effect.Effect<CancelPoint, CancelEverywhereError, Exclude<R | R2, Scope.Scope>> {
    const schedules = point === 0 ? undefined : this.options?.explore
    const program = this.program(point, twice)
    const run = schedules === undefined ? VirtualTime.run(program) : explore(program, schedules)
    return Effect.flatMap(Effect.exit(run), (exit) => {
      const where = this.scheduler?.cancelledAt ?? "a point that it does not come to"
      if (Exit.isSuccess(exit)) return Effect.succeed({ where, ended: this.ended })
      const trace = this.scheduler?.trace ?? []
      return Effect.fail(new CancelEverywhereError({ point, of, where }, trace, Cause.squash(exit.cause)))
    })
  }

  private program(point: number, twice: boolean): Effect.Effect<void, unknown, Exclude<R | R2, Scope.Scope>> {
    return Effect.withFiber((fiber) => {
      const inner = fiber.getRef(Scheduler.Scheduler)
      const scheduler = new CancelScheduler(inner, point, this.options?.operations !== false, twice)
      this.scheduler = scheduler
      const body = Effect.scoped(this.body(scheduler, point))
      const leaks = this.options?.leaks
      const checked = leaks === false ? body : noLeaks(body, leaks)
      return Effect.provideService(checked, Scheduler.Scheduler, scheduler)
    })
  }

  private body(
    scheduler: CancelScheduler,
    point: number
  ): Effect.Effect<void, unknown, Exclude<R | R2, Scope.Scope> | Scope.Scope> {
    const { setup } = this
    const concluded = this.conclude(scheduler, point)
    return Effect.gen(function* () {
      const it = yield* setup
      scheduler.victimName = it.victim ?? "program"
      const task = yield* Task.spawn(it.program, { name: "program" })
      const exit = yield* Task.await(task)
      yield* concluded
      const rest = Exit.isSuccess(exit) || it.mayFail === true ? [] : exit.cause.reasons.filter(isNoInterrupt)
      if (rest.length > 0) return yield* Effect.failCause(Cause.fromReasons(rest))
      if (it.invariant !== undefined) yield* it.invariant
    }) as Effect.Effect<void, unknown, Exclude<R | R2, Scope.Scope> | Scope.Scope>
  }

  private conclude(scheduler: CancelScheduler, point: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      scheduler.stop()
      const { victim, victimName } = scheduler
      if (!Task.isTask(victim)) {
        const advice = 'give "victim" the name of a task that the program spawns'
        return Effect.die(new Error(`No task called "${victimName}" was started; ${advice}.`))
      }
      if (point > 0 && scheduler.cancelledAt === undefined && this.options?.explore === undefined) {
        const seen = `it has come to ${scheduler.points} points this time`
        return Effect.die(new Error(`The program is not deterministic: ${seen}, and to more when it ran first.`))
      }
      return Effect.map(Task.status(victim), ({ _tag }) => {
        this.ended = _tag in endings ? endings[_tag as keyof typeof endings] : "failed"
      })
    })
  }
}

const isNoInterrupt = <E>(reason: Cause.Reason<E>): boolean => !Cause.isInterruptReason(reason)
