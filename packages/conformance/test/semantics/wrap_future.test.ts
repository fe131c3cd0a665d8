// Futures of the outside world: statements 44 and 45.

import * as asyncio from "@skein/asyncio"
import { repr, str, ValueError } from "@skein/asyncio/builtins"
import * as concurrent_futures from "@skein/asyncio/concurrent_futures"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const PYTHON = `
      import asyncio
      import concurrent.futures
      from concurrent.futures import Future
      async def outcome(awaitable):
          try:
              return repr(await awaitable)
          except BaseException as error:
              return f"{type(error).__name__}: {error}"
      def attempt(call):
          try:
              return repr(call())
          except BaseException as error:
              return f"{type(error).__name__}: {error}"
`

const outcome = asyncio.coroutine(function* outcome<A>(awaitable: asyncio.Awaitable<A>) {
  try {
    return repr(yield* awaitable as asyncio.Coroutine<A>)
  } catch (error) {
    return `${(error as Error).name}: ${str(error)}`
  }
})

const attempt = (call: () => unknown): string => {
  try {
    return repr(call())
  } catch (error) {
    return `${(error as Error).name}: ${str(error)}`
  }
}

const { Future } = concurrent_futures

describe("wrap_future", () => {
  it("44 completes through the ready queue, one pass after the concurrent future", () =>
    expectSame(
      `${PYTHON}
      async def main():
          loop = asyncio.get_running_loop()
          for finish in (lambda f: f.set_result(5), lambda f: f.set_exception(ValueError("v"))):
              source = Future()
              wrapped = asyncio.wrap_future(source)
              trace(source.done(), wrapped.done(), asyncio.isfuture(wrapped))
              source.set_running_or_notify_cancel()
              loop.call_later(1, finish, source)
              loop.call_later(1, lambda: trace("same pass", source.done(), wrapped.done()))
              loop.call_later(1, loop.call_soon, lambda: trace("next pass", source.done(), wrapped.done()))
              trace(await outcome(wrapped))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const finishes = [
            (future: concurrent_futures.Future<number>) => future.set_result(5),
            (future: concurrent_futures.Future<number>) => future.set_exception(new ValueError("v"))
          ]
          for (const finish of finishes) {
            const source = Future<number>()
            const wrapped = asyncio.wrap_future(source)
            trace(source.done(), wrapped.done(), asyncio.isfuture(wrapped))
            source.set_running_or_notify_cancel()
            loop.call_later(1, finish, source)
            loop.call_later(1, () => trace("same pass", source.done(), wrapped.done()))
            loop.call_later(1, () => loop.call_soon(() => trace("next pass", source.done(), wrapped.done())))
            trace(yield* outcome(wrapped))
          }
        })
        await run(main())
      },
      { passes: true }
    ))

  it("44 cancelling either side cancels the other, unless its work has begun", () =>
    expectSame(
      `${PYTHON}
      async def main():
          source = Future()
          wrapped = asyncio.wrap_future(source)
          wrapped.cancel()
          trace(source.cancelled())
          await asyncio.sleep(0)
          trace(source.cancelled(), repr(source), await outcome(wrapped))
          source = Future()
          wrapped = asyncio.wrap_future(source)
          trace(source.cancel(), wrapped.cancelled())
          trace(await outcome(wrapped), wrapped.cancelled())
          source = Future()
          wrapped = asyncio.wrap_future(source)
          source.set_running_or_notify_cancel()
          wrapped.cancel()
          await asyncio.sleep(0)
          trace(source.cancelled(), source.running(), repr(source))
          source.set_result("too late")
          await asyncio.sleep(0)
          trace(await outcome(wrapped))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const main = asyncio.coroutine(function* main() {
          let source = Future()
          let wrapped = asyncio.wrap_future(source)
          wrapped.cancel()
          trace(source.cancelled())
          yield* asyncio.sleep(0)
          trace(source.cancelled(), repr(source), yield* outcome(wrapped))
          source = Future()
          wrapped = asyncio.wrap_future(source)
          trace(source.cancel(), wrapped.cancelled())
          trace(yield* outcome(wrapped), wrapped.cancelled())
          source = Future()
          wrapped = asyncio.wrap_future(source)
          source.set_running_or_notify_cancel()
          wrapped.cancel()
          yield* asyncio.sleep(0)
          trace(source.cancelled(), source.running(), repr(source))
          source.set_result("too late")
          yield* asyncio.sleep(0)
          trace(yield* outcome(wrapped))
        })
        await run(main())
      }
    ))

  it("44 an asyncio future is returned unchanged; anything else is an AssertionError", () =>
    expectSame(
      `${PYTHON}
      async def main():
          future = asyncio.get_running_loop().create_future()
          trace(asyncio.wrap_future(future) is future)
          for wrong in (1, None, "s", []):
              trace(attempt(lambda: asyncio.wrap_future(wrong)))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const main = asyncio.coroutine(function* main() {
          const future = asyncio.get_running_loop().create_future()
          trace(asyncio.wrap_future(future) === future)
          for (const wrong of [1, undefined, "s", []] as unknown as ReadonlyArray<never>) {
            trace(attempt(() => asyncio.wrap_future(wrong)))
          }
        })
        await run(main())
      }
    ))

  it("45 the errors of concurrent.futures become asyncio's", () =>
    expectSame(
      `${PYTHON}
      async def main():
          for error in (concurrent.futures.CancelledError("c"), concurrent.futures.InvalidStateError("i"), TimeoutError("t")):
              source = Future()
              wrapped = asyncio.wrap_future(source)
              source.set_exception(error)
              try:
                  await wrapped
              except BaseException as caught:
                  trace(isinstance(caught, asyncio.CancelledError), isinstance(caught, asyncio.InvalidStateError),
                        isinstance(caught, Exception), repr(caught))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const { Exception, TimeoutError } = await import("@skein/asyncio/builtins")
        const main = asyncio.coroutine(function* main() {
          for (const error of [
            new concurrent_futures.CancelledError("c"),
            new concurrent_futures.InvalidStateError("i"),
            new TimeoutError("t")
          ]) {
            const source = Future()
            const wrapped = asyncio.wrap_future(source)
            source.set_exception(error)
            try {
              yield* wrapped
            } catch (caught) {
              trace(
                caught instanceof asyncio.CancelledError,
                caught instanceof asyncio.InvalidStateError,
                caught instanceof Exception,
                repr(caught)
              )
            }
          }
        })
        await run(main())
      }
    ))
})

describe("concurrent.futures.Future", () => {
  it("its states, and what each of them refuses", () =>
    expectSame(
      `${PYTHON}
      import logging
      logging.disable(logging.CRITICAL)
      def show(future):
          trace(repr(future), future.done(), future.running(), future.cancelled())
          for call in (lambda: future.result(0), lambda: future.exception(0), future.set_running_or_notify_cancel,
                       lambda: future.set_result(9), future.cancel):
              trace(attempt(call), repr(future))
      def made(*actions):
          future = Future()
          for action in actions:
              action(future)
          return future
      show(made())
      show(made(Future.cancel))
      show(made(Future.cancel, Future.set_running_or_notify_cancel))
      show(made(Future.set_running_or_notify_cancel))
      show(made(lambda f: f.set_result("r")))
      show(made(lambda f: f.set_exception(ValueError("v"))))
      `,
      async ({ trace }) => {
        type AnyFuture = concurrent_futures.Future
        const show = (future: AnyFuture) => {
          trace(repr(future), future.done(), future.running(), future.cancelled())
          for (const call of [
            () => future.result(0),
            () => future.exception(0),
            () => future.set_running_or_notify_cancel(),
            () => future.set_result(9),
            () => future.cancel()
          ]) {
            trace(attempt(call), repr(future))
          }
        }
        const made = (...actions: ReadonlyArray<(future: AnyFuture) => unknown>) => {
          const future = Future()
          for (const action of actions) action(future)
          return future
        }
        show(made())
        show(made((f) => f.cancel()))
        show(
          made(
            (f) => f.cancel(),
            (f) => f.set_running_or_notify_cancel()
          )
        )
        show(made((f) => f.set_running_or_notify_cancel()))
        show(made((f) => f.set_result("r")))
        show(made((f) => f.set_exception(new ValueError("v"))))
      },
      // What it logs goes to another logger in Python.
      { ignore: ["log"] }
    ))

  it("its callbacks run in order, inside the call that finishes it", () =>
    expectSame(
      `${PYTHON}
      future = Future()
      future.add_done_callback(lambda f: trace("first", f is future, f.done()))
      future.add_done_callback(lambda f: trace("second", f.result()))
      trace("before")
      future.set_result(1)
      trace("after")
      future.add_done_callback(lambda f: trace("at once"))
      trace("end")
      `,
      async ({ trace }) => {
        const future = Future<number>()
        future.add_done_callback((f) => trace("first", f === future, f.done()))
        future.add_done_callback((f) => trace("second", f.result()))
        trace("before")
        future.set_result(1)
        trace("after")
        future.add_done_callback(() => trace("at once"))
        trace("end")
      }
    ))
})

describe("run_coroutine_threadsafe", () => {
  it("256 gives a concurrent future; cancelling it cancels the task; not a coroutine: TypeError", () =>
    expectSame(
      `${PYTHON}
      async def work(delay):
          try:
              await asyncio.sleep(delay)
              trace("worked")
              return delay
          finally:
              trace("ended")
      async def fail():
          raise ValueError("v")
      async def main():
          loop = asyncio.get_running_loop()
          trace(attempt(lambda: asyncio.run_coroutine_threadsafe(1, loop)))
          future = asyncio.run_coroutine_threadsafe(work(1), loop)
          trace(repr(future))
          trace(await outcome(asyncio.wrap_future(future)), repr(future))
          future = asyncio.run_coroutine_threadsafe(work(5), loop)
          await asyncio.sleep(1)
          trace(future.cancel())
          await asyncio.sleep(1)
          trace(repr(future))
          trace(await outcome(asyncio.wrap_future(asyncio.run_coroutine_threadsafe(fail(), loop))))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const work = asyncio.coroutine(function* work(delay: number) {
          try {
            yield* asyncio.sleep(delay)
            trace("worked")
            return delay
          } finally {
            trace("ended")
          }
        })
        const fail = asyncio.coroutine(function* fail() {
          throw new ValueError("v")
        })
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          trace(attempt(() => asyncio.run_coroutine_threadsafe(1 as never, loop)))
          let future = asyncio.run_coroutine_threadsafe(work(1), loop)
          trace(repr(future))
          trace(yield* outcome(asyncio.wrap_future(future)), repr(future))
          future = asyncio.run_coroutine_threadsafe(work(5), loop)
          yield* asyncio.sleep(1)
          trace(future.cancel())
          yield* asyncio.sleep(1)
          trace(repr(future))
          trace(yield* outcome(asyncio.wrap_future(asyncio.run_coroutine_threadsafe(fail(), loop))))
        })
        await run(main())
      }
    ))
})
