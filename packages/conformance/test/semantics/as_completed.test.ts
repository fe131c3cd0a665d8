// as_completed: statements 112 to 117. Where the order of a set would show (266), the tasks are made before.

import * as asyncio from "@skein/asyncio"
import { TimeoutError, ValueError } from "@skein/asyncio/builtins"
import { describe, expect, it } from "vitest"
import { same } from "../support/both.ts"
import { behave } from "../support/same.ts"

const { as_completed, async_for, create_task } = asyncio

describe("as_completed", () => {
  it("112 takes an iterable of awaitables; one that comes twice counts once; tasks are created at the call", () =>
    same(
      `
      future = asyncio.get_running_loop().create_future()
      for wrong in (future, 5):
          try:
              asyncio.as_completed(wrong)
          except TypeError as e:
              trace(str(e))
      coro = after(2)
      try:
          asyncio.as_completed(coro)
      except TypeError as e:
          trace(str(e))
      coro2 = after(1, "x")
      completing = asyncio.as_completed([coro2, coro2, coro2])
      trace(len(asyncio.all_tasks()))
      for each in completing:
          trace(await each)
      for each in asyncio.as_completed([]):
          trace("not reached")
      await coro
      `,
      function* ({ trace, after }) {
        const future = asyncio.get_running_loop().create_future()
        const coro = after(2)
        for (const wrong of [future, 5, coro]) {
          try {
            as_completed(wrong as never)
          } catch (error) {
            trace((error as Error).message)
          }
        }
        const coro2 = after(1, "x")
        const completing = as_completed([coro2, coro2, coro2])
        trace(asyncio.all_tasks().size)
        for (const each of completing) trace(yield* each)
        for (const _ of as_completed([])) trace("not reached")
        yield* coro
      }
    ))

  it("112 creates the tasks in the order of the awaitables, where CPython takes that of a set", async () => {
    const { marks } = await behave(({ run, trace }) => {
      const begin = asyncio.coroutine(function* begin(n: number) {
        trace("begins", n)
      })
      return run(
        asyncio.coroutine(function* main() {
          for (const each of as_completed([begin(0), begin(1), begin(2)])) yield* each
        })()
      )
    })
    expect(marks.map(([, , values]) => values)).toEqual([
      ["begins", 0],
      ["begins", 1],
      ["begins", 2]
    ])
  })

  it("113 116 the plain form gives a fresh coroutine for each, in the order of completion", () =>
    same(
      `
      # Tasks, not coroutines: CPython makes tasks of coroutines in the order of a set.
      for each in asyncio.as_completed([asyncio.create_task(c) for c in (after(3, "c"), after(1, "a"), after(2, "b"))]):
          trace(asyncio.iscoroutine(each))
          trace(await each)
      tasks = [asyncio.create_task(c) for c in (after(1, "x"), after(1, "y"), fail(1, ValueError("v")), after(1, "z"))]
      for each in asyncio.as_completed(tasks):
          await outcome("next", each)
      `,
      function* ({ trace, after, fail, outcome }) {
        for (const each of as_completed(
          [after(3, "c"), after(1, "a"), after(2, "b")].map((coro) => create_task(coro))
        )) {
          trace(asyncio.iscoroutine(each))
          trace(yield* each)
        }
        const coros: ReadonlyArray<asyncio.Coroutine> = [
          after(1, "x"),
          after(1, "y"),
          fail(1, new ValueError("v")),
          after(1, "z")
        ]
        for (const each of as_completed(coros.map((coro) => create_task(coro)))) yield* outcome("next", each)
      }
    ))

  it("113 coroutines that are awaited out of order, and by several tasks", () =>
    same(
      `
      tasks = [asyncio.create_task(after(n, n)) for n in (3, 1, 2)]
      first, second, third = asyncio.as_completed(tasks)
      async def take(name, coro):
          trace(name, await coro)
      await asyncio.gather(take("third", third), take("first", first), take("second", second))
      `,
      function* ({ trace, after }) {
        const tasks = [3, 1, 2].map((n) => create_task(after(n, n)))
        const [first, second, third] = [...as_completed(tasks)] as [
          asyncio.Coroutine<number>,
          asyncio.Coroutine<number>,
          asyncio.Coroutine<number>
        ]
        const take = asyncio.coroutine(function* take(name: string, coro: asyncio.Coroutine<number>) {
          trace(name, yield* coro)
        })
        yield* asyncio.gather(take("third", third), take("first", first), take("second", second))
      }
    ))

  it("114 the asynchronous form gives the tasks and futures themselves, done; new tasks for coroutines", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      task, future, failing = asyncio.create_task(after(2, "task")), loop.create_future(), asyncio.create_task(fail(4, ValueError("v")))
      loop.call_later(1, future.set_result, "future")
      async for each in asyncio.as_completed([task, future, failing, after(3, "coro")]):
          trace(each is task, each is future, isinstance(each, asyncio.Task), each.done())
          await outcome("each", each)
      `,
      function* ({ trace, after, fail, outcome }) {
        const loop = asyncio.get_running_loop()
        const task = create_task(after(2, "task"))
        const future = loop.create_future<string>()
        const failing = create_task(fail(4, new ValueError("v")))
        loop.call_later(1, () => future.set_result("future"))
        yield* async_for(as_completed([task, future, failing, after(3, "coro")]), function* (each) {
          trace(each === task, each === future, each instanceof asyncio.Task, each.done())
          yield* outcome("each", each)
        })
      }
    ))

  it("115 a timeout: the loop raises, or each coroutine that is left does; nothing is cancelled", () =>
    same(
      `
      tasks = [asyncio.create_task(after(n, n)) for n in (1, 5, 6)]
      try:
          async for each in asyncio.as_completed(tasks, timeout=2):
              trace(each.result())
      except TimeoutError as e:
          trace(shape(e))
      for each in asyncio.as_completed(tasks, timeout=1):
          await outcome("plain", each)
      trace(*[task.cancelling() for task in tasks])
      for each in asyncio.as_completed(tasks, timeout=100):
          await outcome("in time", each)
      await asyncio.sleep(200)
      for each in asyncio.as_completed([asyncio.create_task(after(1, 1))], timeout=0):
          await outcome("no time", each)
      await asyncio.sleep(5)
      `,
      function* ({ trace, after, outcome, shape }) {
        const tasks = [1, 5, 6].map((n) => create_task(after(n, n)))
        try {
          yield* async_for(as_completed(tasks, { timeout: 2 }), function* (each) {
            trace(each.result())
          })
        } catch (error) {
          if (error instanceof TimeoutError) trace(shape(error))
        }
        for (const each of as_completed(tasks, { timeout: 1 })) yield* outcome("plain", each)
        trace(...tasks.map((task) => task.cancelling()))
        for (const each of as_completed(tasks, { timeout: 100 })) yield* outcome("in time", each)
        yield* asyncio.sleep(200)
        for (const each of as_completed([create_task(after(1, 1))], { timeout: 0 })) yield* outcome("no time", each)
        yield* asyncio.sleep(5)
      }
    ))

  it("115 the deadline in the pass in which one completes", () =>
    same(
      `
      tasks = [asyncio.create_task(after(n, n)) for n in (2, 2, 3)]
      await asyncio.sleep(0)
      for each in asyncio.as_completed(tasks, timeout=2):
          await outcome("later timer", each)
      tasks = [asyncio.create_task(after(n, n)) for n in (2, 2, 3)]
      for each in asyncio.as_completed(tasks, timeout=2):
          await outcome("older timer", each)
      await asyncio.sleep(5)
      `,
      function* ({ after, outcome }) {
        const tasks = [2, 2, 3].map((n) => create_task(after(n, n)))
        yield* asyncio.sleep(0)
        for (const each of as_completed(tasks, { timeout: 2 })) yield* outcome("later timer", each)
        const more = [2, 2, 3].map((n) => create_task(after(n, n)))
        for (const each of as_completed(more, { timeout: 2 })) yield* outcome("older timer", each)
        yield* asyncio.sleep(5)
      }
    ))

  it("115 the deadline in the very pass in which futures are done, before and after it", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      futures = [loop.create_future() for n in range(3)]
      loop.call_later(2, futures[0].set_result, "before the deadline")
      completing = asyncio.as_completed(futures, timeout=2)
      loop.call_later(2, futures[1].set_result, "after the deadline")
      for each in completing:
          await outcome("next", each)
      `,
      function* ({ outcome }) {
        const loop = asyncio.get_running_loop()
        const futures = [0, 1, 2].map(() => loop.create_future<string>())
        loop.call_later(2, () => futures[0]?.set_result("before the deadline"))
        const completing = as_completed(futures, { timeout: 2 })
        loop.call_later(2, () => futures[1]?.set_result("after the deadline"))
        for (const each of completing) yield* outcome("next", each)
      }
    ))

  it("cancelling one that waits leaves the next completion to the others", () =>
    same(
      `
      tasks = [asyncio.create_task(after(n, n)) for n in (2, 3)]
      first, second = asyncio.as_completed(tasks)
      one, two = asyncio.create_task(outcome("one", first)), asyncio.create_task(outcome("two", second))
      await asyncio.sleep(1)
      one.cancel("m")
      await asyncio.sleep(0)
      trace(one.done(), two.done())
      await two
      await asyncio.sleep(5)
      `,
      function* ({ trace, after, outcome }) {
        const tasks = [2, 3].map((n) => create_task(after(n, n)))
        const [first, second] = [...as_completed(tasks)] as [asyncio.Coroutine<number>, asyncio.Coroutine<number>]
        const one = create_task(outcome("one", first))
        const two = create_task(outcome("two", second))
        yield* asyncio.sleep(1)
        one.cancel("m")
        yield* asyncio.sleep(0)
        trace(one.done(), two.done())
        yield* two
        yield* asyncio.sleep(5)
      }
    ))

  it("117 a coroutine of the plain form that is not awaited is warned of", () =>
    same(
      `
      tasks = [asyncio.create_task(after(1, n)) for n in range(3)]
      for each in asyncio.as_completed(tasks):
          trace(await each)
          break
      for each in asyncio.as_completed(tasks):
          pass
      `,
      function* ({ trace, after }) {
        const tasks = [0, 1, 2].map((n) => create_task(after(1, n)))
        for (const each of as_completed(tasks)) {
          trace(yield* each)
          break
        }
        for (const each of as_completed(tasks)) void each
      }
    ))
})
