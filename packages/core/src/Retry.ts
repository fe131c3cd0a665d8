/**
 * Trying again, with what Effect's `Effect.retry` lacks: a limit in time, and giving up at once when the next try could not
 * fit the deadline that is in force. The delays are an Effect `Schedule`, so all of its combinators serve.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { dual } from "effect/Function"
import type * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { monotonicMillis, remainingOf } from "./internal/deadline.ts"

/** When to try again, how often, and for how long. */
export interface RetryOptions<in E, out E2 = never, out R2 = never> {
  /** How many tries there are, the first included: a positive integer. As many as the schedule has, if left out. */
  readonly attempts?: number | undefined
  /** The delays between tries; it is given the errors. By default {@link backoff} without options. */
  readonly schedule?: Schedule.Schedule<unknown, NoInfer<E>, E2, R2> | undefined
  /** The time, from the start of the first try, after which no other try begins. It cuts no try short. */
  readonly totalTime?: Duration.Input | undefined
  /** Which errors are worth another try. All, if left out; defects and interruption never are. */
  readonly while?: ((error: NoInfer<E>) => boolean) | undefined
  /**
   * How long a try takes at least. A try that could begin before the deadline or the total time is over, and could not end
   * before, is not made. By default zero.
   */
  readonly tryTime?: Duration.Input | undefined
}

/** Why there was no other try. */
export interface GaveUp {
  /**
   * `attempts`: there were as many tries as allowed. `schedule`: the schedule ended. `error`: the error is not one to try again
   * for. `totalTime`, `deadline`: the next try would not have fitted.
   */
  readonly because: "attempts" | "schedule" | "error" | "totalTime" | "deadline"
  /** How many tries there were. */
  readonly tries: number
  /** Milliseconds from the start of the first try to the end of the last. */
  readonly elapsed: number
}

const GaveUpNote = Context.Service<GaveUp>("@skein/core/Retry/GaveUp")

/**
 * The delays of an exponential backoff with full jitter: each is chosen evenly between zero and a bound, which begins at `base`
 * and grows by `factor` up to `cap`. So those who failed together do not come back together.
 *
 * Chance comes from Effect's `Random` service; `Random.withSeed` makes it repeatable.
 *
 * @param options.base - the first bound. By default 100 ms.
 * @param options.factor - by default 2.
 * @param options.cap - the largest bound. By default 30 s.
 * @param options.jitter - `none` takes the bounds themselves. By default `full`.
 * @returns a schedule without end; its output is the delay.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Retry, VirtualTime } from "@skein/core"
 *
 * const schedule = Retry.backoff({ base: "1 second", cap: "5 seconds", jitter: "none" })
 * const failing = Effect.fail("down").pipe(Retry.retry({ schedule, attempts: 5 }), Effect.ignore)
 * console.log(await VirtualTime.runPromise(Effect.andThen(failing, VirtualTime.now))) // => 12000
 * ```
 */
export const backoff = (options?: {
  readonly base?: Duration.Input | undefined
  readonly factor?: number | undefined
  readonly cap?: Duration.Input | undefined
  readonly jitter?: "full" | "none" | undefined
}): Schedule.Schedule<Duration.Duration> => {
  const cap = Duration.toMillis(Duration.fromInputUnsafe(options?.cap ?? "30 seconds"))
  const isJittered = options?.jitter !== "none"
  return Schedule.exponential(options?.base ?? "100 millis", options?.factor ?? 2).pipe(
    Schedule.modifyDelay(({ duration }) => {
      const bound = Math.min(cap, Duration.toMillis(duration))
      return isJittered ? Effect.map(Random.next, (part) => Duration.millis(part * bound)) : Effect.succeed(bound)
    }),
    Schedule.map(({ duration }) => Effect.succeed(duration))
  )
}

/**
 * Tries an effect again when it fails.
 *
 * It fails with the last error, whose cause says why there was no other try; see {@link gaveUp}. It gives up at once, without
 * waiting, when the delay would last beyond the nearest deadline of `CancelScope`, or beyond `totalTime`: the time that
 * is left is worth more to whoever handles the error.
 *
 * @param effect - what is tried. During a try, Effect's `Schedule.CurrentMetadata` tells which one it is.
 * @throws the last error, or the schedule's own. Invalid `attempts` are a defect.
 *
 * When interrupted: the try that runs is interrupted, or the waiting ends, and there is no other try.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Retry, VirtualTime } from "@skein/core"
 *
 * let tries = 0
 * const flaky = Effect.suspend(() => (++tries < 3 ? Effect.fail("busy") : Effect.succeed(`answer ${tries}`)))
 * const program = flaky.pipe(Retry.retry({ attempts: 5, totalTime: "1 minute" }))
 * console.log(await VirtualTime.runPromise(program)) // => answer 3
 * ```
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Option from "effect/Option"
 * import { CancelScope, Retry, VirtualTime } from "@skein/core"
 *
 * const program = Effect.fail("down").pipe(
 *   Retry.retry({ schedule: Retry.backoff({ base: "20 seconds", jitter: "none" }) }),
 *   Effect.catchCause((cause) => Effect.succeed(Option.getOrThrow(Retry.gaveUp(cause)))),
 *   CancelScope.failAfter("30 seconds")
 * )
 * console.log(await VirtualTime.runPromise(program)) // => { because: 'deadline', tries: 2, elapsed: 20000 }
 * ```
 */
export const retry: {
  <E, E2 = never, R2 = never>(
    options: RetryOptions<E, E2, R2>
  ): <A, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E2, R | R2>
  <A, E, R, E2 = never, R2 = never>(
    effect: Effect.Effect<A, E, R>,
    options: RetryOptions<E, E2, R2>
  ): Effect.Effect<A, E | E2, R | R2>
} = dual(
  2,
  <A, E, R, E2, R2>(
    effect: Effect.Effect<A, E, R>,
    options: RetryOptions<E, E2, R2>
  ): Effect.Effect<A, E | E2, R | R2> => {
    const { attempts } = options
    if (attempts !== undefined && !(Number.isSafeInteger(attempts) && attempts > 0)) {
      return Effect.die(
        new RangeError(
          `The attempts of Retry.retry count the first try, so they are a positive integer; got ${String(attempts)}. ` +
            "Leave them out for no limit."
        )
      )
    }
    const schedule: Schedule.Schedule<unknown, E, E2, R2> = options.schedule ?? backoff()
    return Effect.withFiber((fiber) =>
      Effect.flatMap(Schedule.toStep(schedule), (step) => new Attempts(effect, options, step, fiber).next)
    )
  }
)

type Step<E, E2, R2> = (now: number, error: E) => Pull.Pull<[unknown, Duration.Duration], E2, unknown, R2>

/** One run of `retry`. */
class Attempts<A, E, R, E2, R2> {
  private readonly effect: Effect.Effect<A, E, R>
  private readonly options: RetryOptions<E, E2, R2>
  private readonly step: Step<E, E2, R2>
  private readonly fiber: Fiber.Fiber<unknown, unknown>
  private readonly clock: Clock.Clock
  private readonly start: number
  private readonly startedAt: number
  private readonly tryTime: number
  private readonly totalTime: number
  private tries = 0
  private metadata = Schedule.CurrentMetadata.defaultValue()

  constructor(
    effect: Effect.Effect<A, E, R>,
    options: RetryOptions<E, E2, R2>,
    step: Step<E, E2, R2>,
    fiber: Fiber.Fiber<unknown, unknown>
  ) {
    this.effect = effect
    this.options = options
    this.step = step
    this.fiber = fiber
    this.clock = fiber.getRef(Clock.Clock)
    this.start = monotonicMillis(this.clock)
    this.startedAt = this.clock.currentTimeMillisUnsafe()
    this.tryTime = toMillis(options.tryTime ?? 0)
    this.totalTime = options.totalTime === undefined ? Number.POSITIVE_INFINITY : toMillis(options.totalTime)
  }

  /** The next try, and all that follow. */
  readonly next: Effect.Effect<A, E | E2, R | R2> = Effect.suspend(() => {
    this.tries++
    return Effect.catchCause(
      Effect.provideService(this.effect, Schedule.CurrentMetadata, this.metadata),
      (cause): Effect.Effect<A, E | E2, R | R2> => this.afterFailure(cause)
    )
  })

  private get elapsed(): number {
    return monotonicMillis(this.clock) - this.start
  }

  private afterFailure(cause: Cause.Cause<E>): Effect.Effect<A, E | E2, R | R2> {
    // An error with a defect beside it is no longer one to recover from, nor is one that came with an interruption.
    const reason = cause.reasons.every(Cause.isFailReason) ? cause.reasons[0] : undefined
    if (reason === undefined) return Effect.failCause(cause)
    const { error } = reason
    const { attempts, while: isWorthIt } = this.options
    if (isWorthIt !== undefined && !isWorthIt(error)) return this.giveUp(cause, "error")
    if (this.tries === attempts) return this.giveUp(cause, "attempts")
    const now = this.clock.currentTimeMillisUnsafe()
    return Pull.matchEffect(this.step(now, error), {
      onSuccess: ([output, delay]) => this.afterDelay(cause, error, output, delay, now),
      onFailure: (failure: Cause.Cause<E2>) => Effect.failCause(failure),
      onDone: () => this.giveUp(cause, "schedule")
    })
  }

  private afterDelay(
    cause: Cause.Cause<E>,
    error: E,
    output: unknown,
    delay: Duration.Duration,
    now: number
  ): Effect.Effect<A, E | E2, R | R2> {
    const wait = Duration.toMillis(delay)
    // At the very instant of a deadline the deadline is first, so a try that begins then does not fit.
    if (wait + this.tryTime >= remainingOf(this.fiber)) return this.giveUp(cause, "deadline")
    if (this.elapsed + wait + this.tryTime > this.totalTime) return this.giveUp(cause, "totalTime")
    this.metadata = {
      input: error,
      output,
      duration: delay,
      attempt: this.tries,
      start: this.startedAt,
      now,
      elapsed: now - this.startedAt,
      elapsedSincePrevious: this.metadata.attempt === 0 ? 0 : now - this.metadata.now
    }
    return Effect.andThen(Effect.sleep(delay), this.next)
  }

  private giveUp(cause: Cause.Cause<E>, because: GaveUp["because"]): Effect.Effect<never, E> {
    const note: GaveUp = { because, tries: this.tries, elapsed: this.elapsed }
    return Effect.failCause(
      Cause.annotate(cause, Context.make(GaveUpNote, note) as Context.Context<never>, { overwrite: true })
    )
  }
}

const toMillis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

/**
 * Why {@link retry} made no other try, read from the cause that it failed with; none if the cause is not from there.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Option from "effect/Option"
 * import { Retry, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const failing = Effect.fail("down").pipe(Retry.retry({ attempts: 3, schedule: Retry.backoff({ jitter: "none" }) }))
 *   const cause = yield* Effect.flip(Effect.sandbox(failing))
 *   const why = Retry.gaveUp(cause)
 *   return Option.match(why, { onNone: () => "", onSome: ({ because, tries }) => `${because}: ${tries} tries` })
 * })
 * console.log(await VirtualTime.runPromise(program)) // => attempts: 3 tries
 * ```
 */
export const gaveUp = (cause: Cause.Cause<unknown>): Option.Option<GaveUp> =>
  Context.getOption(Cause.annotations(cause) as Context.Context<GaveUp>, GaveUpNote)
