// Futures, tasks, and what waits for several of them.
import * as asyncio from "@skein/asyncio"
import { Future as ConcurrentFuture } from "@skein/asyncio/concurrent_futures"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { nothing, type Scenario, type Steps } from "../support/asyncio.ts"
import { Fates } from "../support/fates.ts"
import { either } from "../support/observation.ts"
import { work } from "./work.ts"

type Tasks = ReadonlyArray<asyncio.Task<string>>

/** The operation waits for tasks that others have made; they take two seconds. */
const forTasks = (operation: string, use: (tasks: Tasks) => Steps, situation?: string, count = 2): Scenario => ({
  operation,
  ...(situation === undefined ? {} : { situation }),
  stage: () => {
    const fates = new Fates()
    let tasks: Tasks = []
    return {
      before: function* () {
        tasks = Array.from({ length: count }, (_, index) =>
          asyncio.create_task(work(fates, 2), { name: `task ${index}` })
        )
        yield* asyncio.sleep(0)
      },
      operation: () => use(tasks),
      wake: nothing,
      observe: () => {
        for (const task of tasks) if (task.done() && !task.cancelled()) task.exception()
        return { others: [fates.told(count === 1 ? "the task" : "each of the tasks")], state: "" }
      }
    }
  }
})

/** The operation runs coroutines, each for two seconds. */
const forCoroutines = (
  operation: string,
  use: (work: () => asyncio.Coroutine<string>) => Steps,
  situation?: string,
  who = "the coroutine"
): Scenario => ({
  operation,
  ...(situation === undefined ? {} : { situation }),
  stage: () => {
    const fates = new Fates()
    return {
      operation: () => use(() => work(fates, 2)),
      wake: nothing,
      observe: () => ({ others: [fates.told(who)], state: "" })
    }
  }
})

interface Settled {
  done(): boolean
  cancelled(): boolean
  set_result(result: number): void
}

const forFuture = (
  operation: string,
  make: () => Settled,
  use: (future: never) => Steps,
  situation?: string
): Scenario => ({
  operation,
  ...(situation === undefined ? {} : { situation }),
  stage: () => {
    const future = make()
    return {
      operation: () => use(future as never),
      wake: function* () {
        if (!future.done()) future.set_result(1)
      },
      observe: () => ({
        others: [either(future.cancelled(), "the future is cancelled", "the future keeps its result")],
        state: ""
      })
    }
  }
})

const forEffect: Scenario = {
  operation: "Effect",
  situation: "an effect that is awaited",
  stage: () => {
    const fates = new Fates()
    const effect = Effect.suspend(() => {
      const tell = fates.begins()
      return Effect.onExit(Effect.sleep("2 seconds"), (exit) =>
        Exit.isSuccess(exit)
          ? Effect.sync(() => tell("runs to its end"))
          : Effect.andThen(
              Effect.sleep("1 second"),
              Effect.sync(() => tell("is interrupted and cleans up"))
            )
      )
    })
    return {
      operation: function* () {
        yield* effect
      },
      wake: nothing,
      observe: () => ({ others: [fates.told("the effect")], state: "" })
    }
  }
}

const forPromise: Scenario = {
  operation: "wrap_future",
  situation: "of a promise",
  // A promise that is awaited holds the virtual clock: it is waited for from the first moment on, and never for longer.
  waitsAt: [0],
  stage: () => {
    const promise = new Promise<void>((resolve) => void setImmediate(resolve))
    let isSettled = false
    return {
      operation: function* () {
        yield* asyncio.wrap_future(promise)
      },
      wake: function* () {
        yield* asyncio.wrap_future(promise)
        isSettled = true
      },
      observe: () => ({
        others: [either(isSettled, "the promise goes on and settles", "the promise does not settle")],
        state: ""
      })
    }
  }
}

export const taskScenarios: ReadonlyArray<Scenario> = [
  forFuture(
    "Future",
    () => asyncio.get_running_loop().create_future<number>(),
    function* (future: asyncio.Future<number>) {
      yield* future
    },
    "awaited"
  ),
  forFuture(
    "wrap_future",
    () => new ConcurrentFuture<number>(),
    function* (future: ConcurrentFuture<number>) {
      yield* asyncio.wrap_future(future)
    },
    "of a concurrent future"
  ),
  forPromise,
  forTasks(
    "Task",
    function* ([task]) {
      yield* task as asyncio.Task
    },
    "awaited",
    1
  ),
  forCoroutines(
    "Coroutine",
    function* (work) {
      yield* work()
    },
    "awaited"
  ),
  forEffect,
  {
    operation: "sleep",
    stage: () => ({
      operation: function* () {
        yield* asyncio.sleep(2)
      },
      wake: nothing,
      observe: () => ({ others: [], state: "" })
    })
  },
  forCoroutines("ensure_future", function* (work) {
    yield* asyncio.ensure_future(work())
  }),
  forTasks("gather", function* (tasks) {
    yield* asyncio.gather(...tasks)
  }),
  forTasks("wait", function* (tasks) {
    yield* asyncio.wait(tasks)
  }),
  forTasks(
    "wait_for",
    function* ([task]) {
      yield* asyncio.wait_for(task as asyncio.Task, 60)
    },
    "of a task",
    1
  ),
  forCoroutines(
    "wait_for",
    function* (work) {
      yield* asyncio.wait_for(work(), 60)
    },
    "of a coroutine"
  ),
  forCoroutines("timeout", function* (work) {
    yield* asyncio.async_with(asyncio.timeout(60), function* () {
      yield* work()
    })
  }),
  forTasks(
    "shield",
    function* ([task]) {
      yield* asyncio.shield(task as asyncio.Task)
    },
    undefined,
    1
  ),
  forTasks(
    "as_completed",
    function* (tasks) {
      for (const next of asyncio.as_completed(tasks)) yield* next
    },
    "in a plain loop"
  ),
  forTasks(
    "as_completed",
    function* (tasks) {
      yield* asyncio.async_for(asyncio.as_completed(tasks), function* (task) {
        yield* task
      })
    },
    "in `async_for`"
  ),
  forCoroutines(
    "TaskGroup",
    function* (work) {
      yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
        void group.create_task(work())
        yield* asyncio.sleep(60)
      })
    },
    "its block waits",
    "each of its tasks"
  ),
  forCoroutines(
    "TaskGroup.__aexit__",
    function* (work) {
      yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
        void group.create_task(work())
        yield* asyncio.sleep(0)
      })
    },
    "its block has ended, its tasks have not",
    "each of its tasks"
  ),
  forCoroutines(
    "staggered.staggered_race",
    function* (work) {
      yield* asyncio.staggered.staggered_race([work, work], 0.1)
    },
    undefined,
    "each of its coroutines"
  )
]
