// Cancellation of tasks: statements 65 to 83.

import * as asyncio from "@skein/asyncio"
import { Exception, repr, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const { CancelledError } = asyncio

describe("a request for cancellation", () => {
  it("65 cancel returns False on a done task, else True, and is counted each time", () =>
    expectSame(
      `
      import asyncio
      async def body():
          try:
              await asyncio.sleep(1)
          except asyncio.CancelledError:
              trace("cancelled", asyncio.current_task().cancelling())
              await asyncio.sleep(1)
      async def main():
          task = asyncio.create_task(body())
          trace(task.cancelling())
          await asyncio.sleep(0)
          trace(task.cancel(), task.cancelling(), task.cancel(), task.cancelling())
          await asyncio.sleep(0)
          await asyncio.sleep(0)
          trace(task.cancel(), task.cancelling())
          await asyncio.wait([task])
          trace(task.done(), task.cancel(), task.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          try {
            yield* asyncio.sleep(1)
          } catch {
            trace("cancelled", asyncio.current_task()?.cancelling())
            yield* asyncio.sleep(1)
          }
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(body())
            trace(task.cancelling())
            yield* asyncio.sleep(0)
            trace(task.cancel(), task.cancelling(), task.cancel(), task.cancelling())
            yield* asyncio.sleep(0)
            yield* asyncio.sleep(0)
            trace(task.cancel(), task.cancelling())
            yield* asyncio.gather(task, { return_exceptions: true })
            trace(task.done(), task.cancel(), task.cancelling())
          })()
        )
      }
    ))

  it("66 cancels the future that the task waits for, with the message; the task learns of it in the next pass", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          future = loop.create_future()
          async def body():
              try:
                  await future
              except asyncio.CancelledError as error:
                  trace("thrown", repr(error))
                  raise
          task = asyncio.create_task(body())
          await asyncio.sleep(0)
          trace(task.cancel("message"), future.cancelled(), task.done())
          loop.call_soon(trace, "queued after the request")
          await asyncio.sleep(0)
          trace(task.done(), task.cancelled())
          try:
              future.result()
          except asyncio.CancelledError as error:
              trace(repr(error))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const future = loop.create_future()
            const body = asyncio.coroutine(function* body() {
              try {
                yield* future
              } catch (error) {
                trace("thrown", repr(error))
                throw error
              }
            })
            const task = asyncio.create_task(body())
            yield* asyncio.sleep(0)
            trace(task.cancel("message"), future.cancelled(), task.done())
            loop.call_soon(trace, "queued after the request")
            yield* asyncio.sleep(0)
            trace(task.done(), task.cancelled())
            try {
              future.result()
            } catch (error) {
              trace(repr(error))
            }
          })()
        ),
      { passes: true }
    ))

  it("67 goes down the chain to the innermost future; the outer tasks learn of it as the inner ones end", () =>
    expectSame(
      `
      import asyncio
      async def level(n):
          try:
              if n == 0: await asyncio.sleep(10)
              else: await asyncio.create_task(level(n - 1), name=f"level {n - 1}")
          except asyncio.CancelledError as error:
              trace("cancelled", n, repr(error), asyncio.current_task().cancelling())
              await asyncio.sleep(1)
              trace("cleaned up", n)
              raise
      async def main():
          task = asyncio.create_task(level(3), name="level 3")
          await asyncio.sleep(1)
          trace(task.cancel("down"))
          try:
              await task
          except asyncio.CancelledError as error:
              trace(repr(error), [t.get_name() for t in asyncio.all_tasks()])
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const level = asyncio.coroutine(function* level(n: number): asyncio.Body<void> {
          try {
            if (n === 0) yield* asyncio.sleep(10)
            else yield* asyncio.create_task(level(n - 1), { name: `level ${n - 1}` })
          } catch (error) {
            trace("cancelled", n, repr(error), asyncio.current_task()?.cancelling())
            yield* asyncio.sleep(1)
            trace("cleaned up", n)
            throw error
          }
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(level(3), { name: "level 3" })
            yield* asyncio.sleep(1)
            trace(task.cancel("down"))
            try {
              yield* task
            } catch (error) {
              trace(
                repr(error),
                [...asyncio.all_tasks()].map((each) => each.get_name())
              )
            }
          })()
        )
      },
      { passes: true }
    ))

  it("68 that an inner task swallows does not reach its awaiter, whose own count stays", () =>
    expectSame(
      `
      import asyncio
      async def inner():
          try:
              await asyncio.sleep(10)
          except asyncio.CancelledError:
              return "swallowed"
      async def outer():
          task = asyncio.create_task(inner())
          trace(await task, asyncio.current_task().cancelling(), task.cancelling())
          await asyncio.sleep(1)
          return "went on"
      async def main():
          task = asyncio.create_task(outer())
          await asyncio.sleep(1)
          task.cancel()
          trace(await task, task.cancelled(), task.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const inner = asyncio.coroutine(function* inner() {
          try {
            yield* asyncio.sleep(10)
            return "slept"
          } catch {
            return "swallowed"
          }
        })
        const outer = asyncio.coroutine(function* outer() {
          const task = asyncio.create_task(inner())
          trace(yield* task, asyncio.current_task()?.cancelling(), task.cancelling())
          yield* asyncio.sleep(1)
          return "went on"
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(outer())
            yield* asyncio.sleep(1)
            task.cancel()
            trace(yield* task, task.cancelled(), task.cancelling())
          })()
        )
      },
      { passes: true }
    ))

  it("69 of one of two awaiters of a task cancels that task, and thereby both", () =>
    expectSame(
      `
      import asyncio
      async def waiter(shared):
          try:
              await shared
          finally:
              trace(asyncio.current_task().cancelling())
      async def main():
          shared = asyncio.create_task(asyncio.sleep(10), name="shared")
          one, two = (asyncio.create_task(waiter(shared), name=name) for name in ("one", "two"))
          await asyncio.sleep(1)
          one.cancel("m")
          results = await asyncio.gather(one, two, return_exceptions=True)
          trace(shared.cancelled(), one.cancelled(), two.cancelled(), shared.cancelling(), one.cancelling(), two.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const waiter = asyncio.coroutine(function* waiter(shared: asyncio.Task<undefined>) {
          try {
            yield* shared
          } finally {
            trace(asyncio.current_task()?.cancelling())
          }
        })
        return run(
          (function* main() {
            const shared = asyncio.create_task(asyncio.sleep(10), { name: "shared" })
            const one = asyncio.create_task(waiter(shared), { name: "one" })
            const two = asyncio.create_task(waiter(shared), { name: "two" })
            yield* asyncio.sleep(1)
            one.cancel("m")
            yield* asyncio.gather(one, two, { return_exceptions: true })
            trace(
              shared.cancelled(),
              one.cancelled(),
              two.cancelled(),
              shared.cancelling(),
              one.cancelling(),
              two.cancelling()
            )
          })()
        )
      }
    ))
})

describe("a request to a task that does not wait", () => {
  it("70 is thrown at its next step: woken but not run, in a bare yield, or running", () =>
    expectSame(
      `
      import asyncio
      async def woken():
          try: await future
          except asyncio.CancelledError as error: trace("woken", repr(error))
      async def yielding():
          try: await asyncio.sleep(0)
          except asyncio.CancelledError as error: trace("yielding", repr(error))
      async def running():
          asyncio.current_task().cancel("r")
          trace("goes on")
          try: await asyncio.sleep(5)
          except asyncio.CancelledError as error: trace("running", repr(error))
      async def main():
          global future
          future = asyncio.get_running_loop().create_future()
          tasks = [asyncio.create_task(body()) for body in (woken, yielding, running)]
          await asyncio.sleep(0)
          future.set_result(1)
          tasks[0].cancel("w")
          tasks[1].cancel("y")
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        let future: asyncio.Future
        const woken = asyncio.coroutine(function* woken() {
          try {
            yield* future
          } catch (error) {
            trace("woken", repr(error))
          }
        })
        const yielding = asyncio.coroutine(function* yielding() {
          try {
            yield* asyncio.sleep(0)
          } catch (error) {
            trace("yielding", repr(error))
          }
        })
        const running = asyncio.coroutine(function* running() {
          asyncio.current_task()?.cancel("r")
          trace("goes on")
          try {
            yield* asyncio.sleep(5)
          } catch (error) {
            trace("running", repr(error))
          }
        })
        return run(
          (function* main() {
            future = asyncio.get_running_loop().create_future()
            const tasks = [woken, yielding, running].map((body) => asyncio.create_task(body()))
            yield* asyncio.sleep(0)
            future.set_result(1)
            tasks[0]?.cancel("w")
            tasks[1]?.cancel("y")
            yield* asyncio.gather(...tasks)
          })()
        )
      },
      { passes: true }
    ))

  it("71 before its first step keeps the body from running at all", () =>
    expectSame(
      `
      import asyncio
      async def body():
          trace("begins")
          try: pass
          finally: trace("finally")
      async def main():
          task = asyncio.create_task(body())
          trace(task.cancel("early"))
          try: await task
          except asyncio.CancelledError as error: trace(repr(error), task.cancelled())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          trace("begins")
          try {
          } finally {
            trace("finally")
          }
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(body())
            trace(task.cancel("early"))
            try {
              yield* task
            } catch (error) {
              trace(repr(error), task.cancelled())
            }
          })()
        )
      },
      { passes: true }
    ))

  it("72 after its wait is over and before it wakes drops the result", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          for finish in (lambda f: f.set_result("lost"), lambda f: f.set_exception(ValueError("lost too")), lambda f: f.cancel("first")):
              future = loop.create_future()
              async def body():
                  try: trace("got", await future)
                  except BaseException as error: trace(repr(error), repr(error.__context__))
              task = asyncio.create_task(body())
              await asyncio.sleep(0)
              finish(future)
              trace(task.cancel("late"))
              await task
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            for (const finish of [
              (future: asyncio.Future) => future.set_result("lost"),
              (future: asyncio.Future) => future.set_exception(new ValueError("lost too")),
              (future: asyncio.Future) => future.cancel("first")
            ]) {
              const future = loop.create_future()
              const body = asyncio.coroutine(function* body() {
                try {
                  trace("got", yield* future)
                } catch (error) {
                  trace(repr(error), repr((error as { __context__?: unknown }).__context__))
                }
              })
              const task = asyncio.create_task(body())
              yield* asyncio.sleep(0)
              finish(future)
              trace(task.cancel("late"))
              yield* task
            }
          })()
        ),
      { passes: true }
    ))

  it("73 from itself is thrown at its next suspension; awaiting a done future is none", () =>
    expectSame(
      `
      import asyncio
      async def body():
          done = asyncio.get_running_loop().create_future()
          done.set_result("done")
          asyncio.current_task().cancel("self")
          trace("goes on", await done)
          try: await asyncio.sleep(0)
          except asyncio.CancelledError as error: trace(repr(error))
          trace(asyncio.current_task().cancelling())
      async def main():
          await asyncio.create_task(body())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          const done = asyncio.get_running_loop().create_future()
          done.set_result("done")
          asyncio.current_task()?.cancel("self")
          trace("goes on", yield* done)
          try {
            yield* asyncio.sleep(0)
          } catch (error) {
            trace(repr(error))
          }
          trace(asyncio.current_task()?.cancelling())
        })
        return run(
          (function* main() {
            yield* asyncio.create_task(body())
          })()
        )
      },
      { passes: true }
    ))

  it("74 that it never sees throws its result away, but not its exception", () =>
    expectSame(
      `
      import asyncio
      async def body(error):
          asyncio.current_task().cancel("unseen")
          if error: raise error
          return "result"
      async def main():
          for error in (None, ValueError("v"), asyncio.CancelledError("own")):
              task = asyncio.create_task(body(error))
              try: trace(await task)
              except BaseException as caught: trace(repr(caught))
              trace(task.cancelled(), task.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body(error: Error | undefined) {
          asyncio.current_task()?.cancel("unseen")
          if (error) throw error
          return "result"
        })
        return run(
          (function* main() {
            for (const error of [undefined, new ValueError("v"), new CancelledError("own")]) {
              const task = asyncio.create_task(body(error))
              try {
                trace(yield* task)
              } catch (caught) {
                trace(repr(caught))
              }
              trace(task.cancelled(), task.cancelling())
            }
          })()
        )
      }
    ))
})

describe("what the task makes of it", () => {
  it("75 one that catches CancelledError and returns finishes normally; the request stays counted", () =>
    expectSame(
      `
      import asyncio
      async def body():
          try: await asyncio.sleep(10)
          except asyncio.CancelledError: return "refused"
      async def main():
          task = asyncio.create_task(body())
          await asyncio.sleep(1)
          task.cancel()
          trace(await task, task.cancelled(), task.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          try {
            yield* asyncio.sleep(10)
            return "slept"
          } catch {
            return "refused"
          }
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(body())
            yield* asyncio.sleep(1)
            task.cancel()
            trace(yield* task, task.cancelled(), task.cancelling())
          })()
        )
      }
    ))

  it("76 two requests make one CancelledError: with the first message if it was waiting, else with the last", () =>
    expectSame(
      `
      import asyncio
      async def waiting():
          try: await asyncio.sleep(10)
          except asyncio.CancelledError as error: trace("waiting", repr(error))
          await asyncio.sleep(0)
          trace("no second one")
      async def yielding():
          try: await asyncio.sleep(0)
          except asyncio.CancelledError as error: trace("yielding", repr(error))
          await asyncio.sleep(0)
          trace("no second one")
      async def main():
          for body in (waiting, yielding):
              task = asyncio.create_task(body())
              await asyncio.sleep(0)
              trace(task.cancel("first"), task.cancel("second"), task.cancelling())
              try: await task
              except asyncio.CancelledError as error: trace("ended", repr(error))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const waiting = asyncio.coroutine(function* waiting() {
          try {
            yield* asyncio.sleep(10)
          } catch (error) {
            trace("waiting", repr(error))
          }
          yield* asyncio.sleep(0)
          trace("no second one")
        })
        const yielding = asyncio.coroutine(function* yielding() {
          try {
            yield* asyncio.sleep(0)
          } catch (error) {
            trace("yielding", repr(error))
          }
          yield* asyncio.sleep(0)
          trace("no second one")
        })
        return run(
          (function* main() {
            for (const body of [waiting, yielding]) {
              const task = asyncio.create_task(body())
              yield* asyncio.sleep(0)
              trace(task.cancel("first"), task.cancel("second"), task.cancelling())
              try {
                yield* task
              } catch (error) {
                trace("ended", repr(error))
              }
            }
          })()
        )
      },
      { passes: true }
    ))

  it("77 uncancel takes requests back, down to 0, and then withdraws a throw that is still pending", () =>
    expectSame(
      `
      import asyncio
      async def body():
          task = asyncio.current_task()
          task.cancel()
          task.cancel()
          trace(task.uncancel(), task.cancelling(), task.uncancel(), task.uncancel(), task.cancelling())
          await asyncio.sleep(0)
          trace("not cancelled")
          task.cancel()
          task.cancel()
          task.uncancel()
          try: await asyncio.sleep(0)
          except asyncio.CancelledError: trace("one request is left", task.cancelling())
      async def main():
          await asyncio.create_task(body())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          const task = asyncio.current_task() as asyncio.Task
          task.cancel()
          task.cancel()
          trace(task.uncancel(), task.cancelling(), task.uncancel(), task.uncancel(), task.cancelling())
          yield* asyncio.sleep(0)
          trace("not cancelled")
          task.cancel()
          task.cancel()
          task.uncancel()
          try {
            yield* asyncio.sleep(0)
          } catch {
            trace("one request is left", task.cancelling())
          }
        })
        return run(
          (function* main() {
            yield* asyncio.create_task(body())
          })()
        )
      }
    ))

  it("78 an exception raised in place of CancelledError is the task's", () =>
    expectSame(
      `
      import asyncio
      async def body():
          try: await asyncio.sleep(10)
          except asyncio.CancelledError as error: raise ValueError("instead") from error
      async def main():
          task = asyncio.create_task(body())
          await asyncio.sleep(1)
          task.cancel("m")
          try: await task
          except ValueError as error: trace(repr(error), repr(error.__context__), task.cancelled(), task.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          try {
            yield* asyncio.sleep(10)
          } catch (error) {
            throw new ValueError("instead", { cause: error })
          }
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(body())
            yield* asyncio.sleep(1)
            task.cancel("m")
            try {
              yield* task
            } catch (error) {
              trace(repr(error), repr((error as ValueError).__context__), task.cancelled(), task.cancelling())
            }
          })()
        )
      }
    ))

  it("79 raising CancelledError by hand ends the task cancelled, with no request", () =>
    expectSame(
      `
      import asyncio
      async def body():
          raise asyncio.CancelledError("by hand")
      async def main():
          task = asyncio.create_task(body())
          try: await task
          except asyncio.CancelledError as error: trace(repr(error))
          trace(task.cancelled(), task.cancelling(), asyncio.current_task().cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          throw new CancelledError("by hand")
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(body())
            try {
              yield* task
            } catch (error) {
              trace(repr(error))
            }
            trace(task.cancelled(), task.cancelling(), asyncio.current_task()?.cancelling())
          })()
        )
      }
    ))

  it("80 except Exception does not catch it", () =>
    expectSame(
      `
      import asyncio
      async def body():
          try: await asyncio.sleep(10)
          except Exception: trace("caught")
          finally: trace("finally")
      async def main():
          task = asyncio.create_task(body())
          await asyncio.sleep(1)
          task.cancel()
          await asyncio.gather(task, return_exceptions=True)
          trace(task.cancelled(), issubclass(asyncio.CancelledError, Exception), issubclass(asyncio.CancelledError, BaseException))
      asyncio.run(main())
      `,
      async ({ trace, run }) => {
        const { BaseException } = await import("@skein/asyncio/builtins")
        const body = asyncio.coroutine(function* body() {
          try {
            yield* asyncio.sleep(10)
          } catch (error) {
            if (!(error instanceof Exception)) throw error
            trace("caught")
          } finally {
            trace("finally")
          }
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(body())
            yield* asyncio.sleep(1)
            task.cancel()
            yield* asyncio.gather(task, { return_exceptions: true })
            const error = new CancelledError()
            trace(task.cancelled(), error instanceof Exception, error instanceof BaseException)
          })()
        )
      }
    ))

  it("81 a second request cancels what its clean-up waits for", () =>
    expectSame(
      `
      import asyncio
      async def body():
          try:
              await asyncio.sleep(10)
          finally:
              trace("cleaning up")
              try:
                  await asyncio.sleep(10)
              finally:
                  trace("cut short", asyncio.current_task().cancelling())
      async def main():
          task = asyncio.create_task(body())
          await asyncio.sleep(1)
          trace(task.cancel("first"))
          await asyncio.sleep(1)
          trace(task.cancel("second"))
          try: await task
          except asyncio.CancelledError as error: trace(repr(error))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          try {
            yield* asyncio.sleep(10)
          } finally {
            trace("cleaning up")
            try {
              yield* asyncio.sleep(10)
            } finally {
              trace("cut short", asyncio.current_task()?.cancelling())
            }
          }
        })
        return run(
          (function* main() {
            const task = asyncio.create_task(body())
            yield* asyncio.sleep(1)
            trace(task.cancel("first"))
            yield* asyncio.sleep(1)
            trace(task.cancel("second"))
            try {
              yield* task
            } catch (error) {
              trace(repr(error))
            }
          })()
        )
      }
    ))

  it("82 the message is the exception's only argument, and may be any object", () =>
    expectSame(
      `
      import asyncio
      async def main():
          for args in ((), ("x",), (5,), (None,), (["a", 1],), ("",), (0,)):
              task = asyncio.create_task(asyncio.sleep(10))
              await asyncio.sleep(0)
              task.cancel(*args)
              try: await task
              except asyncio.CancelledError as error: trace(repr(error.args), str(error))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const messages = [[], ["x"], [5], [undefined], [["a", 1]], [""], [0]] as ReadonlyArray<
              ReadonlyArray<unknown>
            >
            for (const args of messages) {
              const task = asyncio.create_task(asyncio.sleep(10))
              yield* asyncio.sleep(0)
              task.cancel(args[0])
              try {
                yield* task
              } catch (error) {
                trace(repr(Object.freeze([...(error as asyncio.CancelledError).args])), (error as Error).message)
              }
            }
          })()
        )
    ))

  it("83 the awaiter of a cancelled task gets CancelledError with no request of its own, and may end by it", () =>
    expectSame(
      `
      import asyncio
      async def waiter(task):
          try:
              await task
          except asyncio.CancelledError as error:
              trace(repr(error), asyncio.current_task().cancelling())
              raise
      async def main():
          inner = asyncio.create_task(asyncio.sleep(10))
          outer = asyncio.create_task(waiter(inner))
          await asyncio.sleep(1)
          inner.cancel("inner")
          try: await outer
          except asyncio.CancelledError as error: trace(repr(error))
          trace(outer.cancelled(), outer.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const waiter = asyncio.coroutine(function* waiter(task: asyncio.Task<undefined>) {
          try {
            yield* task
          } catch (error) {
            trace(repr(error), asyncio.current_task()?.cancelling())
            throw error
          }
        })
        return run(
          (function* main() {
            const inner = asyncio.create_task(asyncio.sleep(10))
            const outer = asyncio.create_task(waiter(inner))
            yield* asyncio.sleep(1)
            inner.cancel("inner")
            try {
              yield* outer
            } catch (error) {
              trace(repr(error))
            }
            trace(outer.cancelled(), outer.cancelling())
          })()
        )
      }
    ))
})
