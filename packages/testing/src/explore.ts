import { VirtualTime } from "@skein/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ExplorationError, NotDeterministicError, ReplayError } from "./errors.ts"
import { type Subject, withoutOurs } from "./internal/attempt.ts"
import { exploreSubject, replaySubject } from "./internal/explorer.ts"
import type { ExploreOptions, RunOptions } from "./options.ts"
import type { Report } from "./Report.ts"

const subjectOf = <A, E, R>(program: Effect.Effect<A, E, R>): Subject<A, R> => ({
  kind: "core",
  run: (chooser) =>
    Effect.map(Effect.exit(VirtualTime.run(program, { chooser })), (exit) => {
      if (Exit.isSuccess(exit)) return { ok: true, value: exit.value }
      const error = Cause.squash(exit.cause)
      return error instanceof VirtualTime.DeadlockError
        ? { ok: false, kind: "deadlock", error, text: error.message }
        : { ok: false, kind: "failure", error, text: withoutOurs(Cause.pretty(exit.cause)) }
    })
})

/**
 * Runs a program many times on virtual time, each time under another schedule, until one fails or the budget is used up.
 *
 * The program is run unchanged, from its start, and makes its own state: nothing may outlive a run. Fibers are switched where
 * they wait, yield and end, and before any other step if the strategy says so. The same options give the same runs.
 *
 * @param program - what to run. It fails as programs do; or `check`, `always` and `after` say what is to hold.
 * @param options - the strategy, the budget, and what is to hold.
 * @returns what was seen.
 * @throws `ExplorationError` as soon as a run fails: with the shrunk schedule, and a token for {@link replay}.
 *   `NotDeterministicError` if a schedule cannot be repeated.
 *
 * When interrupted: the run in progress is interrupted, and its clean-up awaited.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { explore } from "@skein/testing"
 *
 * const program = Effect.gen(function* () {
 *   let counter = 0
 *   const increment = Effect.gen(function* () {
 *     const before = yield* Effect.sync(() => counter)
 *     yield* Effect.sync(() => {
 *       counter = before + 1
 *     })
 *   })
 *   yield* Effect.all([increment, increment], { concurrency: "unbounded" })
 *   return counter
 * })
 * const check = (counter: number) => {
 *   if (counter !== 2) throw new Error(`an update is lost: ${counter}`)
 * }
 * const error = await Effect.runPromise(Effect.flip(explore(program, { check })))
 * console.log(error._tag) // => ExplorationError
 * ```
 */
export const explore = <A, E, R, R2 = never>(
  program: Effect.Effect<A, E, R>,
  options?: ExploreOptions<A, R2>
): Effect.Effect<Report, ExplorationError | NotDeterministicError, R | R2> =>
  exploreSubject(subjectOf(program), options ?? {})

/**
 * Explores a program from outside of Effect: {@link explore} as a promise.
 *
 * @returns a promise of what was seen; it is rejected as {@link explore} fails.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { exhaustive, explorePromise } from "@skein/testing"
 *
 * const turn = Effect.andThen(Effect.yieldNow, Effect.void)
 * const report = await explorePromise(Effect.all([turn, turn, turn], { concurrency: "unbounded" }), { strategy: exhaustive() })
 * console.log(report.runs, report.exhausted) // => 6 true
 * ```
 */
export const explorePromise = <A, E>(program: Effect.Effect<A, E>, options?: ExploreOptions<A>): Promise<Report> =>
  Effect.runPromise(explore(program, options))

/**
 * Runs a program once, under the schedule of a failure that {@link explore} has found.
 *
 * @param token - from the report of the failure.
 * @param options - what is to hold: the same as when the failure was found.
 * @returns what the program returns.
 * @throws `ExplorationError` if the run fails, `ReplayError` if the token is none or does not fit the program.
 *
 * When interrupted: the run is interrupted, and its clean-up awaited.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { explore, replay } from "@skein/testing"
 *
 * const program = Effect.suspend(() => {
 *   let last = ""
 *   const write = (name: string) =>
 *     Effect.andThen(
 *       Effect.yieldNow,
 *       Effect.sync(() => {
 *         last = name
 *       })
 *     )
 *   const both = Effect.all([write("first"), write("second")], { concurrency: "unbounded" })
 *   return Effect.flatMap(both, () => (last === "second" ? Effect.void : Effect.fail("the second came first")))
 * })
 * const again = Effect.gen(function* () {
 *   const found = yield* Effect.flip(explore(program))
 *   return found._tag === "ExplorationError" ? yield* Effect.flip(replay(program, found.token)) : found
 * })
 * console.log((await Effect.runPromise(again)).message.split("\n")[0]) // => The program failed (replay)
 * ```
 */
export const replay = <A, E, R, R2 = never>(
  program: Effect.Effect<A, E, R>,
  token: string,
  options?: RunOptions<A, R2>
): Effect.Effect<A, ExplorationError | NotDeterministicError | ReplayError, R | R2> =>
  replaySubject(subjectOf(program), token, options ?? {})

/**
 * {@link replay} as a promise.
 *
 * @param token - from the report of the failure.
 * @param options - what is to hold: the same as when the failure was found.
 * @returns a promise of what the program returns; it is rejected as {@link replay} fails.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { replayPromise } from "@skein/testing"
 *
 * try {
 *   await replayPromise(Effect.succeed("done"), "AQDF")
 * } catch (error) {
 *   console.log((error as Error).message) // => "AQDF" is no replay token. Copy the whole of it from the report.
 * }
 * ```
 */
export const replayPromise = <A, E>(program: Effect.Effect<A, E>, token: string, options?: RunOptions<A>): Promise<A> =>
  Effect.runPromise(replay(program, token, options))
