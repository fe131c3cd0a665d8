// A coroutine that is run as an Effect: by `Effect.gen`, by `Effect.runPromise`, by any combinator. Three cases, by the fiber
// that runs it:
//
// 1. It is the fiber of an effect that a task awaits: the coroutine is awaited by that task, as its innermost frame.
// 2. It has a loop, inherited from such a task, but runs beside it (a child fiber): the coroutine becomes a task of its own.
// 3. It has none: the coroutine gets a loop for this run, as `asyncio.run` would make it, with the fiber's services and clock.

import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { effectModules } from "#effect"
import { CurrentLoop, EventLoop } from "../base_events.ts"
import type { Coroutine } from "../coroutines.ts"
import { CancelledError } from "../exceptions.ts"
import { Runner } from "../runners.ts"
import { Task } from "../tasks.ts"
import { CurrentTask } from "./driver.ts"
import { swapRunningLoop } from "./running.ts"
import { effectTime } from "./time_source.ts"

/** The run of a coroutine, as an effect. */
export const awaitInEffect = <A, R>(coroutine: Coroutine<A, R>): Effect.Effect<A, unknown, R> => {
  const { Effect } = effectModules()
  return Effect.withFiber((fiber): Effect.Effect<A, unknown, R> => {
    const awaiting = Context.get(fiber.context, CurrentTask)
    if (awaiting?._canNest(fiber) === true) {
      return Effect.callback<A, unknown>((resume) => {
        awaiting._nest(coroutine._begin(), resume as (exit: Exit.Exit<unknown, unknown>) => void)
        return awaiting._unwind(resume as (exit: Exit.Exit<unknown, unknown>) => void)
      })
    }
    const loop = Context.get(fiber.context, CurrentLoop)
    if (loop !== undefined && !loop.is_closed()) {
      return Effect.callback<A, unknown>((resume) => {
        const go = resume as (exit: Exit.Exit<unknown, unknown>) => void
        const task = new Task(coroutine, { loop }, { services: fiber.context, resume: go })
        return task._unwind(go)
      })
    }
    return runInOwnLoop(coroutine, fiber)
  })
}

const runInOwnLoop = <A, R>(
  coroutine: Coroutine<A, R>,
  fiber: Fiber.Fiber<unknown, unknown>
): Effect.Effect<A, unknown, R> => {
  const { Clock, Effect, Exit } = effectModules()
  return Effect.callback<A, unknown>((resume) => {
    const services = fiber.context
    const clock = Context.getOrUndefined(services, Clock.Clock)
    const runner = new Runner({
      loop_factory: () =>
        new EventLoop(
          clock === undefined
            ? { services }
            : { services, time_source: effectTime(clock, services, fiber.currentDispatcher) }
        )
    })
    runner._leaves_signals = true
    // Another loop may be in the middle of a pass, whose code has called Effect.runPromise: this loop is none of its business.
    const running = swapRunningLoop(undefined)
    const result = runner.run(coroutine as Coroutine<A>)
    swapRunningLoop(running)
    const ended = result
      .then<Exit.Exit<A, unknown>, Exit.Exit<A, unknown>>(
        (value) => Exit.succeed(value),
        (error) => (error instanceof CancelledError ? Exit.interrupt() : Exit.fail(error))
      )
      .then(async (exit) => {
        await runner.close()
        return exit
      })
    void ended.then(resume)
    return Effect.suspend(() => {
      runner._cancel_main()
      return Effect.promise(() => ended)
    })
  })
}
