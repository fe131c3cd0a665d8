// The contract of core's groups, and who keeps it.
//
//   - No child outlives its group: when that ends, all have ended, with their clean-up.
//   - The first failure cancels the others at once, and nobody begins after it; every failure is kept. Or, if all are collected,
//     a failure has no consequences, and everyone's end is there.
//   - Who runs the group can be asked to stop at any time: then all are, and the failures stand beside the interruption.
//   - A limit is never exceeded.
import { Task, TaskGroup, VirtualTime } from "@skein/core"
import { explore } from "@skein/testing"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isOrdered, type Member } from "./family.ts"
import { ChildFailure, GroupModel, type GroupOperation } from "./groupModel.ts"
import { insist } from "./insist.ts"
import { nothingIsLeft } from "./leftovers.ts"
import { strandName } from "./strands.ts"
import type { Outcome } from "./taskModel.ts"

export const groupOperations = ["yield", "sleep", "fail", "linger", "cancel", "stop"] as const

type Child = Effect.Effect<number, ChildFailure>
type Started = (child: number, task: Task.Task<number, ChildFailure>) => void

interface Conductor {
  readonly name: string
  readonly limit?: number
  /** Whether the first failure cancels all others. */
  readonly failsFast: boolean
  /** Whether the one who runs the children fails by itself. */
  readonly bodyFails?: boolean
  /** Runs all children; `started` hears of each task. Gives how they ended, or what they returned, if the group tells. */
  readonly run: (children: ReadonlyArray<Child>, started: Started) => Effect.Effect<unknown, unknown>
}

type Ended =
  | { readonly exits: ReadonlyArray<Exit.Exit<unknown, unknown>> }
  | { readonly values: ReadonlyArray<number> }
  | undefined

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome =>
  Exit.isSuccess(exit) ? "success" : Cause.hasInterruptsOnly(exit.cause) ? "cancelled" : "failure"

const spawnAll = <E, R>(
  children: ReadonlyArray<Child>,
  started: Started,
  spawn: (child: Child, options: Task.SpawnOptions) => Effect.Effect<Task.Task<number, ChildFailure>, E, R>
): Effect.Effect<void, E, R> =>
  Effect.forEach(
    children,
    (child, index) => Effect.map(spawn(child, { name: strandName(index) }), (task) => started(index, task)),
    { discard: true }
  )

const conductors: ReadonlyArray<Conductor> = [
  {
    name: "TaskGroup.run",
    failsFast: true,
    run: (children, started) =>
      TaskGroup.run((group) => spawnAll(children, started, (child, options) => group.spawn(child, options)))
  },
  {
    name: "TaskGroup.run, limit 2",
    limit: 2,
    failsFast: true,
    run: (children, started) =>
      TaskGroup.run((group) => spawnAll(children, started, (child, options) => group.spawn(child, options)), {
        limit: 2
      })
  },
  {
    name: "TaskGroup.run, body fails",
    failsFast: true,
    bodyFails: true,
    run: (children, started) =>
      TaskGroup.run((group) =>
        spawnAll(children, started, (child, options) => group.spawn(child, options)).pipe(
          Effect.andThen(Effect.yieldNow),
          Effect.andThen(Effect.fail("the body"))
        )
      )
  },
  {
    name: "TaskGroup.run, collectAll",
    failsFast: false,
    run: (children, started) =>
      TaskGroup.run((group) => spawnAll(children, started, (child, options) => group.spawn(child, options)), {
        policy: TaskGroup.collectAll
      })
  },
  {
    name: "TaskGroup.all",
    failsFast: true,
    run: (children) => Effect.map(TaskGroup.all(children), (values) => ({ values }))
  },
  {
    name: "TaskGroup.all, limit 1, collectAll",
    limit: 1,
    failsFast: false,
    run: (children) =>
      Effect.map(TaskGroup.all(children, { limit: 1, policy: TaskGroup.collectAll }), (exits) => ({ exits }))
  },
  {
    name: "TaskGroup.make",
    failsFast: true,
    run: (children, started) =>
      Effect.scoped(
        Effect.flatMap(TaskGroup.make<number, ChildFailure>(), (group) =>
          Effect.andThen(
            Effect.ignore(spawnAll(children, started, (child, options) => group.spawn(child, options))),
            group.join
          )
        )
      )
  }
]

const childOf = ({ name }: TaskGroup.TaskFailure<unknown>): number =>
  Number(/\d+/.exec(name)?.[0]) - (name.endsWith("]") ? 0 : 1)

/** The failures of children that a group tells of. */
const failuresIn = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<TaskGroup.TaskFailure<unknown>> => {
  if (Exit.isSuccess(exit)) return []
  for (const reason of exit.cause.reasons) {
    const error = reason._tag === "Fail" ? reason.error : reason._tag === "Die" ? reason.defect : undefined
    if (error instanceof TaskGroup.TaskGroupError) return error.failures
  }
  return []
}

const judge = (
  { bodyFails = false, failsFast }: Conductor,
  model: GroupModel,
  count: number,
  exit: Exit.Exit<unknown, unknown>,
  now: number
): void => {
  model.allEnded()
  const { asked, failed, failedAt, outcomes, stoppedAt } = model
  const isStopped = Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)
  insist(!isStopped || stoppedAt !== undefined, "the group was interrupted, and nobody asked for that")
  const failures = failuresIn(exit)
  const told = failures.filter(({ source }) => source === "task").map(childOf)
  const stopsAll = stoppedAt !== undefined || bodyFails || (failsFast && told.length > 0)
  model.noneCancelledBut((child) => asked.has(child) || stopsAll)

  if (failsFast || isStopped || bodyFails) {
    const isToldOfNothing = !failsFast && !bodyFails
    // With `all`, one that was cancelled by itself counts, since its value is missing.
    const others = told.filter((child) => !failed.includes(child))
    insist(
      isToldOfNothing || failed.every((child) => told.includes(child)),
      () => `failed: ${failed}; told of: ${told}`
    )
    insist(
      others.every((child) => asked.has(child)),
      () => `the group tells of ${others}, who did not fail`
    )
    if (failed.length > 0 && failsFast)
      insist(now === failedAt || now === stoppedAt, "others were not cancelled at once")
    if (isStopped) insist(now === stoppedAt || now === failedAt, "the group did not stop at once")
  }
  if (stoppedAt === undefined && failsFast) {
    insist(
      !bodyFails || failed.length > 0 || failures.some(({ source }) => source === "body"),
      "the failure of the body is lost"
    )
    insist(Exit.isFailure(exit) === failures.length > 0, "the group fails without telling why")
  }
  if (Exit.isFailure(exit)) return
  insist(!failsFast || failed.length === 0, "the group does not tell of a failure")
  const ended = exit.value as Ended
  if (ended === undefined) return
  if ("values" in ended)
    insist(
      ended.values.every((value, index) => value === index),
      "values are out of order"
    )
  else {
    insist(ended.exits.length === count, `${ended.exits.length} ends are there, of ${count}`)
    for (const [index, end] of ended.exits.entries()) {
      insist(outcomeOf(end) === (outcomes.get(index) ?? "cancelled"), `the end of ${strandName(index)} is another's`)
    }
  }
}

const member = (conductor: Conductor): Member<GroupOperation> => ({
  name: `core ${conductor.name}`,
  explore: (script, strategy, runs) => {
    const program = Effect.scoped(
      Effect.gen(function* () {
        const strict = conductor.failsFast && isOrdered(strategy)
        const model = new GroupModel({ strict, ...(conductor.limit === undefined ? {} : { limit: conductor.limit }) })
        const tasks = new Map<number, Task.Task<unknown, unknown>>()
        let conducting: Task.Task<unknown, unknown> | undefined
        const from = (child: number, index: number): Child =>
          Effect.suspend(() => {
            const operation = script[child]?.[index]
            if (operation === undefined) return Effect.succeed(child)
            const rest = from(child, index + 1)
            switch (operation) {
              case "yield":
                return Effect.andThen(Effect.yieldNow, rest)
              case "sleep":
                return Effect.andThen(Effect.sleep("1 hour"), rest)
              case "fail":
                return Effect.fail(new ChildFailure(child))
              case "linger":
                return Effect.ensuring(
                  rest,
                  Effect.sync(() => model.cleans(child)).pipe(
                    Effect.andThen(Effect.yieldNow),
                    Effect.andThen(Effect.sync(() => model.cleaned(child)))
                  )
                )
              case "cancel": {
                const next = (child + 1) % script.length
                const task = tasks.get(next)
                if (task === undefined) return rest
                model.asked.add(next)
                return Effect.andThen(Task.cancel(task), rest)
              }
              case "stop":
                return Effect.flatMap(VirtualTime.now, (now) => {
                  if (conducting === undefined) return rest
                  model.stops(now)
                  return Effect.andThen(Task.cancel(conducting), rest)
                })
            }
          })
        const children = Array.from(script.keys(), (child) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.flatMap(Task.current, (current) => {
              if (current._tag === "Some") tasks.set(child, current.value)
              model.begins(child)
              return Effect.onExit(restore(from(child, 0)), (exit) =>
                Effect.map(VirtualTime.now, (now) => model.ends(child, outcomeOf(exit), now))
              )
            })
          )
        )
        const run = conductor.run(children, (child, task) => tasks.set(child, task))
        conducting = yield* Task.spawn(run, { name: "conductor" })
        const exit = yield* Task.await(conducting)
        for (const [child, task] of tasks) {
          const status = yield* Task.status(task)
          if (status._tag === "Failed" && Cause.hasDies(status.cause)) return yield* Effect.failCause(status.cause)
          // A request to stop may come through between the last step of a child and its end.
          if (!isOrdered(strategy) && status._tag === "Cancelled") model.outcomes.set(child, "cancelled")
        }
        judge(conductor, model, script.length, exit, yield* VirtualTime.now)
      })
    )
    return Effect.runPromise(explore(program, { strategy, runs, after: [nothingIsLeft()] }))
  }
})

/** Every way in which core runs children. */
export const groupMembers: ReadonlyArray<Member<GroupOperation>> = conductors.map(member)
