// wait: statements 97 to 101.

import * as asyncio from "@skein/asyncio"
import { repr, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { same } from "../support/both.ts"

describe("wait", () => {
  it("97 takes an iterable of futures: no coroutine, not a single one, at least one, a known mode", () =>
    same(
      `
      future = asyncio.get_running_loop().create_future()
      for wrong in [future, [], [after(1)]]:
          await outcome("wait", asyncio.wait(wrong))
      await outcome("mode", asyncio.wait([future], return_when="x"))
      await outcome("coroutine", asyncio.wait(after(1)))
      await outcome("number", asyncio.wait(5))
      `,
      function* ({ after, outcome }) {
        const future = asyncio.get_running_loop().create_future()
        for (const wrong of [future, [], [after(1)]])
          yield* outcome("wait", asyncio.wait(wrong as unknown as Array<asyncio.Future>))
        yield* outcome("mode", asyncio.wait([future], { return_when: "x" as never }))
        yield* outcome("coroutine", asyncio.wait(after(1) as unknown as Array<asyncio.Future>))
        yield* outcome("number", asyncio.wait(5 as unknown as Array<asyncio.Future>))
      },
      // CPython says which coroutines were dropped at different moments.
      { ignore: ["warnings"] }
    ))

  it("98 gives two sets, neither throws nor cancels: not on timeout, not when it is cancelled itself", () =>
    same(
      `
      tasks = [asyncio.create_task(c) for c in (fail(1, ValueError("v")), after(2, "two"), after(9, "nine"))]
      done, pending = await asyncio.wait(tasks, timeout=3)
      trace(len(done), len(pending), tasks[2] in pending, tasks[2].cancelling())
      waiting = asyncio.create_task(asyncio.wait([tasks[2]]))
      await asyncio.sleep(1)
      waiting.cancel()
      await outcome("waiting", waiting)
      trace(tasks[2].done(), tasks[2].cancelling())
      trace(await tasks[2], repr(tasks[0].exception()))
      `,
      function* ({ after, fail, trace, outcome }) {
        const tasks = [fail(1, new ValueError("v")), after(2, "two"), after(9, "nine")].map((coro) =>
          asyncio.create_task(coro as asyncio.Coroutine<unknown>)
        )
        const [failing, , nine] = tasks as [asyncio.Task, asyncio.Task, asyncio.Task]
        const [done, pending] = yield* asyncio.wait(tasks, { timeout: 3 })
        trace(done.size, pending.size, pending.has(nine), nine.cancelling())
        const waiting = asyncio.create_task(asyncio.wait([nine]))
        yield* asyncio.sleep(1)
        waiting.cancel()
        yield* outcome("waiting", waiting)
        trace(nine.done(), nine.cancelling())
        trace(yield* nine, repr(failing.exception()))
      }
    ))

  it("99 FIRST_COMPLETED, FIRST_EXCEPTION (a cancelled one has none), ALL_COMPLETED", () =>
    same(
      `
      def three():
          tasks = [asyncio.create_task(c) for c in (after(1, "one"), fail(3, ValueError("v")), after(5, "five"))]
          cancelled = asyncio.create_task(after(9))
          asyncio.get_running_loop().call_later(2, cancelled.cancel)
          return tasks + [cancelled]
      for mode in (asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED):
          tasks = three()
          done, pending = await asyncio.wait(tasks, return_when=mode)
          trace(mode, *[task in done for task in tasks])
          await asyncio.wait(tasks)
          tasks[1].exception()
      calm = [asyncio.create_task(after(1, 1)), asyncio.create_task(after(2, 2))]
      done, pending = await asyncio.wait(calm, return_when=asyncio.FIRST_EXCEPTION)
      trace("calm", len(done), len(pending))
      `,
      function* ({ after, fail, trace }) {
        const three = () => {
          const tasks: Array<asyncio.Task> = [
            asyncio.create_task(after(1, "one")),
            asyncio.create_task(fail(3, new ValueError("v"))),
            asyncio.create_task(after(5, "five"))
          ]
          const cancelled = asyncio.create_task(after(9))
          asyncio.get_running_loop().call_later(2, () => cancelled.cancel())
          return [...tasks, cancelled]
        }
        for (const mode of [asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED] as const) {
          const tasks = three()
          const [done] = yield* asyncio.wait(tasks, { return_when: mode })
          trace(mode, ...tasks.map((task) => done.has(task)))
          yield* asyncio.wait(tasks)
          ;(tasks[1] as asyncio.Task).exception()
        }
        const calm = [asyncio.create_task(after(1, 1)), asyncio.create_task(after(2, 2))]
        const [done, pending] = yield* asyncio.wait(calm, { return_when: asyncio.FIRST_EXCEPTION })
        trace("calm", done.size, pending.size)
      }
    ))

  it("100 always suspends, for two passes, and returns what is done by then", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      ready, later = loop.create_future(), loop.create_future()
      ready.set_result(1)
      loop.call_soon(later.set_result, 2)
      trace("before")
      done, pending = await asyncio.wait([ready, later], return_when=asyncio.FIRST_COMPLETED)
      trace("after", len(done), len(pending))
      done, pending = await asyncio.wait([ready])
      trace("again", len(done), len(pending))
      `,
      function* ({ trace }) {
        const loop = asyncio.get_running_loop()
        const ready = loop.create_future<number>()
        const later = loop.create_future<number>()
        ready.set_result(1)
        loop.call_soon(() => later.set_result(2))
        trace("before")
        const [done, pending] = yield* asyncio.wait([ready, later], { return_when: asyncio.FIRST_COMPLETED })
        trace("after", done.size, pending.size)
        const again = yield* asyncio.wait([ready])
        trace("again", again[0].size, again[1].size)
      }
    ))

  it("101 a timeout returns what there is; one of 0 is a timer too", () =>
    same(
      `
      future = asyncio.get_running_loop().create_future()
      trace("before")
      for timeout in (0, -1, 2.5):
          done, pending = await asyncio.wait([future, future], timeout=timeout)
          trace(timeout, len(done), len(pending))
      asyncio.get_running_loop().call_later(1, future.set_result, None)
      done, pending = await asyncio.wait({future}, timeout=None)
      trace("none", len(done), len(pending))
      `,
      function* ({ trace }) {
        const future = asyncio.get_running_loop().create_future()
        trace("before")
        for (const timeout of [0, -1, 2.5]) {
          const [done, pending] = yield* asyncio.wait([future, future], { timeout })
          trace(timeout, done.size, pending.size)
        }
        asyncio.get_running_loop().call_later(1, () => future.set_result(null))
        const [done, pending] = yield* asyncio.wait(new Set([future]), { timeout: null })
        trace("none", done.size, pending.size)
      }
    ))

  it("looking for an exception counts as having seen it, in FIRST_EXCEPTION alone", () =>
    same(
      `
      for mode in (asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED):
          task = asyncio.create_task(fail(1, ValueError(mode)))
          other = asyncio.create_task(after(2))
          await asyncio.wait([task, other], return_when=mode)
      `,
      function* ({ after, fail }) {
        for (const mode of [asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED] as const) {
          const task = asyncio.create_task(fail(1, new ValueError(mode)))
          const other = asyncio.create_task(after(2))
          yield* asyncio.wait([task, other], { return_when: mode })
        }
      }
    ))
})
