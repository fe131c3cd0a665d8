import { assert } from "@effect/vitest"
import { VirtualTime } from "@skein/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { MaxOpsBeforeYield } from "effect/Scheduler"

// A fiber that comes back from a yield spends two operations on that, so with three it does one of its own each time.
const opsBeforeYield = 3

/** Forks a fiber that lets all others go on after every single operation of its own. */
export const forkStepwise = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<Fiber.Fiber<A, E>, never, R> =>
  Effect.forkChild(Effect.provideService(effect, MaxOpsBeforeYield, opsBeforeYield))

/** Interrupts a fiber at the point that this run is about, and waits until it has ended. */
export type Strike = (victim: Fiber.Fiber<unknown, unknown>) => Effect.Effect<void>

/**
 * Runs a scenario once for every point at which its victim can be interrupted. With fibers made by `forkStepwise` there is no
 * point between two operations that is not tried; the last run strikes after the victim has ended.
 *
 * @returns how many points there were
 */
export const atEveryPoint = async <E>(scenario: (strike: Strike) => Effect.Effect<void, E>): Promise<number> => {
  for (let point = 0; ; point++) {
    assert.isBelow(point, 500, "the victim never ends")
    let isLast = false
    const strike: Strike = (victim) =>
      Effect.gen(function* () {
        for (let step = 0; step < point; step++) yield* Effect.yieldNow
        isLast = victim.pollUnsafe() !== undefined
        yield* Fiber.interrupt(victim)
      })
    try {
      await VirtualTime.runPromise(scenario(strike))
    } catch (cause) {
      throw new Error(`interrupted at point ${point}: ${String(cause)}`, { cause })
    }
    if (isLast) return point
  }
}
