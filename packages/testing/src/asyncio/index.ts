/**
 * Tests of concurrent asyncio programs: every schedule that matters, on virtual time, with replay.
 *
 * @see docs/testing.md
 */
import * as asyncio from "@skein/asyncio"
import * as Effect from "effect/Effect"
import { type Outcome, type Subject, textOf } from "../internal/attempt.ts"
import { exploreSubject, replaySubject } from "../internal/explorer.ts"
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

const subjectOf = <T extends asyncio.Awaitable<unknown>>(program: () => T): Subject<asyncio.ResultOf<T>, never> => ({
  kind: "asyncio",
  run: (recorder) =>
    Effect.promise(async (): Promise<Outcome<asyncio.ResultOf<T>>> => {
      const runner = asyncio.Runner({ loop_factory: () => asyncio.VirtualEventLoop({ chooser: recorder }) })
      try {
        try {
          return { ok: true, value: await runner.run(program()) }
        } finally {
          recorder.programEnded()
          await runner.close()
        }
      } catch (error) {
        return error instanceof asyncio.Deadlock
          ? { ok: false, kind: "deadlock", error, text: String(error) }
          : { ok: false, kind: "failure", error, text: textOf(error) }
      }
    })
})

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
 */
export const explore = <T extends asyncio.Awaitable<unknown>>(
  program: () => T,
  options?: ExploreOptions<asyncio.ResultOf<T>>
): Promise<Report> => Effect.runPromise(exploreSubject(subjectOf(program), options ?? {}))

/**
 * Runs a program once, under the schedule of a failure that {@link explore} has found.
 *
 * @param token - from the report of the failure.
 * @param options - what is to hold: the same as when the failure was found.
 * @returns a promise of what the program returns.
 * @throws `ExplorationError` if the run fails, `ReplayError` if the token is none or does not fit the program.
 */
export const replay = <T extends asyncio.Awaitable<unknown>>(
  program: () => T,
  token: string,
  options?: RunOptions<asyncio.ResultOf<T>>
): Promise<asyncio.ResultOf<T>> => Effect.runPromise(replaySubject(subjectOf(program), token, options ?? {}))
