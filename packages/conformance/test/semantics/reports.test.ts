// The exception handler and the log: statements 223 to 226.

import * as asyncio from "@skein/asyncio"
import { KeyboardInterrupt, repr, SystemExit, str, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

describe("the exception handler", () => {
  it("223 a custom one gets the loop and the context", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          trace(loop.get_exception_handler())
          def handler(given, context):
              trace(given is loop, context is sent, sorted(context))
          loop.set_exception_handler(handler)
          trace(loop.get_exception_handler() is handler)
          sent = {"message": "m", "exception": ValueError("v"), "extra": 1}
          loop.call_exception_handler(sent)
          loop.set_exception_handler(None)
          trace(loop.get_exception_handler())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          trace(loop.get_exception_handler())
          const sent = { message: "m", exception: new ValueError("v"), extra: 1 }
          const handler: asyncio.ExceptionHandler = (given, context) =>
            trace(given === loop, context === sent, Object.keys(context).sort())
          loop.set_exception_handler(handler)
          trace(loop.get_exception_handler() === handler)
          loop.call_exception_handler(sent)
          loop.set_exception_handler(undefined)
          trace(loop.get_exception_handler())
        })
        return run(main())
      }
    ))

  it("224 the default one logs the message, then a line for each key, sorted", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          future = loop.create_future()
          for context in ({}, {"message": "m"}, {"exception": ValueError("v")},
                          {"message": "several", "zebra": "z", "future": future, "exception": ValueError("v"), "apple": [1, "two"]}):
              loop.call_exception_handler(context)
              loop.default_exception_handler(context)
      asyncio.run(main())
      `,
      ({ run }) => {
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const future = loop.create_future()
          for (const context of [
            {},
            { message: "m" },
            { exception: new ValueError("v") },
            { message: "several", zebra: "z", future, exception: new ValueError("v"), apple: [1, "two"] }
          ]) {
            loop.call_exception_handler(context)
            loop.default_exception_handler(context)
          }
        })
        return run(main())
      }
    ))

  it("225 an error in a custom one goes to the default one; what cannot be called is refused", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          for given in (5, "text"):
              try: loop.set_exception_handler(given)
              except TypeError as error: trace(str(error))
          def handler(loop, context):
              raise ValueError("in the handler")
          loop.set_exception_handler(handler)
          loop.call_exception_handler({"message": "original"})
          for error in (KeyboardInterrupt(), SystemExit()):
              def leaving(loop, context):
                  raise error
              loop.set_exception_handler(leaving)
              try: loop.call_exception_handler({"message": "m"})
              except BaseException as caught: trace(caught is error)
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          for (const given of [5, "text"]) {
            try {
              loop.set_exception_handler(given as never)
            } catch (error) {
              trace(str(error))
            }
          }
          loop.set_exception_handler(() => {
            throw new ValueError("in the handler")
          })
          loop.call_exception_handler({ message: "original" })
          for (const error of [new KeyboardInterrupt(), new SystemExit()]) {
            loop.set_exception_handler(() => {
              throw error
            })
            try {
              loop.call_exception_handler({ message: "m" })
            } catch (caught) {
              trace(caught === error)
            }
          }
        })
        return run(main())
      }
    ))

  it("226 texts: a callback's exception, and those of futures and tasks that nobody retrieved", () =>
    expectSame(
      `
      import asyncio, gc
      async def fails():
          raise ValueError("in a task")
      async def main():
          loop = asyncio.get_running_loop()
          def callback(*args): raise ValueError("in a callback")
          loop.call_soon(callback)
          loop.call_later(1, callback, 1, "two")
          future = loop.create_future()
          future.add_done_callback(callback)
          future.set_result(None)
          await asyncio.sleep(2)
          task = asyncio.create_task(fails(), name="lost")
          await asyncio.sleep(1)
          del task
          gc.collect()
          future = loop.create_future()
          future.set_exception(ValueError("in a future"))
      asyncio.run(main())
      `,
      ({ run }) => {
        const fails = asyncio.coroutine(function* fails() {
          throw new ValueError("in a task")
        })
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          function callback(..._args: ReadonlyArray<unknown>) {
            throw new ValueError("in a callback")
          }
          loop.call_soon(callback)
          loop.call_later(1, callback, 1, "two")
          const done = loop.create_future()
          done.add_done_callback(callback)
          done.set_result(undefined)
          yield* asyncio.sleep(2)
          void asyncio.create_task(fails(), { name: "lost" })
          yield* asyncio.sleep(1)
          const lost = loop.create_future()
          lost.set_exception(new ValueError("in a future"))
        })
        return run(main())
      }
    ))
})

describe("debug mode", () => {
  it("228 a callback or a step that takes slow_callback_duration or longer is warned of", () =>
    expectSame(
      `
      import asyncio, time
      async def slow(seconds):
          time.sleep(seconds)
          await asyncio.sleep(1)
          time.sleep(seconds)
      async def main():
          loop = asyncio.get_running_loop()
          trace(loop.slow_callback_duration)
          def block(seconds): time.sleep(seconds)
          loop.call_soon(block, 0.25)
          loop.call_soon(block, 0.125)
          loop.call_soon(block, 0.0625)
          await asyncio.sleep(0)
          task = asyncio.create_task(slow(0.25), name="slow")
          await task
          loop.slow_callback_duration = 0.5
          loop.call_later(1, block, 0.25)
          loop.call_later(1, block, 0.75)
          await asyncio.sleep(2)
      asyncio.run(main(), debug=True)
      `,
      ({ trace, run }) => {
        const slow = asyncio.coroutine(function* slow(seconds: number) {
          const loop = asyncio.get_running_loop() as asyncio.VirtualEventLoop
          loop.block(seconds)
          yield* asyncio.sleep(1)
          loop.block(seconds)
        })
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop() as asyncio.VirtualEventLoop
          trace(loop.slow_callback_duration)
          const block = (seconds: number) => loop.block(seconds)
          loop.call_soon(block, 0.25)
          loop.call_soon(block, 0.125)
          loop.call_soon(block, 0.0625)
          yield* asyncio.sleep(0)
          yield* asyncio.create_task(slow(0.25), { name: "slow" })
          loop.slow_callback_duration = 0.5
          loop.call_later(1, block, 0.25)
          loop.call_later(1, block, 0.75)
          yield* asyncio.sleep(2)
        })
        return run(main(), { debug: true })
      }
    ))

  it("229 call_soon and its kin check what they are given", () =>
    expectSame(
      `
      import asyncio
      async def coro(): pass
      async def main():
          loop = asyncio.get_running_loop()
          c = coro()
          calls = [("soon", loop.call_soon), ("threadsafe", loop.call_soon_threadsafe),
                   ("later", lambda f: loop.call_later(1, f)), ("at", lambda f: loop.call_at(1, f))]
          for debug in (True, False):
              loop.set_debug(debug)
              for name, call in calls:
                  for given in (5, None, c):
                      try:
                          handle = call(given)
                          handle.cancel()
                          trace(name, debug, "accepted")
                      except TypeError as error:
                          trace(name, debug, str(error))
          c.close()
          other = asyncio.new_event_loop()
          other.set_debug(True)
          for call in (other.call_soon, lambda f: other.call_later(1, f), lambda f: other.call_at(1, f), other.call_soon_threadsafe):
              try:
                  call(trace)
                  trace("accepted")
              except RuntimeError as error:
                  trace(str(error))
          other.close()
      asyncio.run(main())
      `,
      ({ trace, run, new_event_loop }) => {
        const coro = asyncio.coroutine(function* coro() {})
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const c = coro()
          type Call = (callback: () => unknown) => asyncio.Handle
          const calls: ReadonlyArray<readonly [string, Call]> = [
            ["soon", (f) => loop.call_soon(f)],
            ["threadsafe", (f) => loop.call_soon_threadsafe(f)],
            ["later", (f) => loop.call_later(1, f)],
            ["at", (f) => loop.call_at(1, f)]
          ]
          for (const debug of [true, false]) {
            loop.set_debug(debug)
            for (const [name, call] of calls) {
              for (const given of [5, undefined, c]) {
                try {
                  call(given as never).cancel()
                  trace(name, debug, "accepted")
                } catch (error) {
                  trace(name, debug, str(error))
                }
              }
            }
          }
          c.close()
          const other = new_event_loop()
          other.set_debug(true)
          const others: ReadonlyArray<Call> = [
            (f) => other.call_soon(f),
            (f) => other.call_later(1, f),
            (f) => other.call_at(1, f),
            (f) => other.call_soon_threadsafe(f)
          ]
          for (const call of others) {
            try {
              call(() => undefined)
              trace("accepted")
            } catch (error) {
              trace(str(error))
            }
          }
          other.close()
        })
        return run(main())
      }
    ))

  it("230 futures, tasks and handles remember where they were made", () =>
    expectSame(
      `
      import asyncio
      async def fails():
          raise ValueError("in a task")
      async def main():
          loop = asyncio.get_running_loop()
          future, task, handle = loop.create_future(), asyncio.create_task(asyncio.sleep(0)), loop.call_later(9, trace)
          trace(*["created at" in repr(made) for made in (future, task, handle, asyncio.gather(future))])
          loop.set_exception_handler(lambda loop, context: trace(sorted(context)))
          def callback(): raise ValueError("in a callback")
          loop.call_soon(callback)
          lost = asyncio.create_task(fails())
          await asyncio.sleep(1)
          del lost
          await asyncio.sleep(1)
          handle.cancel()
          future.cancel()
      asyncio.run(main(), debug=True)
      `,
      ({ trace, run }) => {
        const fails = asyncio.coroutine(function* fails() {
          throw new ValueError("in a task")
        })
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const future = loop.create_future()
          const task = asyncio.create_task(asyncio.sleep(0))
          const handle = loop.call_later(9, () => undefined)
          trace(
            ...[future, task, handle, asyncio.gather(future as asyncio.Future)].map((made) =>
              repr(made).includes("created at")
            )
          )
          loop.set_exception_handler((_, context) => trace(Object.keys(context).sort()))
          loop.call_soon(function callback() {
            throw new ValueError("in a callback")
          })
          void asyncio.create_task(fails())
          yield* asyncio.sleep(1)
          yield* asyncio.sleep(1)
          handle.cancel()
          future.cancel()
        })
        return run(main(), { debug: true })
      },
      // CPython reports the lost task when it is collected, at 1 s; here it is at the end of the run.
      { ignore: ["marks"] }
    ))

  it("232 the log tells that a loop is closed", () =>
    expectSame(
      `
      import asyncio, logging
      asyncio.EventLoop.__name__ = "VirtualEventLoop"
      logging.getLogger("asyncio").setLevel(logging.DEBUG)
      async def main(): pass
      asyncio.run(main(), debug=True)
      asyncio.run(main())
      `,
      async ({ run }) => {
        const main = asyncio.coroutine(function* main() {})
        asyncio.logger.setLevel("DEBUG")
        try {
          await run(main(), { debug: true })
          await run(main())
        } finally {
          asyncio.logger.setLevel("WARNING")
        }
      }
    ))
})
