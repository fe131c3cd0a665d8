// Context variables in tasks and callbacks: statements 210, 211, 213 and 216.

import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import * as contextvars from "@skein/asyncio/contextvars"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

describe("context variables", () => {
  it("210 a task copies the context at its creation, and what it sets is invisible outside", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var", default="default")
      async def task(n):
          trace(n, var.get())
          var.set(f"task {n}")
          await asyncio.sleep(0)
          trace(n, var.get())
      async def direct():
          var.set("set by a coroutine that was awaited")
      async def main():
          var.set("main")
          first = asyncio.create_task(task(1))
          var.set("main again")
          second = asyncio.create_task(task(2))
          await asyncio.gather(first, second)
          trace(var.get())
          await direct()
          trace(var.get())
      asyncio.run(main())
      trace(var.get())
      `,
      async ({ trace, run }) => {
        const variable = contextvars.ContextVar<string>("var", { default: "default" })
        const task = asyncio.coroutine(function* task(n: number) {
          trace(n, variable.get())
          variable.set(`task ${n}`)
          yield* asyncio.sleep(0)
          trace(n, variable.get())
        })
        const direct = asyncio.coroutine(function* direct() {
          variable.set("set by a coroutine that was awaited")
        })
        const main = asyncio.coroutine(function* main() {
          variable.set("main")
          const first = asyncio.create_task(task(1))
          variable.set("main again")
          const second = asyncio.create_task(task(2))
          yield* asyncio.gather(first, second)
          trace(variable.get())
          yield* direct()
          trace(variable.get())
        })
        await run(main())
        trace(variable.get())
      }
    ))

  it("210 a given context is used uncopied, and tasks may share it", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var", default=0)
      async def count():
          for _ in range(3):
              var.set(var.get() + 1)
              await asyncio.sleep(0)
      async def main():
          context = contextvars.copy_context()
          await asyncio.gather(*(asyncio.create_task(count(), context=context) for _ in range(2)))
          trace(var.get(), context[var])
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const variable = contextvars.ContextVar<number>("var", { default: 0 })
        const count = asyncio.coroutine(function* count() {
          for (let n = 0; n < 3; n++) {
            variable.set(variable.get() + 1)
            yield* asyncio.sleep(0)
          }
        })
        const main = asyncio.coroutine(function* main() {
          const context = contextvars.copy_context()
          yield* asyncio.gather(...[0, 1].map(() => asyncio.create_task(count(), { context })))
          trace(variable.get(), context.get(variable))
        })
        return run(main())
      }
    ))

  it("211 call_soon, call_later, call_at, call_soon_threadsafe and add_done_callback copy when they are called", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var")
      async def main():
          loop = asyncio.get_running_loop()
          future = loop.create_future()
          given = contextvars.Context()
          given.run(var.set, "given")
          def register(name, schedule):
              var.set(name)
              schedule(lambda *_: (trace(var.get()), var.set("lost")))
              schedule(lambda *_: trace(name, var.get()), context=given)
          register("soon", loop.call_soon)
          register("threadsafe", loop.call_soon_threadsafe)
          register("later", lambda f, **kwargs: loop.call_later(1, f, **kwargs))
          register("at", lambda f, **kwargs: loop.call_at(2, f, **kwargs))
          register("done", future.add_done_callback)
          var.set("end of main")
          future.set_result(None)
          await asyncio.sleep(3)
          trace(var.get())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const variable = contextvars.ContextVar<string>("var")
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const future = loop.create_future()
          const given = contextvars.Context()
          given.run(() => variable.set("given"))
          const register = (name: string, schedule: (callback: () => void, given?: contextvars.Context) => unknown) => {
            variable.set(name)
            schedule(() => {
              trace(variable.get())
              variable.set("lost")
            })
            schedule(() => trace(name, variable.get()), given)
          }
          register("soon", (f, context) => (context ? loop.call_soon(f, { context }) : loop.call_soon(f)))
          register("threadsafe", (f, context) =>
            context ? loop.call_soon_threadsafe(f, { context }) : loop.call_soon_threadsafe(f)
          )
          register("later", (f, context) => (context ? loop.call_later(1, f, { context }) : loop.call_later(1, f)))
          register("at", (f, context) => (context ? loop.call_at(2, f, { context }) : loop.call_at(2, f)))
          register("done", (f, context) => future.add_done_callback(f, { context }))
          variable.set("end of main")
          future.set_result(undefined)
          yield* asyncio.sleep(3)
          trace(variable.get())
        })
        return run(main())
      }
    ))

  it("213 the first part of an eager task runs in the task's own context", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var")
      async def task():
          trace(var.get())
          var.set("task")
          await asyncio.sleep(0)
          trace(var.get())
      async def main():
          var.set("main")
          task_ = asyncio.create_task(task(), eager_start=True)
          trace(var.get())
          await task_
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const variable = contextvars.ContextVar<string>("var")
        const task = asyncio.coroutine(function* task() {
          trace(variable.get())
          variable.set("task")
          yield* asyncio.sleep(0)
          trace(variable.get())
        })
        const main = asyncio.coroutine(function* main() {
          variable.set("main")
          const eager = asyncio.create_task(task(), { eager_start: true })
          trace(variable.get())
          yield* eager
        })
        return run(main())
      }
    ))

  it("216 the exception handler runs in the context of the task, future or handle concerned", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var", default="none")
      async def fail(where):
          var.set(where)
          raise ValueError(where)
      async def main():
          loop = asyncio.get_running_loop()
          loop.set_exception_handler(lambda loop, context: trace(var.get(), context["message"].split(" ")[0]))
          var.set("handle")
          def raising(): raise ValueError
          loop.call_soon(raising)
          var.set("main")
          await asyncio.sleep(0)
          task = asyncio.create_task(fail("task"))
          await asyncio.sleep(0)
          loop.call_exception_handler({"message": "explicit", "task": task})
          loop.call_exception_handler({"message": "none"})
          task.exception()
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const variable = contextvars.ContextVar<string>("var", { default: "none" })
        const fail = asyncio.coroutine(function* fail(where: string) {
          variable.set(where)
          throw new ValueError(where)
        })
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          loop.set_exception_handler((_, context) => trace(variable.get(), context.message?.split(" ")[0]))
          variable.set("handle")
          loop.call_soon(function raising() {
            throw new ValueError()
          })
          variable.set("main")
          yield* asyncio.sleep(0)
          const task = asyncio.create_task(fail("task"))
          yield* asyncio.sleep(0)
          loop.call_exception_handler({ message: "explicit", task })
          loop.call_exception_handler({ message: "none" })
          task.exception()
        })
        return run(main())
      }
    ))
})
