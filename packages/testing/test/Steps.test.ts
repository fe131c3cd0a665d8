import { Task, VirtualTime } from "@skein/core"
import { StepError, Steps } from "@skein/testing"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"

/** What a test that counts steps dies with; undefined if it succeeds. */
const failureOf = async (body: (step: Steps.Steps) => Effect.Effect<unknown, unknown, Scope.Scope>) => {
  const exit = await VirtualTime.runPromiseExit(Effect.scoped(Effect.flatMap(Steps.make, body)))
  return Exit.isSuccess(exit) ? undefined : Cause.squash(exit.cause)
}

const messageOf = async (body: Parameters<typeof failureOf>[0]) => String((await failureOf(body)) ?? "success")

describe("Steps", () => {
  it("lets steps pass that come in order", async () => {
    expect(
      await failureOf(
        Effect.fnUntraced(function* (step) {
          const other = yield* Task.spawn(step(2), { name: "other" })
          yield* step(1)
          yield* Task.join(other)
          yield* step.finish(3)
        })
      )
    ).toBeUndefined()
  })

  it("names the step that was to come, the one that came, who came, and the steps so far", async () => {
    const message = await messageOf(
      Effect.fnUntraced(function* (step) {
        yield* Task.join(yield* Task.spawn(step(1), { name: "first" }))
        yield* Task.join(yield* Task.spawn(step(3), { name: "second" }))
      })
    )
    expect(message).toBe(
      'StepError: Steps out of order: step 2 was to be next, and task "second" reached step 3.\nSteps so far: 1 by task "first"'
    )
  })

  it("refuses a step that comes twice", async () => {
    expect(await messageOf((step) => Effect.andThen(step(1), step(1)))).toMatch(
      /step 2 was to be next, and fiber #\d+ reached step 1/
    )
  })

  it("refuses finish out of turn", async () => {
    expect(await messageOf((step) => Effect.andThen(step(1), step.finish(5)))).toContain("reached step 5")
  })

  it("refuses a step after the last", async () => {
    expect(await messageOf((step) => Effect.andThen(step.finish(1), step(2)))).toContain(
      "reached step 2 after finish(1)"
    )
  })

  it("fails when its scope closes and nobody has come to finish", async () => {
    expect(await messageOf((step) => step(1))).toContain(
      "the test ended without a call of finish; step.finish(2) would be next"
    )
  })

  it("fails when its scope closes, if a step went wrong in a fiber that nobody looked at", async () => {
    const message = await messageOf(
      Effect.fnUntraced(function* (step) {
        yield* Effect.forkScoped(step(7))
        yield* Effect.sleep(1)
        yield* step.finish(1)
      })
    )
    expect(message).toContain("reached step 7")
  })

  it("leaves a test that fails of its own will with its own error", async () => {
    expect(await failureOf((step) => Effect.andThen(step(1), Effect.fail("its own")))).toBe("its own")
  })

  it("keeps the trace in the error", async () => {
    const error = await failureOf((step) => Effect.andThen(step(1), step(3)))
    expect(error).toBeInstanceOf(StepError)
    expect((error as StepError).trace).toHaveLength(1)
  })
})
