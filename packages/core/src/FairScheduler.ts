/**
 * One ready queue for all fibers of a program, first come, first served.
 *
 * Effect's own scheduler gives each fiber a queue of its own, and each queue a turn of the host's event loop: the order of two
 * fibers is then the host's affair, and every wake-up costs such a turn. Here whatever becomes ready goes to the end of one
 * queue, and a turn of the host runs from its head for a tenth of a millisecond, then leaves the host to its sockets and timers.
 * Sleepers wait in one heap, with one timer of the host; whoever is due goes to the end of the queue as well.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scheduler from "effect/Scheduler"
import { fairClock } from "./internal/fairClock.ts"
import { FairSchedulerImpl } from "./internal/fairScheduler.ts"
import { hostClock } from "./internal/hostTimers.ts"
import { keepShapes } from "./internal/keepShapes.ts"

/** How a scheduler is made. */
export interface FairSchedulerOptions {
  /**
   * How long fibers may run before the host gets its turn (sockets, timers, promises): 0.1 milliseconds by default. It is looked at
   * between the steps of fibers; a single step is never cut short.
   */
  readonly turn?: Duration.Input | undefined
}

/**
 * Makes a scheduler, to be given to one program or to several that shall share a queue. It has no say in the clock: sleepers go on
 * when a timer of the host fires, and not in the queue's order. With {@link layer} and {@link runPromise} they do.
 *
 * @param options.turn - how long fibers run before the host gets its turn; 0.1 milliseconds by default.
 * @throws RangeError if `turn` is not positive and finite.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { FairScheduler } from "@skein/core"
 *
 * const scheduler = FairScheduler.make({ turn: "2 millis" })
 * console.log(await Effect.runPromise(Effect.succeed("done"), { scheduler })) // => done
 * ```
 */
export const make = (options?: FairSchedulerOptions): Scheduler.Scheduler => {
  const millis = options?.turn === undefined ? 0.1 : Duration.toMillis(Duration.fromInputUnsafe(options.turn))
  if (!(millis > 0 && Number.isFinite(millis))) {
    throw new RangeError(
      `The turn of a FairScheduler is a positive, finite time, got ${String(options?.turn)}. ` +
        "Without an end to its turns the host could neither read sockets nor fire timers."
    )
  }
  keepShapes()
  return new FairSchedulerImpl(millis)
}

/**
 * Gives all fibers of a program one {@link make fair scheduler}, made when the layer is built, and a clock whose sleepers take
 * their turns in its queue. A clock that the program was given before, for tests say, stays.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { FairScheduler } from "@skein/core"
 *
 * const steps: Array<string> = []
 * const worker = (name: string) =>
 *   Effect.gen(function* () {
 *     for (let step = 1; step <= 2; step++) {
 *       steps.push(`${name}${step}`)
 *       yield* Effect.yieldNow
 *     }
 *   })
 * const program = Effect.all([worker("a"), worker("b"), worker("c")], { concurrency: "unbounded" })
 * await Effect.runPromise(program.pipe(Effect.provide(FairScheduler.layer())))
 * console.log(steps.join(" ")) // => a1 b1 c1 a2 b2 c2
 * ```
 */
export const layer = (options?: FairSchedulerOptions): Layer.Layer<never> =>
  Layer.effectContext(
    Effect.map(Effect.service(Clock.Clock), (clock) =>
      Context.make(Scheduler.Scheduler, make(options)).pipe(
        Context.add(Clock.Clock, clock === hostClock ? fairClock : clock)
      )
    )
  )

const withFairClock = Context.make(Clock.Clock, fairClock)

/**
 * Runs a program on a fair scheduler of its own, with sleepers in its queue, from outside of Effect.
 *
 * @returns a promise of what the program returns; it is rejected with the program's error.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { FairScheduler, TaskGroup } from "@skein/core"
 *
 * const square = (n: number) => Effect.as(Effect.yieldNow, n * n)
 * console.log(await FairScheduler.runPromise(TaskGroup.all([1, 2, 3].map(square)))) // => [ 1, 4, 9 ]
 * ```
 */
export const runPromise = <A, E>(
  effect: Effect.Effect<A, E>,
  options?: FairSchedulerOptions & { readonly signal?: AbortSignal | undefined }
): Promise<A> => Effect.runPromiseWith(withFairClock)(effect, { scheduler: make(options), signal: options?.signal })

/**
 * Runs a program on a fair scheduler of its own, with sleepers in its queue, from outside of Effect.
 *
 * @returns a promise of how the program ended; it is never rejected.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { FairScheduler } from "@skein/core"
 *
 * const exit = await FairScheduler.runPromiseExit(Effect.fail("no milk"))
 * console.log(exit._tag) // => Failure
 * ```
 */
export const runPromiseExit = <A, E>(
  effect: Effect.Effect<A, E>,
  options?: FairSchedulerOptions & { readonly signal?: AbortSignal | undefined }
): Promise<Exit.Exit<A, E>> =>
  Effect.runPromiseExitWith(withFairClock)(effect, { scheduler: make(options), signal: options?.signal })
