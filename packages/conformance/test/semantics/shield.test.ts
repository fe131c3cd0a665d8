// shield: statements 118 to 122.

import * as asyncio from "@skein/asyncio"
import { repr, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { same } from "../support/both.ts"

const { create_task, shield } = asyncio

describe("shield", () => {
  it("118 wraps a coroutine in a task, returns a done inner itself, and otherwise a new future", () =>
    same(
      `
      done = asyncio.get_running_loop().create_future()
      done.set_result("done")
      trace(asyncio.shield(done) is done)
      task = asyncio.create_task(after(1, "task"))
      outer = asyncio.shield(task)
      trace(outer is task, repr(outer), isinstance(outer, asyncio.Task))
      trace(await outer, await asyncio.shield(after(1, "coro")))
      try:
          asyncio.shield(5)
      except TypeError as e:
          trace(str(e))
      `,
      function* ({ trace, after }) {
        const done = asyncio.get_running_loop().create_future<string>()
        done.set_result("done")
        trace(shield(done) === done)
        const task = create_task(after(1, "task"))
        const outer = shield(task)
        trace(outer === task, repr(outer), outer instanceof asyncio.Task)
        trace(yield* outer, yield* shield(after(1, "coro")))
        try {
          void shield(5 as never)
        } catch (error) {
          trace((error as Error).message)
        }
      }
    ))

  it("119 cancelling the outer, or who awaits it, leaves the inner alone", () =>
    same(
      `
      inner = asyncio.create_task(after(5, "inner"))
      outer = asyncio.shield(inner)
      await asyncio.sleep(1)
      trace(outer.cancel("m"))
      await outcome("outer", outer)
      async def shielding():
          return await asyncio.shield(inner)
      waiting = asyncio.create_task(shielding())
      await asyncio.sleep(1)
      waiting.cancel("w")
      await outcome("waiting", waiting)
      trace(inner.cancelling(), await inner)
      `,
      function* ({ trace, after, outcome }) {
        const inner = create_task(after(5, "inner"))
        const outer = shield(inner)
        yield* asyncio.sleep(1)
        trace(outer.cancel("m"))
        yield* outcome("outer", outer)
        const shielding = asyncio.coroutine(function* shielding() {
          return yield* shield(inner)
        })
        const waiting = create_task(shielding())
        yield* asyncio.sleep(1)
        waiting.cancel("w")
        yield* outcome("waiting", waiting)
        trace(inner.cancelling(), yield* inner)
      }
    ))

  it("120 a cancelled inner cancels the outer, without message; its error and its result are copied", () =>
    same(
      `
      inner = asyncio.create_task(after(9))
      outer = asyncio.shield(inner)
      await asyncio.sleep(1)
      inner.cancel("m")
      await outcome("outer", outer)
      trace(outer.cancelled())
      await outcome("error", asyncio.shield(fail(1, ValueError("v"))))
      await outcome("result", asyncio.shield(after(1, "r")))
      `,
      function* ({ trace, after, fail, outcome }) {
        const inner = create_task(after(9))
        const outer = shield(inner)
        yield* asyncio.sleep(1)
        inner.cancel("m")
        yield* outcome("outer", outer)
        trace(outer.cancelled())
        yield* outcome("error", shield(fail(1, new ValueError("v"))))
        yield* outcome("result", shield(after(1, "r")))
      }
    ))

  it("121 after the outer was cancelled, an error of the inner goes to the exception handler, once", () =>
    same(
      `
      def handler(loop, context):
          trace(context["message"], repr(context["exception"]), context["future"] is inner, len(context))
      asyncio.get_running_loop().set_exception_handler(handler)
      inner = asyncio.create_task(fail(3, ValueError("v")))
      outers = [asyncio.shield(inner), asyncio.shield(inner), asyncio.shield(inner)]
      await asyncio.sleep(1)
      outers[0].cancel()
      outers[1].cancel()
      await outcome("third", outers[2])
      inner = asyncio.create_task(after(1))
      asyncio.shield(inner).cancel()
      await asyncio.sleep(0)
      inner.cancel()
      await asyncio.sleep(5)
      `,
      function* ({ trace, after, fail, outcome }) {
        let inner: asyncio.Future
        asyncio.get_running_loop().set_exception_handler((_, context) => {
          const { message, exception, future } = context
          trace(message, repr(exception), future === inner, Object.keys(context).length)
        })
        inner = create_task(fail(3, new ValueError("v"))) as asyncio.Future
        const outers = [shield(inner), shield(inner), shield(inner)] as const
        yield* asyncio.sleep(1)
        outers[0].cancel()
        outers[1].cancel()
        yield* outcome("third", outers[2])
        inner = create_task(after(1)) as asyncio.Future
        shield(inner).cancel()
        yield* asyncio.sleep(0)
        inner.cancel()
        yield* asyncio.sleep(5)
      }
    ))

  it("121 without a handler of one's own it is logged; 122 the loop keeps the inner task alive", () =>
    same(
      `
      async def shielding():
          await asyncio.shield(fail(3, ValueError("v")))
      waiting = asyncio.create_task(shielding())
      await asyncio.sleep(1)
      waiting.cancel()
      await outcome("waiting", waiting)
      await asyncio.sleep(5)
      `,
      function* ({ fail, outcome }) {
        const shielding = asyncio.coroutine(function* shielding() {
          yield* shield(fail(3, new ValueError("v")))
        })
        const waiting = create_task(shielding())
        yield* asyncio.sleep(1)
        waiting.cancel()
        yield* outcome("waiting", waiting)
        yield* asyncio.sleep(5)
      }
    ))

  it("cancelled in the pass in which the inner completes, and in the two passes after it", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      async def shielding(inner):
          return await asyncio.shield(inner)
      for passes in range(4):
          for inner in (after(1, "r"), fail(1, ValueError("v"))):
              task = asyncio.create_task(shielding(inner))
              await asyncio.sleep(0)
              def later(n):
                  if n == 0:
                      trace("cancels", passes, task.cancel("m"))
                  else:
                      loop.call_soon(later, n - 1)
              loop.call_later(1, later, passes)
              await outcome("task", task)
              await asyncio.sleep(1)
      `,
      function* ({ trace, after, fail, outcome }) {
        const loop = asyncio.get_running_loop()
        const shielding = asyncio.coroutine(function* shielding(inner: asyncio.Coroutine<string>) {
          return yield* shield(inner)
        })
        for (let passes = 0; passes < 4; passes++) {
          for (const inner of [after(1, "r"), fail(1, new ValueError("v"))]) {
            const task = create_task(shielding(inner))
            yield* asyncio.sleep(0)
            const later = (n: number) => {
              if (n === 0) trace("cancels", passes, task.cancel("m"))
              else loop.call_soon(later, n - 1)
            }
            loop.call_later(1, later, passes)
            yield* outcome("task", task)
            yield* asyncio.sleep(1)
          }
        }
      },
      // A lost exception is reported when it is collected: at once by reference counting, at the end of the run here.
      { ignore: ["log"] }
    ))
})
