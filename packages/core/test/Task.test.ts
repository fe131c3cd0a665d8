import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { CancelScope, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"

/** Runs a scoped program under virtual time, and checks that it leaves no task behind. */
const run = <A, E>(program: Effect.Effect<A, E, Scope.Scope>): Promise<A> => {
  const before = taskRegistry.length
  return VirtualTime.runPromise(Effect.scoped(program)).finally(() => assert.strictEqual(taskRegistry.length, before))
}

const died = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit) ? exit.cause.reasons.filter(Cause.isDieReason).map((reason) => reason.defect) : []

describe("Task", () => {
  describe("spawn", () => {
    it("starts at the next turn, in order, and join gives the results", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const step = (name: string) =>
            Effect.sync(() => {
              log.push(name)
              return name
            })
          const a = yield* Task.spawn(step("a"))
          const b = yield* step("b").pipe(Task.spawn({ name: "second" }))
          log.push("spawned")
          assert.deepStrictEqual([yield* Task.join(a), yield* Task.join(b)], ["a", "b"])
          assert.deepStrictEqual(log, ["spawned", "a", "b"])
          assert.strictEqual(a.name, `task-${a.id}`)
          assert.strictEqual(b.name, "second")
        })
      ))

    it("a task cancelled before it starts never runs", () =>
      run(
        Effect.gen(function* () {
          let hasRun = false
          const mark = Effect.sync(() => {
            hasRun = true
          })
          const task = yield* Task.spawn(mark)
          yield* Task.cancel(task)
          assert.isFalse(hasRun)
        })
      ))

    it("a task in a scope that is closed already never runs", () =>
      run(
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          yield* Scope.close(scope, Exit.void)
          let hasRun = false
          const mark = Effect.sync(() => {
            hasRun = true
          })
          const task = yield* Task.spawn(mark).pipe(Scope.provide(scope))
          const end = yield* Task.status(task)
          yield* Effect.yieldNow
          assert.isFalse(hasRun)
          assert.strictEqual(end._tag, "Cancelled")
        })
      ))

    it("the closing scope cancels what still runs, and waits for its clean-up", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          let cause: Cause.Cause<unknown> | undefined
          yield* Effect.scoped(
            Effect.gen(function* () {
              yield* Task.spawn(
                Effect.never.pipe(
                  Effect.onExit((exit) => {
                    cause = Exit.isFailure(exit) ? exit.cause : undefined
                    return Effect.andThen(
                      Effect.sleep("2 seconds"),
                      Effect.sync(() => log.push("cleaned up"))
                    )
                  })
                )
              )
              yield* Effect.yieldNow
              log.push("closing")
            })
          )
          log.push(`closed at ${yield* VirtualTime.now}`)
          assert.deepStrictEqual(log, ["closing", "cleaned up", "closed at 2000"])
          assert.strictEqual(Option.getOrThrow(Task.cancellation(cause ?? Cause.empty)).source, "scope")
        })
      ))

    it("a clean-up that fails makes the close of the scope die with it", () =>
      run(
        Effect.gen(function* () {
          const exit = yield* Effect.gen(function* () {
            yield* Task.spawn(Effect.ensuring(Effect.never, Effect.die("first")))
            yield* Task.spawn(Effect.onInterrupt(Effect.never, () => Effect.fail("second")))
            yield* Effect.yieldNow
          }).pipe(Effect.scoped, Effect.exit)
          assert.deepStrictEqual(died(exit), ["second", "first"])
        })
      ))

    it("a failure that nobody asked for is logged when the scope closes, one that somebody saw is not", () =>
      run(
        Effect.gen(function* () {
          const logged: Array<unknown> = []
          const logger = Logger.make(({ message }) => logged.push(message))
          yield* Effect.gen(function* () {
            yield* Task.spawn(Effect.fail("unseen"), { name: "silent" })
            const seen = yield* Task.spawn(Effect.fail("seen"), { name: "joined" })
            yield* Effect.exit(Task.join(seen))
            yield* Effect.sleep(1)
          }).pipe(Effect.scoped, Effect.provide(Logger.layer([logger])))
          assert.strictEqual(logged.length, 1)
          assert.match(String(logged[0]), /Task "silent" failed, and nobody asked how it ended/)
        })
      ))

    it("a task that has ended, well or seen by somebody, leaves nothing behind in its scope", () =>
      run(
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const good = yield* Task.spawn(Effect.succeed(1)).pipe(Scope.provide(scope))
          const bad = yield* Task.spawn(Effect.fail("no")).pipe(Scope.provide(scope))
          assert.strictEqual(scope.state._tag, "Open")
          yield* Task.await(good)
          yield* Effect.sleep(1)
          assert.strictEqual(scope.state._tag, "Open")
          yield* Task.await(bad)
          assert.strictEqual(scope.state._tag, "Empty")
        })
      ))

    it("the spawned task inherits services and knows its parent", () =>
      run(
        Effect.gen(function* () {
          const parent = yield* Task.spawn(
            Effect.scoped(
              Effect.gen(function* () {
                const child = yield* Task.spawn(
                  Effect.map(Task.current, (current) => Option.getOrThrow(current).parent?.name),
                  { name: "child" }
                )
                const names = (yield* Task.children(Option.getOrThrow(yield* Task.current))).map((task) => task.name)
                return [names, yield* Task.join(child)] as const
              })
            ),
            { name: "parent" }
          )
          assert.deepStrictEqual(yield* Task.join(parent), [["child"], "parent"])
        })
      ))

    it("fibers that a task forks belong to it", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(
            Effect.gen(function* () {
              const fiber = yield* Effect.forkChild(Task.current)
              return yield* Fiber.join(fiber)
            }),
            { name: "owner" }
          )
          const current = yield* Task.join(task)
          assert.strictEqual(Option.getOrThrow(current), task)
        })
      ))
  })

  describe("join and await", () => {
    it("join fails with the task's error, await gives its Exit", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(Effect.fail("no" as const))
          assert.strictEqual(yield* Effect.flip(Task.join(task)), "no")
          assert.deepStrictEqual(yield* Task.await(task), Exit.fail("no" as const))
        })
      ))

    it("joining a cancelled task fails with TaskCancelledError, and does not cancel the one who joins", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(Effect.never, { name: "victim" })
          const canceller = yield* Task.spawn(
            Effect.andThen(Effect.sleep(1), Task.cancel(task, { reason: "no longer needed" })),
            {
              name: "boss"
            }
          )
          const error = yield* Effect.flip(Task.join(task))
          assert.instanceOf(error, Task.TaskCancelledError)
          assert.deepStrictEqual(error.cancellation, {
            source: "request",
            by: 'task "boss"',
            reason: "no longer needed"
          })
          assert.match(error.message, /^Task "victim" was cancelled by task "boss": no longer needed/)
          yield* Task.join(canceller)
        })
      ))

    it("interrupting the one who joins leaves the task alone", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(Effect.as(Effect.sleep(10), "done"))
          const joiner = yield* Effect.forkChild(Task.join(task), { startImmediately: true })
          yield* Fiber.interrupt(joiner)
          assert.strictEqual(yield* Task.join(task), "done")
        })
      ))

    it("a task that joins itself dies, and is told what is wrong; also under a deadline", () =>
      run(
        Effect.gen(function* () {
          for (const bound of [Effect.asVoid, CancelScope.moveOnAfter("1 hour")]) {
            const handle = yield* Deferred.make<Task.Task<unknown, unknown>>()
            const task = yield* Task.spawn(bound(Effect.flatMap(Deferred.await(handle), Task.join)), {
              name: "narcissus"
            })
            yield* Deferred.succeed(handle, task)
            const exit = yield* Task.await(task)
            assert.match(String(died(exit)[0]), /Task "narcissus" waits for its own end/)
          }
        })
      ))
  })

  describe("cancel", () => {
    it("waits for the clean-up and gives the Exit; the errors of the clean-up are in it", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(
            Effect.ensuring(Effect.never, Effect.andThen(Effect.sleep(5), Effect.die("unclean")))
          )
          yield* Effect.yieldNow
          const exit = yield* Task.cancel(task)
          assert.strictEqual(yield* VirtualTime.now, 5)
          assert.deepStrictEqual(died(exit), ["unclean"])
          assert.strictEqual((yield* Task.status(task))._tag, "Failed")
        })
      ))

    it("leaves an ended task alone", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(Effect.succeed(1))
          yield* Task.join(task)
          assert.deepStrictEqual(yield* Task.cancel(task), Exit.succeed(1))
        })
      ))

    it("the first reason is the one that counts", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(Effect.ensuring(Effect.never, Effect.sleep(5)))
          yield* Effect.yieldNow
          yield* Effect.all([Task.cancel(task, { reason: "first" }), Task.cancel(task, { reason: "second" })], {
            concurrency: 2
          })
          const status = yield* Task.status(task)
          assert.strictEqual(status._tag === "Cancelled" && status.cancellation.reason, "first")
        })
      ))

    it("a task can cancel itself, also where interruption is off", () =>
      run(
        Effect.gen(function* () {
          const suicide = Effect.flatMap(Task.current, (task) =>
            Task.cancel(Option.getOrThrow(task), { reason: "enough" })
          )
          for (const effect of [suicide, Effect.uninterruptible(suicide)]) {
            const task = yield* Task.spawn(Effect.andThen(effect, Effect.die("ran on")), { name: "self" })
            const error = yield* Effect.flip(Task.join(task))
            assert.strictEqual(error.cancellation.by, 'task "self"')
            assert.strictEqual(error.cancellation.reason, "enough")
          }
        })
      ))

    it("interrupted while it waits, it has asked all the same", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(Effect.ensuring(Effect.never, Effect.sleep(5)))
          yield* Effect.yieldNow
          const canceller = yield* Effect.forkChild(Task.cancel(task), { startImmediately: true })
          yield* Fiber.interrupt(canceller)
          assert.strictEqual((yield* Task.status(task))._tag, "Cancelling")
          yield* Task.await(task)
          assert.strictEqual(yield* VirtualTime.now, 5)
        })
      ))

    it("an interruption from elsewhere is recorded as such", () =>
      run(
        Effect.gen(function* () {
          const task = yield* Task.spawn(Effect.interrupt)
          const error = yield* Effect.flip(Task.join(task))
          assert.strictEqual(error.cancellation.source, "interrupt")
        })
      ))
  })

  describe("status and printing", () => {
    it("goes from ready to waiting to its end", () =>
      run(
        Effect.gen(function* () {
          const other = yield* Task.spawn(Effect.sleep(10), { name: "other" })
          const task = yield* Task.spawn(Task.join(other), { name: "waiter" })
          assert.strictEqual((yield* Task.status(task))._tag, "Ready")
          assert.strictEqual(String(task), 'Task("waiter", ready)')
          yield* Effect.sleep(5)
          assert.deepStrictEqual(yield* Task.status(task), {
            _tag: "Waiting",
            on: 'the end of task "other"',
            since: 0
          })
          assert.strictEqual(String(task), 'Task("waiter", waiting for the end of task "other")')
          yield* Task.join(task)
          assert.deepStrictEqual(yield* Task.status(task), { _tag: "Succeeded", value: undefined })
          assert.strictEqual(String(task), 'Task("waiter", succeeded)')
        })
      ))

    it("a running task sees itself running", () =>
      run(
        Effect.gen(function* () {
          const look = Effect.flatMap(Task.current, (self) => Task.status(Option.getOrThrow(self)))
          for (const effect of [
            look,
            CancelScope.failAfter(look, 1),
            Effect.flatMap(Effect.forkChild(look), Fiber.join)
          ]) {
            const task = yield* Task.spawn(effect)
            assert.strictEqual((yield* Task.join(task))._tag, "Running")
          }
        })
      ))

    it("a deadlock under virtual time is told by name", async () => {
      const program = Effect.scoped(
        Effect.gen(function* () {
          const handle = yield* Deferred.make<Task.Task<unknown, unknown>>()
          const a = yield* Task.spawn(Effect.flatMap(Deferred.await(handle), Task.join), { name: "a" })
          const b = yield* Task.spawn(Task.join(a), { name: "b" })
          yield* Deferred.succeed(handle, b)
          yield* Task.await(b)
        })
      )
      const error = await VirtualTime.runPromise(Effect.flip(VirtualTime.run(program)))
      assert.instanceOf(error, VirtualTime.DeadlockError)
      assert.include(error.message, 'task "a" waits for the end of task "b"')
      assert.include(error.message, 'task "b" waits for the end of task "a"')
    })
  })

  it("the types follow from the effect, without annotations", () => {
    const spawned = Task.spawn(Effect.fail("no" as const))
    expectTypeOf(spawned).toEqualTypeOf<Effect.Effect<Task.Task<never, "no">, never, Scope.Scope>>()
    const joined = Effect.flatMap(Effect.succeed(1).pipe(Task.spawn({ name: "one" })), Task.join)
    expectTypeOf(joined).toEqualTypeOf<Effect.Effect<number, Task.TaskCancelledError, Scope.Scope>>()
    expectTypeOf(Task.cancel(undefined as unknown as Task.Task<1, 2>)).toEqualTypeOf<Effect.Effect<Exit.Exit<1, 2>>>()
  })
})
