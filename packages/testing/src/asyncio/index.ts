/**
 * Tests of concurrent asyncio programs: every schedule that matters, on virtual time, with replay.
 *
 * @see docs/testing.md
 */
import * as asyncio from "@skein/asyncio"
import * as Effect from "effect/Effect"
import { type Outcome, type Subject, textOf } from "../internal/attempt.ts"
import { exploreSubject, replaySubject } from "../internal/explorer.ts"
import type { Recorder } from "../internal/recorder.ts"
import type { ExploreOptions, RunOptions } from "../options.ts"
import type { Report } from "../Report.ts"

export { type Leak, LeakError } from "../LeakError.ts"
export type { LeakOptions, Listened } from "../leaks.ts"
export { StepError } from "../StepError.ts"
export {
  type CancelCase,
  CancelEverywhereError,
  type CancelOptions,
  type CancelPoint,
  CancelReport,
  cancelEverywhere
} from "./cancelEverywhere.ts"
export { noLeaks } from "./leaks.ts"
export { type Steps, steps } from "./Steps.ts"

/** How an asyncio program is run: {@link RunOptions}, and what becomes of errors that nobody handles. */
export interface AsyncioRunOptions<A = unknown> extends RunOptions<A> {
  /**
   * What the event loop reports because nobody handles it, such as the exception of a task that nobody awaits: `"fail"` counts
   * it as a failure of the run; `"ignore"`, if left out, only shows it in the report of a run that fails. It is not logged.
   */
  readonly unhandled?: "fail" | "ignore" | undefined
}

/** How an asyncio program is explored. */
export interface AsyncioExploreOptions<A = unknown> extends ExploreOptions<A>, AsyncioRunOptions<A> {}

const subjectOf = <T extends asyncio.Awaitable<unknown>>(
  program: () => T,
  { unhandled }: AsyncioRunOptions<asyncio.ResultOf<T>>
): Subject<asyncio.ResultOf<T>, never> => ({
  kind: "asyncio",
  run: (recorder) =>
    Effect.promise(async (): Promise<Outcome<asyncio.ResultOf<T>>> => {
      const reported: Array<asyncio.ExceptionContext> = []
      const loop_factory = () => {
        const loop = asyncio.VirtualEventLoop({ chooser: recorder })
        loop.set_exception_handler((_loop, context) => void reported.push(context))
        return loop
      }
      const outcome = await runOnce(program, asyncio.Runner({ loop_factory }), recorder)
      const first = reported[0]
      if (first === undefined || (outcome.ok && unhandled !== "fail")) return outcome
      const text = `The event loop reported what nobody had handled:\n${reported.map(describeReport).join("\n")}`
      return outcome.ok
        ? { ok: false, kind: "failure", error: first.exception ?? new Error(first.message), text }
        : { ...outcome, text: `${outcome.text}\n${text}` }
    })
})

const runOnce = async <T extends asyncio.Awaitable<unknown>>(
  program: () => T,
  runner: asyncio.Runner,
  recorder: Recorder
): Promise<Outcome<asyncio.ResultOf<T>>> => {
  try {
    try {
      return { ok: true, value: await runner.run(program()) }
    } finally {
      // The order in which what is left is cancelled is no part of the schedule.
      recorder.programEnded()
      await runner.close()
    }
  } catch (error) {
    return error instanceof asyncio.Deadlock
      ? { ok: false, kind: "deadlock", error, text: String(error) }
      : { ok: false, kind: "failure", error, text: textOf(error) }
  }
}

const describeReport = ({ message, exception }: asyncio.ExceptionContext): string =>
  `${message ?? "Unhandled exception in event loop"}${exception === undefined ? "" : `: ${textOf(exception)}`}`

/**
 * Runs a program many times on a virtual event loop, each time under another schedule, until one fails or the budget is used
 * up.
 *
 * Only the order in which tasks make their steps changes. No task is ever stopped between two awaits, and callbacks keep
 * asyncio's order.
 *
 * @param program - makes what is to be run, such as a coroutine; called once for each run. Nothing may outlive a run.
 * @param options - the strategy, the budget, and what is to hold.
 * @returns a promise of what was seen.
 * @throws `ExplorationError` as soon as a run fails: with the shrunk schedule, and a token for {@link replay}.
 *   `NotDeterministicError` if a schedule cannot be repeated.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { explore } from "@skein/testing/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const done: Array<string> = []
 *   const work = asyncio.coroutine(function* work(name: string) {
 *     yield* asyncio.sleep(0)
 *     done.push(name)
 *   })
 *   yield* asyncio.gather(work("a"), work("b"))
 *   return done.length
 * })
 * const report = await explore(main, {
 *   runs: 50,
 *   check: (done) => {
 *     if (done !== 2) throw new Error(`only ${done} were done`)
 *   }
 * })
 * console.log(report.runs) // => 50
 * ```
 */
export const explore = <T extends asyncio.Awaitable<unknown>>(
  program: () => T,
  options?: AsyncioExploreOptions<asyncio.ResultOf<T>>
): Promise<Report> => Effect.runPromise(exploreSubject(subjectOf(program, options ?? {}), options ?? {}))

/**
 * Runs a program once, under the schedule of a failure that {@link explore} has found.
 *
 * @param token - from the report of the failure.
 * @param options - what is to hold: the same as when the failure was found.
 * @returns a promise of what the program returns.
 * @throws `ExplorationError` if the run fails, `ReplayError` if the token is none or does not fit the program.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import type { ExplorationError } from "@skein/testing"
 * import { explore, replay } from "@skein/testing/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   let order = ""
 *   const work = asyncio.coroutine(function* work(name: string) {
 *     yield* asyncio.sleep(0)
 *     order += name
 *   })
 *   yield* asyncio.gather(work("a"), work("b"))
 *   return order
 * })
 * const check = (order: string) => {
 *   if (order !== "ab") throw new Error(`the order was ${order}`)
 * }
 * const failure: ExplorationError = await explore(main, { check }).then(
 *   () => Promise.reject(new Error("not found")),
 *   (error) => error
 * )
 * console.log(await replay(main, failure.token)) // => ba
 * ```
 */
export const replay = <T extends asyncio.Awaitable<unknown>>(
  program: () => T,
  token: string,
  options?: AsyncioRunOptions<asyncio.ResultOf<T>>
): Promise<asyncio.ResultOf<T>> =>
  Effect.runPromise(replaySubject(subjectOf(program, options ?? {}), token, options ?? {}))
