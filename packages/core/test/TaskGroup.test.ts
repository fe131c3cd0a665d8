import { inspect } from "node:util"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { CancelScope, Task, TaskGroup, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"

/** Runs a program under virtual time, and checks that it leaves no task behind. */
const run = <A, E>(program: Effect.Effect<A, E>): Promise<A> => {
  const before = taskRegistry.length
  return VirtualTime.runPromise(program).finally(() => assert.strictEqual(taskRegistry.length, before))
}

/** The failures of a group: who, and what, in words. */
const told = (error: TaskGroup.TaskGroupError): ReadonlyArray<string> =>
  error.failures.map(({ cause, name, source }) => {
    const reasons = cause.reasons.map((reason) => {
      if (Cause.isFailReason(reason)) return String(reason.error)
      return Cause.isDieReason(reason) ? `died: ${String(reason.defect)}` : "cancelled"
    })
    return `${source === "body" ? "body" : name}: ${reasons.join(" + ")}`
  })

const groupError = (exit: Exit.Exit<unknown, unknown>): TaskGroup.TaskGroupError => {
  const error = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isFailReason)?.error : undefined
  assert.instanceOf(error, TaskGroup.TaskGroupError)
  return error
}

const tagsOf = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<string> =>
  Exit.isFailure(exit) ? exit.cause.reasons.map((reason) => reason._tag) : ["Success"]

const failAfter = <const E>(millis: number, error: E) => Effect.andThen(Effect.sleep(millis), Effect.fail(error))

/** Waits for ever; when interrupted, cleans up for so long. */
const untilCancelled = (log: Array<string>, name: string, cleanUpMillis = 0) =>
  Effect.onExit(Effect.never, () =>
    Effect.andThen(
      Effect.sleep(cleanUpMillis),
      Effect.sync(() => log.push(`${name} cleaned up`))
    )
  )

describe("TaskGroup.run", () => {
  describe("a group in which all goes well", () => {
    it("ends when the body and all tasks have, and gives the body's value", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const value = yield* TaskGroup.run((group) =>
            Effect.gen(function* () {
              yield* group.spawn(Effect.map(Effect.sleep(20), () => log.push("task")))
              log.push("body")
              return "value"
            })
          )
          assert.strictEqual(value, "value")
          assert.deepStrictEqual(log, ["body", "task"])
          assert.strictEqual(yield* VirtualTime.now, 20)
        })
      ))

    it("without tasks it does not suspend", () => {
      assert.strictEqual(Effect.runSync(TaskGroup.run(() => Effect.succeed("at once"))), "at once")
    })

    it("waits for tasks that tasks spawn, also after the body has ended", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          yield* TaskGroup.run((group) => {
            const chain = (depth: number): Effect.Effect<void, TaskGroup.TaskGroupClosedError> =>
              Effect.gen(function* () {
                yield* Effect.sleep(1)
                log.push(`depth ${depth}`)
                if (depth < 3) yield* group.spawn(chain(depth + 1))
              }) as Effect.Effect<void, TaskGroup.TaskGroupClosedError>
            return group.spawn(chain(1))
          })
          assert.deepStrictEqual(log, ["depth 1", "depth 2", "depth 3"])
        })
      ))

    it("tasks begin in the order of spawning, at the next turn", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          yield* TaskGroup.run((group) =>
            Effect.gen(function* () {
              for (const name of ["a", "b", "c"]) yield* group.spawn(Effect.sync(() => log.push(name)))
              log.push("body ends")
            })
          )
          assert.deepStrictEqual(log, ["body ends", "a", "b", "c"])
        })
      ))

    it("a task that is cancelled by itself is no failure, and its siblings go on", () =>
      run(
        Effect.gen(function* () {
          const value = yield* TaskGroup.run((group) =>
            Effect.gen(function* () {
              const victim = yield* group.spawn(Effect.never)
              const suicide = yield* group.spawn(Effect.interrupt)
              const sibling = yield* group.spawn(Effect.as(Effect.sleep(10), "sibling"))
              yield* Task.cancel(victim)
              yield* Task.await(suicide)
              return yield* Task.join(sibling)
            })
          )
          assert.strictEqual(value, "sibling")
        })
      ))

    it("tasks and body inherit services and the current task; tasks know their parent", () =>
      run(
        Effect.scoped(
          Effect.gen(function* () {
            class Word extends Context.Service<Word, string>()("Word") {}
            const program = TaskGroup.run((group) =>
              Effect.gen(function* () {
                const child = yield* group.spawn(
                  Effect.map(Task.current, (current) => Option.getOrThrow(current).parent?.name)
                )
                const word = yield* Task.join(yield* group.spawn(Effect.map(Word, (text) => `${text}!`)))
                const self = Option.getOrThrow(yield* Task.current).name
                return [word, self, yield* Task.join(child)]
              })
            ).pipe(Effect.provideService(Word, "hello"))
            const task = yield* Task.spawn(program, { name: "owner" })
            assert.deepStrictEqual(yield* Task.join(task), ["hello!", "owner", "owner"])
          })
        )
      ))
  })

  describe("fail fast", () => {
    it("the first failure cancels the siblings and the body; their clean-up is awaited", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const error = yield* Effect.flip(
            TaskGroup.run(
              (group) =>
                Effect.gen(function* () {
                  yield* group.spawn(untilCancelled(log, "sibling", 30))
                  yield* group.spawn(failAfter(10, "boom"), { name: "bomb" })
                  return yield* untilCancelled(log, "body", 20)
                }),
              { name: "crew" }
            )
          )
          assert.deepStrictEqual(log, ["body cleaned up", "sibling cleaned up"])
          assert.strictEqual(yield* VirtualTime.now, 40)
          assert.deepStrictEqual(told(error), ["bomb: boom"])
          assert.deepStrictEqual(error.errors, ["boom"])
          assert.strictEqual(error.message, '1 failure in group "crew"\n  task "bomb": "boom"')
        })
      ))

    it("the cancellation of a sibling says who failed", () =>
      run(
        Effect.gen(function* () {
          let sibling: Task.Task<never> | undefined
          yield* Effect.exit(
            TaskGroup.run(
              (group) =>
                Effect.gen(function* () {
                  sibling = yield* group.spawn(Effect.never, { name: "sibling" })
                  yield* group.spawn(failAfter(1, "boom"), { name: "bomb" })
                }),
              { name: "crew" }
            )
          )
          assert.strictEqual(String(sibling), 'Task("sibling", cancelled: task "bomb" of group "crew" failed)')
        })
      ))

    it("several failures of one turn are all kept, in the order in which they happened", () =>
      run(
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                const gate = yield* Deferred.make<void>()
                const waits = Effect.andThen(Deferred.await(gate), Effect.uninterruptible(failAfter(5, "late")))
                yield* group.spawn(Effect.uninterruptible(failAfter(10, "one")), { name: "a" })
                yield* group.spawn(Effect.uninterruptible(failAfter(10, "two")), { name: "b" })
                yield* group.spawn(Effect.uninterruptible(Effect.andThen(Effect.sleep(10), Effect.die("three"))), {
                  name: "c"
                })
                yield* group.spawn(waits, { name: "d" })
                yield* Effect.sleep(8)
                yield* Deferred.succeed(gate, undefined)
              })
            )
          )
          assert.deepStrictEqual(told(error), ["a: one", "b: two", "c: died: three", "d: late"])
          assert.deepStrictEqual(error.defects, ["three"])
        })
      ))

    it("failures of clean-up are kept: of siblings, of the failing task itself, and of the body", () =>
      run(
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                yield* group.spawn(Effect.ensuring(Effect.never, Effect.die("unclean")), { name: "a" })
                yield* group.spawn(
                  Effect.onInterrupt(Effect.never, () => Effect.fail("untidy")),
                  { name: "b" }
                )
                yield* group.spawn(Effect.ensuring(failAfter(1, "boom"), Effect.die("and more")), { name: "bomb" })
                return yield* Effect.ensuring(Effect.never, Effect.die("body unclean"))
              })
            )
          )
          assert.deepStrictEqual(told(error), [
            "bomb: died: boom + died: and more",
            "a: died: unclean",
            "b: untidy",
            "body: died: body unclean"
          ])
        })
      ))

    it("a failing body cancels the tasks; its error is the last, also when it is the only one", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const alone = yield* Effect.flip(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                yield* group.spawn(untilCancelled(log, "task", 10))
                yield* Effect.sleep(1)
                return yield* Effect.fail("body failed")
              })
            )
          )
          assert.deepStrictEqual(told(alone), ["body: body failed"])
          assert.deepStrictEqual(log, ["task cleaned up"])
          assert.strictEqual(yield* VirtualTime.now, 11)
          const both = yield* Effect.flip(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                yield* group.spawn(
                  Effect.onInterrupt(Effect.never, () => Effect.fail("untidy")),
                  { name: "task" }
                )
                yield* Effect.sleep(1)
                return yield* Effect.fail("body failed")
              })
            )
          )
          assert.deepStrictEqual(told(both), ["task: untidy", "body: body failed"])
        })
      ))

    it("a task or body that joins a task which is cancelled with it does not take that for a failure", () =>
      run(
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                const first = yield* group.spawn(Effect.never, { name: "first" })
                yield* group.spawn(Task.join(first), { name: "second" })
                yield* group.spawn(failAfter(5, "boom"), { name: "bomb" })
                return yield* Task.join(first)
              })
            )
          )
          assert.deepStrictEqual(told(error), ["bomb: boom"])
        })
      ))

    it("the message of an error of many failures stays short; the error has all of them", () =>
      run(
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            TaskGroup.all(Array.from({ length: 30 }, (_, index) => Effect.uninterruptible(failAfter(1, index))))
          )
          assert.strictEqual(error.failures.length, 30)
          assert.match(error.message, /all\[19\]": 19\n {2}\.\.\. and 10 more$/)
          const nested = new TaskGroup.TaskGroupError({
            group: "outer",
            failures: [{ source: "task", name: "inner", cause: Cause.fail(error) }]
          })
          assert.match(nested.message, /all\[18\]": 18\n {2}\.\.\.$/)
        })
      ))

    it("a body that throws when it is called fails the group like any other", () =>
      run(
        Effect.gen(function* () {
          const error = yield* Effect.flip(
            TaskGroup.run((): Effect.Effect<void> => {
              throw new Error("no effect")
            })
          )
          assert.deepStrictEqual(told(error), ["body: died: Error: no effect"])
        })
      ))

    it("a body that interrupts itself cancels the tasks, and the interruption goes on", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const exit = yield* Effect.exit(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                yield* group.spawn(untilCancelled(log, "task"))
                yield* Effect.sleep(1)
                return yield* Effect.interrupt
              })
            )
          )
          assert.deepStrictEqual(tagsOf(exit), ["Interrupt"])
          assert.deepStrictEqual(log, ["task cleaned up"])
        })
      ))

    it("a body that has caught nothing and ended in time does not save the group", () =>
      run(
        Effect.gen(function* () {
          const exit = yield* Effect.exit(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                yield* group.spawn(failAfter(10, "boom"), { name: "bomb" })
                return "done before"
              })
            )
          )
          assert.deepStrictEqual(tagsOf(exit), ["Fail"])
          assert.deepStrictEqual(told(groupError(exit)), ["bomb: boom"])
        })
      ))
  })

  describe("collect all", () => {
    it("failures have no consequences for the others; the result tells how each ended, in the order of spawning", () =>
      run(
        Effect.gen(function* () {
          const { body, exits } = yield* TaskGroup.run(
            (group) =>
              Effect.gen(function* () {
                yield* group.spawn(Effect.as(Effect.sleep(30), "slow"))
                yield* group.spawn(failAfter(10, "boom"))
                const victim = yield* group.spawn(Effect.never)
                yield* group.spawn(Effect.die("bug"))
                yield* Task.cancel(victim)
                return "body"
              }),
            { policy: TaskGroup.collectAll }
          )
          assert.strictEqual(body, "body")
          assert.deepStrictEqual(exits.map(tagsOf), [["Success"], ["Fail"], ["Interrupt"], ["Die"]])
          assert.strictEqual(yield* VirtualTime.now, 30)
        })
      ))

    it("a failing body cancels the tasks, and what failed before is told, too", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const error = yield* Effect.flip(
            TaskGroup.run(
              (group) =>
                Effect.gen(function* () {
                  yield* group.spawn(failAfter(1, "early"), { name: "a" })
                  yield* group.spawn(untilCancelled(log, "b"))
                  return yield* failAfter(2, "body failed")
                }),
              { policy: TaskGroup.collectAll }
            )
          )
          assert.deepStrictEqual(told(error), ["a: early", "body: body failed"])
          assert.deepStrictEqual(log, ["b cleaned up"])
        })
      ))
  })

  describe("limit", () => {
    it("no more tasks run at once than the limit; places go in order of arrival", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const job = (name: string, millis: number) =>
            Effect.gen(function* () {
              log.push(`${name} at ${yield* VirtualTime.now}`)
              yield* Effect.sleep(millis)
            })
          yield* TaskGroup.run(
            (group) =>
              Effect.gen(function* () {
                const spawner = (name: string, millis: number) => Effect.forkChild(group.spawn(job(name, millis)))
                const fibers = [
                  yield* spawner("a", 10),
                  yield* spawner("b", 20),
                  yield* spawner("c", 5),
                  yield* spawner("d", 5),
                  yield* spawner("e", 5)
                ]
                yield* Effect.sleep(1)
                assert.strictEqual(group.waiting, 3)
                assert.strictEqual(String(group), 'TaskGroup("pool", open, 2 running, limit 2, 3 waiting)')
                yield* Fiber.joinAll(fibers)
              }),
            { limit: 2, name: "pool" }
          )
          assert.deepStrictEqual(log, ["a at 0", "b at 0", "c at 10", "d at 15", "e at 20"])
        })
      ))

    it("one who is interrupted while waiting for a place takes none, and those behind move up", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          yield* TaskGroup.run(
            (group) =>
              Effect.gen(function* () {
                yield* group.spawn(Effect.sleep(10))
                const second = yield* Effect.forkChild(group.spawn(Effect.sync(() => log.push("second"))))
                const third = yield* Effect.forkChild(group.spawn(Effect.sync(() => log.push("third"))))
                yield* Effect.sleep(1)
                yield* Fiber.interrupt(second)
                assert.strictEqual(group.waiting, 1)
                yield* Fiber.join(third)
                assert.strictEqual(yield* VirtualTime.now, 10)
              }),
            { limit: 1 }
          )
          assert.deepStrictEqual(log, ["third"])
        })
      ))

    it("one who is interrupted after it was given a place, and before it took it, passes it on", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          yield* TaskGroup.run(
            (group) =>
              Effect.gen(function* () {
                const first = yield* group.spawn(Effect.never)
                const second = yield* Effect.forkChild(group.spawn(Effect.sync(() => log.push("second"))))
                const third = yield* Effect.forkChild(group.spawn(Effect.sync(() => log.push("third"))))
                yield* Effect.sleep(1)
                // The first ends, and so gives its place to the second, within this very step.
                yield* Effect.withFiber((fiber) => {
                  const cancelling = Effect.runForkWith(fiber.context)(Task.cancel(first))
                  second.interruptUnsafe()
                  return Fiber.join(cancelling)
                })
                yield* Fiber.join(third)
              }),
            { limit: 1 }
          )
          assert.deepStrictEqual(log, ["third"])
        })
      ))

    it("a group that is cancelled sends those who wait for a place away at once, and says what to do", () =>
      run(
        Effect.gen(function* () {
          const outsider = yield* Deferred.make<readonly [number, string]>()
          yield* TaskGroup.run(
            (group) =>
              Effect.gen(function* () {
                yield* group.spawn(Effect.ensuring(Effect.never, Effect.sleep(50)))
                const spawning = group.spawn(Effect.die("must not run")) as Effect.Effect<
                  Task.Task<never>,
                  TaskGroup.TaskGroupClosedError
                >
                yield* Effect.forkDetach(
                  Effect.gen(function* () {
                    const { message } = yield* Effect.flip(spawning)
                    yield* Deferred.succeed(outsider, [yield* VirtualTime.now, message])
                  })
                )
                return yield* failAfter(10, "boom")
              }),
            { limit: 1, name: "pool" }
          ).pipe(Effect.exit)
          assert.strictEqual(yield* VirtualTime.now, 60)
          const [at, message] = yield* Deferred.await(outsider)
          assert.strictEqual(at, 10)
          assert.match(message, /^Group "pool" is shutting down and takes no more tasks\. Start/)
        })
      ))

    it("one who was given a place in the step in which the group is cancelled does not start", () =>
      run(
        Effect.gen(function* () {
          const outsider = yield* Deferred.make<string>()
          yield* TaskGroup.run(
            (group) =>
              Effect.gen(function* () {
                yield* group.spawn(Effect.sleep(10))
                yield* group.spawn(failAfter(10, "boom"))
                const spawning = group.spawn(Effect.die("must not run")) as Effect.Effect<
                  Task.Task<never>,
                  TaskGroup.TaskGroupClosedError
                >
                yield* Effect.forkDetach(
                  Effect.flatMap(Effect.flip(spawning), (error) => Deferred.succeed(outsider, error._tag))
                )
                return yield* Effect.ensuring(Effect.never, Effect.sleep(5))
              }),
            { limit: 2 }
          ).pipe(Effect.exit)
          assert.strictEqual(yield* Deferred.await(outsider), "TaskGroupClosedError")
        })
      ))

    it("waiting for a place shows in the task tree", () =>
      run(
        Effect.scoped(
          Effect.gen(function* () {
            const task = yield* Task.spawn(
              TaskGroup.run(
                (group) =>
                  Effect.andThen(
                    Effect.forEach([1, 2], () => group.spawn(Effect.sleep(10))),
                    Effect.sleep(10)
                  ),
                { limit: 1, name: "pool" }
              )
            )
            yield* Effect.sleep(5)
            const waiting = yield* Task.status(task)
            assert.strictEqual(waiting._tag === "Waiting" && waiting.on, 'a place in group "pool" (limit 1)')
            yield* Effect.sleep(10)
            const going = yield* Task.status(task)
            assert.strictEqual(going._tag === "Waiting" && going.on, undefined)
          })
        )
      ))

    it.each([3, 4, 5, 6, 7, 8, 9])(
      "who comes to a full group misses no place and no end, where fibers yield before every step %i",
      (steps) => {
        const program = Effect.gen(function* () {
          const jobs = Array.from({ length: 12 }, (_, index) => Effect.succeed(index))
          assert.deepStrictEqual(
            yield* TaskGroup.all(jobs, { limit: 1 }),
            jobs.map((_, index) => index)
          )
          const last = Effect.andThen(Effect.yieldNow, Effect.fail("no"))
          const error = yield* Effect.flip(TaskGroup.all([...jobs, last, ...jobs], { limit: 1 }))
          assert.deepStrictEqual(told(error), ["all[12]: no"])
        })
        return run(Effect.provideService(program, Scheduler.MaxOpsBeforeYield, steps))
      }
    )

    it("a limit that is no positive integer is a defect that says so", () =>
      run(
        Effect.gen(function* () {
          for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
            const exit = yield* Effect.exit(TaskGroup.run(() => Effect.void, { limit }))
            const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
            assert.match(String(defect), new RegExp(`limit of a TaskGroup is a positive integer, got ${limit};`))
          }
        })
      ))
  })

  describe("when interrupted", () => {
    const lifeTime = 54
    /** A life with all its phases: body busy, waiting for a place, joining, waiting for the tasks, task with a clean-up. */
    const life = (log: Array<string>) => {
      const job = (name: string) =>
        Effect.acquireUseRelease(
          Effect.sync(() => log.push(`+${name}`)),
          () => Effect.andThen(Effect.yieldNow, Effect.sleep(15)),
          () =>
            Effect.andThen(
              Effect.sleep(3),
              Effect.sync(() => log.push(`-${name}`))
            )
        )
      return TaskGroup.run(
        (group) =>
          Effect.gen(function* () {
            const a = yield* group.spawn(job("a"))
            yield* Effect.sleep(2)
            yield* group.spawn(job("b"))
            yield* group.spawn(job("c"))
            yield* Task.join(a)
            yield* TaskGroup.all([job("d"), job("e")])
            yield* group.spawn(job("f"))
          }),
        { limit: 2 }
      )
    }

    it("at any moment of its life, it leaves no task behind, and all clean-up is done when it ends", () =>
      run(
        Effect.gen(function* () {
          for (let at = 0; at <= lifeTime + 1; at += 0.5) {
            const log: Array<string> = []
            const fiber = yield* Effect.forkChild(life(log), { startImmediately: true })
            yield* Effect.sleep(at)
            yield* Fiber.interrupt(fiber)
            assert.strictEqual(taskRegistry.length, 0)
            const opened = log.filter((entry) => entry.startsWith("+")).length
            assert.strictEqual(log.length, opened * 2, `interrupted at ${at}: ${log.join(" ")}`)
            const exit = yield* Fiber.await(fiber)
            assert.deepStrictEqual(tagsOf(exit), at > lifeTime ? ["Success"] : ["Interrupt"], `interrupted at ${at}`)
          }
        })
      ))

    it("after any number of scheduler turns, likewise", () =>
      run(
        Effect.gen(function* () {
          for (let turns = 0; turns < 40; turns++) {
            const log: Array<string> = []
            const short = TaskGroup.run(
              (group) =>
                Effect.gen(function* () {
                  for (const name of ["a", "b", "c", "d"]) {
                    yield* group.spawn(
                      Effect.acquireUseRelease(
                        Effect.sync(() => log.push(`+${name}`)),
                        () => Effect.andThen(Effect.yieldNow, Effect.yieldNow),
                        () => Effect.sync(() => log.push(`-${name}`))
                      )
                    )
                  }
                  yield* Effect.yieldNow
                }),
              { limit: 2 }
            )
            const fiber = yield* Effect.forkChild(short)
            for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
            yield* Fiber.interrupt(fiber)
            assert.strictEqual(taskRegistry.length, 0)
            const opened = log.filter((entry) => entry.startsWith("+")).length
            assert.strictEqual(log.length, opened * 2, `interrupted after ${turns} turns: ${log.join(" ")}`)
          }
        })
      ))

    it("in the gaps between the steps of its fibers, likewise", () =>
      run(
        Effect.gen(function* () {
          // A fiber that yields after every few steps can be interrupted in gaps that are no await points. With fewer than
          // three steps Effect's own yielding would never get anywhere.
          for (const steps of [3, 4, 5, 7]) {
            for (let turns = 0, isOver = false; !isOver; turns++) {
              const log: Array<string> = []
              const job = (name: string) =>
                Effect.acquireUseRelease(
                  Effect.sync(() => log.push(`+${name}`)),
                  () => Effect.yieldNow,
                  () => Effect.sync(() => log.push(`-${name}`))
                )
              const short = TaskGroup.run(
                (group) => Effect.forEach(["a", "b", "c"], (name) => group.spawn(job(name))),
                { limit: 2 }
              ).pipe(CancelScope.failAfter("1 hour"), Effect.provideService(Scheduler.MaxOpsBeforeYield, steps))
              const fiber = yield* Effect.forkChild(short)
              for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
              isOver = fiber.pollUnsafe() !== undefined
              yield* Fiber.interrupt(fiber)
              assert.strictEqual(taskRegistry.length, 0, `interrupted after ${turns} turns of ${steps} steps`)
              const opened = log.filter((entry) => entry.startsWith("+")).length
              assert.strictEqual(log.length, opened * 2, `after ${turns} turns of ${steps} steps: ${log.join(" ")}`)
              if (isOver) assert.strictEqual(opened, 3)
            }
          }
        })
      ))

    it("failures of the clean-up stand beside the interruption", () =>
      run(
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(
            TaskGroup.run((group) =>
              Effect.gen(function* () {
                yield* group.spawn(Effect.ensuring(Effect.never, Effect.die("unclean")), { name: "a" })
                return yield* Effect.onInterrupt(Effect.never, () => Effect.fail("body untidy"))
              })
            ),
            { startImmediately: true }
          )
          yield* Effect.sleep(1)
          yield* Fiber.interrupt(fiber)
          const exit = yield* Fiber.await(fiber)
          assert.deepStrictEqual(tagsOf(exit), ["Interrupt", "Fail"])
          assert.deepStrictEqual(told(groupError(exit)), ["a: died: unclean", "body: body untidy"])
        })
      ))

    it("a task that fails before, while the others clean up, is told beside the interruption, which wins", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const fiber = yield* Effect.forkChild(
            TaskGroup.run((group) =>
              Effect.andThen(
                group.spawn(untilCancelled(log, "slow", 50)),
                group.spawn(failAfter(10, "boom"), { name: "bomb" })
              )
            ),
            { startImmediately: true }
          )
          yield* Effect.sleep(20)
          yield* Fiber.interrupt(fiber)
          assert.strictEqual(yield* VirtualTime.now, 60)
          const exit = yield* Fiber.await(fiber)
          assert.deepStrictEqual(tagsOf(exit), ["Interrupt", "Fail"])
          assert.deepStrictEqual(told(groupError(exit)), ["bomb: boom"])
        })
      ))

    it("the record of the cancellation goes through to the tasks", () =>
      run(
        Effect.scoped(
          Effect.gen(function* () {
            let inner: Task.Task<never> | undefined
            const outer = yield* Task.spawn(
              TaskGroup.run((group) =>
                Effect.gen(function* () {
                  inner = yield* group.spawn(Effect.never, { name: "inner" })
                })
              )
            )
            yield* Effect.sleep(1)
            yield* Task.cancel(outer, { reason: "the page was closed" })
            assert.strictEqual(String(inner), 'Task("inner", cancelled: the page was closed)')
          })
        )
      ))

    it("in a region that cannot be interrupted it goes on to its end, and can still fail fast", () =>
      run(
        Effect.gen(function* () {
          const exits: Array<Exit.Exit<unknown, unknown>> = []
          const group = TaskGroup.run((tasks) =>
            Effect.andThen(tasks.spawn(Effect.never), tasks.spawn(failAfter(10, "boom"), { name: "bomb" }))
          )
          const fiber = yield* Effect.forkChild(
            Effect.uninterruptible(Effect.map(Effect.exit(group), (exit) => exits.push(exit))),
            { startImmediately: true }
          )
          yield* Fiber.interrupt(fiber)
          assert.strictEqual(yield* VirtualTime.now, 10)
          assert.deepStrictEqual(
            exits.map((exit) => told(groupError(exit))),
            [["bomb: boom"]]
          )
        })
      ))
  })

  describe("nested groups", () => {
    it("the error of the inner group is a failure of the outer one", () =>
      run(
        Effect.gen(function* () {
          const inner = TaskGroup.run((group) => group.spawn(failAfter(5, "deep"), { name: "leaf" }), { name: "inner" })
          const error = yield* Effect.flip(
            TaskGroup.run((group) => group.spawn(inner, { name: "branch" }), { name: "outer" })
          )
          assert.strictEqual(
            error.message,
            '1 failure in group "outer"\n  task "branch": TaskGroupError: 1 failure in group "inner"\n    task "leaf": "deep"'
          )
          const [first] = error.errors
          assert.deepStrictEqual(first?._tag === "TaskGroupError" ? first.errors : undefined, ["deep"])
        })
      ))

    it("a failure outside cancels a group inside, which passes the cancellation on and adds nothing of its own", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const inner = TaskGroup.run((group) =>
            Effect.andThen(group.spawn(untilCancelled(log, "leaf", 10)), untilCancelled(log, "inner body"))
          )
          const error = yield* Effect.flip(
            TaskGroup.run((group) =>
              Effect.andThen(group.spawn(failAfter(5, "boom"), { name: "bomb" }), Effect.asVoid(inner))
            )
          )
          assert.deepStrictEqual(told(error), ["bomb: boom"])
          assert.deepStrictEqual(log, ["inner body cleaned up", "leaf cleaned up"])
          assert.strictEqual(yield* VirtualTime.now, 15)
        })
      ))

    it("a deadline around a group cancels it all; one inside a task only that task", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const group = TaskGroup.run((tasks) =>
            Effect.gen(function* () {
              yield* tasks.spawn(CancelScope.moveOnAfter(untilCancelled(log, "bounded"), 5))
              yield* tasks.spawn(untilCancelled(log, "task", 1))
              return yield* untilCancelled(log, "body")
            })
          )
          assert.isTrue(Option.isNone(yield* CancelScope.moveOnAfter(group, 10)))
          assert.deepStrictEqual(log, ["bounded cleaned up", "body cleaned up", "task cleaned up"])
          assert.strictEqual(yield* VirtualTime.now, 11)
        })
      ))

    it("a task sees the deadline around its group, not one around the place where it was spawned", () =>
      run(
        Effect.gen(function* () {
          const seen = yield* TaskGroup.run((group) =>
            Effect.gen(function* () {
              const task = yield* CancelScope.failAfter(group.spawn(CancelScope.deadline), 5)
              return yield* Task.join(task)
            })
          ).pipe(CancelScope.failAfter(20))
          assert.strictEqual(seen, 20)
        })
      ))
  })

  it("spawning in a group that has ended fails, and says what to do", () =>
    run(
      Effect.gen(function* () {
        let kept: TaskGroup.Nursery<"group"> | undefined
        yield* TaskGroup.run((group) =>
          Effect.sync(() => {
            kept = group
          })
        )
        const spawning = kept?.spawn(Effect.void) as Effect.Effect<unknown, TaskGroup.TaskGroupClosedError>
        const error = yield* Effect.flip(spawning)
        assert.strictEqual(error.state, "ended")
        assert.match(error.message, /^Group "group" has ended and takes no more tasks\. Spawn from its body/)
      })
    ))
})

describe("TaskGroup.all", () => {
  it("has named a task before its scheduler first hears of it", async () => {
    const heard = new Set<string>()
    class Listening extends Scheduler.MixedScheduler {
      override makeDispatcher() {
        const dispatcher = super.makeDispatcher()
        const scheduleTask = dispatcher.scheduleTask.bind(dispatcher)
        dispatcher.scheduleTask = (task, priority) => {
          for (const { name } of taskRegistry) heard.add(name)
          scheduleTask(task, priority)
        }
        return dispatcher
      }
    }
    const group = TaskGroup.all([Effect.yieldNow, Effect.yieldNow], { name: "pair" })
    await Effect.runPromise(group, { scheduler: new Listening() })
    assert.deepStrictEqual([...heard], ["pair[0]", "pair[1]"])
  })

  it("gives values in the order of the effects, and begins the rest as places become free", () =>
    run(
      Effect.gen(function* () {
        const values = yield* TaskGroup.all(
          [Effect.as(Effect.sleep(30), 1), Effect.as(Effect.sleep(10), "two"), Effect.as(Effect.sleep(10), true)],
          { limit: 2 }
        )
        expectTypeOf(values).toEqualTypeOf<[number, string, boolean]>()
        assert.deepStrictEqual(values, [1, "two", true])
        assert.strictEqual(yield* VirtualTime.now, 30)
        assert.deepStrictEqual(yield* TaskGroup.all([]), [])
      })
    ))

  it("keeps every failure, with names that tell the place", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          TaskGroup.all(
            [
              Effect.ensuring(Effect.never, Effect.die("unclean")),
              failAfter(5, "boom"),
              Effect.uninterruptible(failAfter(9, "late"))
            ],
            { name: "pages" }
          )
        )
        assert.deepStrictEqual(told(error), ["pages[1]: boom", "pages[0]: died: unclean", "pages[2]: late"])
      })
    ))

  it("a failure while the rest still waits for a place is one failure, and the rest never begins", () =>
    run(
      Effect.gen(function* () {
        const begun: Array<number> = []
        const job = (n: number) =>
          Effect.andThen(
            Effect.sync(() => begun.push(n)),
            failAfter(5, `boom ${n}`)
          )
        const error = yield* Effect.flip(TaskGroup.all([1, 2, 3, 4].map(job), { limit: 1 }))
        assert.deepStrictEqual(told(error), ["all[0]: boom 1"])
        assert.deepStrictEqual(begun, [1])
      })
    ))

  it("a task that was cancelled by itself has no value, so there is no result without it", () =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(TaskGroup.all([Effect.succeed(1), Effect.interrupt]))
        assert.deepStrictEqual(told(error), ["all[1]: cancelled"])
      })
    ))

  it("with collectAll gives the Exit of each, and does not fail", () =>
    run(
      Effect.gen(function* () {
        const exits = yield* TaskGroup.all([failAfter(5, "boom"), Effect.as(Effect.sleep(9), 1)], {
          policy: TaskGroup.collectAll
        })
        expectTypeOf(exits).toEqualTypeOf<[Exit.Exit<never, "boom">, Exit.Exit<number>]>()
        assert.deepStrictEqual(exits, [Exit.fail("boom" as const), Exit.succeed(1)])
      })
    ))
})

describe("TaskGroup.make", () => {
  it("the closing scope cancels what still runs, and waits for it", () =>
    run(
      Effect.gen(function* () {
        const log: Array<string> = []
        yield* Effect.scoped(
          Effect.gen(function* () {
            const group = yield* TaskGroup.make({ name: "jobs" })
            yield* group.spawn(untilCancelled(log, "job", 10))
            yield* Effect.sleep(1)
          })
        )
        assert.deepStrictEqual(log, ["job cleaned up"])
        assert.strictEqual(yield* VirtualTime.now, 11)
      })
    ))

  it("join waits until it is idle, and hands failures out once; the first one closes the group", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const group = yield* TaskGroup.make<void, string>()
          yield* group.spawn(Effect.sleep(5))
          yield* group.join
          assert.strictEqual(yield* VirtualTime.now, 5)
          yield* group.spawn(failAfter(5, "boom"), { name: "bomb" })
          yield* group.spawn(Effect.never)
          const error = yield* Effect.flip(group.join)
          assert.deepStrictEqual(told(error), ["bomb: boom"])
          yield* group.join
          const closed = yield* Effect.flip(group.spawn(Effect.void))
          assert.strictEqual(closed._tag, "TaskGroupClosedError")
        })
      )
    ))

  it.each([3, 4, 5, 6, 7, 8, 9])(
    "a failure is not lost with a join that is interrupted, where fibers yield before every step %i",
    (steps) => {
      const told = (exit: Exit.Exit<unknown, unknown>): boolean =>
        Exit.isFailure(exit) &&
        exit.cause.reasons.some(
          (reason) =>
            (Cause.isFailReason(reason) && reason.error instanceof TaskGroup.TaskGroupError) ||
            (Cause.isDieReason(reason) && reason.defect instanceof TaskGroup.TaskGroupError)
        )
      const program = Effect.gen(function* () {
        for (let before = 0; before < 12; before++) {
          for (let turns = 0; turns < 8; turns++) {
            let joined: Exit.Exit<unknown, unknown> = Exit.void
            const closed = yield* Effect.exit(
              Effect.scoped(
                Effect.gen(function* () {
                  const group = yield* TaskGroup.make<void, string>()
                  const bomb = yield* group.spawn(Effect.fail("boom"))
                  const late = Effect.andThen(Effect.replicateEffect(Effect.void, before), group.join)
                  const fiber = yield* Effect.forkChild(late)
                  for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
                  yield* Effect.exit(Task.join(bomb))
                  yield* Fiber.interrupt(fiber)
                  joined = yield* Fiber.await(fiber)
                })
              )
            )
            assert.isTrue(told(joined) || told(closed), `${before}, ${turns}: nobody is told`)
          }
        }
      })
      return run(Effect.provideService(program, Scheduler.MaxOpsBeforeYield, steps))
    }
  )

  it("with collectAll a failure cancels nobody, and the group stays open", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const group = yield* TaskGroup.make({ policy: TaskGroup.collectAll })
          yield* group.spawn(failAfter(5, "boom"), { name: "bomb" })
          yield* group.spawn(Effect.sleep(9))
          const error = yield* Effect.flip(group.join)
          assert.deepStrictEqual(told(error), ["bomb: boom"])
          assert.strictEqual(yield* VirtualTime.now, 9)
          yield* group.spawn(Effect.void)
          yield* group.join
        })
      )
    ))

  it("its tasks see the deadline around its scope, not one around the place where it was made", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const group = yield* CancelScope.failAfter(TaskGroup.make(), 5)
          const task = yield* group.spawn(CancelScope.deadline)
          assert.strictEqual(yield* Task.join(task), 20)
        })
      ).pipe(CancelScope.failAfter(20))
    ))

  it("failures that nobody joined make the close of the scope die with them", () =>
    run(
      Effect.gen(function* () {
        const exit = yield* Effect.exit(
          Effect.scoped(
            Effect.gen(function* () {
              const group = yield* TaskGroup.make()
              yield* group.spawn(failAfter(5, "boom"), { name: "bomb" })
              yield* Effect.sleep(9)
            })
          )
        )
        const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.instanceOf(defect, TaskGroup.TaskGroupError)
        assert.deepStrictEqual(told(defect), ["bomb: boom"])
      })
    ))
})

describe("on other clocks and schedulers", () => {
  it.effect("a group with a limit, a deadline and a failure works on Effect's TestClock", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const group = TaskGroup.all(
        [
          CancelScope.moveOnAfter(untilCancelled(log, "first"), "1 hour"),
          Effect.sleep("1 hour"),
          failAfter(3_600_000, "boom")
        ],
        { limit: 1 }
      )
      const fiber = yield* Effect.forkChild(Effect.flip(group))
      yield* TestClock.adjust("3 hours")
      assert.deepStrictEqual(told(yield* Fiber.join(fiber)), ["all[2]: boom"])
      assert.deepStrictEqual(log, ["first cleaned up"])
    })
  )

  it("and on Effect's own scheduler", async () => {
    const log: Array<string> = []
    const steps = (name: string, count: number) =>
      Effect.gen(function* () {
        for (let step = 0; step < count; step++) yield* Effect.yieldNow
        log.push(name)
        return name
      })
    const values = await Effect.runPromise(TaskGroup.all([steps("c", 30), steps("a", 10), steps("b", 20)]))
    assert.deepStrictEqual(values, ["c", "a", "b"])
    assert.deepStrictEqual(log, ["a", "b", "c"])
    const failing = TaskGroup.all([
      untilCancelled(log, "sibling"),
      Effect.andThen(steps("bomb", 5), Effect.fail("boom"))
    ])
    assert.deepStrictEqual(told(await Effect.runPromise(Effect.flip(failing))), ["all[1]: boom"])
    assert.strictEqual(log.at(-1), "sibling cleaned up")
  })
})

it("the errors are shown with their message, not as a record of their fields", () => {
  const failure = { source: "task", name: "a", cause: Cause.fail("x") } as const
  const error = new TaskGroup.TaskGroupError({ group: "crew", failures: [failure] })
  assert.match(inspect(error), /^TaskGroupError: 1 failure in group "crew"\n {2}task "a": "x"\n {4}at /)
  assert.match(
    inspect(new TaskGroup.TaskGroupClosedError({ group: "crew", state: "ended" })),
    /^TaskGroupClosedError: Group/
  )
})

describe("types, without annotations", () => {
  it("the error of a group is made of those of its tasks and of its body; services of tasks are asked for", () => {
    class Db extends Context.Service<Db, string>()("Db") {}
    const program = TaskGroup.run((group) =>
      Effect.gen(function* () {
        const task = yield* group.spawn(Effect.andThen(Db, Effect.fail("a" as const)))
        yield* group.spawn(
          Effect.gen(function* () {
            yield* group.spawn(Effect.fail("b" as const))
          })
        )
        expectTypeOf(task).toEqualTypeOf<Task.Task<never, "a">>()
        return 1
      })
    )
    expectTypeOf(program).toEqualTypeOf<
      Effect.Effect<number, TaskGroup.TaskGroupError<"a" | "b" | TaskGroup.TaskGroupClosedError>, Db>
    >()
    const provided = program.pipe(
      Effect.provideService(Db, "db"),
      Effect.catchTag("TaskGroupError", (error) => Effect.succeed(error.errors.length))
    )
    expectTypeOf(provided).toEqualTypeOf<Effect.Effect<number>>()
  })

  it("collectAll gives the types of the tasks' ends", () => {
    const program = TaskGroup.run((group) => Effect.asVoid(group.spawn(Effect.succeed(1))), {
      policy: TaskGroup.collectAll
    })
    expectTypeOf<Effect.Success<typeof program>>().toEqualTypeOf<
      TaskGroup.Collected<void, number, TaskGroup.TaskGroupClosedError>
    >()
  })

  it("groups with different names keep their errors apart", () => {
    const program = TaskGroup.run(
      (outer) =>
        TaskGroup.run(
          (inner) => Effect.andThen(outer.spawn(Effect.fail("o" as const)), inner.spawn(Effect.fail("i" as const))),
          { name: "inner" }
        ),
      { name: "outer" }
    )
    type Inner = TaskGroup.TaskGroupError<"i" | TaskGroup.TaskGroupClosedError>
    expectTypeOf<Effect.Error<typeof program>>().toEqualTypeOf<TaskGroup.TaskGroupError<"o" | Inner>>()
  })

  it("a made group takes only tasks of its types, and needs a scope", () => {
    const program = Effect.gen(function* () {
      const group = yield* TaskGroup.make<number, "no">()
      yield* group.spawn(Effect.fail("no"))
      // @ts-expect-error: the group is not for tasks that fail with this
      // @effect-diagnostics-next-line missingEffectError:off
      yield* group.spawn(Effect.fail("other"))
      // @ts-expect-error: nor for tasks that return this
      yield* group.spawn(Effect.succeed("text"))
      return yield* group.join
    })
    expectTypeOf<Effect.Services<typeof program>>().toEqualTypeOf<Scope.Scope>()
  })
})
