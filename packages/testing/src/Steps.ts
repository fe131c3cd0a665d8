/**
 * Numbered steps: a test says in which order its parts must run, and reads from top to bottom although they interleave.
 *
 * After the `expect(1)`, `finish(5)` of kotlinx.coroutines' own tests.
 */
import { Task } from "@skein/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { StepCount } from "./internal/stepCount.ts"

export { StepError } from "./StepError.ts"

/** Made by {@link make}. Calling it with a number makes an effect: the step of that number. */
export interface Steps {
  /**
   * The step of this number. Steps must come as 1, 2, 3, ..., each once.
   *
   * It dies with a `StepError` otherwise, which names the step that was to come, who came, and the steps so far. The test fails
   * with it also if nobody looks at the fiber that died.
   *
   * When interrupted: it does not wait.
   */
  (step: number): Effect.Effect<void>
  /**
   * The last step. A test that never comes here, or to a step after it, fails when its scope closes.
   *
   * When interrupted: it does not wait.
   */
  finish(step: number): Effect.Effect<void>
}

/**
 * Starts to count steps. When the scope closes and nothing else has failed, it must have come to `finish`.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Lock, Task, VirtualTime } from "@skein/core"
 * import { Steps } from "@skein/testing"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const step = yield* Steps.make
 *     const lock = yield* Lock.make("db")
 *     yield* Lock.acquire(lock)
 *     const second = yield* Task.spawn(Lock.withLock(lock, step(3)), { name: "second" })
 *     yield* step(1)
 *     yield* Effect.sleep("1 second")
 *     yield* step(2)
 *     yield* Lock.release(lock)
 *     yield* Task.join(second)
 *     yield* step.finish(4)
 *     return "in order"
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => in order
 * ```
 */
export const make: Effect.Effect<Steps, never, Scope.Scope> = Effect.suspend(() => {
  const count = new StepCount()
  const step = (number: number) => whoAmI((who) => count.reach(number, who))
  const finish = (number: number) => whoAmI((who) => count.finish(number, who))
  return Effect.as(
    Effect.addFinalizer((exit) => {
      // A test that has failed otherwise does not come to its last step, and is not to be told so.
      const problem = Exit.isSuccess(exit) ? count.problemAtEnd() : undefined
      return problem === undefined ? Effect.void : Effect.die(problem)
    }),
    Object.assign(step, { finish })
  )
})

const whoAmI = (use: (who: string) => void): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const task = fiber.getRef(Task.CurrentTask)
    use(task === undefined ? `fiber #${fiber.id}` : `task "${task.name}"`)
    return Effect.void
  })
