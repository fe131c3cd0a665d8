import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { describe, expect, it } from "vitest"
import { Leaf } from "../../src/internal/leaf.ts"

class Taking extends Leaf<string> {
  readonly take: () => string

  constructor(take: () => string) {
    super()
    this.take = take
  }

  run(): Effect.Effect<string> {
    return Effect.succeed(this.take())
  }
}

describe("an Exit that a leaf comes to", () => {
  it.each([3, 4, 5, 6, 7])("goes on in the same step, where fibers yield before every step %i", async (steps) => {
    const happened: Array<string> = []
    const taking = new Taking(() => {
      happened.push("taken")
      return "it"
    })
    const takes = Effect.map(taking, (value) => happened.push(`has ${value}`))
    const disturbs = Effect.forever(
      Effect.andThen(
        Effect.sync(() => happened.push("other")),
        Effect.yieldNow
      )
    )
    const program = Effect.gen(function* () {
      const other = yield* Effect.forkChild(disturbs)
      for (let times = 0; times < 10; times++) yield* takes
      yield* Fiber.interrupt(other)
    })
    await Effect.runPromise(Effect.provideService(program, Scheduler.MaxOpsBeforeYield, steps))
    const after = happened.flatMap((what, index) => (what === "taken" ? [happened[index + 1]] : []))
    expect(after).toEqual(Array.from({ length: 10 }, () => "has it"))
    expect(happened).toContain("other")
  })
})
