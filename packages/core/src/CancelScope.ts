/**
 * Deadlines: a stretch of a program gets so much time, and what it started is cleaned up when that is over.
 *
 * Effect's own timeouts race a sleep against the effect. Here a deadline is also something that code can ask for: whoever makes
 * an I/O call, or thinks of trying again, can read how much time is left.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import { Bounded } from "./internal/bounded.ts"
import type { Cancellation } from "./internal/cancellation.ts"
import { CurrentDeadline, deadlineOf, Extent, remainingOf } from "./internal/deadline.ts"
import { runStrand, startStrand } from "./internal/strand.ts"
import { TaggedError } from "./internal/taggedError.ts"

/**
 * A stretch of the program that was to end by a deadline had not, and was cancelled.
 */
export class DeadlineError extends TaggedError("DeadlineError")<{
  /** What the deadline was for, if it was given a name. */
  readonly name: string | undefined
  /** How much time there was. */
  readonly duration: Duration.Duration
}> {
  override get message(): string {
    return `${describe(this.name)} did not end within ${Duration.format(this.duration)}, and was cancelled.`
  }
}

/** What a deadline may be given besides its time. */
export interface DeadlineOptions {
  /** What the deadline is for, as it stands in messages and cancellation records. */
  readonly name?: string | undefined
}

const describe = (name: string | undefined): string => (name === undefined ? "The work" : `"${name}"`)

const expiryNote = (duration: Duration.Duration, name: string | undefined): Cancellation => ({
  source: "deadline",
  by: name === undefined ? "a deadline" : `the deadline of "${name}"`,
  reason: `${describe(name)} did not end within ${Duration.format(duration)}`
})

/**
 * Runs an effect that has to end within a time, or fails.
 *
 * At the deadline the effect is interrupted and its clean-up awaited; errors of the clean-up stand beside the `DeadlineError` in
 * the cause. Under nesting the nearest deadline wins; of two for the same instant it is the outer one. A deadline works
 * within regions that cannot be interrupted, too: it is part of the effect, unlike an interruption from outside. An effect
 * that never suspends is not cut short.
 *
 * @param effect - what has to end in time.
 * @param duration - how much time there is from now.
 * @param options.name - what the deadline is for; it shows in messages.
 * @throws `DeadlineError` when the time is over.
 *
 * When interrupted: the effect is interrupted and its clean-up awaited. Interruption from outside wins over the deadline.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { CancelScope, VirtualTime } from "@skein/core"
 *
 * const slow = Effect.sleep("1 hour").pipe(CancelScope.failAfter("2 seconds", { name: "the report" }))
 * const error = await VirtualTime.runPromise(Effect.flip(slow))
 * console.log(error.message) // => "the report" did not end within 2s, and was cancelled.
 * ```
 */
export const failAfter: {
  (
    duration: Duration.Input,
    options?: DeadlineOptions
  ): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | DeadlineError, R>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    duration: Duration.Input,
    options?: DeadlineOptions
  ): Effect.Effect<A, E | DeadlineError, R>
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    duration: Duration.Input,
    options?: DeadlineOptions
  ): Effect.Effect<A, E | DeadlineError, R> => new FailAfter(effect, duration, options?.name)
)

class FailAfter<A, E, R> extends Bounded<A, E, R, A, DeadlineError> {
  note(duration: Duration.Duration): Cancellation {
    return expiryNote(duration, this.name)
  }

  protected ended(exit: Exit.Exit<A, E>): Exit.Exit<A, E> {
    return exit
  }

  protected expired(rest: Cause.Cause<E>, duration: Duration.Duration): Effect.Effect<A, E | DeadlineError> {
    const error = new DeadlineError({ name: this.name, duration })
    return Effect.failCause(Cause.fromReasons<E | DeadlineError>([Cause.makeFailReason(error), ...rest.reasons]))
  }
}

/**
 * Runs an effect for a time at most, and goes on without it when that is over.
 *
 * As {@link failAfter}, but the end of the time is no error. Errors of the clean-up are.
 *
 * @param effect - what may take so long.
 * @param duration - how much time there is from now.
 * @returns the result, or none if the time was over first.
 *
 * When interrupted: the effect is interrupted and its clean-up awaited. Interruption from outside wins over the deadline.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { CancelScope, VirtualTime } from "@skein/core"
 *
 * const result = CancelScope.moveOnAfter(Effect.sleep("1 hour"), "2 seconds")
 * console.log((await VirtualTime.runPromise(result))._tag) // => None
 * ```
 */
export const moveOnAfter: {
  (
    duration: Duration.Input,
    options?: DeadlineOptions
  ): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    duration: Duration.Input,
    options?: DeadlineOptions
  ): Effect.Effect<Option.Option<A>, E, R>
} = dual(
  (args) => Effect.isEffect(args[0]),
  <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    duration: Duration.Input,
    options?: DeadlineOptions
  ): Effect.Effect<Option.Option<A>, E, R> => new MoveOnAfter(effect, duration, options?.name)
)

class MoveOnAfter<A, E, R> extends Bounded<A, E, R, Option.Option<A>, never> {
  note(duration: Duration.Duration): Cancellation {
    return expiryNote(duration, this.name)
  }

  protected ended(exit: Exit.Exit<A, E>): Exit.Exit<Option.Option<A>, E> {
    return Exit.map(exit, Option.some)
  }

  protected expired(rest: Cause.Cause<E>): Effect.Effect<Option.Option<A>, E> {
    return rest.reasons.length === 0 ? Effect.succeedNone : Effect.failCause(rest)
  }
}

/**
 * Runs an effect that interruption from outside and the deadlines around it cannot reach.
 *
 * They come into force when it has ended. What is inside works as ever: deadlines set there, races, cancelling what was
 * started there; with `Effect.uninterruptible` alone, the loser of a race could not be stopped. Meant for what must be
 * finished once begun; give it a deadline of its own if it could hang.
 *
 * When interrupted: it goes on to its end; then the interruption comes through, and what it returned is lost.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { CancelScope, VirtualTime } from "@skein/core"
 *
 * const goodbye = Effect.as(Effect.sleep("3 seconds"), "said goodbye")
 * const program = Effect.gen(function* () {
 *   const said: Array<string> = []
 *   const polite = CancelScope.shield(Effect.map(goodbye, (text) => said.push(text)))
 *   yield* CancelScope.moveOnAfter(polite, "1 second")
 *   return `${said} after ${yield* VirtualTime.now} ms`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => said goodbye after 3000 ms
 * ```
 */
export const shield = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptible(
    Effect.flatten(
      runStrand<A, E, R>((parent) => {
        const around = parent.getRef(CurrentDeadline)
        const extent = new Extent(parent, parent.getRef(Clock.Clock), around, Number.POSITIVE_INFINITY)
        return startStrand(parent, Context.add(parent.context, CurrentDeadline, extent), effect, (own) => {
          extent.fiber = own
        })
      })
    )
  )

/**
 * The nearest deadline in force here, in milliseconds of the clock's monotonic time; `Infinity` if there is none.
 *
 * It goes along into fibers that are forked, tasks that are spawned, and groups. A task is bound by the deadlines around the
 * group or scope it belongs to. A fiber of `Effect.forkDetach` still sees the deadline of the place where it was forked,
 * though that cannot reach it any more.
 */
export const deadline: Effect.Effect<number> = Effect.withFiber((fiber) => Effect.succeed(deadlineOf(fiber)))

/**
 * The time that is left until the nearest deadline in force here: infinite if there is none, zero once it has passed.
 *
 * @example
 * ```ts
 * import * as Duration from "effect/Duration"
 * import * as Effect from "effect/Effect"
 * import { CancelScope, VirtualTime } from "@skein/core"
 *
 * const call = Effect.andThen(Effect.sleep("400 millis"), CancelScope.remaining)
 * const program = CancelScope.failAfter(call, "1 second")
 * console.log(Duration.toMillis(await VirtualTime.runPromise(program))) // => 600
 * ```
 */
export const remaining: Effect.Effect<Duration.Duration> = Effect.withFiber((fiber) =>
  Effect.succeed(Duration.millis(Math.max(0, remainingOf(fiber))))
)
