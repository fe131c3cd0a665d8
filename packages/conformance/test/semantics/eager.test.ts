// Eager tasks: statements 217 to 222.

import * as asyncio from "@skein/asyncio"
import { repr, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { same } from "../support/both.ts"
import { expectSame } from "../support/same.ts"

const { create_task, eager_task_factory } = asyncio

describe("eager tasks", () => {
  it("217 run at once, inside create_task, up to the first suspension, as the current task", () =>
    same(
      `
      me = asyncio.current_task()
      async def body(name):
          trace("begins", name, asyncio.current_task() is me)
          await asyncio.sleep(0)
          trace("goes on", name)
          return name
      task = asyncio.create_task(body("asked"), eager_start=True)
      trace("created", task.done(), asyncio.current_task() is me)
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      other = asyncio.create_task(body("by the factory"), name="other")
      trace("created", other.done(), other.get_name(), other in asyncio.all_tasks())
      trace(await task, await other)
      `,
      function* ({ trace }) {
        const me = asyncio.current_task()
        const body = asyncio.coroutine(function* body(name: string) {
          trace("begins", name, asyncio.current_task() === me)
          yield* asyncio.sleep(0)
          trace("goes on", name)
          return name
        })
        const task = create_task(body("asked"), { eager_start: true })
        trace("created", task.done(), asyncio.current_task() === me)
        asyncio.get_running_loop().set_task_factory(eager_task_factory)
        const other = create_task(body("by the factory"), { name: "other" })
        trace("created", other.done(), other.get_name(), asyncio.all_tasks().has(other))
        trace(yield* task, yield* other)
      }
    ))

  it("218 one that ends in that part is returned done, never queued, and has no coroutine any more", () =>
    same(
      `
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      async def at_once():
          return 7
      task = asyncio.create_task(at_once(), name="t")
      trace(task.done(), task.result(), repr(task.get_coro()), task in asyncio.all_tasks())
      print(task)
      async def later():
          await asyncio.sleep(0)
      task = asyncio.create_task(later(), name="l")
      trace(task.get_coro() is None)
      await task
      trace(task.get_coro() is None)
      trace(await asyncio.create_task(at_once()))
      `,
      function* ({ trace, print }) {
        asyncio.get_running_loop().set_task_factory(eager_task_factory)
        const at_once = asyncio.coroutine(function* at_once() {
          return 7
        })
        const task = create_task(at_once(), { name: "t" })
        trace(task.done(), task.result(), repr(task.get_coro()), asyncio.all_tasks().has(task as asyncio.Task))
        print(task)
        const later = asyncio.coroutine(function* later() {
          yield* asyncio.sleep(0)
        })
        const slow = create_task(later(), { name: "l" })
        trace(slow.get_coro() === undefined)
        yield* slow
        trace(slow.get_coro() === undefined)
        trace(yield* create_task(at_once()))
      }
    ))

  it("219 stores an exception, and a cancellation of itself, and raises neither from create_task", () =>
    same(
      `
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      async def fails():
          raise ValueError("v")
      async def cancels_itself():
          asyncio.current_task().cancel("self")
          await asyncio.sleep(0)
          trace("not reached")
      async def cancels_itself_late():
          asyncio.current_task().cancel("self")
          return "thrown away"
      async def raises_cancelled():
          raise asyncio.CancelledError("own")
      for make in (fails, cancels_itself, cancels_itself_late, raises_cancelled):
          task = asyncio.create_task(make())
          trace(task.done())
          await outcome("task", task)
          trace(task.cancelled())
      `,
      function* ({ trace, outcome }) {
        asyncio.get_running_loop().set_task_factory(eager_task_factory)
        const me = () => asyncio.current_task() as asyncio.Task
        const bodies = [
          function* fails() {
            throw new ValueError("v")
          },
          function* cancels_itself() {
            me().cancel("self")
            yield* asyncio.sleep(0)
            trace("not reached")
          },
          function* cancels_itself_late() {
            me().cancel("self")
            return "thrown away"
          },
          function* raises_cancelled() {
            throw new asyncio.CancelledError("own")
          }
        ]
        for (const body of bodies) {
          const task: asyncio.Task<unknown> = create_task(
            asyncio.coroutine(body as () => Generator<never, unknown, never>)()
          )
          trace(task.done())
          yield* outcome("task", task)
          trace(task.cancelled())
        }
      }
    ))

  it("220 eager_start: False opts out under the eager factory", () =>
    same(
      `
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      async def body():
          trace("runs")
      task = asyncio.create_task(body(), eager_start=False)
      trace("created", task.done())
      await task
      made = []
      def make(coro, **kwargs):
          made.append(sorted(key for key in kwargs if kwargs[key] is not None))
          return asyncio.Task(coro, **kwargs)
      asyncio.get_running_loop().set_task_factory(asyncio.create_eager_task_factory(make))
      task = asyncio.create_task(body(), name="n")
      trace("created", task.done(), task.get_name(), made[0] == ["eager_start", "loop", "name"])
      `,
      function* ({ trace }) {
        asyncio.get_running_loop().set_task_factory(eager_task_factory)
        const body = asyncio.coroutine(function* body() {
          trace("runs")
        })
        const task = create_task(body(), { eager_start: false })
        trace("created", task.done())
        yield* task
        const made: Array<string> = []
        const factory = asyncio.create_eager_task_factory((coro, options) => {
          made.push(Object.keys(options).sort().join())
          return new asyncio.Task(coro, options)
        })
        asyncio.get_running_loop().set_task_factory(factory)
        const named = create_task(body(), { name: "n" })
        trace("created", named.done(), named.get_name(), made[0] === "eager_start,loop,name")
      }
    ))

  it("220 a loop that does not run starts no task eagerly", () =>
    expectSame(
      `
      import asyncio
      loop = asyncio.new_event_loop()
      loop.set_task_factory(asyncio.eager_task_factory)
      async def body():
          trace("runs")
          return "result"
      task = loop.create_task(body())
      trace("created", task.done())
      trace(loop.run_until_complete(task))
      loop.close()
      `,
      async ({ trace, new_event_loop }) => {
        const loop = new_event_loop()
        loop.set_task_factory(eager_task_factory)
        const body = asyncio.coroutine(function* body() {
          trace("runs")
          return "result"
        })
        const task = loop.create_task(body())
        trace("created", task.done())
        trace(await loop.run_until_complete(task))
        loop.close()
      }
    ))

  it("221 gather over coroutines that finish eagerly is done on return", () =>
    same(
      `
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      async def value(x):
          return x
      outer = asyncio.gather(value(1), value(2))
      trace(outer.done(), *outer.result())
      trace(*await asyncio.gather(value(1), after(1, 2), value(3)))
      `,
      function* ({ trace, after }) {
        asyncio.get_running_loop().set_task_factory(eager_task_factory)
        const value = asyncio.coroutine(function* value(x: number) {
          return x
        })
        const outer = asyncio.gather(value(1), value(2))
        trace(outer.done(), ...outer.result())
        trace(...(yield* asyncio.gather(value(1), after(1, 2), value(3))))
      }
    ))

  it("222 every other rule holds: cancellation, wake-ups, errors", () =>
    same(
      `
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      task = asyncio.create_task(slow_to_stop(9, 1, "slow"))
      trace("created")
      task.cancel("m")
      await outcome("cancelled", task)
      await outcome("nested", asyncio.wait_for(asyncio.create_task(fail(1, ValueError("v"))), 5))
      parent = asyncio.create_task(outcome("child", asyncio.create_task(after(1, "child"))))
      await parent
      done, pending = await asyncio.wait([asyncio.create_task(after(0, "d"))])
      trace(len(done), len(pending))
      for each in asyncio.as_completed([after(0, "e")]):
          trace(await each)
      `,
      function* ({ trace, after, fail, slow_to_stop, outcome }) {
        asyncio.get_running_loop().set_task_factory(eager_task_factory)
        const task = create_task(slow_to_stop(9, 1, "slow"))
        trace("created")
        task.cancel("m")
        yield* outcome("cancelled", task)
        yield* outcome("nested", asyncio.wait_for(create_task(fail(1, new ValueError("v"))), 5))
        yield* create_task(outcome("child", create_task(after(1, "child"))))
        const [done, pending] = yield* asyncio.wait([create_task(after(0, "d"))])
        trace(done.size, pending.size)
        for (const each of asyncio.as_completed([after(0, "e")])) trace(yield* each)
      }
    ))
})
