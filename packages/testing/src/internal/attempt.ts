import { inspect } from "node:util"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type FailureKind, NotDeterministicError } from "../errors.ts"
import type { RunOptions } from "../options.ts"
import type { Plan } from "../Strategy.ts"
import type { Schedule, TimerMode } from "../schedule.ts"
import { Recorder } from "./recorder.ts"

/** How a run of the program went. */
export type Outcome<A> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly kind: "failure" | "deadlock"; readonly error: unknown; readonly text: string }

/** A program that can be run again and again, from the start. */
export interface Subject<A, R> {
  readonly kind: Schedule["kind"]
  readonly run: (recorder: Recorder) => Effect.Effect<Outcome<A>, never, R>
}

/** What was wrong with a run. */
export interface Failure {
  readonly kind: FailureKind
  readonly error: unknown
  /** The error in full, for people. */
  readonly text: string
  /** Equal for failures that count as the same. */
  readonly label: string
}

/** A run, and what was wrong with it. */
export interface Attempt<A> {
  readonly recorder: Recorder
  readonly failure: Failure | undefined
  readonly outcome: Outcome<A>
}

export interface AttemptOptions<A, R> extends RunOptions<A, R> {
  readonly timers?: TimerMode | undefined
}

const DEFAULT_MAX_STEPS = 10_000

/** Runs a program once, by a plan, and checks what is to hold. */
export const attempt = <A, R, R2>(
  subject: Subject<A, R>,
  plan: Plan,
  options: AttemptOptions<A, R2>,
  traces: boolean
): Effect.Effect<Attempt<A>, NotDeterministicError, R | R2> =>
  Effect.gen(function* () {
    const recorder = new Recorder(plan, {
      timers: options.timers ?? "idle",
      maxSteps: options.maxSteps ?? DEFAULT_MAX_STEPS,
      always: options.always,
      traces
    })
    const outcome = yield* subject.run(recorder)
    const { fault } = recorder
    let failure: Failure | undefined
    if (fault?.kind === "strategy") {
      return yield* fault.error instanceof NotDeterministicError ? fault.error : Effect.die(fault.error)
    } else if (fault !== undefined) failure = failureOf(fault.kind, fault.error, textOf(fault.error))
    else if (!outcome.ok) failure = failureOf(outcome.kind, outcome.error, outcome.text)
    else if (options.check !== undefined) {
      const { check } = options
      failure = yield* holds("check", () => check(outcome.value) as Effect.Effect<unknown, unknown, R2>)
    }
    for (const hook of options.after ?? []) {
      const broken = yield* holds("after", hook)
      failure ??= broken
    }
    return { recorder, failure, outcome }
  })

/** Runs something that throws or fails if what it checks does not hold. */
const holds = <R>(
  kind: FailureKind,
  check: (() => Effect.Effect<unknown, unknown, R>) | (() => void)
): Effect.Effect<Failure | undefined, never, R> => {
  const whole = Effect.suspend((): Effect.Effect<unknown, unknown, R> => {
    const checking: unknown = check()
    return Effect.isEffect(checking) ? (checking as Effect.Effect<unknown, unknown, R>) : Effect.void
  })
  return Effect.map(Effect.exit(whole), (exit) =>
    Exit.isSuccess(exit) ? undefined : failureOf(kind, Cause.squash(exit.cause), withoutOurs(Cause.pretty(exit.cause)))
  )
}

const failureOf = (kind: FailureKind, error: unknown, text: string): Failure => ({
  kind,
  error,
  text,
  label: `${kind}: ${nameOf(error)}`
})

const nameOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return typeof error === "string" ? error : typeof error
  if ("_tag" in error && typeof error._tag === "string") return error._tag
  return error.constructor?.name ?? "Object"
}

/** An error as text, with its stack if it has one. */
export const textOf = (error: unknown): string =>
  withoutOurs(
    error instanceof Error ? (error.stack ?? String(error)) : typeof error === "string" ? error : inspect(error)
  )

/** A stack without the frames of Effect's run loop and of the explorer: they are the same in every report. */
export const withoutOurs = (stack: string): string =>
  stack
    .split("\n")
    .filter((line) => !/^\s+at .*[/\\](effect[/\\](dist|src)|testing[/\\](dist|src))[/\\]/.test(line))
    .join("\n")
