// Asynchronous generators: statements 204 to 209.

import * as asyncio from "@skein/asyncio"
import {
  GeneratorExit,
  RuntimeError,
  repr,
  StopAsyncIteration,
  StopIteration,
  str,
  ValueError
} from "@skein/asyncio/builtins"
import { aclosing } from "@skein/asyncio/contextlib"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

/** What an awaitable gives, or what it raises, as text. */
const outcome = asyncio.coroutine(function* outcome(awaitable: asyncio.Awaitable<unknown>) {
  try {
    return repr(yield* awaitable as asyncio.Coroutine)
  } catch (error) {
    return `${(error as Error).name}: ${str(error)}`
  }
})

const OUTCOME = `
      import asyncio
      from contextlib import aclosing
      async def outcome(awaitable):
          try:
              return repr(await awaitable)
          except BaseException as error:
              return f"{type(error).__name__}: {error}"
`

describe("the loop and its generators", () => {
  it("204 an unfinished generator that is still held is closed at the end of the run, after the tasks", () =>
    expectSame(
      `${OUTCOME}
      held = []
      async def gen():
          try:
              yield 1
          finally:
              trace("closing")
              await asyncio.sleep(1)
              trace("closed")
      async def main():
          g = gen()
          held.append(g)
          trace(await anext(g))
      asyncio.run(main())
      trace("end")
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          try {
            yield 1
          } finally {
            trace("closing")
            yield* asyncio.sleep(1)
            trace("closed")
          }
        })
        const main = asyncio.coroutine(function* main() {
          trace(yield* asyncio.anext(gen()))
        })
        await run(main())
        trace("end")
      }
    ))

  it("205 shutdown_asyncgens closes the live ones concurrently; errors go to the handler", () =>
    expectSame(
      `${OUTCOME}
      closed = []
      async def gen(name, delay):
          try:
              yield name
          finally:
              await asyncio.sleep(delay)
              closed.append(name)
              if name == "b":
                  raise ValueError("bad")
      async def main():
          loop = asyncio.get_running_loop()
          def handler(loop, context):
              trace(sorted(context), context["message"], repr(context["exception"]), context["asyncgen"] is b)
          loop.set_exception_handler(handler)
          a, b, c = gen("a", 2), gen("b", 1), gen("c", 3)
          for g in (a, b, c):
              await anext(g)
          trace(await loop.shutdown_asyncgens(), repr(closed))
          trace(await outcome(anext(a)))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const closed: Array<unknown> = []
        const gen = asyncio.async_generator(function* gen(name: string, delay: number) {
          try {
            yield name
          } catch (error) {
            yield* asyncio.sleep(delay)
            closed.push(name)
            throw name === "b" ? new ValueError("bad") : error
          }
        })
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const [a, b, c] = [gen("a", 2), gen("b", 1), gen("c", 3)] as const
          loop.set_exception_handler((_, context) => {
            trace(Object.keys(context).sort(), context.message, repr(context.exception), context.asyncgen === b)
          })
          for (const g of [a, b, c]) yield* asyncio.anext(g)
          trace(yield* loop.shutdown_asyncgens(), repr(closed))
          trace(yield* outcome(asyncio.anext(a)))
        })
        await run(main())
      }
    ))

  it("206 iterating a generator after shutdown_asyncgens is a ResourceWarning", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          yield 1
      async def main():
          await asyncio.get_running_loop().shutdown_asyncgens()
          g = gen()
          trace(await anext(g))
          trace(await outcome(anext(g)))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          yield 1
        })
        const main = asyncio.coroutine(function* main() {
          yield* asyncio.get_running_loop().shutdown_asyncgens()
          const g = gen()
          trace(yield* asyncio.anext(g))
          trace(yield* outcome(asyncio.anext(g)))
        })
        await run(main())
      }
    ))
})

describe("steps", () => {
  it("207 two at a time are refused, by the name of the second one", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          await asyncio.sleep(5)
          yield 1
      async def main():
          g = gen()
          first = asyncio.create_task(g.__anext__())
          await asyncio.sleep(1)
          trace(await outcome(g.__anext__()))
          trace(await outcome(g.asend(None)))
          trace(await outcome(g.athrow(ValueError("v"))))
          trace(await outcome(g.aclose()))
          trace(await first)
          trace(await outcome(g.aclose()))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          yield* asyncio.sleep(5)
          yield 1
        })
        const main = asyncio.coroutine(function* main() {
          const g = gen()
          const first = asyncio.create_task(g.__anext__())
          yield* asyncio.sleep(1)
          trace(yield* outcome(g.__anext__()))
          trace(yield* outcome(g.asend(undefined)))
          trace(yield* outcome(g.athrow(new ValueError("v"))))
          trace(yield* outcome(g.aclose()))
          trace(yield* first)
          trace(yield* outcome(g.aclose()))
        })
        await run(main())
      }
    ))

  it("208 leaving async for by break does not close the generator; aclosing does", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          try:
              for n in range(10):
                  yield n
          finally:
              await asyncio.sleep(1)
              trace("closed")
      async def main():
          g = gen()
          async for n in g:
              if n == 2:
                  break
          trace("left", await anext(g))
          async with aclosing(gen()) as h:
              async for n in h:
                  if n == 3:
                      break
              trace("in the block")
          trace("after the block", await outcome(anext(h)))
          await g.aclose()
          trace("end")
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          try {
            for (let n = 0; n < 10; n++) yield n
          } finally {
            yield* asyncio.sleep(1)
            trace("closed")
          }
        })
        const main = asyncio.coroutine(function* main() {
          const g = gen()
          yield* asyncio.async_for(g, function* (n) {
            if (n === 2) return asyncio.BREAK
          })
          trace("left", yield* asyncio.anext(g))
          const h = gen()
          yield* asyncio.async_with(aclosing(h), function* (h) {
            yield* asyncio.async_for(h, function* (n) {
              if (n === 3) return asyncio.BREAK
            })
            trace("in the block")
          })
          trace("after the block", yield* outcome(asyncio.anext(h)))
          yield* g.aclose()
          trace("end")
        })
        await run(main())
      }
    ))

  it("209 anext with a default; a finished generator raises StopAsyncIteration", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          yield 1
      async def main():
          g = gen()
          trace(await anext(g, "default"), await anext(g, "default"), await anext(g, None))
          trace(await outcome(anext(g)), await outcome(g.asend(5)), await outcome(g.athrow(ValueError("v"))))
          trace(await outcome(g.aclose()))
          for wrong in (1, [1], None, outcome):
              trace(await outcome(wrap(lambda: anext(wrong))), await outcome(wrap(lambda: aiter(wrong))))
      async def wrap(call):
          return call()
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          yield 1
        })
        const wrap = asyncio.coroutine(function* wrap(call: () => unknown) {
          return call()
        })
        const main = asyncio.coroutine(function* main() {
          const g: asyncio.AsyncGenerator<number, unknown, never> = gen()
          trace(
            yield* asyncio.anext(g, "default"),
            yield* asyncio.anext(g, "default"),
            yield* asyncio.anext(g, undefined)
          )
          trace(
            yield* outcome(asyncio.anext(g)),
            yield* outcome(g.asend(5)),
            yield* outcome(g.athrow(new ValueError("v")))
          )
          trace(yield* outcome(g.aclose()))
          for (const wrong of [1, [1], undefined, outcome] as unknown as ReadonlyArray<never>) {
            trace(yield* outcome(wrap(() => asyncio.anext(wrong))), yield* outcome(wrap(() => asyncio.aiter(wrong))))
          }
        })
        await run(main())
      }
    ))

  it("209 StopAsyncIteration and StopIteration out of the body become RuntimeErrors", () =>
    expectSame(
      `${OUTCOME}
      async def gen(error):
          yield 1
          raise error
      async def main():
          for error in (StopAsyncIteration("a"), StopIteration("b"), GeneratorExit("c"), ValueError("d")):
              g = gen(error)
              await anext(g)
              trace(await outcome(anext(g)), await outcome(anext(g)))
              if not isinstance(error, StopIteration):
                  h = gen(None)
                  trace(await outcome(h.athrow(error)), await outcome(anext(h)))
              k = gen(None)
              await anext(k)
              trace(await outcome(k.athrow(error)), await outcome(anext(k)), await outcome(k.aclose()))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen(error?: Error) {
          yield 1
          throw error
        })
        const main = asyncio.coroutine(function* main() {
          for (const error of [
            new StopAsyncIteration("a"),
            new StopIteration("b"),
            new GeneratorExit("c"),
            new ValueError("d")
          ]) {
            const g = gen(error)
            yield* asyncio.anext(g)
            trace(yield* outcome(asyncio.anext(g)), yield* outcome(asyncio.anext(g)))
            // A StopIteration that no body sees comes out of CPython's own machinery as a return.
            if (!(error instanceof StopIteration)) {
              const h = gen()
              trace(yield* outcome(h.athrow(error)), yield* outcome(asyncio.anext(h)))
            }
            const k = gen()
            yield* asyncio.anext(k)
            trace(yield* outcome(k.athrow(error)), yield* outcome(asyncio.anext(k)), yield* outcome(k.aclose()))
          }
        })
        await run(main())
      }
    ))

  it("209 yielding in clean-up: async generator ignored GeneratorExit", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          try:
              yield 1
          finally:
              await asyncio.sleep(1)
              yield 2
      async def main():
          g = gen()
          await anext(g)
          for n in range(3):
              trace(await outcome(g.aclose()))
          trace(await outcome(anext(g)), await outcome(anext(g)), await outcome(g.aclose()))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          try {
            yield 1
          } finally {
            yield* asyncio.sleep(1)
            yield 2
          }
        })
        const main = asyncio.coroutine(function* main() {
          const g = gen()
          yield* asyncio.anext(g)
          for (let n = 0; n < 3; n++) trace(yield* outcome(g.aclose()))
          trace(yield* outcome(asyncio.anext(g)), yield* outcome(asyncio.anext(g)), yield* outcome(g.aclose()))
        })
        await run(main())
      }
    ))

  it("209 asend, athrow and aclose reach the body where it stands", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          got = None
          while True:
              try:
                  got = yield ("got", got)
              except ValueError as error:
                  await asyncio.sleep(1)
                  got = str(error)
              trace("body", got)
      async def main():
          g = gen()
          trace(await outcome(g.asend("too early")))
          trace(await outcome(g.asend(None)), await outcome(g.asend("x")), await outcome(g.athrow(ValueError("v"))))
          trace(await outcome(g.athrow(KeyError)), await outcome(g.asend("y")))
          once = gen().asend(None)
          trace(await outcome(once), await outcome(once))
          close = gen().aclose()
          trace(await outcome(close), await outcome(close))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const { KeyError } = await import("@skein/asyncio/builtins")
        const gen = asyncio.async_generator(function* gen(): Generator<
          readonly [string, unknown] | asyncio.Awaitable<unknown>,
          void,
          unknown
        > {
          let got: unknown
          for (;;) {
            try {
              got = yield Object.freeze(["got", got]) as [string, unknown]
            } catch (error) {
              if (!(error instanceof ValueError)) throw error
              yield* asyncio.sleep(1)
              got = str(error)
            }
            trace("body", got)
          }
        })
        const main = asyncio.coroutine(function* main() {
          const g = gen() as asyncio.AsyncGenerator<unknown, unknown, never>
          trace(yield* outcome(g.asend("too early")))
          trace(
            yield* outcome(g.asend(undefined)),
            yield* outcome(g.asend("x")),
            yield* outcome(g.athrow(new ValueError("v")))
          )
          trace(yield* outcome(g.athrow(KeyError)), yield* outcome(g.asend("y")))
          const once = (gen() as typeof g).asend(undefined)
          trace(yield* outcome(once), yield* outcome(once))
          const close = (gen() as typeof g).aclose()
          trace(yield* outcome(close), yield* outcome(close))
        })
        await run(main())
      }
    ))

  it("209 a coroutine that goes on awaiting when it is closed: clean-up still runs to its end on cancellation", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          try:
              yield 1
              await asyncio.sleep(10)
              yield 2
          except asyncio.CancelledError:
              trace("cancelled inside")
              await asyncio.sleep(2)
              trace("cleaned up")
              raise
      async def consume():
          async for n in gen():
              trace("value", n)
      async def main():
          task = asyncio.create_task(consume(), name="consumer")
          await asyncio.sleep(3)
          trace(task.cancel())
          trace(await outcome(task))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          try {
            yield 1
            yield* asyncio.sleep(10)
            yield 2
          } catch (error) {
            trace("cancelled inside")
            yield* asyncio.sleep(2)
            trace("cleaned up")
            throw error
          }
        })
        const consume = asyncio.coroutine(function* consume() {
          yield* asyncio.async_for(gen(), function* (n) {
            trace("value", n)
          })
        })
        const main = asyncio.coroutine(function* main() {
          const task = asyncio.create_task(consume(), { name: "consumer" })
          yield* asyncio.sleep(3)
          trace(task.cancel())
          trace(yield* outcome(task))
        })
        await run(main())
      }
    ))

  it("209 a step that was never awaited is a RuntimeWarning that names the method", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          yield 1
      async def main():
          g = gen()
          g.asend(None)
          trace(await anext(g))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          yield 1
        })
        const main = asyncio.coroutine(function* main() {
          const g = gen() as asyncio.AsyncGenerator<number, unknown, never>
          const forgotten = [g.asend(undefined)]
          forgotten.pop()
          trace(yield* asyncio.anext(g))
        })
        await run(main())
      }
    ))

  it("209 RuntimeErrors of a generator carry the cause", () =>
    expectSame(
      `${OUTCOME}
      async def gen():
          yield 1
          raise StopAsyncIteration("inner")
      async def main():
          g = gen()
          await anext(g)
          try:
              await anext(g)
          except RuntimeError as error:
              trace(repr(error.__cause__), repr(g), type(g).__name__)
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const gen = asyncio.async_generator(function* gen() {
          yield 1
          throw new StopAsyncIteration("inner")
        })
        const main = asyncio.coroutine(function* main() {
          const g = gen()
          yield* asyncio.anext(g)
          try {
            yield* asyncio.anext(g)
          } catch (error) {
            if (error instanceof RuntimeError) trace(repr(error.__cause__), repr(g), g.constructor.name)
          }
        })
        await run(main())
      }
    ))
})
