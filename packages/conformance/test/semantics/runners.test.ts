// Runner and run: statements 195 to 200, 202, 203. (201 is in packages/asyncio/test/runners.test.ts: it takes a signal.)

import * as asyncio from "@skein/asyncio"
import { repr, str, ValueError } from "@skein/asyncio/builtins"
import * as contextvars from "@skein/asyncio/contextvars"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

describe("run", () => {
  it("195 cancels what is left and waits for it, closes asynchronous generators, and closes the loop", () =>
    expectSame(
      `
      import asyncio
      async def left():
          try:
              await asyncio.sleep(100)
          finally:
              trace("cancelled", asyncio.current_task().cancelling())
              await asyncio.sleep(2)
              trace("cleaned up")
      async def generator():
          try:
              yield 1
              yield 2
          finally:
              trace("generator closes")
              await asyncio.sleep(1)
              trace("generator closed")
      async def main():
          global loop, task, gen
          loop, gen = asyncio.get_running_loop(), generator()
          task = asyncio.create_task(left(), name="left")
          trace(await anext(gen))
          await asyncio.sleep(1)
          return "result"
      trace(asyncio.run(main()))
      trace(loop.is_closed(), task.cancelled())
      `,
      async ({ trace, run }) => {
        const left = asyncio.coroutine(function* left() {
          try {
            yield* asyncio.sleep(100)
          } finally {
            trace("cancelled", asyncio.current_task()?.cancelling())
            yield* asyncio.sleep(2)
            trace("cleaned up")
          }
        })
        const generator = asyncio.async_generator(function* generator() {
          try {
            yield 1
            yield 2
          } finally {
            trace("generator closes")
            yield* asyncio.sleep(1)
            trace("generator closed")
          }
        })
        let loop: asyncio.EventLoop | undefined
        let task: asyncio.Task<void> | undefined
        const main = asyncio.coroutine(function* main() {
          loop = asyncio.get_running_loop()
          const gen = generator()
          task = asyncio.create_task(left(), { name: "left" })
          trace(yield* asyncio.anext(gen))
          yield* asyncio.sleep(1)
          return "result"
        })
        trace(await run(main()))
        trace(loop?.is_closed(), task?.cancelled())
      }
    ))

  it("196 cleans up in tasks of its own, which are numbered on, and may take time", () =>
    expectSame(
      `
      import asyncio
      async def cleaner():
          trace("cleaner")
      async def left():
          try:
              await asyncio.sleep(100)
          finally:
              await asyncio.create_task(cleaner())
              await asyncio.sleep(5)
      async def generator():
          try:
              yield
          finally:
              trace("closed by", asyncio.current_task().get_name())
      async def main():
          global gen
          gen = generator()
          await anext(gen)
          asyncio.create_task(left())
          await asyncio.sleep(1)
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const cleaner = asyncio.coroutine(function* cleaner() {
          trace("cleaner")
        })
        const left = asyncio.coroutine(function* left() {
          try {
            yield* asyncio.sleep(100)
          } finally {
            yield* asyncio.create_task(cleaner())
            yield* asyncio.sleep(5)
          }
        })
        const generator = asyncio.async_generator(function* generator() {
          try {
            yield undefined
          } finally {
            trace("closed by", asyncio.current_task()?.get_name())
          }
        })
        const main = asyncio.coroutine(function* main() {
          yield* asyncio.anext(generator())
          void asyncio.create_task(left())
          yield* asyncio.sleep(1)
        })
        return run(main())
      }
    ))

  it("197 errors of tasks that were left go to the exception handler", () =>
    expectSame(
      `
      import asyncio
      async def left():
          try:
              await asyncio.sleep(100)
          except asyncio.CancelledError:
              raise ValueError("in clean-up")
      async def main():
          asyncio.get_running_loop().set_exception_handler(handler)
          asyncio.create_task(left(), name="left")
          await asyncio.sleep(1)
      def handler(loop, context):
          trace(sorted(context), context["message"], repr(context["exception"]), context["task"].get_name())
          loop.default_exception_handler(context)
      asyncio.run(main())
      `,
      async ({ trace, run }) => {
        const left = asyncio.coroutine(function* left() {
          try {
            yield* asyncio.sleep(100)
          } catch {
            throw new ValueError("in clean-up")
          }
        })
        const main = asyncio.coroutine(function* main() {
          asyncio.get_running_loop().set_exception_handler((loop, context) => {
            trace(
              Object.keys(context).sort(),
              context.message,
              repr(context.exception),
              (context.task as asyncio.Task).get_name()
            )
            loop.default_exception_handler(context)
          })
          void asyncio.create_task(left(), { name: "left" })
          yield* asyncio.sleep(1)
        })
        await run(main())
      }
    ))

  it("198 is refused in a running loop", () =>
    expectSame(
      `
      import asyncio
      async def other(): pass
      async def main():
          unused = other()
          try: asyncio.run(unused)
          except RuntimeError as error: trace(str(error))
          unused.close()
          unused = other()
          try: asyncio.Runner().run(unused)
          except RuntimeError as error: trace(str(error))
          unused.close()
      asyncio.run(main())
      `,
      async ({ trace, run }) => {
        const other = asyncio.coroutine(function* other() {})
        const main = asyncio.coroutine(function* main() {
          for (const attempt of [() => asyncio.run(other()), () => new asyncio.Runner().run(other())]) {
            try {
              yield* asyncio.wrap_future(attempt())
            } catch (error) {
              trace((error as Error).message)
            }
          }
        })
        await run(main())
      }
    ))

  it("199 takes any awaitable, and nothing else", () =>
    expectSame(
      `
      import asyncio
      async def other(): return "coroutine"
      class Own:
          def __await__(self):
              yield
              return "own"
      trace(asyncio.run(other()), asyncio.run(Own()))
      for given in (5, None, other, "text"):
          try: asyncio.run(given)
          except TypeError as error: trace(str(error)[:58])
      with asyncio.Runner() as runner:
          future = runner.get_loop().create_future()
          future.set_result("future")
          trace(runner.run(future))
      `,
      async ({ trace, run, new_event_loop }) => {
        const other = asyncio.coroutine(function* other() {
          return "coroutine"
        })
        const own = {
          *__await__() {
            yield
            return "own"
          },
          [Symbol.iterator]() {
            return this.__await__()
          }
        }
        trace(await run(other()), await run(own))
        for (const given of [5, undefined, other, "text"]) {
          try {
            await run(given as never)
          } catch (error) {
            trace((error as Error).message.slice(0, 58))
          }
        }
        const runner = new asyncio.Runner({ loop_factory: new_event_loop })
        const future = runner.get_loop().create_future()
        future.set_result("future")
        trace(await runner.run(future))
        await runner.close()
      }
    ))

  it("202 debug sets the loop's debug mode; left out, the loop keeps its own", () =>
    expectSame(
      `
      import asyncio
      async def main():
          return asyncio.get_running_loop().get_debug()
      trace(asyncio.run(main()), asyncio.run(main(), debug=True), asyncio.run(main(), debug=False))
      `,
      async ({ trace, run }) => {
        const main = asyncio.coroutine(function* main() {
          return asyncio.get_running_loop().get_debug()
        })
        trace(await run(main()), await run(main(), { debug: true }), await run(main(), { debug: false }))
      }
    ))

  it("203 passes on what main throws, CancelledError too", () =>
    expectSame(
      `
      import asyncio
      async def main(error):
          raise error
      async def cancels():
          asyncio.current_task().cancel("by itself")
          await asyncio.sleep(0)
      for coro in (main(ValueError("v")), main(asyncio.CancelledError("c")), cancels()):
          try: asyncio.run(coro)
          except BaseException as error: trace(repr(error))
      `,
      async ({ trace, run }) => {
        const main = asyncio.coroutine(function* main(error: Error) {
          throw error
        })
        const cancels = asyncio.coroutine(function* cancels() {
          asyncio.current_task()?.cancel("by itself")
          yield* asyncio.sleep(0)
        })
        for (const coro of [main(new ValueError("v")), main(new asyncio.CancelledError("c")), cancels()]) {
          try {
            await run(coro as asyncio.Coroutine<void>)
          } catch (error) {
            trace(repr(error))
          }
        }
      }
    ))
})

describe("Runner", () => {
  it("200 has one loop and one context for all its runs, made when first needed", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var", default="outside")
      async def get():
          return var.get(), asyncio.get_running_loop()
      async def set(value):
          var.set(value)
      runner = asyncio.Runner()
      runner.run(set("from the first run"))
      value, loop = runner.run(get())
      trace(value, var.get(), loop is runner.get_loop())
      given = contextvars.copy_context()
      runner.run(set("given"), context=given)
      trace(runner.run(get())[0], given[var], runner.run(get(), context=given)[0])
      runner.close()
      runner.close()
      for call in (runner.get_loop, lambda: runner.run(unused)):
          unused = get()
          try: call()
          except RuntimeError as error: trace(str(error))
          unused.close()
      never = asyncio.Runner()
      never.close()
      trace(never.get_loop().is_closed())
      never.close()
      `,
      async ({ trace, new_event_loop }) => {
        const variable = contextvars.ContextVar<string>("var", { default: "outside" })
        const get = asyncio.coroutine(function* get() {
          return [variable.get(), asyncio.get_running_loop()] as const
        })
        const set = asyncio.coroutine(function* set(value: string) {
          variable.set(value)
        })
        const runner = new asyncio.Runner({ loop_factory: new_event_loop })
        await runner.run(set("from the first run"))
        const [value, loop] = await runner.run(get())
        trace(value, variable.get(), loop === runner.get_loop())
        const given = contextvars.copy_context()
        await runner.run(set("given"), { context: given })
        trace((await runner.run(get()))[0], given.get(variable), (await runner.run(get(), { context: given }))[0])
        await runner.close()
        await runner.close()
        for (const call of [() => runner.get_loop(), (unused: asyncio.Coroutine<unknown>) => runner.run(unused)]) {
          const unused = get()
          try {
            await call(unused)
          } catch (error) {
            trace((error as Error).message)
          }
          unused.close()
        }
        const never = new asyncio.Runner()
        await never.close()
        trace(never.get_loop().is_closed())
        await never.close()
      }
    ))

  it("200 names its loop as the current one only if it made it by itself", () =>
    expectSame(
      `
      import asyncio
      def current():
          try: return asyncio.get_event_loop() is loop
          except RuntimeError as error: return str(error)
      runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
      loop = runner.get_loop()
      trace(current())
      runner.close()
      runner = asyncio.Runner()
      loop = runner.get_loop()
      trace(current())
      runner.close()
      trace(current())
      `,
      async ({ trace, new_event_loop }) => {
        let loop: asyncio.EventLoop
        const current = () => {
          try {
            return asyncio.get_event_loop() === loop
          } catch (error) {
            return str(error)
          }
        }
        const given = new asyncio.Runner({ loop_factory: new_event_loop })
        loop = given.get_loop()
        trace(current())
        await given.close()
        const own = new asyncio.Runner()
        loop = own.get_loop()
        trace(current())
        await own.close()
        trace(current())
      }
    ))
})
