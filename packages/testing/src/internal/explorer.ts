import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ExplorationError, NotDeterministicError, ReplayError, withoutStack } from "../errors.ts"
import type { ExploreOptions, RunOptions } from "../options.ts"
import { Report } from "../Report.ts"
import type { Schedule } from "../schedule.ts"
import { random } from "../strategies/random.ts"
import { readToken, writeToken } from "../token.ts"
import { type Attempt, attempt, type Failure, type Subject } from "./attempt.ts"
import { describeFailure, describeTurns } from "./describe.ts"
import type { Recorder } from "./recorder.ts"
import { following } from "./schedule.ts"
import { type ShrinkBudget, shrink } from "./shrink.ts"

/** Enough to go through all schedules with two switches of a program of a hundred points, in a fraction of a second. */
const DEFAULT_SHRINK_RUNS = 5_000
const DEFAULT_SHRINK_POINTS = 1_000_000

/** Runs a subject under one schedule after another, until one fails or the budget is used up. */
export const exploreSubject = <A, R, R2>(
  subject: Subject<A, R>,
  options: ExploreOptions<A, R2>
): Effect.Effect<Report, ExplorationError | NotDeterministicError, R | R2> =>
  Effect.gen(function* () {
    const strategy = options.strategy ?? random()
    const runs = options.runs ?? strategy.defaultRuns
    const end = options.within === undefined ? undefined : performance.now() + Duration.toMillis(options.within)
    const search = strategy.begin()
    const seen = new Set<number>()
    let run = 0
    let longest = 0
    let strands = 0
    let plan = search.next()
    while (plan !== undefined && run < runs && (end === undefined || performance.now() < end)) {
      run++
      const tried = yield* attempt(subject, plan, options, false)
      const { recorder, failure } = tried
      if (failure !== undefined) {
        return yield* failed(subject, options, tried.recorder, failure, strategy.description, run)
      }
      seen.add(recorder.identity)
      longest = Math.max(longest, recorder.turns)
      strands = Math.max(strands, recorder.strands)
      search.ended?.(recorder)
      plan = search.next()
    }
    return new Report({
      runs: run,
      distinct: seen.size,
      exhausted: plan === undefined,
      longest,
      strands,
      strategy: strategy.description,
      seed: strategy.seed
    })
  })

/** Confirms a failure, shrinks its schedule, and fails with the report. */
const failed = <A, R, R2>(
  subject: Subject<A, R>,
  options: ExploreOptions<A, R2>,
  first: Recorder,
  failure: Failure,
  strategy: string,
  run: number
): Effect.Effect<never, ExplorationError | NotDeterministicError, R | R2> =>
  Effect.gen(function* () {
    yield* again(subject, options, first, failure)
    const budget: ShrinkBudget =
      options.shrinkRuns === undefined
        ? { runs: DEFAULT_SHRINK_RUNS, points: DEFAULT_SHRINK_POINTS }
        : { runs: options.shrinkRuns, points: Number.POSITIVE_INFINITY }
    const decisions = yield* shrink(first.decisions, budget, (plan) =>
      Effect.map(attempt(subject, plan, options, false), ({ recorder, failure: other }) => ({
        points: recorder.points,
        candidates: recorder.candidates,
        decisions: recorder.decisions,
        fails: other?.label === failure.label
      }))
    )
    const shrunk = yield* attempt(subject, following(decisions), options, true)
    if (shrunk.failure?.label !== failure.label) {
      return yield* new NotDeterministicError({ details: `${describe(shrunk.failure)}, and not ${failure.label}` })
    }
    return yield* explorationError(subject, options, shrunk, shrunk.failure, strategy, run)
  })

const explorationError = <A, R, R2>(
  subject: Subject<A, R>,
  options: ExploreOptions<A, R2>,
  { recorder }: Attempt<A>,
  failure: Failure,
  strategy: string,
  run: number
): ExplorationError => {
  const schedule = scheduleOf(subject, options, recorder)
  const token = writeToken(schedule)
  const turns = describeTurns(recorder.trace)
  const origin = run === 0 ? strategy : `run ${run} of ${strategy}`
  return withoutStack(
    () =>
      new ExplorationError({
        message: describeFailure({ failure, origin, schedule, token, turns }),
        kind: failure.kind,
        cause: failure.error,
        run,
        strategy,
        schedule,
        token,
        turns
      })
  )
}

const scheduleOf = <A, R, R2>(
  subject: Subject<A, R>,
  options: ExploreOptions<A, R2>,
  recorder: Recorder
): Schedule => ({
  kind: subject.kind,
  timers: options.timers ?? "idle",
  decisions: recorder.decisions,
  points: recorder.points,
  fingerprint: recorder.fingerprint
})

/** Makes a run's decisions once more, and expects the same run. */
const again = <A, R, R2>(
  subject: Subject<A, R>,
  options: ExploreOptions<A, R2>,
  first: Recorder,
  failure: Failure
): Effect.Effect<void, NotDeterministicError, R | R2> =>
  Effect.flatMap(attempt(subject, following(first.decisions), options, false), ({ recorder, failure: other }) => {
    if (recorder.identity !== first.identity || recorder.points !== first.points) {
      return new NotDeterministicError({
        details: `${first.turns} turns and ${first.points} points the first time, ${recorder.turns} and ${recorder.points} the second, or other strands; the first run: ${failure.text}`
      })
    }
    if (other?.label !== failure.label) {
      return new NotDeterministicError({ details: `${failure.label} the first time, ${describe(other)} the second` })
    }
    return Effect.void
  })

const describe = (failure: Failure | undefined): string => failure?.label ?? "no failure"

/** Runs a subject once, under the schedule that a token stands for. */
export const replaySubject = <A, R, R2>(
  subject: Subject<A, R>,
  token: string,
  options: RunOptions<A, R2>
): Effect.Effect<A, ExplorationError | NotDeterministicError | ReplayError, R | R2> =>
  Effect.gen(function* () {
    const schedule = yield* Effect.try({ try: () => readToken(token), catch: (error) => error as ReplayError })
    if (schedule.kind !== subject.kind) {
      return yield* new ReplayError({
        message: `This token is for a program of ${schedule.kind}: use replay from "@skein/testing${schedule.kind === "core" ? "" : "/asyncio"}".`
      })
    }
    const asked = { ...options, timers: schedule.timers }
    const tried = yield* attempt(subject, following(schedule.decisions), asked, true)
    const { recorder, failure, outcome } = tried
    if (recorder.points !== schedule.points || recorder.fingerprint !== schedule.fingerprint) {
      return yield* new ReplayError({
        message:
          `The token ${token} does not fit this program: its schedule has ${schedule.points} points, this run had ${recorder.points}` +
          `${recorder.points === schedule.points ? ", but other strands ran" : ""} (and ${describe(failure)}). ` +
          "It was made for another version of the program, or with other options. Explore again."
      })
    }
    if (failure !== undefined) return yield* explorationError(subject, asked, tried, failure, "replay", 0)
    return (outcome as { readonly value: A }).value
  })
