// Future: statements 26 to 43.

import * as asyncio from "@skein/asyncio"
import { LookupError, repr, StopIteration, str, ValueError } from "@skein/asyncio/builtins"
import * as contextvars from "@skein/asyncio/contextvars"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

/** What a call gives, or what it raises, as text. */
const outcome = (call: () => unknown): string => {
  try {
    return repr(call())
  } catch (error) {
    return `${(error as Error).name}: ${str(error)}`
  }
}

const OUTCOME = `
      import asyncio
      def outcome(call):
          try:
              return repr(call())
          except BaseException as error:
              return f"{type(error).__name__}: {error}"
`

describe("the states of a future", () => {
  it("26 pending, cancelled or finished; there is no way back", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          loop = asyncio.get_running_loop()
          for finish in (lambda f: f.set_result(1), lambda f: f.set_exception(ValueError("v")), lambda f: f.cancel()):
              future = loop.create_future()
              trace(future.done(), future.cancelled(), repr(future))
              finish(future)
              for again in (lambda: future.set_result(2), lambda: future.set_exception(KeyError("k")), future.cancel):
                  trace(outcome(again), future.done(), future.cancelled(), repr(future))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            for (const finish of [
              (future: asyncio.Future) => future.set_result(1),
              (future: asyncio.Future) => future.set_exception(new ValueError("v")),
              (future: asyncio.Future) => future.cancel()
            ]) {
              const future = loop.create_future()
              trace(future.done(), future.cancelled(), repr(future))
              finish(future)
              for (const again of [
                () => future.set_result(2),
                () => future.set_exception(new LookupError("k")),
                () => future.cancel()
              ]) {
                trace(outcome(again), future.done(), future.cancelled(), repr(future))
              }
            }
          })()
        )
    ))

  it("27 set_result and set_exception on a done future raise InvalidStateError", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          future = asyncio.Future()
          future.set_result(1)
          trace(outcome(lambda: future.set_result(2)), outcome(lambda: future.set_exception(ValueError())), future.result())
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future<number>()
            future.set_result(1)
            trace(
              outcome(() => future.set_result(2)),
              outcome(() => future.set_exception(new ValueError())),
              future.result()
            )
          })()
        )
    ))

  it("28 cancel returns False on a done future, True on a pending one, and takes a message", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          loop = asyncio.get_running_loop()
          done, plain, worded = loop.create_future(), loop.create_future(), loop.create_future()
          done.set_result(1)
          trace(done.cancel("late"), outcome(done.result))
          trace(plain.cancel(), outcome(plain.result), plain.cancel(), plain.cancel("again"), outcome(plain.result))
          trace(worded.cancel("because"), outcome(worded.result))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const [done, plain, worded] = [loop.create_future(), loop.create_future(), loop.create_future()]
            done.set_result(1)
            trace(
              done.cancel("late"),
              outcome(() => done.result())
            )
            trace(
              plain.cancel(),
              outcome(() => plain.result()),
              plain.cancel(),
              plain.cancel("again"),
              outcome(() => plain.result())
            )
            trace(
              worded.cancel("because"),
              outcome(() => worded.result())
            )
          })()
        )
    ))

  it("29 result and exception of a pending future raise InvalidStateError", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          future = asyncio.Future()
          trace(outcome(future.result), outcome(future.exception))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future()
            trace(
              outcome(() => future.result()),
              outcome(() => future.exception())
            )
          })()
        )
    ))

  it("30 a cancelled future raises CancelledError with the message, every time", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          future = asyncio.Future()
          future.cancel("why")
          async def wait():
              await future
          trace(outcome(future.result), outcome(future.exception), outcome(future.result))
          for _ in range(2):
              try:
                  await future
              except asyncio.CancelledError as error:
                  trace(repr(error), error.args)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future()
            future.cancel("why")
            trace(
              outcome(() => future.result()),
              outcome(() => future.exception()),
              outcome(() => future.result())
            )
            for (let n = 0; n < 2; n++) {
              try {
                yield* future
              } catch (error) {
                trace(repr(error), (error as asyncio.CancelledError).args)
              }
            }
          })()
        )
    ))

  it("31 set_exception takes an instance or a class, and nothing else", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          loop = asyncio.get_running_loop()
          for given in (ValueError("v"), ValueError, 5, None, "text", int):
              future = loop.create_future()
              trace(outcome(lambda: future.set_exception(given)), future.done() and repr(future.exception()))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            for (const given of [new ValueError("v"), ValueError, 5, undefined, "text", Map]) {
              const future = loop.create_future()
              trace(
                outcome(() => future.set_exception(given)),
                future.done() && repr(future.exception())
              )
            }
          })()
        )
    ))

  it("32 StopIteration is stored as a RuntimeError with the original as its cause", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          for given in (StopIteration("s"), StopIteration):
              future = asyncio.Future()
              future.set_exception(given)
              error = future.exception()
              trace(repr(error), repr(error.__cause__), outcome(future.result))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            for (const given of [new StopIteration("s"), StopIteration]) {
              const future = new asyncio.Future()
              future.set_exception(given)
              const error = future.exception() as Error
              trace(
                repr(error),
                repr(error.cause),
                outcome(() => future.result())
              )
            }
          })()
        )
    ))

  it("33 a future that is given a CancelledError is finished, not cancelled", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          future = asyncio.Future()
          future.set_exception(asyncio.CancelledError("given"))
          trace(future.cancelled(), future.done(), outcome(future.exception), repr(future))
          try:
              await future
          except asyncio.CancelledError as error:
              trace(repr(error), error is future.exception(), asyncio.current_task().cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future()
            future.set_exception(new asyncio.CancelledError("given"))
            trace(
              future.cancelled(),
              future.done(),
              outcome(() => future.exception()),
              repr(future)
            )
            try {
              yield* future
            } catch (error) {
              trace(repr(error), error === future.exception(), asyncio.current_task()?.cancelling())
            }
          })()
        )
    ))
})

describe("done callbacks", () => {
  it("34 are queued when the future becomes done, in order of registration, never called inline", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          for finish in (lambda f: f.set_result(1), lambda f: f.set_exception(ValueError("v")), lambda f: f.cancel()):
              future = loop.create_future()
              for n in range(3):
                  future.add_done_callback(lambda f, n=n: trace(n, repr(f), f is future))
              loop.call_soon(trace, "queued before")
              finish(future)
              loop.call_soon(trace, "queued after")
              trace("not yet")
              await asyncio.sleep(0)
              trace("next pass")
              future.cancelled() or future.exception()
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            for (const finish of [
              (future: asyncio.Future) => future.set_result(1),
              (future: asyncio.Future) => future.set_exception(new ValueError("v")),
              (future: asyncio.Future) => future.cancel()
            ]) {
              const future = loop.create_future()
              for (let n = 0; n < 3; n++) future.add_done_callback((done) => trace(n, repr(done), done === future))
              loop.call_soon(trace, "queued before")
              finish(future)
              loop.call_soon(trace, "queued after")
              trace("not yet")
              yield* asyncio.sleep(0)
              trace("next pass")
              if (!future.cancelled()) future.exception()
            }
          })()
        ),
      { passes: true }
    ))

  it("35 one that is added to a done future is queued at once", () =>
    expectSame(
      `
      import asyncio
      async def main():
          future = asyncio.Future()
          future.set_result(1)
          future.add_done_callback(lambda f: trace("called", f.result()))
          trace("not yet")
          await asyncio.sleep(0)
          trace("next pass")
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future<number>()
            future.set_result(1)
            future.add_done_callback((done) => trace("called", done.result()))
            trace("not yet")
            yield* asyncio.sleep(0)
            trace("next pass")
          })()
        ),
      { passes: true }
    ))

  it("36 run in the given context, or in a copy made at the registration", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var")
      async def main():
          future = asyncio.Future()
          var.set("at registration")
          future.add_done_callback(lambda f: trace(var.get()))
          given = contextvars.copy_context()
          given.run(var.set, "given")
          future.add_done_callback(lambda f: trace(var.get(), var.set("changed") is None), context=given)
          var.set("at completion")
          future.set_result(None)
          await asyncio.sleep(0)
          trace(var.get(), given[var])
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const variable = contextvars.ContextVar<string>("var")
        return run(
          (function* main() {
            const future = new asyncio.Future<undefined>()
            variable.set("at registration")
            future.add_done_callback(() => trace(variable.get()))
            const given = contextvars.copy_context()
            given.run(() => variable.set("given"))
            future.add_done_callback(() => trace(variable.get(), variable.set("changed") === undefined), {
              context: given
            })
            variable.set("at completion")
            future.set_result(undefined)
            yield* asyncio.sleep(0)
            trace(variable.get(), given.get(variable))
          })()
        )
      }
    ))

  it("37 remove_done_callback removes all equal entries and returns how many; queued ones still run", () =>
    expectSame(
      `
      import asyncio
      async def main():
          future = asyncio.Future()
          def a(f): trace("a")
          def b(f): trace("b")
          trace(future.remove_done_callback(a))
          future.add_done_callback(a)
          trace(future.remove_done_callback(b), future.remove_done_callback(a), future.remove_done_callback(a))
          for callback in (a, b, a, b, b):
              future.add_done_callback(callback)
          trace(future.remove_done_callback(a), repr(future).count("b()"))
          future.set_result(None)
          trace(future.remove_done_callback(b))
          await asyncio.sleep(0)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future<undefined>()
            const a = () => trace("a")
            const b = () => trace("b")
            trace(future.remove_done_callback(a))
            future.add_done_callback(a)
            trace(future.remove_done_callback(b), future.remove_done_callback(a), future.remove_done_callback(a))
            for (const callback of [a, b, a, b, b]) future.add_done_callback(callback)
            trace(future.remove_done_callback(a), repr(future).split("b()").length - 1)
            future.set_result(undefined)
            trace(future.remove_done_callback(b))
            yield* asyncio.sleep(0)
          })()
        )
    ))

  it("37 a callback that is removed by another one is queued already, and runs", () =>
    expectSame(
      `
      import asyncio
      async def main():
          future = asyncio.Future()
          def first(f):
              trace("first", f.remove_done_callback(second))
          def second(f): trace("second")
          future.add_done_callback(first)
          future.add_done_callback(second)
          future.set_result(None)
          await asyncio.sleep(0)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future<undefined>()
            const first = (done: asyncio.Future<undefined>) => trace("first", done.remove_done_callback(second))
            const second = () => trace("second")
            future.add_done_callback(first)
            future.add_done_callback(second)
            future.set_result(undefined)
            yield* asyncio.sleep(0)
          })()
        )
    ))
})

describe("awaiting a future", () => {
  it("38 that is done does not suspend", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          good, bad, cancelled = loop.create_future(), loop.create_future(), loop.create_future()
          good.set_result("good")
          bad.set_exception(ValueError("bad"))
          cancelled.cancel("cancelled")
          loop.call_soon(trace, "others run later")
          for future in (good, bad, cancelled):
              try:
                  trace(await future)
              except BaseException as error:
                  trace(repr(error))
          await asyncio.sleep(0)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const [good, bad, cancelled] = [loop.create_future(), loop.create_future(), loop.create_future()]
            good.set_result("good")
            bad.set_exception(new ValueError("bad"))
            cancelled.cancel("cancelled")
            loop.call_soon(trace, "others run later")
            for (const future of [good, bad, cancelled]) {
              try {
                trace(yield* future)
              } catch (error) {
                trace(repr(error))
              }
            }
            yield* asyncio.sleep(0)
          })()
        ),
      { passes: true }
    ))

  it("39 that is pending suspends; the awaiter wakes in the pass after its completion, in order with the callbacks", () =>
    expectSame(
      `
      import asyncio
      async def waiter(n, future):
          trace("waits", n)
          try:
              trace("woke", n, await future)
          except BaseException as error:
              trace("woke", n, repr(error))
      async def main():
          loop = asyncio.get_running_loop()
          for finish in (lambda f: f.set_result(1), lambda f: f.set_exception(ValueError("v")), lambda f: f.cancel("c")):
              future = loop.create_future()
              future.add_done_callback(lambda f: trace("callback before"))
              tasks = [loop.create_task(waiter(n, future), name=f"waiter {n}") for n in range(2)]
              await asyncio.sleep(0)
              future.add_done_callback(lambda f: trace("callback after"))
              finish(future)
              trace("done")
              await asyncio.sleep(0)
              trace("one pass later", all(task.done() for task in tasks))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const waiter = asyncio.coroutine(function* waiter(n: number, future: asyncio.Future) {
          trace("waits", n)
          try {
            trace("woke", n, yield* future)
          } catch (error) {
            trace("woke", n, repr(error))
          }
        })
        return run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            for (const finish of [
              (future: asyncio.Future) => future.set_result(1),
              (future: asyncio.Future) => future.set_exception(new ValueError("v")),
              (future: asyncio.Future) => future.cancel("c")
            ]) {
              const future = loop.create_future()
              future.add_done_callback(() => trace("callback before"))
              const tasks = [0, 1].map((n) => loop.create_task(waiter(n, future), { name: `waiter ${n}` }))
              yield* asyncio.sleep(0)
              future.add_done_callback(() => trace("callback after"))
              finish(future)
              trace("done")
              yield* asyncio.sleep(0)
              trace(
                "one pass later",
                tasks.every((task) => task.done())
              )
            }
          })()
        )
      },
      { passes: true }
    ))

  it("40 by hand, resumed while it is pending, raises RuntimeError", () =>
    expectSame(
      `
      import asyncio
      async def main():
          future = asyncio.Future()
          stepper = future.__await__()
          trace(next(stepper) is future)
          try:
              next(stepper)
          except RuntimeError as error:
              trace(str(error))
          other = asyncio.Future()
          stepper = other.__await__()
          next(stepper)
          other.set_result("result")
          try:
              next(stepper)
          except StopIteration as stop:
              trace(stop.value)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const future = new asyncio.Future()
            const stepper = future[Symbol.iterator]()
            trace((stepper.next().value as unknown) === future)
            try {
              stepper.next()
            } catch (error) {
              trace((error as Error).message)
            }
            const other = new asyncio.Future<string>()
            const steps = other[Symbol.iterator]()
            steps.next()
            other.set_result("result")
            trace(steps.next().value)
          })()
        )
    ))
})

describe("a future and its loop", () => {
  it("41 Future() takes the loop that get_event_loop finds; create_future needs no running loop", () =>
    expectSame(
      `${OUTCOME}
      trace(outcome(asyncio.Future))
      loop = asyncio.new_event_loop()
      trace(loop.create_future().get_loop() is loop, asyncio.Future(loop=loop).get_loop() is loop)
      asyncio.set_event_loop(loop)
      trace(asyncio.Future().get_loop() is loop)
      asyncio.set_event_loop(None)
      async def main():
          trace(asyncio.Future().get_loop() is asyncio.get_running_loop())
      asyncio.run(main())
      loop.close()
      `,
      async ({ trace, run, new_event_loop }) => {
        trace(outcome(() => new asyncio.Future()))
        const loop = new_event_loop()
        trace(loop.create_future().get_loop() === loop, new asyncio.Future({ loop }).get_loop() === loop)
        asyncio.set_event_loop(loop)
        trace(new asyncio.Future().get_loop() === loop)
        asyncio.set_event_loop(undefined)
        await run(
          (function* main() {
            trace(new asyncio.Future().get_loop() === asyncio.get_running_loop())
          })()
        )
        loop.close()
      }
    ))

  it("42 an exception that nobody retrieved is reported; result, exception, an await and cancel retrieve it", () =>
    expectSame(
      `
      import asyncio
      async def wait(future):
          await future
      async def main():
          loop = asyncio.get_running_loop()
          def failed(name):
              future = loop.create_future()
              future.set_exception(ValueError(name))
              return future
          failed("lost")
          def look(call):
              try:
                  call()
              except ValueError:
                  pass
          look(failed("result").result)
          look(failed("exception").exception)
          look(failed("cancel").cancel)
          try:
              await failed("await")
          except ValueError:
              pass
          async def fail(name):
              raise ValueError(name)
          task = asyncio.create_task(fail("lost in a task"))
          await asyncio.sleep(0)
          del task
      asyncio.run(main())
      `,
      ({ run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const failed = (name: string) => {
              const future = loop.create_future()
              future.set_exception(new ValueError(name))
              return future
            }
            void failed("lost")
            const look = (call: () => unknown) => {
              try {
                call()
              } catch {}
            }
            const [result, exception, cancel] = [failed("result"), failed("exception"), failed("cancel")]
            look(() => result.result())
            look(() => exception.exception())
            look(() => cancel.cancel())
            try {
              yield* failed("await")
            } catch {}
            const fail = asyncio.coroutine(function* fail(name: string) {
              throw new ValueError(name)
            })
            void asyncio.create_task(fail("lost in a task"))
            yield* asyncio.sleep(0)
          })()
        )
    ))

  it("43 get_loop gives the loop; isfuture asks for a mark, not for the class", () =>
    expectSame(
      `
      import asyncio
      class Own:
          _asyncio_future_blocking = False
      async def coro(): pass
      async def main():
          task, c = asyncio.current_task(), coro()
          trace([asyncio.isfuture(x) for x in (asyncio.Future(), task, asyncio.gather(), Own(), c, 1, None, asyncio.Future)])
          trace(asyncio.Future().get_loop() is asyncio.get_running_loop(), task.get_loop() is asyncio.get_running_loop())
          c.close()
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        class Own {
          _awaited = false
          add_done_callback() {}
        }
        const coro = asyncio.coroutine(function* coro() {})
        return run(
          (function* main() {
            const [task, c] = [asyncio.current_task(), coro()]
            const asked = [new asyncio.Future(), task, asyncio.gather(), new Own(), c, 1, undefined, asyncio.Future]
            trace(asked.map(asyncio.isfuture))
            trace(
              new asyncio.Future().get_loop() === asyncio.get_running_loop(),
              task?.get_loop() === asyncio.get_running_loop()
            )
            c.close()
          })()
        )
      }
    ))
})
