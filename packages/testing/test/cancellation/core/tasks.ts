// Tasks and groups.
import { Task, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Scenario } from "../support/core.ts"
import { Fates } from "../support/fates.ts"
import { either } from "../support/observation.ts"

/** Works for some seconds; cleaning up takes one more. */
export const work = (fates: Fates, seconds: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    const tell = fates.begins()
    return Effect.onExit(Effect.sleep(seconds * 1000), (exit) =>
      Exit.isSuccess(exit)
        ? Effect.sync(() => tell("runs to its end"))
        : Effect.andThen(
            Effect.sleep("1 second"),
            Effect.sync(() => tell("is interrupted and cleans up"))
          )
    )
  })

/** Somebody waits for a task that another one has started, and that takes two seconds. */
const taskScenario = (
  operation: string,
  use: (task: Task.Task<void>) => Effect.Effect<unknown, unknown>
): Scenario => ({
  operation,
  stage: Effect.sync(() => {
    const fates = new Fates()
    let worker: Task.Task<void> | undefined
    return {
      before: Effect.map(Task.spawn(work(fates, 2), { name: "worker" }), (task) => {
        worker = task
      }),
      operation: Effect.suspend(() => use(worker as Task.Task<void>)),
      wake: Effect.void,
      observe: () => Effect.sync(() => ({ others: [fates.told("the task")], state: String(worker) }))
    }
  })
})

export const taskScenarios: ReadonlyArray<Scenario> = [
  taskScenario("Task.join", Task.join),
  taskScenario("Task.await", Task.await),
  taskScenario("Task.cancel", (task) => Task.cancel(task))
]

/** Waits for a group of its own. */
const ownGroup = (
  operation: string,
  use: (work: Effect.Effect<void>, tell: (group: TaskGroup.GroupInfo) => void) => Effect.Effect<unknown, unknown>,
  situation?: string
): Scenario => ({
  operation,
  ...(situation === undefined ? {} : { situation }),
  stage: Effect.sync(() => {
    const fates = new Fates()
    let group: TaskGroup.GroupInfo | undefined
    return {
      operation: use(work(fates, 20), (made) => {
        group = made
      }),
      wake: Effect.void,
      observe: () =>
        Effect.sync(() => ({
          others: [fates.told("each of its tasks")],
          state: group === undefined ? "" : String(group)
        }))
    }
  })
})

/** Waits at a group that others have made, which has one place. */
const atLimit = (operation: string, isNursery: boolean): Scenario => ({
  operation,
  situation: "no place is free",
  stage: Effect.sync(() => {
    const second = new Fates()
    const third = new Fates()
    let use: ((effect: Effect.Effect<void>) => Effect.Effect<unknown, unknown>) | undefined
    let print = () => ""
    const spawn = (effect: Effect.Effect<void>) => Effect.suspend(() => use?.(effect) ?? Effect.void)
    const first = Effect.sleep("1 second")
    // A nursery lives in its body: that stays for as long as the others come and go.
    const inNursery = TaskGroup.run(
      (group) =>
        Effect.gen(function* () {
          use = (effect) => group.spawn(effect) as Effect.Effect<unknown, unknown>
          print = () => String(group)
          yield* group.spawn(first)
          yield* Effect.sleep("2 hours")
        }),
      { limit: 1, name: "pool" }
    )
    const inGroup = Effect.gen(function* () {
      const group = yield* TaskGroup.make({ limit: 1, name: "pool" })
      use = (effect) => group.spawn(effect)
      print = () => String(group)
      yield* group.spawn(first)
    })
    return {
      before: isNursery ? Effect.andThen(Task.spawn(inNursery, { name: "nursery" }), Effect.sleep(1)) : inGroup,
      operation: spawn(work(second, 1)),
      next: spawn(work(third, 1)),
      wake: Effect.void,
      observe: () =>
        Effect.sync(() => ({
          others: [second.told("its task"), third.told("the task of the next in line")],
          state: print()
        }))
    }
  })
})

export const groupScenarios: ReadonlyArray<Scenario> = [
  ownGroup(
    "TaskGroup.run",
    (work, tell) =>
      TaskGroup.run((group) => {
        tell(group)
        return Effect.andThen(group.spawn(work, { name: "worker" }), Effect.sleep("10 seconds"))
      }),
    "its body waits"
  ),
  ownGroup(
    "TaskGroup.run",
    (work, tell) =>
      TaskGroup.run((group) => {
        tell(group)
        return group.spawn(work, { name: "worker" })
      }),
    "its body has ended, its tasks have not"
  ),
  ownGroup("TaskGroup.all", (work) => TaskGroup.all([work, work])),
  ownGroup(
    "TaskGroup.make",
    (work, tell) =>
      Effect.scoped(
        Effect.gen(function* () {
          const group = yield* TaskGroup.make()
          tell(group)
          yield* group.spawn(work, { name: "worker" })
          yield* Effect.sleep(100)
        })
      ),
    "its scope closes"
  ),
  {
    operation: "TaskGroup.TaskGroup.join",
    stage: Effect.gen(function* () {
      const fates = new Fates()
      const scope = yield* Scope.make()
      const group = yield* Scope.provide(TaskGroup.make({ name: "connections" }), scope)
      return {
        before: group.spawn(work(fates, 20), { name: "worker" }),
        operation: group.join,
        next: group.join,
        wake: Effect.void,
        observe: ({ nextHasIt }) =>
          Effect.as(Scope.close(scope, Exit.void), {
            others: [
              fates.told("the task"),
              either(nextHasIt, "whoever else waits is woken", "whoever else waits is not woken")
            ],
            state: String(group)
          })
      }
    })
  },
  atLimit("TaskGroup.TaskGroup.spawn", false),
  atLimit("TaskGroup.Nursery.spawn", true)
]
