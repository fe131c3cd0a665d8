// Runs a scenario of core: once for each point at which its operation can be interrupted, and at times at which it has long waited.
import { Task, VirtualTime } from "@skein/core"
import { cancelEverywhere } from "@skein/testing"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import {
  type AtRest,
  type Case,
  casesOf,
  type Ending,
  lossesOf,
  type Observed,
  type Row,
  SUCCESS,
  type Subject,
  type Times,
  timesOf
} from "./observation.ts"

/** One staging of a scenario: the objects are its own. */
export interface Stage {
  /** Done first, by the one who ends the waiting. */
  readonly before?: Effect.Effect<unknown, unknown, Scope.Scope>
  /** The operation, as a user writes it. */
  readonly operation: Effect.Effect<unknown, unknown>
  /** Somebody who comes right behind. */
  readonly next?: Effect.Effect<unknown, unknown>
  /** Ends the waiting, a second later. */
  readonly wake: Effect.Effect<unknown, unknown, Scope.Scope>
  /** Looks at what there is an hour later. */
  readonly observe: (rest: AtRest) => Effect.Effect<Observed>
}

/** A waiting operation of core. */
export interface Scenario extends Subject {
  readonly stage: Effect.Effect<Stage, unknown>
}

export const rowOf = async ({ stage, ...subject }: Scenario): Promise<Row> => {
  const cases: Array<Case> = []
  for (const [moment, times] of timesOf(subject)) {
    const run = Effect.flatMap(stage, (made) => play(made, times, (end) => cases.push({ moment, ...end })))
    await VirtualTime.runPromise(Effect.scoped(run))
  }
  const runs: Array<Ending> = []
  const setup = Effect.map(stage, (made) => ({
    program: Effect.scoped(play(made, [], (end) => runs.push(end))),
    victim: "victim"
  }))
  // Where something is lost on purpose, the leak check would see it before the scenario could tell of it.
  const leaks = subject.losses === undefined ? undefined : false
  const { points } = await Effect.runPromise(cancelEverywhere(setup, { leaks, twice: true }))
  return { ...subject, cases: [...cases, ...casesOf(subject.operation, points, runs)] }
}

/** What is lost if it is cancelled while it waits, or just after it was woken, in other orders of the tasks than the plain one. */
export const lossesInAnyOrder = async ({ stage }: Scenario, runs: number): Promise<ReadonlySet<string>> => {
  const lost = new Set<string>()
  const tell = ({ observed }: Ending) => {
    for (const thing of lossesOf(observed)) lost.add(thing)
  }
  const setup = Effect.map(stage, (made) => ({ program: Effect.scoped(play(made, [], tell)), victim: "victim" }))
  await Effect.runPromise(cancelEverywhere(setup, { operations: false, explore: { runs } }))
  return lost
}

const play = (stage: Stage, times: Times, tell: (end: Ending) => void) =>
  Effect.gen(function* () {
    if (stage.before !== undefined) yield* stage.before
    const victim = yield* Task.spawn(stage.operation, { name: "victim" })
    const next = yield* Task.spawn(stage.next ?? Effect.void, { name: "next" })
    const found: Array<string> = []
    for (const time of times) {
      const look = Effect.map(Task.status(victim), ({ _tag }) => found.push(_tag))
      yield* Effect.forkChild(Effect.delay(Effect.andThen(look, Task.cancel(victim)), time))
    }
    yield* Effect.sleep("1 second")
    yield* stage.wake
    yield* Effect.sleep("1 hour")
    if (found[0] === "Succeeded" || found[0] === "Failed") {
      return yield* Effect.die(new Error("The operation does not wait when it is to be cancelled."))
    }
    const nextHasIt = (yield* Task.status(next))._tag === "Succeeded"
    const observed = yield* stage.observe({ nextHasIt, isDone: (yield* Task.status(victim))._tag === "Succeeded" })
    yield* Task.cancel(next)
    tell({ observed: { ...observed, state: plain(observed.state) }, error: endOf(yield* Task.cancel(victim)) })
  })

/** Numbers that other runs shift are left out. */
const plain = (state: string): string => state.replace(/fiber #\d+/, "a fiber")

const endOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return SUCCESS
  if (Cause.hasInterruptsOnly(exit.cause)) return "interrupted"
  const errors = exit.cause.reasons
    .filter((reason) => !Cause.isInterruptReason(reason))
    .map((reason) => (Cause.isFailReason(reason) ? nameOf(reason.error) : String(reason)))
  return `${Cause.hasInterrupts(exit.cause) ? "interrupted, with " : ""}${errors.join(", ")}`
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error))
