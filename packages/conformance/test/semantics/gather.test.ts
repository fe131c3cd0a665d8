// gather: statements 84 to 96.

import * as asyncio from "@skein/asyncio"
import { repr, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { same } from "../support/both.ts"

const { create_task, gather } = asyncio

describe("gather", () => {
  it("84 wraps coroutines in tasks, in order, and gives results in the order of the arguments", () =>
    same(
      `
      async def named(delay):
          trace("begins")
          await after(delay)
          return asyncio.current_task().get_name()
      trace(*await asyncio.gather(named(3), named(1), asyncio.create_task(after(0, "task")), named(2)))
      `,
      function* ({ trace, after }) {
        const named = asyncio.coroutine(function* named(delay: number) {
          trace("begins")
          yield* after(delay)
          return (asyncio.current_task() as asyncio.Task).get_name()
        })
        trace(...(yield* gather(named(3), named(1), create_task(after(0, "task")), named(2))))
      }
    ))

  it("85 awaits equal arguments once", () =>
    same(
      `
      coro, task = after(1, "coro"), asyncio.create_task(after(2, "task"))
      trace(*await asyncio.gather(coro, task, coro, task, coro))
      `,
      function* ({ trace, after }) {
        const coro = after(1, "coro")
        const task = create_task(after(2, "task"))
        trace(...(yield* gather(coro, task, coro, task, coro)))
      }
    ))

  it("86 without arguments is a finished future", () =>
    same(
      `
      trace(repr(asyncio.gather()), len(await asyncio.gather()))
      `,
      function* ({ trace }) {
        trace(repr(gather()), (yield* gather()).length)
      }
    ))

  it("87 hands out the first exception to come; the others run on, and their errors count as seen", () =>
    same(
      `
      await outcome("gather", asyncio.gather(after(3, "goes on"), fail(2, ValueError("first")), fail(4, ValueError("later"))))
      await asyncio.sleep(9)
      `,
      function* ({ after, fail, outcome }) {
        yield* outcome(
          "gather",
          gather(after(3, "goes on"), fail(2, new ValueError("first")), fail(4, new ValueError("later")))
        )
        yield* asyncio.sleep(9)
      }
    ))

  it("88 a child's cancellation counts as its raising CancelledError; the outer is finished, not cancelled", () =>
    same(
      `
      child = asyncio.create_task(after(9, "child"))
      outer = asyncio.gather(child, after(3, "sibling"))
      await asyncio.sleep(1)
      child.cancel("m")
      await outcome("outer", outer)
      trace(outer.cancelled(), outer.done(), requests())
      await asyncio.sleep(5)
      `,
      function* ({ trace, after, outcome, requests }) {
        const child = create_task(after(9, "child"))
        const outer = gather(child, after(3, "sibling"))
        yield* asyncio.sleep(1)
        child.cancel("m")
        yield* outcome("outer", outer)
        trace(outer.cancelled(), outer.done(), requests())
        yield* asyncio.sleep(5)
      }
    ))

  it("89 with return_exceptions, exceptions are items, a cancelled task's without its message", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      task, future = asyncio.create_task(after(9)), loop.create_future()
      loop.call_later(1, task.cancel, "lost")
      loop.call_later(1, future.cancel, "kept")
      results = await asyncio.gather(fail(2, ValueError("v")), task, future, after(1, "a"), return_exceptions=True)
      trace(*[repr(result) for result in results])
      `,
      function* ({ trace, after, fail }) {
        const loop = asyncio.get_running_loop()
        const task = create_task(after(9))
        const future = loop.create_future()
        loop.call_later(1, () => task.cancel("lost"))
        loop.call_later(1, () => future.cancel("kept"))
        const results = yield* gather(fail(2, new ValueError("v")), task, future, after(1, "a"), {
          return_exceptions: true
        })
        trace(...results.map(repr))
      }
    ))

  it("90 91 cancelling the outer, or who awaits it, cancels the children, waits for them, and raises", () =>
    same(
      `
      for keep in (False, True):
          async def gathering():
              return await asyncio.gather(slow_to_stop(9, 2, "slow"), after(9, "b"), return_exceptions=keep)
          outer = asyncio.gather(slow_to_stop(9, 2, "slow"), after(9, "b"), return_exceptions=keep)
          for waiting in (outer, asyncio.create_task(gathering())):
              await asyncio.sleep(1)
              trace(waiting.cancel("m"), waiting.done())
              await outcome("waiting", waiting)
              trace(waiting.cancelled())
      outer = asyncio.gather(stubborn(9, "a"), stubborn(9, "b"), return_exceptions=True)
      await asyncio.sleep(1)
      trace(outer.cancel("m"))
      await outcome("swallowed", outer)
      `,
      function* ({ trace, after, slow_to_stop, stubborn, outcome }) {
        for (const return_exceptions of [false, true]) {
          const make = () => gather(slow_to_stop(9, 2, "slow"), after(9, "b"), { return_exceptions })
          const gathering = asyncio.coroutine(function* gathering() {
            return yield* make()
          })
          const outer = make()
          for (const waiting of [outer, create_task(gathering())]) {
            yield* asyncio.sleep(1)
            trace(waiting.cancel("m"), waiting.done())
            yield* outcome("waiting", waiting)
            trace(waiting.cancelled())
          }
        }
        const outer = gather(stubborn(9, "a"), stubborn(9, "b"), { return_exceptions: true })
        yield* asyncio.sleep(1)
        trace(outer.cancel("m"))
        yield* outcome("swallowed", outer)
      }
    ))

  it("91 cancelled in the pass in which a child completes, in which the last one does, and in the two passes after it", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      async def gathering(name):
          return await asyncio.gather(after(1, name + " 1"), after(2, name + " 2"))
      async def race(name, delay, passes):
          task = asyncio.create_task(gathering(name))
          await asyncio.sleep(0)
          def later(n):
              if n == 0:
                  trace(name, task.cancel("outside"))
              else:
                  loop.call_soon(later, n - 1)
          loop.call_later(delay, later, passes)
          await outcome(name, task)
          trace(task.cancelling())
      await race("one", 1, 0)
      for passes in range(5):
          await race(f"last, {passes} later", 2, passes)
      `,
      function* ({ trace, after, outcome }) {
        const loop = asyncio.get_running_loop()
        const gathering = asyncio.coroutine(function* gathering(name: string) {
          const results = yield* gather(after(1, `${name} 1`), after(2, `${name} 2`))
          return [...results]
        })
        const race = asyncio.coroutine(function* race(name: string, delay: number, passes: number) {
          const task = create_task(gathering(name))
          yield* asyncio.sleep(0)
          const later = (n: number) => {
            if (n === 0) trace(name, task.cancel("outside"))
            else loop.call_soon(later, n - 1)
          }
          loop.call_later(delay, later, passes)
          yield* outcome(name, task)
          trace(task.cancelling())
        })
        yield* race("one", 1, 0)
        for (let passes = 0; passes < 5; passes++) yield* race(`last, ${passes} later`, 2, passes)
      }
    ))

  it("92 a done outer ignores cancel, also when children still run", () =>
    same(
      `
      outer = asyncio.gather(fail(1, ValueError("v")), after(3, "goes on"))
      await outcome("outer", outer)
      trace(outer.cancel(), outer.cancelled())
      await asyncio.sleep(5)
      `,
      function* ({ trace, after, fail, outcome }) {
        const outer = gather(fail(1, new ValueError("v")), after(3, "goes on"))
        yield* outcome("outer", outer)
        trace(outer.cancel(), outer.cancelled())
        yield* asyncio.sleep(5)
      }
    ))

  it("93 the children's callbacks run a pass after them, the awaiter a pass later", () =>
    same(
      `
      first = asyncio.get_running_loop().create_future()
      outer = asyncio.gather(first)
      outer.add_done_callback(lambda future: trace("outer done"))
      first.add_done_callback(lambda future: trace("first done"))
      asyncio.get_running_loop().call_soon(lambda: (trace("sets"), first.set_result("x")))
      await outer
      trace("awake")
      `,
      function* ({ trace }) {
        const first = asyncio.get_running_loop().create_future<string>()
        const outer = gather(first)
        outer.add_done_callback(() => trace("outer done"))
        first.add_done_callback(() => trace("first done"))
        asyncio.get_running_loop().call_soon(() => {
          trace("sets")
          first.set_result("x")
        })
        yield* outer
        trace("awake")
      }
    ))

  it("94 with all inputs done, the outer is done on return", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      done, failed = loop.create_future(), loop.create_future()
      done.set_result("a")
      failed.set_exception(ValueError("v"))
      trace(asyncio.gather(done, done).done(), repr(asyncio.gather(done, failed).exception()))
      trace(*[repr(each) for each in asyncio.gather(done, failed, return_exceptions=True).result()])
      pending = loop.create_future()
      trace(asyncio.gather(pending, failed).done(), asyncio.gather(pending, done).done())
      `,
      function* ({ trace }) {
        const loop = asyncio.get_running_loop()
        const done = loop.create_future<string>()
        const failed = loop.create_future()
        done.set_result("a")
        failed.set_exception(new ValueError("v"))
        trace(gather(done, done).done(), repr(gather(done, failed).exception()))
        trace(...gather(done, failed, { return_exceptions: true }).result().map(repr))
        const pending = loop.create_future()
        trace(gather(pending, failed).done(), gather(pending, done).done())
      }
    ))

  it("94 221 an eager child that completes an earlier one: the earlier one reports through the queue", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      loop.set_task_factory(asyncio.eager_task_factory)
      first = loop.create_future()
      async def completes():
          first.set_result("first")
          return "second"
      outer = asyncio.gather(first, completes())
      trace(outer.done())
      trace(*await outer)
      `,
      function* ({ trace }) {
        const loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        const first = loop.create_future<string>()
        const completes = asyncio.coroutine(function* completes() {
          first.set_result("first")
          return "second"
        })
        const outer = gather(first, completes())
        trace(outer.done())
        trace(...(yield* outer))
      }
    ))

  it("95 shows as <_GatheringFuture ...>", () =>
    same(
      `
      future = asyncio.get_running_loop().create_future()
      outer = asyncio.gather(future)
      print(outer, isinstance(outer, asyncio.Future), isinstance(outer, asyncio.Task))
      print(repr(future))
      future.set_result(1)
      await outer
      print(outer)
      `,
      function* ({ print }) {
        const future = asyncio.get_running_loop().create_future<number>()
        const outer = gather(future)
        print(outer, outer instanceof asyncio.Future, outer instanceof asyncio.Task)
        print(repr(future))
        future.set_result(1)
        yield* outer
        print(outer)
      }
    ))

  it("96 all inputs share one loop", () =>
    same(
      `
      other = asyncio.new_event_loop()
      mine, theirs = asyncio.get_running_loop().create_future(), other.create_future()
      try:
          asyncio.gather(mine, theirs)
      except ValueError as e:
          trace(str(e))
      other.close()
      `,
      function* ({ trace }) {
        const other = asyncio.new_event_loop()
        const mine = asyncio.get_running_loop().create_future()
        const theirs = other.create_future()
        try {
          void gather(mine, theirs)
        } catch (error) {
          trace((error as Error).message)
        }
        other.close()
      }
    ))

  it("an argument that cannot be awaited is an error; the tasks made before it run on, unobserved", () =>
    same(
      `
      try:
          asyncio.gather(fail(1, ValueError("v")), 5)
      except TypeError as e:
          trace(str(e))
      await asyncio.sleep(5)
      `,
      function* ({ trace, fail }) {
        try {
          void gather(fail(1, new ValueError("v")), 5 as never)
        } catch (error) {
          trace((error as Error).message)
        }
        yield* asyncio.sleep(5)
      }
    ))
})
