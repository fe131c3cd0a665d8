import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describeCause } from "./describeCause.ts"
import { withoutInterrupts } from "./strand.ts"
import { TaggedError } from "./taggedError.ts"

/** One failure of a group: who failed, and all that went wrong there, clean-up included. */
export interface TaskFailure<out E> {
  /** A task of the group, or the body that was given to `TaskGroup.run`. */
  readonly source: "task" | "body"
  /** The name of the task; of the group, for the body. */
  readonly name: string
  /** All that went wrong there. */
  readonly cause: Cause.Cause<E>
}

/** What came of a group, for its policy to judge. */
export interface Outcome {
  /** Its name. */
  readonly group: string
  /** How the body ended; interrupted if the group cancelled it. */
  readonly body: Exit.Exit<unknown, unknown>
  /** How the tasks ended, in the order in which they were spawned. Empty if the policy does not ask for them. */
  readonly exits: ReadonlyArray<Exit.Exit<unknown, unknown>>
  /** In the order in which they were noticed; the body's is the last. */
  readonly failures: ReadonlyArray<TaskFailure<unknown>>
}

/** Failures that the message of a group's error shows; `failures` has all. */
const MOST_SHOWN = 20

/**
 * Something in a group failed. It holds every failure: of several tasks, also in the same turn, of their clean-up after they
 * were cancelled, and of the body; in the order in which they were noticed, the body's last.
 */
export class TaskGroupError<out E = unknown> extends TaggedError("TaskGroupError")<{
  readonly group: string
  readonly failures: ReadonlyArray<TaskFailure<unknown>>
}> {
  declare readonly failures: ReadonlyArray<TaskFailure<E>>

  /** The typed errors among the failures. */
  get errors(): ReadonlyArray<E> {
    return this.failures.flatMap(({ cause }) => cause.reasons.filter(Cause.isFailReason).map((reason) => reason.error))
  }

  /** The defects among the failures. */
  get defects(): ReadonlyArray<unknown> {
    return this.failures.flatMap(({ cause }) => cause.reasons.filter(Cause.isDieReason).map((reason) => reason.defect))
  }

  override get message(): string {
    const count = this.failures.length === 1 ? "1 failure" : `${this.failures.length} failures`
    const lines = this.failures
      .slice(0, MOST_SHOWN)
      .map(
        ({ cause, name, source }) => `  ${source === "body" ? "the body" : `task "${name}"`}: ${describeCause(cause)}`
      )
    if (this.failures.length > MOST_SHOWN) lines.push(`  ... and ${this.failures.length - MOST_SHOWN} more`)
    return `${count} in group "${this.group}"\n${lines.join("\n")}`
  }
}

/**
 * What a policy makes of the types: given the four above, `run` and `all` are the results of the functions of that name, and
 * `error` is their error. An interface that extends this one refers to them by `this["Body"]` and so on.
 */
export interface PolicyLambda {
  /** What the body returns. */
  readonly Body: unknown
  /** What the tasks return. */
  readonly Value: unknown
  /** What the tasks and the body fail with. */
  readonly Failure: unknown
  /** The effects that were given to `all`. */
  readonly Effects: unknown
  /** What `TaskGroup.run` gives. */
  readonly run: unknown
  /** What `TaskGroup.all` gives. */
  readonly all: unknown
  /** What both fail with. */
  readonly error: unknown
}

export const PolicyTypeId: unique symbol = Symbol.for("@skein/core/TaskGroup/Policy")
export type PolicyTypeId = typeof PolicyTypeId

/** What the end of one task means for the others, and what comes of a group in the end. */
export interface Policy<L extends PolicyLambda> {
  readonly [PolicyTypeId]: (_: never) => L
  /** What the policy is called in messages. */
  readonly name: string
  /** Whether the end of a task is the end for the others. */
  readonly stopsOn: (exit: Exit.Exit<unknown, unknown>) => boolean
  /** Whether the result is made of how the tasks ended; if not, only failures are kept in memory. */
  readonly keepsExits: boolean
  /** The result of `TaskGroup.run`. */
  readonly conclude: (outcome: Outcome) => Exit.Exit<unknown, unknown>
  /** The result of `TaskGroup.all`. */
  readonly concludeAll: (outcome: Outcome) => Exit.Exit<unknown, unknown>
}

/** The values of a tuple or an array of effects. */
type Values<Effects> = { -readonly [K in keyof Effects]: Effect.Success<Effects[K]> }

/** How the effects of a tuple or an array ended. */
type Exits<Effects> = {
  -readonly [K in keyof Effects]: Exit.Exit<Effect.Success<Effects[K]>, Effect.Error<Effects[K]>>
}

/** The types of the policy `failFast`. */
export interface FailFast extends PolicyLambda {
  /** What `TaskGroup.run` gives. */
  readonly run: this["Body"]
  /** What `TaskGroup.all` gives. */
  readonly all: Values<this["Effects"]>
  /** What both fail with: every failure of the group. */
  readonly error: TaskGroupError<this["Failure"]>
}

/** The types of the policy `collectAll`. */
export interface CollectAll extends PolicyLambda {
  /** What `TaskGroup.run` gives. */
  readonly run: Collected<this["Body"], this["Value"], this["Failure"]>
  /** What `TaskGroup.all` gives. */
  readonly all: Exits<this["Effects"]>
  /** What both fail with: every failure of the group. */
  readonly error: TaskGroupError<this["Failure"]>
}

/** What comes of a group whose policy is `collectAll`. */
export interface Collected<out B, out A, out E> {
  /** What the body returned. */
  readonly body: B
  /** How each task ended, in the order in which they were spawned. */
  readonly exits: ReadonlyArray<Exit.Exit<A, E>>
}

const hasError = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && withoutInterrupts(exit.cause).reasons.length > 0

const phantom = undefined as unknown as (_: never) => never

export const errorOf = (outcome: Outcome): TaskGroupError =>
  new TaskGroupError({ group: outcome.group, failures: outcome.failures })

export const failFast: Policy<FailFast> = {
  [PolicyTypeId]: phantom,
  name: "fail fast",
  stopsOn: hasError,
  keepsExits: false,
  conclude: (outcome) => (outcome.failures.length > 0 ? Exit.fail(errorOf(outcome)) : outcome.body),
  concludeAll: (outcome) => {
    if (outcome.failures.length > 0) return Exit.fail(errorOf(outcome))
    if (Exit.isFailure(outcome.body)) return outcome.body
    const values: Array<unknown> = []
    const cancelled: Array<TaskFailure<unknown>> = []
    outcome.exits.forEach((exit, index) => {
      if (Exit.isSuccess(exit)) values.push(exit.value)
      else cancelled.push({ source: "task", name: `${outcome.group}[${index}]`, cause: exit.cause })
    })
    // A task that was cancelled by itself is no failure, but here its value is missing.
    return cancelled.length === 0
      ? Exit.succeed(values)
      : Exit.fail(new TaskGroupError({ group: outcome.group, failures: cancelled }))
  }
}

const concludeCollected = (outcome: Outcome, result: () => unknown): Exit.Exit<unknown, unknown> => {
  if (Exit.isSuccess(outcome.body)) return Exit.succeed(result())
  return hasError(outcome.body) ? Exit.fail(errorOf(outcome)) : outcome.body
}

export const collectAll: Policy<CollectAll> = {
  [PolicyTypeId]: phantom,
  name: "collect all",
  stopsOn: () => false,
  keepsExits: true,
  conclude: (outcome) =>
    concludeCollected(outcome, () => ({
      body: Exit.isSuccess(outcome.body) ? outcome.body.value : undefined,
      exits: outcome.exits
    })),
  concludeAll: (outcome) => concludeCollected(outcome, () => outcome.exits)
}
