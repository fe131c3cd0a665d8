// The contract of what runs several awaitables of asyncio at once, and who keeps it.
//
//   - TaskGroup: no child outlives it; the first failure cancels the others at once; every failure is kept.
//   - gather: results in order. A failure is handed on at once, and the others go on; or all are waited for. Whoever stops the
//     gather stops all.
//   - wait: says who is done and who is not, at once when it may; it cancels nobody, also when it is cancelled itself.
//   - as_completed: gives everyone once, in the order in which they are done.
import * as asyncio from "@skein/asyncio"
import { BaseExceptionGroup } from "@skein/asyncio/builtins"
import { explore } from "@skein/testing/asyncio"
import type { Member } from "./family.ts"
import { ChildFailure, GroupModel, type GroupOperation } from "./groupModel.ts"
import { insist } from "./insist.ts"
import { nothingIsLeft } from "./leftovers.ts"
import { strandName } from "./strands.ts"
import type { Outcome } from "./taskModel.ts"

type ChildTask = asyncio.Task<number>

/** What a conductor sees. */
interface Hall {
  readonly count: number
  readonly model: GroupModel
  /** Who is done, in that order. */
  readonly completed: ReadonlyArray<number>
  readonly now: () => number
  /** When each was done. */
  readonly doneAt: ReadonlyMap<number, number>
  /** How many were done when all were asked to stop. */
  readonly doneBeforeStop: () => number
  readonly child: (index: number) => asyncio.Coroutine<number>
  /** Makes a task of a child known. */
  readonly started: (index: number, task: ChildTask) => void
}

interface Conductor {
  readonly name: string
  /** Whether a request to stop reaches all children. */
  readonly stopsAll: boolean
  /** Whether it may end before its children. */
  readonly leavesSome: boolean
  readonly run: (hall: Hall) => asyncio.Body<void>
}

const allTasks = ({ child, count, started }: Hall): Array<ChildTask> =>
  Array.from({ length: count }, (_, index) => {
    const task = asyncio.create_task(child(index), { name: strandName(index) })
    started(index, task)
    return task
  })

const endOf = (task: ChildTask): Outcome =>
  task.cancelled() ? "cancelled" : task.exception() === undefined ? "success" : "failure"

/** Insists that it ends as soon as the first is done for which `counts` holds; returns that one, if there is one. */
const atOnce = ({ completed, doneAt, now }: Hall, counts: (index: number) => boolean): number | undefined => {
  const first = completed.find(counts)
  insist(first === undefined || now() === doneAt.get(first), "it ends too late")
  return first
}

/** Insists that a request to stop has reached all, if it came while nobody had ended but well. */
const allAreStopped = ({ completed, doneBeforeStop }: Hall, tasks: ReadonlyArray<ChildTask>): void => {
  const before = completed.slice(0, doneBeforeStop())
  if (before.some((index) => endOf(tasks[index] as ChildTask) !== "success")) return
  for (const [index, task] of tasks.entries()) {
    insist(task.done() || task.cancelling() > 0, `${strandName(index)} has not heard that all are to stop`)
  }
}

const names = (children: ReadonlyArray<number>): string =>
  children
    .map(strandName)
    .toSorted((a, b) => a.localeCompare(b))
    .join()

const taskGroup: Conductor = {
  name: "TaskGroup",
  stopsAll: true,
  leavesSome: false,
  run: function* (hall) {
    const { child, count, model, started } = hall
    let told: ReadonlyArray<number> = []
    try {
      yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
        for (let index = 0; index < count; index++) {
          started(index, group.create_task(child(index), { name: strandName(index) }))
        }
        yield* asyncio.sleep(0)
      })
    } catch (error) {
      if (!(error instanceof BaseExceptionGroup)) {
        insist(model.failed.length === 0, "a failure is lost when the group is stopped")
        insist(hall.now() === model.stoppedAt, "it does not stop at once")
        throw error
      }
      told = error.exceptions.map((failure) => (failure instanceof ChildFailure ? failure.child : -1))
      const { failedAt, stoppedAt } = model
      insist(hall.now() === failedAt || hall.now() === stoppedAt, "others were not cancelled at once")
    } finally {
      model.allEnded()
      const isAborted = model.failed.length > 0 || model.stoppedAt !== undefined
      model.noneCancelledBut((index) => isAborted || model.asked.has(index))
    }
    insist(names(told) === names(model.failed), () => `failed: ${names(model.failed)}; told of: ${names(told)}`)
  }
}

const gather: Conductor = {
  name: "gather",
  stopsAll: true,
  leavesSome: true,
  run: function* (hall) {
    const tasks = allTasks(hall)
    try {
      const results = yield* asyncio.gather(...tasks)
      insist(results.join() === [...tasks.keys()].join(), "results are out of order")
    } catch (error) {
      if (hall.model.stoppedAt !== undefined) {
        if (error instanceof ChildFailure && hall.model.failed.includes(error.child)) return
        allAreStopped(hall, tasks)
        throw error
      }
      const first = atOnce(hall, (index) => endOf(tasks[index] as ChildTask) !== "success")
      insist(first !== undefined, "it fails, and nobody has")
      const isFirst = error instanceof ChildFailure ? error.child === first : tasks[first]?.cancelled() === true
      insist(isFirst, `it does not tell how ${strandName(first)} ended`)
    }
  }
}

const gatherAll: Conductor = {
  name: "gather, return_exceptions",
  stopsAll: true,
  leavesSome: false,
  run: function* (hall) {
    const tasks = allTasks(hall)
    let results: ReadonlyArray<unknown>
    try {
      results = yield* asyncio.gather(...tasks, { return_exceptions: true })
    } catch (error) {
      insist(hall.now() === hall.model.stoppedAt, "it does not stop at once")
      throw error
    }
    insist(
      tasks.every((task) => task.done()),
      "somebody is not done"
    )
    for (const [index, result] of results.entries()) {
      const end = endOf(tasks[index] as ChildTask)
      const isRight =
        end === "success"
          ? result === index
          : end === "cancelled"
            ? result instanceof asyncio.CancelledError
            : result instanceof ChildFailure && result.child === index
      insist(isRight, `the result of ${strandName(index)} is not its own`)
    }
  }
}

type ReturnWhen = NonNullable<asyncio.WaitOptions["return_when"]>

const wait = (name: string, return_when: ReturnWhen, ends: (end: Outcome) => boolean): Conductor => ({
  name: `wait, ${name}`,
  stopsAll: false,
  leavesSome: true,
  run: function* (hall) {
    const tasks = allTasks(hall)
    const [done, pending] = yield* asyncio.wait(tasks, { return_when })
    insist(done.size + pending.size === tasks.length, "somebody is missing")
    insist(
      [...done].every((task) => task.done()),
      "one who is not done counts as done"
    )
    insist(![...pending].some((task) => task.done()), "one who is done counts as pending")
    const first = atOnce(hall, (index) => ends(endOf(tasks[index] as ChildTask)))
    insist(pending.size === 0 || first !== undefined, "it ends before its time")
  }
})

const asCompleted: Conductor = {
  name: "as_completed",
  stopsAll: false,
  leavesSome: false,
  run: function* (hall) {
    const tasks = allTasks(hall)
    const given: Array<ChildTask> = []
    yield* asyncio.async_for(asyncio.as_completed(tasks), function* (task) {
      insist(task.done(), "it gives one who is not done")
      given.push(task)
      yield* asyncio.sleep(0)
    })
    insist(given.map((task) => tasks.indexOf(task)).join() === hall.completed.join(), "they are out of order")
  }
}

const conductors: ReadonlyArray<Conductor> = [
  taskGroup,
  gather,
  gatherAll,
  wait("ALL_COMPLETED", asyncio.ALL_COMPLETED, () => false),
  wait("FIRST_COMPLETED", asyncio.FIRST_COMPLETED, () => true),
  wait("FIRST_EXCEPTION", asyncio.FIRST_EXCEPTION, (end) => end === "failure"),
  asCompleted
]

const member = (conductor: Conductor): Member<GroupOperation> => ({
  name: `asyncio ${conductor.name}`,
  explore: (script, strategy, runs) => {
    const program = asyncio.coroutine(function* program(): asyncio.Body<void> {
      const loop = asyncio.get_running_loop()
      const now = () => Math.round(loop.time())
      const model = new GroupModel()
      const tasks = new Map<number, ChildTask>()
      const completed: Array<number> = []
      let doneBeforeStop: number | undefined
      const doneAt = new Map<number, number>()
      const from = function* (child: number, index: number): asyncio.Body<number> {
        switch (script[child]?.[index]) {
          case undefined:
            return child
          case "yield":
            yield* asyncio.sleep(0)
            break
          case "sleep":
            yield* asyncio.sleep(3600)
            break
          case "fail":
            throw new ChildFailure(child)
          case "linger":
            try {
              return yield* from(child, index + 1)
            } finally {
              model.cleans(child)
              try {
                yield* asyncio.sleep(0)
              } finally {
                model.cleaned(child)
              }
            }
          case "cancel": {
            const next = (child + 1) % script.length
            model.asked.add(next)
            tasks.get(next)?.cancel()
            break
          }
          case "stop":
            model.stops(now())
            doneBeforeStop ??= completed.length
            conducting.cancel()
        }
        return yield* from(child, index + 1)
      }
      const child = asyncio.coroutine(function* child(index: number): asyncio.Body<number> {
        model.begins(index)
        let outcome: Outcome = "success"
        try {
          return yield* from(index, 0)
        } catch (error) {
          outcome = error instanceof asyncio.CancelledError ? "cancelled" : "failure"
          throw error
        } finally {
          model.ends(index, outcome, now())
        }
      })
      const started = (index: number, task: ChildTask): void => {
        tasks.set(index, task)
        task.add_done_callback(() => {
          completed.push(index)
          doneAt.set(index, now())
        })
      }
      const hall: Hall = {
        count: script.length,
        model,
        completed,
        now,
        doneAt,
        doneBeforeStop: () => doneBeforeStop ?? 0,
        child,
        started
      }
      const conduct = asyncio.coroutine(function* conduct(): asyncio.Body<void> {
        yield* conductor.run(hall)
        if (!conductor.leavesSome) model.allEnded()
      })
      const conducting = asyncio.create_task(conduct(), { name: "conductor" })
      yield* asyncio.wait([conducting])
      if (!conducting.cancelled()) conducting.result()
      insist(!conducting.cancelled() || model.stoppedAt !== undefined, "it was cancelled, and nobody asked for that")
      for (const task of tasks.values()) {
        const error = task.done() && !task.cancelled() ? task.exception() : undefined
        if (error !== undefined && !(error instanceof ChildFailure)) throw error
      }
      const isStopped = model.stoppedAt !== undefined && conductor.stopsAll
      if (conductor !== taskGroup) model.noneCancelledBut((index) => isStopped || model.asked.has(index))
      for (const task of tasks.values()) task.cancel()
      yield* asyncio.gather(...tasks.values(), { return_exceptions: true })
    })
    return explore(program, { strategy, runs, after: [nothingIsLeft()] })
  }
})

/** Every way in which asyncio runs several at once. */
export const combinatorMembers: ReadonlyArray<Member<GroupOperation>> = conductors.map(member)
