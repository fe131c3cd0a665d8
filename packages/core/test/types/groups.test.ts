// What a task group's type says: the body's result, the errors and services of its tasks, and what the policy makes of them.

// @effect-diagnostics missingEffectContext:off
import { Task, TaskGroup, VirtualTime } from "@skein/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { describe, expect, expectTypeOf, it } from "vitest"

class Db extends Context.Service<Db, { readonly find: (id: number) => string }>()("test/Db") {}
class Gone extends Error {
  readonly _tag = "Gone"
}
class Late extends Error {
  readonly _tag = "Late"
}

const find = (id: number): Effect.Effect<string, Gone, Db> => Effect.map(Db, (db) => db.find(id))
const count: Effect.Effect<number, Late> = Effect.succeed(3)

describe("TaskGroup.run", () => {
  it("gives the body's result; its error has the failures of body and tasks; services of both stay", async () => {
    const group = TaskGroup.run((group) =>
      Effect.gen(function* () {
        const task = yield* group.spawn(find(1))
        expectTypeOf(task).toEqualTypeOf<Task.Task<string, Gone>>()
        yield* group.spawn(count)
        return yield* Task.join(task)
      })
    )
    expectTypeOf<Effect.Success<typeof group>>().toEqualTypeOf<string>()
    expectTypeOf<Effect.Services<typeof group>>().toEqualTypeOf<Db>()
    expectTypeOf<Effect.Error<typeof group>>().toExtend<
      TaskGroup.TaskGroupError<Gone | Late | Task.TaskCancelledError | TaskGroup.TaskGroupClosedError>
    >()
    const provided = group.pipe(Effect.provideService(Db, { find: (id) => `row ${id}` }))
    expect(await VirtualTime.runPromise(provided)).toBe("row 1")
    // @ts-expect-error -- Db is not provided
    await expect(VirtualTime.runPromise(group)).rejects.toThrow()
  })

  it("with collectAll gives the body's result and the exits of the tasks", async () => {
    const group = TaskGroup.run(
      (group) =>
        Effect.gen(function* () {
          yield* group.spawn(count)
          return "body"
        }),
      { policy: TaskGroup.collectAll }
    )
    expectTypeOf<Effect.Success<typeof group>>().toEqualTypeOf<
      TaskGroup.Collected<string, number, Late | TaskGroup.TaskGroupClosedError>
    >()
    const { body, exits } = await VirtualTime.runPromise(group)
    expect([body, exits]).toEqual(["body", [Exit.succeed(3)]])
  })

  it("may be nested: what the inner group's tasks fail with stays with the inner group", () => {
    const nested = TaskGroup.run(
      (outer) =>
        TaskGroup.run(
          (inner) =>
            Effect.gen(function* () {
              yield* outer.spawn(count)
              yield* inner.spawn(find(1))
              return true
            }),
          { name: "inner" }
        ),
      { name: "outer" }
    )
    expectTypeOf<Effect.Success<typeof nested>>().toEqualTypeOf<boolean>()
    expectTypeOf<Effect.Services<typeof nested>>().toEqualTypeOf<Db>()
  })
})

describe("TaskGroup.all", () => {
  it("gives a tuple of the results, and an array for an array", async () => {
    const tuple = TaskGroup.all([find(1), count, Effect.succeed(true)])
    expectTypeOf<Effect.Success<typeof tuple>>().toEqualTypeOf<[string, number, boolean]>()
    expectTypeOf<Effect.Error<typeof tuple>>().toEqualTypeOf<TaskGroup.TaskGroupError<Gone | Late>>()
    expectTypeOf<Effect.Services<typeof tuple>>().toEqualTypeOf<Db>()
    const array = TaskGroup.all([1, 2].map((n) => Effect.succeed(n)))
    expectTypeOf<Effect.Success<typeof array>>().toEqualTypeOf<Array<number>>()
    expect(await VirtualTime.runPromise(array)).toEqual([1, 2])
  })

  it("with collectAll gives the exits", async () => {
    const all = TaskGroup.all([count, Effect.fail(new Gone())], { policy: TaskGroup.collectAll })
    expectTypeOf<Effect.Success<typeof all>>().toEqualTypeOf<[Exit.Exit<number, Late>, Exit.Exit<never, Gone>]>()
    const [first, second] = await VirtualTime.runPromise(all)
    expect([Exit.isSuccess(first), Exit.isFailure(second)]).toEqual([true, true])
  })
})

describe("TaskGroup.make", () => {
  it("is scoped, and takes tasks of the declared types only", async () => {
    const program = Effect.gen(function* () {
      const group = yield* TaskGroup.make<number, Late>()
      expectTypeOf(group).toEqualTypeOf<TaskGroup.TaskGroup<number, Late>>()
      yield* group.spawn(count)
      expectTypeOf(group.join).toEqualTypeOf<Effect.Effect<void, TaskGroup.TaskGroupError<Late>>>()
      // @ts-expect-error -- a task that gives text, in a group of numbers
      yield* group.spawn(Effect.succeed("text"))
      return yield* group.join
    })
    expectTypeOf<Effect.Services<typeof program>>().toEqualTypeOf<Scope.Scope>()
    expect(await VirtualTime.runPromise(Effect.scoped(program))).toBeUndefined()
  })
})
