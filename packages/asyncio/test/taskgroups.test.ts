// A group awaits its tasks: @effect-diagnostics floatingEffect:off
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, expectTypeOf, it } from "vitest"
import { type ExceptionGroup, KeyboardInterrupt, SystemExit, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { after, deadlockOf, inMain, run, Unit, unitName } from "./support/combining.ts"

const { async_with, TaskGroup } = asyncio
const now = () => asyncio.get_running_loop().time()

/** Says when it is cancelled, cleans up for a while, and says when it has. */
const cleaning = (log: Array<string>) =>
  asyncio.coroutine(function* cleaning(name: string, seconds: number) {
    try {
      yield* asyncio.sleep(100)
    } catch (error) {
      log.push(`${name} cancelled at ${now()}`)
      yield* asyncio.sleep(seconds)
      log.push(`${name} ended at ${now()}`)
      throw error
    }
  })

describe("TaskGroup", () => {
  it("knows the types of its tasks, gives the body's value, and lends the creator's services", async () => {
    const main = asyncio.coroutine(function* main() {
      const [name, size] = yield* async_with(TaskGroup(), function* (group) {
        expectTypeOf(group).toEqualTypeOf<asyncio.TaskGroup>()
        const name = group.create_task(unitName())
        const size = group.create_task(after(1, 7))
        expectTypeOf(name).toEqualTypeOf<asyncio.Task<string, Unit>>()
        expectTypeOf(size).toEqualTypeOf<asyncio.Task<number>>()
        return [name, size] as const
      })
      return [yield* name, size.result()] as const
    })
    const program = main()
    expectTypeOf(program).toEqualTypeOf<asyncio.Coroutine<readonly [string, number], Unit>>()
    expect(await run(program.pipe(Effect.provideService(Unit, { name: "u" })))).toEqual(["u", 7])
  })

  it("takes the options of a task: name, context, eager_start", () =>
    inMain(function* () {
      yield* async_with(TaskGroup(), function* (group) {
        expect(group.create_task(after(1, 1), { name: "n" }).get_name()).toBe("n")
        const begun: Array<string> = []
        const eager = asyncio.coroutine(function* eager() {
          begun.push("eager")
        })
        group.create_task(eager(), { eager_start: true })
        expect(begun).toEqual(["eager"])
        // A bare generator is a coroutine too.
        const task = group.create_task(
          (function* bare() {
            yield* asyncio.sleep(1)
            return "bare"
          })()
        )
        expect(yield* task).toBe("bare")
      })
    }))

  it("152 cancels its children in the order of their creation", () =>
    inMain(function* () {
      const log: Array<string> = []
      const body = async_with(TaskGroup(), function* (group) {
        const child = cleaning(log)
        for (const name of ["a", "b", "c"]) group.create_task(child(name, 1))
        yield* asyncio.sleep(1)
        throw new ValueError("v")
      })
      yield* Effect.flip(body)
      expect(log).toEqual([
        "a cancelled at 1",
        "b cancelled at 1",
        "c cancelled at 1",
        "a ended at 2",
        "b ended at 2",
        "c ended at 2"
      ])
    }))

  it("wraps what is thrown and is no Error, since a group holds exceptions", () =>
    inMain(function* () {
      const error = (yield* async_with(TaskGroup(), function* (group) {
        group.create_task(
          (function* () {
            throw "text"
          })()
        )
        group.create_task(
          asyncio.coroutine(function* () {
            yield* Effect.fail({ _tag: "NotFound", id: 3 })
          })()
        )
      }).pipe(Effect.flip)) as ExceptionGroup
      expect(error.exceptions.map((each) => [each.name, each.cause])).toEqual([
        ["Exception", "text"],
        ["Exception", { _tag: "NotFound", id: 3 }]
      ])
    }))

  it("interrupting the fiber around it cancels the children, and waits for their clean-up", () =>
    inMain(function* () {
      const log: Array<string> = []
      const block = async_with(TaskGroup(), function* (group) {
        group.create_task(cleaning(log)("child", 3))
        yield* asyncio.sleep(50)
      })
      const fiber = yield* Effect.forkChild(block)
      yield* asyncio.sleep(1)
      yield* Fiber.interrupt(fiber)
      expect(log).toEqual(["child cancelled at 1", "child ended at 4"])
      expect(now()).toBe(4)
    }))

  it("a deadlock names the group and the children it waits for", async () => {
    const [text] = await deadlockOf(function* () {
      yield* async_with(TaskGroup(), function* (group) {
        for (let n = 1; n <= 5; n++) {
          const never = asyncio.get_running_loop().create_future()
          group.create_task(
            (function* () {
              yield* never
            })(),
            { name: `child ${n}` }
          )
        }
      })
    })
    expect(text).toContain(
      'waits for the end of <TaskGroup tasks=5 entered>: task "child 1", task "child 2", task "child 3", 2 more'
    )
  })

  it("140 without async_with, too, the context of the group is what left the body", () =>
    inMain(function* () {
      const group = new TaskGroup()
      yield* group.__aenter__()
      const error = new ValueError("body")
      const raised = yield* Effect.flip(group.__aexit__(ValueError, error, undefined))
      expect(raised).toMatchObject({ __context__: error, exceptions: [error] })
    }))

  it("149 closes a coroutine that it refuses: it is not one that somebody forgot", () =>
    inMain(function* () {
      const group = new TaskGroup()
      const bare = (function* () {
        yield* asyncio.sleep(1)
      })()
      expect(() => group.create_task(bare)).toThrow("TaskGroup <TaskGroup> has not been entered")
      expect(bare.next()).toEqual({ done: true, value: undefined })
      expect(() => group.create_task(5 as never)).toThrow("has not been entered")
    }))

  it("146 SystemExit and KeyboardInterrupt of a child end the run with that very error", async () => {
    const log: Array<string> = []
    const onLog = (record: asyncio.LogRecord) => void log.push(record.message)
    asyncio.logger.addHandler(onLog)
    try {
      for (const error of [new SystemExit(3), new KeyboardInterrupt()]) {
        const main = async_with(TaskGroup(), function* (group) {
          group.create_task(
            (function* () {
              yield* asyncio.sleep(1)
              throw error
            })()
          )
        })
        await expect(run(main)).rejects.toBe(error)
      }
    } finally {
      asyncio.logger.removeHandler(onLog)
    }
    // The clean-up has cancelled the main task, which ended with that error too: nobody will ask it.
    expect(log.map((text) => text.slice(0, 35))).toEqual(Array(2).fill("Task exception was never retrieved\n"))
  })

  it("a hundred thousand children cost the same each: the group keeps no list that it searches", () =>
    inMain(function* () {
      let count = 0
      const job = asyncio.coroutine(function* job() {
        count++
      })
      yield* async_with(TaskGroup(), function* (group) {
        for (let n = 0; n < 100_000; n++) group.create_task(job())
      })
      expect(count).toBe(100_000)
    }))

  it("holds hardly any child that has ended while others run on", async () => {
    const { setFlagsFromString } = await import("node:v8")
    const { runInNewContext } = await import("node:vm")
    setFlagsFromString("--expose-gc")
    const collect = runInNewContext("gc") as () => void
    const main = asyncio.coroutine(function* main() {
      return yield* async_with(TaskGroup(), function* (group) {
        group.create_task(asyncio.sleep(1000))
        const children: Array<WeakRef<object>> = []
        for (let n = 0; n < 100; n++) {
          children.push(new WeakRef(group.create_task(asyncio.sleep(1))))
          // Turns of the host pass meanwhile, in which a reference that was just made is given up.
          for (let pass = 0; pass < 200; pass++) yield* asyncio.sleep(0)
          yield* asyncio.sleep(2)
        }
        collect()
        return children.filter((child) => child.deref() !== undefined).length
      })
    })
    expect(await run(main())).toBeLessThan(5)
  })
})
