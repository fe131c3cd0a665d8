// repr: statements 233 to 236.

import * as asyncio from "@skein/asyncio"
import { repr, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

describe("repr", () => {
  it("233 of a future: its state, callbacks, result or exception", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          def f(future): pass
          def g(future): pass
          def h(future): pass
          future = loop.create_future()
          trace(repr(future))
          for callback in (f, g, h, f):
              future.add_done_callback(callback)
              trace(repr(future))
          future.cancel()
          trace(repr(future), str(future))
          for result in ("x" * 100, 5, None, [1, 2, 3, 4, 5, 6, 7, 8], {"a": 1}, ("t",), 1.5):
              future = loop.create_future()
              future.set_result(result)
              trace(repr(future))
          for error in (ValueError("v"), ValueError(), ValueError("x" * 100), asyncio.CancelledError("c")):
              future = loop.create_future()
              future.set_exception(error)
              trace(repr(future))
              future.exception()
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const f = () => undefined
          const g = () => undefined
          const h = () => undefined
          const pending = loop.create_future()
          trace(repr(pending))
          for (const callback of [f, g, h, f]) {
            pending.add_done_callback(callback)
            trace(repr(pending))
          }
          pending.cancel()
          trace(repr(pending), String(pending))
          for (const result of [
            "x".repeat(100),
            5,
            undefined,
            [1, 2, 3, 4, 5, 6, 7, 8],
            { a: 1 },
            Object.freeze(["t"]),
            1.5
          ]) {
            const future = loop.create_future()
            future.set_result(result)
            trace(repr(future))
          }
          for (const error of [
            new ValueError("v"),
            new ValueError(),
            new ValueError("x".repeat(100)),
            new asyncio.CancelledError("c")
          ]) {
            const future = loop.create_future()
            future.set_exception(error)
            trace(repr(future))
            future.exception()
          }
        })
        return run(main())
      }
    ))

  it("234 of a task: its state, name, coroutine, and what it waits for", () =>
    expectSame(
      `
      import asyncio
      async def body(future): return await future
      async def main():
          loop = asyncio.get_running_loop()
          for finish in (lambda f: f.set_result("r"), lambda f: f.set_exception(ValueError("v")), lambda f: f.cancel()):
              future = loop.create_future()
              task = asyncio.create_task(body(future), name="nm")
              trace(repr(task))
              await asyncio.sleep(0)
              trace(repr(task))
              other = asyncio.create_task(body(task), name="other")
              await asyncio.sleep(0)
              trace(repr(task), repr(other))
              finish(future)
              trace(repr(task))
              await asyncio.wait([task, other])
              trace(repr(task), repr(other))
              task.cancelled() or task.exception()
              other.cancelled() or other.exception()
          future = loop.create_future()
          task = asyncio.create_task(body(future), name="nm")
          task.cancel()
          trace(repr(task))
          await asyncio.wait([task])
          task = asyncio.create_task(body(future), name="it's")
          await asyncio.sleep(0)
          task.cancel()
          trace(repr(task))
          await asyncio.wait([task])
          trace(repr(task))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body(future: asyncio.Future) {
          return yield* future
        })
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          for (const finish of [
            (future: asyncio.Future) => future.set_result("r"),
            (future: asyncio.Future) => future.set_exception(new ValueError("v")),
            (future: asyncio.Future) => future.cancel()
          ]) {
            const future = loop.create_future()
            const task = asyncio.create_task(body(future), { name: "nm" })
            trace(repr(task))
            yield* asyncio.sleep(0)
            trace(repr(task))
            const other = asyncio.create_task(body(task), { name: "other" })
            yield* asyncio.sleep(0)
            trace(repr(task), repr(other))
            finish(future)
            trace(repr(task))
            yield* asyncio.wait([task, other])
            trace(repr(task), repr(other))
            if (!task.cancelled()) task.exception()
            if (!other.cancelled()) other.exception()
          }
          const future = loop.create_future()
          let task = asyncio.create_task(body(future), { name: "nm" })
          task.cancel()
          trace(repr(task))
          yield* asyncio.wait([task])
          task = asyncio.create_task(body(future), { name: "it's" })
          yield* asyncio.sleep(0)
          task.cancel()
          trace(repr(task))
          yield* asyncio.wait([task])
          trace(repr(task))
        })
        return run(main())
      }
    ))

  it("235 of a handle: its callback, its time; arguments in debug mode only", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          def f(*args): pass
          for debug in (False, True):
              loop.set_debug(debug)
              for handle in (loop.call_soon(f), loop.call_soon(f, 1, "two"), loop.call_later(6, f, "x" * 100), loop.call_at(6.5, f)):
                  text = repr(handle)
                  trace(text.split(" created")[0] + (">" if debug else ""))
                  handle.cancel()
                  text = repr(handle)
                  trace(text.split(" created")[0] + (">" if debug else ""))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const f = (..._args: ReadonlyArray<unknown>) => undefined
          for (const debug of [false, true]) {
            loop.set_debug(debug)
            for (const handle of [
              loop.call_soon(f),
              loop.call_soon(f, 1, "two"),
              loop.call_later(6, f, "x".repeat(100)),
              loop.call_at(6.5, f)
            ]) {
              const shown = () => repr(handle).split(" created")[0] + (debug ? ">" : "")
              trace(shown())
              handle.cancel()
              trace(shown())
            }
          }
        })
        return run(main())
      }
    ))

  it("236 of a loop: its class and its three flags", () =>
    expectSame(
      `
      import asyncio
      def shown(loop): return repr(loop).replace("VirtualTimeLoop", "VirtualEventLoop")
      loop = asyncio.new_event_loop()
      async def main():
          trace(shown(loop))
          loop.set_debug(True)
          trace(shown(loop))
      loop.run_until_complete(main())
      trace(shown(loop))
      loop.close()
      trace(shown(loop))
      `,
      async ({ trace, new_event_loop }) => {
        const loop = new_event_loop()
        const main = asyncio.coroutine(function* main() {
          trace(repr(loop))
          loop.set_debug(true)
          trace(repr(loop))
        })
        await loop.run_until_complete(main())
        trace(repr(loop))
        loop.close()
        trace(repr(loop))
      }
    ))
})
