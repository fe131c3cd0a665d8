/**
 * Numbered steps for asyncio programs.
 */
import * as asyncio from "@skein/asyncio"
import { StepCount } from "../internal/stepCount.ts"

/** Made by {@link steps}. Calling it with a number makes that step, at once. */
export interface Steps {
  /**
   * The step of this number. Steps must come as 1, 2, 3, ..., each once.
   *
   * @throws `StepError` otherwise: it names the step that was to come, which task came, and the steps so far
   */
  (step: number): void
  /** The last step. */
  finish(step: number): void
  /**
   * Checks that the steps have come to `finish` and that nothing went wrong, also in tasks that nobody awaited. `noLeaks` and
   * `it.asyncio` do this for the steps of their program when it has ended well.
   *
   * @throws `StepError`
   */
  close(): void
}

/** The steps that belong to the programs of a loop. */
const ofLoop = new WeakMap<asyncio.EventLoop, Array<Steps>>()

/** The steps that were made in a loop since the last call, which are forgotten by this. */
export const takeStepsOf = (loop: asyncio.EventLoop): ReadonlyArray<Steps> => {
  const taken = ofLoop.get(loop) ?? []
  ofLoop.delete(loop)
  return taken
}

const whoAmI = (): string => {
  const task = asyncio._get_running_loop() === undefined ? undefined : asyncio.current_task()
  return task === undefined ? "a callback" : `task "${task.get_name()}"`
}

/**
 * Starts to count steps. A step does not wait, so it is a plain call, without `yield*`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { noLeaks, steps } from "@skein/testing/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const step = steps()
 *   const waiter = asyncio.coroutine(function* (event: asyncio.Event) {
 *     step(2)
 *     yield* event.wait()
 *     step(4)
 *   })
 *   const event = asyncio.Event()
 *   const task = asyncio.create_task(waiter(event))
 *   step(1)
 *   yield* asyncio.sleep(1)
 *   step(3)
 *   event.set()
 *   yield* task
 *   step.finish(5)
 *   return "in order"
 * })
 * console.log(await asyncio.run(noLeaks(main()), { loop_factory: asyncio.VirtualEventLoop })) // => in order
 * ```
 */
export const steps = (): Steps => {
  const count = new StepCount()
  const step: Steps = Object.assign((number: number) => count.reach(number, whoAmI()), {
    finish: (number: number) => count.finish(number, whoAmI()),
    close: () => {
      const problem = count.problemAtEnd()
      if (problem !== undefined) throw problem
    }
  })
  const loop = asyncio._get_running_loop()
  if (loop !== undefined) {
    const others = ofLoop.get(loop)
    if (others === undefined) ofLoop.set(loop, [step])
    else others.push(step)
  }
  return step
}
