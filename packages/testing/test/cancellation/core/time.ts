// Deadlines, shields, retries, virtual time, generators: what waits as long as an effect that is given to it.
import { CancelScope, Direct, Retry, VirtualTime } from "@skein/core"
import * as Effect from "effect/Effect"
import type { Scenario } from "../support/core.ts"
import { Fates } from "../support/fates.ts"
import { either } from "../support/observation.ts"
import { work } from "./tasks.ts"

/** The operation runs an effect that tells how it ends. */
const around = (
  operation: string,
  use: (effect: Effect.Effect<void>) => Effect.Effect<unknown, unknown>,
  waitsAt?: ReadonlyArray<number>
): Scenario => ({
  operation,
  ...(waitsAt === undefined ? {} : { waitsAt }),
  stage: Effect.sync(() => {
    const fates = new Fates()
    return {
      operation: use(work(fates, 2)),
      wake: Effect.void,
      observe: () => Effect.sync(() => ({ others: [fates.told("the effect")], state: "" }))
    }
  })
})

const twice = { attempts: 2, schedule: Retry.backoff({ base: "1 minute", jitter: "none" }) }

export const timeScenarios: ReadonlyArray<Scenario> = [
  around("CancelScope.failAfter", CancelScope.failAfter("1 minute")),
  around("CancelScope.moveOnAfter", CancelScope.moveOnAfter("1 minute")),
  {
    operation: "CancelScope.shield",
    losses: {
      "what the effect returned":
        "the interruption comes through when the effect has ended, in place of its result. Let the effect put its result where others find it."
    },
    stage: Effect.sync(() => {
      const fates = new Fates()
      return {
        operation: CancelScope.shield(work(fates, 2)),
        wake: Effect.void,
        observe: ({ isDone }) =>
          Effect.sync(() => ({
            accounts: [{ thing: "what the effect returned", had: fates.finished, has: isDone ? 1 : 0 }],
            others: [fates.told("the effect")],
            state: ""
          }))
      }
    })
  },
  { ...around("Retry.retry", (effect) => Retry.retry(effect, { attempts: 3 })), situation: "in a try" },
  {
    operation: "Retry.retry",
    situation: "between two tries",
    stage: Effect.sync(() => {
      const fates = new Fates()
      return {
        operation: Retry.retry(Effect.andThen(work(fates, 0.1), Effect.fail("no")), twice),
        wake: Effect.void,
        observe: () =>
          Effect.sync(() => ({
            others: [either(fates.begun < 2, "there is no other try", "there is another try")],
            state: ""
          }))
      }
    })
  },
  around("VirtualTime.run", (effect) => VirtualTime.run(effect), [0]),
  around("Direct.gen", (effect) =>
    Direct.gen(function* () {
      yield* effect
    })
  ),
  around(
    "Direct.fn",
    Direct.fn(function* (effect: Effect.Effect<void>) {
      yield* effect
    })
  )
]
