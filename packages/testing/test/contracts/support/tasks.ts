// The contract of a task, and who keeps it.
//
//   - Who was asked to stop before it began, never begins. Who was not asked ends by itself.
//   - A task ends after its clean-up and after its children. Then all who wait for it go on, and all see the same end.
//   - Asking twice changes nothing (of asyncio: it is counted). Core's `cancel` ends when the task has.
//   - When all is at rest, whoever has not ended waits for one that has not ended. In the end nothing is left.
import * as asyncio from "@skein/asyncio"
import { Task } from "@skein/core"
import { explore } from "@skein/testing"
import { explore as exploreAsyncio } from "@skein/testing/asyncio"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isOrdered, type Member } from "./family.ts"
import { insist } from "./insist.ts"
import { nothingIsLeft } from "./leftovers.ts"
import { strandName } from "./strands.ts"
import { type Outcome, TaskModel, type TaskOperation } from "./taskModel.ts"

/** Two sets: tasks that wait for one another, and tasks that have children. */
export const taskOperations = {
  joining: ["yield", "fail", "linger", "join", "cancel"],
  nesting: ["yield", "fail", "linger", "spawn", "cancel"]
} as const satisfies Record<string, ReadonlyArray<TaskOperation>>

/** What a strand fails with. */
class Failure extends Error {
  readonly strand: number

  constructor(strand: number) {
    super(strandName(strand))
    this.strand = strand
  }
}

const UNTIL_REST = 3600

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome =>
  Exit.isSuccess(exit) ? "success" : Cause.hasInterruptsOnly(exit.cause) ? "cancelled" : "failure"

const core: Member<TaskOperation> = {
  name: "core Task",
  explore: (script, strategy, runs) => {
    const program = Effect.scoped(
      Effect.gen(function* () {
        const model = new TaskModel(script, isOrdered(strategy))
        const tasks: Array<Task.Task<void, Failure>> = []
        const owing = (strand: number, effect: Effect.Effect<void>) =>
          Effect.sync(() => model.owes(strand)).pipe(
            Effect.andThen(effect),
            Effect.andThen(Effect.sync(() => model.settles(strand)))
          )
        const waiting = <A, E>(strand: number, target: number, wait: Effect.Effect<A, E>): Effect.Effect<A, E> =>
          Effect.suspend(() => {
            model.waits(strand, target)
            return Effect.ensuring(
              wait,
              Effect.sync(() => model.goesOn(strand))
            )
          })
        const from = (strand: number, index: number): Effect.Effect<void, Failure> =>
          Effect.suspend(() => {
            const operation = script[strand]?.[index]
            if (operation === undefined) return Effect.void
            const rest = from(strand, index + 1)
            const target = (strand + 1) % script.length
            const task = tasks[target]
            switch (operation) {
              case "yield":
                return Effect.andThen(Effect.yieldNow, rest)
              case "fail":
                return Effect.fail(new Failure(strand))
              case "linger":
                return Effect.ensuring(rest, owing(strand, Effect.yieldNow))
              case "spawn": {
                const settle = Effect.sync(() => model.settles(strand))
                // A child that never begins has nothing to clean up.
                const child = Effect.uninterruptibleMask((restore) => {
                  model.owes(strand)
                  return Effect.onExit(restore(Effect.never), () => Effect.andThen(Effect.yieldNow, settle))
                })
                return Effect.scoped(Effect.andThen(Task.spawn(child, { name: "child" }), rest))
              }
              case "join": {
                if (task === undefined) return rest
                const joined = Effect.match(Task.join(task), {
                  onSuccess: () => model.judge(target, "success"),
                  onFailure: (error) => {
                    insist(
                      !(error instanceof Failure) || error.strand === target,
                      "the failure is that of another task"
                    )
                    model.judge(target, error instanceof Failure ? "failure" : "cancelled")
                  }
                })
                return Effect.andThen(waiting(strand, target, joined), rest)
              }
              case "cancel": {
                if (task === undefined) return rest
                model.asks(target)
                const ended = Effect.map(Task.cancel(task), (exit) => model.judge(target, outcomeOf(exit)))
                return Effect.andThen(waiting(strand, target, ended), rest)
              }
            }
          })
        const body = (strand: number) =>
          Effect.suspend(() => {
            model.begins(strand)
            return from(strand, 0)
          }).pipe(Effect.onExit((exit) => Effect.sync(() => model.ends(strand, outcomeOf(exit)))))
        for (const strand of script.keys()) tasks.push(yield* Task.spawn(body(strand), { name: strandName(strand) }))
        yield* Effect.sleep(UNTIL_REST * 1000)
        const isDone = (strand: number) => {
          const { _tag } = Effect.runSync(Task.status(tasks[strand] as Task.Task<void, Failure>))
          return _tag === "Succeeded" || _tag === "Failed" || _tag === "Cancelled"
        }
        model.atRest(isDone)
        for (const [strand, task] of tasks.entries()) {
          model.asks(strand)
          const exit = yield* Task.cancel(task)
          model.judge(strand, outcomeOf(exit))
          insist(exit === (yield* Task.await(task)), "a task has two ends")
        }
      })
    )
    return Effect.runPromise(explore(program, { strategy, runs, after: [nothingIsLeft()] }))
  }
}

/** How a strand waits for another; an error of the other is its result. */
type Wait = (task: asyncio.Task<void>) => asyncio.Body<void>

const asyncioMember = (name: string, wait: Wait): Member<TaskOperation> => ({
  name: `asyncio ${name}`,
  explore: (script, strategy, runs) => {
    const program = asyncio.coroutine(function* program(): asyncio.Body<void> {
      const model = new TaskModel(script, true)
      const tasks: Array<asyncio.Task<void>> = []
      const endOf = (task: asyncio.Task<void>): Outcome =>
        task.cancelled() ? "cancelled" : task.exception() === undefined ? "success" : "failure"
      const child = asyncio.coroutine(function* child(strand: number): asyncio.Body<void> {
        yield* asyncio.sleep(0)
        model.settles(strand)
      })
      const from = function* (strand: number, index: number): asyncio.Body<void> {
        const operation = script[strand]?.[index]
        const target = (strand + 1) % script.length
        const task = tasks[target] as asyncio.Task<void>
        switch (operation) {
          case undefined:
            return
          case "yield":
            yield* asyncio.sleep(0)
            break
          case "fail":
            throw new Failure(strand)
          case "linger":
            try {
              return yield* from(strand, index + 1)
            } finally {
              model.owes(strand)
              try {
                yield* asyncio.sleep(0)
              } finally {
                model.settles(strand)
              }
            }
          case "spawn":
            return yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
              model.owes(strand)
              const { length } = tasks
              group.create_task(child(strand), { name: `child ${length}` }).add_done_callback((ended) => {
                if (ended.cancelled()) model.settles(strand)
              })
              yield* from(strand, index + 1)
            })
          case "join":
            model.waits(strand, target)
            try {
              yield* wait(task)
            } finally {
              model.goesOn(strand)
            }
            insist(task.done(), `${strandName(target)} is waited for, and not done`)
            model.judge(target, endOf(task))
            break
          case "cancel": {
            model.asks(target)
            const wasDone = task.done()
            insist(task.cancel() === !wasDone, "cancel says whether the task was done")
            insist(wasDone || task.cancelling() === model.asked[target], "requests are counted")
          }
        }
        yield* from(strand, index + 1)
      }
      const body = asyncio.coroutine(function* body(strand: number): asyncio.Body<void> {
        model.begins(strand)
        let outcome: Outcome = "success"
        try {
          yield* from(strand, 0)
        } catch (error) {
          outcome = error instanceof asyncio.CancelledError ? "cancelled" : "failure"
          throw error
        } finally {
          model.ends(strand, outcome)
        }
      })
      for (const strand of script.keys()) tasks.push(asyncio.create_task(body(strand), { name: strandName(strand) }))
      yield* asyncio.sleep(UNTIL_REST)
      model.atRest((strand) => tasks[strand]?.done() === true)
      for (const [strand, task] of tasks.entries()) {
        if (!task.done()) model.asks(strand)
        task.cancel()
        yield* asyncio.wait([task])
        model.judge(strand, endOf(task))
        insist(!task.cancel(), "a task that is done cannot be cancelled")
      }
    })
    return exploreAsyncio(program, { strategy, runs, after: [nothingIsLeft()] })
  }
})

const waits: Wait = function* (task) {
  yield* asyncio.wait([task])
}

/** Its own cancellation goes on; that of the other, and its failure, do not. */
const shielded: Wait = function* (task) {
  try {
    yield* asyncio.shield(task)
  } catch (error) {
    const own = asyncio.current_task()?.cancelling() ?? 0
    if (error instanceof asyncio.CancelledError && own > 0) throw error
  }
}

/** Every kind of task, and of waiting for one. */
export const taskMembers: ReadonlyArray<Member<TaskOperation>> = [
  core,
  asyncioMember("Task, waited for", waits),
  asyncioMember("Task, shielded", shielded)
]
