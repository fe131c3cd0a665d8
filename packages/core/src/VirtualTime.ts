/**
 * A clock that jumps to the next timer when every fiber is idle: hours of sleeping run in milliseconds, in the same order
 * every time, and a program that can never go on fails at once and says who waits for what.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { ChoosingEngine } from "./internal/choosingEngine.ts"
import type { DeadlockError } from "./internal/deadlockError.ts"
import { FifoEngine } from "./internal/fifoEngine.ts"
import { VirtualClock } from "./internal/virtualClock.ts"
import type { Chooser } from "./kernel/Chooser.ts"

export { DeadlockError } from "./internal/deadlockError.ts"

/** How a program is run on virtual time. */
export interface Options {
  /** Says who goes on where several could. */
  readonly chooser?: Chooser | undefined
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
 * @param options.chooser - says who goes on where several could, instead of the order of arrival; runs inside of this one ask
 *   it as well. `@skein/testing` explores schedules with it.
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
export const run = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options?: Options
): Effect.Effect<A, E | DeadlockError, R> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.callback<A, E | DeadlockError>((resume) => {
      const outer = Context.get(context, Clock.Clock)
      const chooser = options?.chooser ?? (outer instanceof VirtualClock ? outer.chooser : undefined)
      const engine = chooser === undefined ? new FifoEngine() : new ChoosingEngine(chooser)
      const inside = context.pipe(
        Context.add(Scheduler.Scheduler, engine),
        Context.add(Clock.Clock, new VirtualClock(engine, chooser))
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

/** A fiber that sleeps. */
export interface Timer {
  /** When it is due, in milliseconds of virtual time. */
  readonly due: number
  /** Who sleeps; none for a timer that no fiber has set. */
  readonly fiber: Fiber.Fiber<unknown, unknown> | undefined
}

/**
 * The timers that are set and not cancelled, first to fire first. For tests which look for what was left behind.
 *
 * Outside of {@link run} there are none.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   yield* Effect.forkChild(Effect.sleep("1 minute"), { startImmediately: true })
 *   const timers = yield* VirtualTime.timers
 *   return timers.map((timer) => timer.due)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => [ 60000 ]
 * ```
 */
export const timers: Effect.Effect<ReadonlyArray<Timer>> = Effect.suspend(() =>
  Clock.clockWith((clock) => {
    if (!(clock instanceof VirtualClock)) return Effect.succeed([])
    const sorted = [...clock.engine.timers].sort(
      (one, other) => one.timerWhen - other.timerWhen || one.timerSequence - other.timerSequence
    )
    return Effect.succeed(sorted.map(({ timerWhen, fiber }): Timer => ({ due: timerWhen, fiber })))
  })
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
export const runPromise = <A, E>(effect: Effect.Effect<A, E>, options?: Options): Promise<A> =>
  Effect.runPromise(run(effect, options))

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
export const runPromiseExit = <A, E>(
  effect: Effect.Effect<A, E>,
  options?: Options
): Promise<Exit.Exit<A, E | DeadlockError>> => Effect.runPromiseExit(run(effect, options))
