// The contexts of tasks. Tasks share one copy until they need their own: nobody may ever notice.

import * as asyncio from "@skein/asyncio"
import { Context, ContextVar, copy_context } from "@skein/asyncio/contextvars"
import { describe, expect, it } from "vitest"

const variable = ContextVar<string>("variable", { default: "default" })

/** Runs the body of a coroutine in virtual time, and gives what it returns. */
const inTask = <A>(body: () => Generator<asyncio.Step<never>, A, never>): Promise<A> =>
  asyncio.run(asyncio.coroutine(body)(), { loop_factory: asyncio.VirtualEventLoop })

const write = asyncio.coroutine(function* write(value: string) {
  const before = variable.get()
  variable.set(value)
  yield* asyncio.sleep(0)
  return [before, variable.get()]
})

describe("the context of a task", () => {
  it("210 what tasks of one creator set is seen by none of the others", async () => {
    const seen = await inTask(function* () {
      variable.set("creator")
      const results = yield* asyncio.gather(write("first"), write("second"))
      return [...results, variable.get()]
    })
    expect(seen).toEqual([["creator", "first"], ["creator", "second"], "creator"])
  })

  it("210 is that of the moment at which the task was made", async () => {
    const seen = await inTask(function* () {
      const first = asyncio.create_task(write("first"))
      variable.set("later")
      const second = asyncio.create_task(write("second"))
      variable.set("last")
      return yield* asyncio.gather(first, second)
    })
    expect(seen).toEqual([
      ["default", "first"],
      ["later", "second"]
    ])
  })

  it("210 is handed on to the tasks of tasks, and what these set stays theirs", async () => {
    const outer = asyncio.coroutine(function* outer() {
      const inner = yield* asyncio.create_task(write("inner"))
      return [inner, variable.get()]
    })
    const seen = await inTask(function* () {
      variable.set("creator")
      return [yield* asyncio.create_task(outer()), variable.get()]
    })
    expect(seen).toEqual([[["creator", "inner"], "creator"], "creator"])
  })

  it("get_context gives one object, which is the task's own", async () => {
    await inTask(function* () {
      const [first, second] = [asyncio.create_task(write("first")), asyncio.create_task(write("second"))]
      const context = first.get_context()
      expect(context).not.toBe(second.get_context())
      yield* asyncio.gather(first, second)
      expect(first.get_context()).toBe(context)
      expect([context.get(variable), second.get_context().get(variable)]).toEqual(["first", "second"])
    })
  })

  it("what is set in get_context from outside, the task sees, and no other", async () => {
    const seen = await inTask(function* () {
      const [first, second] = [asyncio.create_task(write("first")), asyncio.create_task(write("second"))]
      first.get_context().run(() => variable.set("from outside"))
      return yield* asyncio.gather(first, second)
    })
    expect(seen).toEqual([
      ["from outside", "first"],
      ["default", "second"]
    ])
  })

  it("214 is entered while the task runs, also beneath another context", async () => {
    await inTask(function* () {
      const own = () => (asyncio.current_task() as asyncio.Task).get_context()
      expect(() => own().run(() => 1)).toThrow(/is already entered/)
      expect(() => Context().run(() => own().run(() => 1))).toThrow(/is already entered/)
      Context().run(() => own())
      variable.set("mine")
      expect([variable.get(), own().get(variable)]).toEqual(["mine", "mine"])
    })
  })

  it("is the current one again after another context was run, in which it was asked for", async () => {
    await inTask(function* () {
      const task = asyncio.current_task() as asyncio.Task
      const loop = asyncio.get_running_loop()
      const other = asyncio.create_task(write("other"))
      loop.set_exception_handler(() => {
        task.get_context()
        variable.set("the other's")
      })
      loop.call_exception_handler({ message: "in the middle of a step", task: other })
      expect(variable.get()).toBe("default")
      variable.set("mine")
      expect(task.get_context().get(variable)).toBe("mine")
      expect(yield* other).toEqual(["the other's", "other"])
    })
  })

  it("of a task that begins at once is its own, and the creator's comes back", async () => {
    await inTask(function* () {
      const task = asyncio.create_task(write("eager"), { eager_start: true })
      expect([variable.get(), task.get_context().get(variable)]).toEqual(["default", "eager"])
      variable.set("creator")
      expect(yield* task).toEqual(["default", "eager"])
      expect(copy_context().get(variable)).toBe("creator")
    })
  })
})
