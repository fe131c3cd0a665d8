// Tasks: what has no twin in CPython, and the words for mistakes that only JavaScript has. All other statements on tasks are
// compared with CPython in packages/conformance/test/semantics.

import { describe, expect, it } from "vitest"
import { RuntimeError, TypeError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }
const run = <T extends asyncio.Awaitable<unknown>>(main: T) => asyncio.run(main, virtual)

/** What a coroutine throws. */
const errorOf = async (main: asyncio.Awaitable<unknown>): Promise<Error> => {
  try {
    await run(main)
  } catch (error) {
    return error as Error
  }
  throw new Error("it did not throw")
}

const child = asyncio.coroutine(function* child() {
  yield* asyncio.sleep(1)
  return "r"
})

describe("a task", () => {
  it("60 that nobody holds does not vanish: the loop keeps it until it is done", async () => {
    const { setFlagsFromString } = await import("node:v8")
    const { runInNewContext } = await import("node:vm")
    setFlagsFromString("--expose-gc")
    const collect = runInNewContext("gc") as () => void
    const seen: Array<string> = []
    const forgotten = asyncio.coroutine(function* forgotten() {
      yield* asyncio.get_running_loop().create_future()
      seen.push("never")
    })
    const main = asyncio.coroutine(function* main() {
      void asyncio.create_task(forgotten(), { name: "forgotten" })
      yield* asyncio.sleep(1)
      collect()
      yield* asyncio.sleep(1)
      seen.push(...[...asyncio.all_tasks()].map((task) => task.get_name()))
    })
    await run(main())
    expect(seen).toContain("forgotten")
  })

  it("that was asked to end with a message and ends otherwise: an error is reported as never retrieved, a result is not", async () => {
    const reported: Array<unknown> = []
    const stubborn = asyncio.coroutine(function* stubborn(error: Error | undefined) {
      try {
        yield* asyncio.sleep(9)
      } catch {
        asyncio.current_task()?.cancel("once more")
        asyncio.current_task()?.uncancel()
        asyncio.current_task()?.uncancel()
        if (error !== undefined) throw error
      }
    })
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      loop.set_exception_handler((_, context) => reported.push(context.message, context.exception))
      const failing = asyncio.create_task(stubborn(new TypeError("lost")))
      const returning = asyncio.create_task(stubborn(undefined))
      yield* asyncio.sleep(1)
      failing.cancel("end")
      returning.cancel("end")
      yield* asyncio.sleep(1)
      return [failing.done(), failing.cancelled(), returning.result()]
    })
    expect(await run(main())).toEqual([true, false, undefined])
    expect(reported).toEqual(["Task exception was never retrieved", new TypeError("lost")])
  })

  it("61 prints where its coroutine was defined as its stack, and nothing once it is done", async () => {
    const lines: Array<string> = []
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(child(), { name: "c" })
      yield* asyncio.sleep(0)
      const file = (line: string) => lines.push(line)
      task.print_stack({ file })
      lines.push(String(task.get_stack().length), String(task.get_stack({ limit: 0 }).length))
      yield* task
      task.print_stack({ file })
      lines.push(String(task.get_stack().length))
    })
    await run(main())
    expect(lines[0]).toMatch(/^Stack for <Task pending name='c' .*> \(most recent call last\):$/)
    expect(lines[1]).toMatch(/^ {2}child at .*tasks\.test\.ts:\d+$/)
    expect(lines.slice(2)).toEqual(["1", "0", expect.stringMatching(/^No stack for <Task finished name='c'/), "0"])
  })

  it("63 of a bare generator runs it once, also when the task is gone", async () => {
    const seen: Array<string> = []
    function* bare() {
      yield* asyncio.sleep(1)
      return "r"
    }
    const main = asyncio.coroutine(function* main() {
      const coro = bare()
      seen.push(yield* asyncio.create_task(coro))
      try {
        void asyncio.create_task(coro)
      } catch (error) {
        seen.push((error as Error).message)
      }
    })
    await run(main())
    expect(seen).toEqual(["r", "cannot reuse already awaited coroutine"])
  })

  it("63 of a coroutine may be made again: it runs the body anew, unlike Python's", async () => {
    const main = asyncio.coroutine(function* main() {
      const coro = child()
      const tasks = [asyncio.create_task(coro), asyncio.create_task(coro)] as const
      return [yield* tasks[0], yield* tasks[1], yield* coro, asyncio.get_running_loop().time()]
    })
    expect(await run(main())).toEqual(["r", "r", "r", 2])
  })

  it("can be made with and without new", async () => {
    const main = asyncio.coroutine(function* main() {
      const tasks = [new asyncio.Task(child()), asyncio.Task(child(), { name: "named" })] as const
      yield* asyncio.gather(...tasks)
      return [tasks[0] instanceof asyncio.Task, tasks[1] instanceof asyncio.Future, tasks[1].get_name()]
    })
    expect(await run(main())).toEqual([true, true, "named"])
  })

  it("tells the registry since when it waits, in milliseconds of its loop's clock", async () => {
    const seen = await run(
      asyncio.coroutine(function* () {
        const waiting = asyncio.create_task(child())
        const notYet = waiting.waitingSince
        yield* asyncio.sleep(0.25)
        const first = waiting.waitingSince
        yield* waiting
        const second = asyncio.create_task(child())
        yield* asyncio.sleep(0.5)
        return [notYet, first, second.waitingSince, waiting.waitingSince]
      })()
    )
    expect(seen).toEqual([undefined, 0, 1000, undefined])
  })

  it("made outside of a loop is refused", () => {
    const coro = child()
    expect(() => asyncio.create_task(coro)).toThrow(new RuntimeError("no running event loop"))
    coro.close()
  })
})

describe("mistakes", () => {
  it("64 awaiting what is not awaitable is a TypeError where it stands", async () => {
    for (const given of [5, undefined, {}]) {
      const main = asyncio.coroutine(function* main() {
        yield* given as unknown as asyncio.Coroutine
      })
      const error = await errorOf(main())
      expect(error).toBeInstanceOf(TypeError)
      expect(error.stack).toMatch(/tasks\.test\.ts/)
    }
  })

  it("56 forgetting the star of yield* is an error that says so, at that line", async () => {
    const main = asyncio.coroutine(function* main(): asyncio.Body<void> {
      const coro = child()
      try {
        // @ts-expect-error -- the compiler sees it too
        yield coro
      } finally {
        coro.close()
      }
    })
    const error = await errorOf(main())
    expect(error).toBeInstanceOf(RuntimeError)
    expect(error.message).toMatch(
      /^Task got bad yield: <coroutine object child at 0x[0-9a-f]+>: write yield\* for yield$/
    )
  })

  it("56 so is a future without the star, in CPython's words", async () => {
    const main = asyncio.coroutine(function* main(): asyncio.Body<void> {
      // @ts-expect-error -- the compiler sees it too
      yield asyncio.get_running_loop().create_future()
    })
    const error = await errorOf(main())
    expect(error.message).toMatch(
      /^yield was used instead of yield from in task <Task pending .*> with <Future pending>$/
    )
  })

  it("54 a coroutine function in place of a coroutine is told to be called; a promise, to be handed over", async () => {
    const main = (given: unknown) =>
      (function* () {
        void asyncio.create_task(given as never)
      })()
    const raw = function* raw() {}
    expect((await errorOf(main(child))).message).toMatch(
      /^a coroutine was expected, got <function child at 0x[0-9a-f]+>.*call it, child\(\.\.\.\)$/
    )
    expect((await errorOf(main(raw))).message).toMatch(/call it, raw\(\.\.\.\)$/)
    expect((await errorOf(main(Promise.resolve()))).message).toMatch(
      /a promise: hand it over with asyncio\.wrap_future\(promise\)$/
    )
  })

  it("coroutine() over what is no generator function says what to write", () => {
    const make = asyncio.coroutine as (given: unknown) => unknown
    expect(() => make(async function later() {})).toThrow(/Write function\* for async function and yield\* for await/)
    expect(() => make(function plain() {})).toThrow(/Write the star: function\* plain\(\.\.\.\)/)
    expect(() => make(5)).toThrow(/takes a generator function .* got 5/)
  })
})

describe("what tells coroutines", () => {
  it("iscoroutine knows coroutines and generators, iscoroutinefunction what makes them", async () => {
    const coro = child()
    const gen = (function* () {})()
    expect([coro, gen, child, 5, Promise.resolve(), undefined].map(asyncio.iscoroutine)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false
    ])
    const functions = [child, function* raw() {}, () => coro, async () => undefined, coro, 5]
    expect(functions.map(asyncio.iscoroutinefunction)).toEqual([true, true, false, false, false, false])
    coro.close()
  })
})

describe("observers of a task", () => {
  it("234 leave no trace in its repr once they have all been taken back", async () => {
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(asyncio.sleep(2))
      const takeBack = [task.addObserver(() => undefined), task.addObserver(() => undefined)]
      const observed = String(task)
      for (const each of takeBack) each()
      return [observed.includes("cb="), String(task).includes("cb=")]
    })
    expect(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })).toEqual([true, false])
  })
})
