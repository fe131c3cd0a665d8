// The statement `async for`, and comprehensions: statement 208 and what surrounds it.

import * as asyncio from "@skein/asyncio"
import { repr, StopAsyncIteration, str, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame, type Tools } from "../support/same.ts"

const PYTHON = `
      import asyncio
      async def outcome(awaitable):
          try:
              return repr(await awaitable)
          except BaseException as error:
              return f"{type(error).__name__}: {error}"
      async def ticks(count, delay=1):
          try:
              for n in range(count):
                  await asyncio.sleep(delay)
                  yield n
          except BaseException as error:
              trace("ticks", repr(error))
              await asyncio.sleep(1)
              trace("ticks cleaned up")
              raise
`

const outcome = asyncio.coroutine(function* outcome<A>(awaitable: asyncio.Awaitable<A>) {
  try {
    return repr(yield* awaitable as asyncio.Coroutine<A>)
  } catch (error) {
    return `${(error as Error).name}: ${str(error)}`
  }
})

const ticksOf = ({ trace }: Tools) =>
  asyncio.async_generator(function* ticks(count: number, delay: number = 1) {
    try {
      for (let n = 0; n < count; n++) {
        yield* asyncio.sleep(delay)
        yield n
      }
    } catch (error) {
      trace("ticks", repr(error))
      yield* asyncio.sleep(1)
      trace("ticks cleaned up")
      throw error
    }
  })

describe("async for", () => {
  it("takes the values as they come; else runs when they are exhausted, and not after break", () =>
    expectSame(
      `${PYTHON}
      async def main():
          async for n in ticks(3):
              trace("body", n)
              await asyncio.sleep(n)
          else:
              trace("else")
              await asyncio.sleep(1)
          trace("then")
          g = ticks(3, 0)
          async for n in g:
              if n == 0:
                  continue
              trace("body", n)
              break
          else:
              trace("never")
          await g.aclose()
          async for n in ticks(0):
              trace("never")
          else:
              trace("empty")
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const ticks = ticksOf(tools)
        const main = asyncio.coroutine(function* main() {
          yield* asyncio.async_for(
            ticks(3),
            function* (n) {
              trace("body", n)
              yield* asyncio.sleep(n)
            },
            {
              *orelse() {
                trace("else")
                yield* asyncio.sleep(1)
              }
            }
          )
          trace("then")
          const never = {
            *orelse() {
              trace("never")
            }
          }
          const g = ticks(3, 0)
          yield* asyncio.async_for(
            g,
            function* (n) {
              if (n === 0) return
              trace("body", n)
              return asyncio.BREAK
            },
            never
          )
          yield* g.aclose()
          yield* asyncio.async_for(
            ticks(0),
            function* () {
              trace("never")
            },
            {
              *orelse() {
                trace("empty")
              }
            }
          )
        })
        await run(main())
      },
      { passes: true }
    ))

  it("goes by __aiter__ and __anext__", () =>
    expectSame(
      `${PYTHON}
      class Countdown:
          def __init__(self, start):
              self.n = start
          def __aiter__(self):
              trace("aiter")
              return self
          async def __anext__(self):
              if self.n == 0:
                  raise StopAsyncIteration
              await asyncio.sleep(1)
              self.n -= 1
              return self.n + 1
      class Delegating:
          def __aiter__(self):
              return ticks(2)
      async def main():
          async for n in Countdown(3):
              trace(n)
          async for n in Delegating():
              trace(n)
          trace(await anext(aiter(Countdown(1))), await outcome(anext(Countdown(0))), await anext(Countdown(0), "none"))
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const ticks = ticksOf(tools)
        class Countdown {
          n: number
          constructor(start: number) {
            this.n = start
          }
          __aiter__() {
            trace("aiter")
            return this
          }
          *__anext__() {
            if (this.n === 0) throw new StopAsyncIteration()
            yield* asyncio.sleep(1)
            this.n -= 1
            return this.n + 1
          }
        }
        class Delegating {
          __aiter__() {
            return ticks(2)
          }
        }
        const main = asyncio.coroutine(function* main() {
          yield* asyncio.async_for(new Countdown(3), function* (n) {
            trace(n)
          })
          yield* asyncio.async_for(new Delegating(), function* (n) {
            trace(n)
          })
          trace(
            yield* asyncio.anext(asyncio.aiter(new Countdown(1))),
            yield* outcome(asyncio.anext(new Countdown(0))),
            yield* asyncio.anext(new Countdown(0), "none")
          )
        })
        await run(main())
      },
      { passes: true }
    ))

  it("what can not be iterated is a TypeError that says what is missing", () =>
    expectSame(
      `${PYTHON}
      class NoAnext:
          def __aiter__(self): return 1
      class BadAnext:
          def __aiter__(self): return self
          def __anext__(self): return 1
      async def loop(iterable):
          async for n in iterable:
              trace("never")
      async def coroutine():
          pass
      async def main():
          c = coroutine()
          for wrong in (1, "s", None, NoAnext(), BadAnext(), c):
              trace(await outcome(loop(wrong)))
          c.close()
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        class NoAnext {
          __aiter__() {
            return 1
          }
        }
        class BadAnext {
          __aiter__() {
            return this
          }
          __anext__() {
            return 1
          }
        }
        const loop = asyncio.coroutine(function* loop(iterable: unknown) {
          yield* asyncio.async_for(iterable as AsyncIterable<unknown>, function* () {
            trace("never")
          })
        })
        const coroutine = asyncio.coroutine(function* () {})
        const main = asyncio.coroutine(function* main() {
          const c = coroutine()
          // A string is a plain iterable in JavaScript: its error has a word of advice more (see async_for.test.ts).
          for (const wrong of [1, undefined, new NoAnext(), new BadAnext(), c]) {
            trace(yield* outcome(loop(wrong)))
            if (wrong === 1) trace("TypeError: 'async for' requires an object with __aiter__ method, got str")
          }
          c.close()
        })
        await run(main())
      }
    ))

  for (const [where, at] of [
    ["the iterator: the generator cleans up and ends", 2.5],
    ["the body: the generator does not see it", 3.5]
  ] as const) {
    it(`cancelled in ${where}`, () =>
      expectSame(
        `${PYTHON}
      async def loop(g):
          async for n in g:
              trace("body", n)
              try:
                  await asyncio.sleep(1)
              except asyncio.CancelledError:
                  trace("cancelled in the body")
                  raise
      async def main():
          g = ticks(5)
          task = asyncio.create_task(loop(g), name="loop")
          await asyncio.sleep(${at})
          task.cancel()
          trace(await outcome(task))
          trace(await outcome(anext(g)))
          await g.aclose()
      asyncio.run(main())
      `,
        async (tools) => {
          const { run, trace } = tools
          const ticks = ticksOf(tools)
          const loop = asyncio.coroutine(function* loop(g: asyncio.AsyncGenerator<number>) {
            yield* asyncio.async_for(g, function* (n) {
              trace("body", n)
              try {
                yield* asyncio.sleep(1)
              } catch (error) {
                trace("cancelled in the body")
                throw error
              }
            })
          })
          const main = asyncio.coroutine(function* main() {
            const g = ticks(5)
            const task = asyncio.create_task(loop(g), { name: "loop" })
            yield* asyncio.sleep(at)
            task.cancel()
            trace(yield* outcome(task))
            trace(yield* outcome(asyncio.anext(g)))
            yield* g.aclose()
          })
          await run(main())
        },
        { passes: true }
      ))
  }

  it("several tasks take turns at one generator only if their steps do not overlap", () =>
    expectSame(
      `${PYTHON}
      async def taker(g, name):
          try:
              async for n in g:
                  trace(name, n)
                  await asyncio.sleep(10)
          except RuntimeError as error:
              trace(name, str(error))
      async def main():
          g = ticks(3)
          a = asyncio.create_task(taker(g, "a"), name="a")
          b = asyncio.create_task(taker(g, "b"), name="b")
          await asyncio.sleep(1.5)
          c = asyncio.create_task(taker(g, "c"), name="c")
          await asyncio.gather(a, b, c)
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const ticks = ticksOf(tools)
        const taker = asyncio.coroutine(function* taker(g: asyncio.AsyncGenerator<number>, name: string) {
          try {
            yield* asyncio.async_for(g, function* (n) {
              trace(name, n)
              yield* asyncio.sleep(10)
            })
          } catch (error) {
            trace(name, str(error))
          }
        })
        const main = asyncio.coroutine(function* main() {
          const g = ticks(3)
          const a = asyncio.create_task(taker(g, "a"), { name: "a" })
          const b = asyncio.create_task(taker(g, "b"), { name: "b" })
          yield* asyncio.sleep(1.5)
          const c = asyncio.create_task(taker(g, "c"), { name: "c" })
          yield* asyncio.gather(a, b, c)
        })
        await run(main())
      },
      { passes: true }
    ))
})

describe("comprehensions", () => {
  it("of lists, sets and dicts; values and conditions may await", () =>
    expectSame(
      `${PYTHON}
      async def double(x):
          await asyncio.sleep(1)
          trace("double", x)
          return 2 * x
      async def odd(x):
          await asyncio.sleep(0.5)
          return x % 2 == 1
      async def main():
          trace(repr([n async for n in ticks(3)]))
          trace(repr([n * n async for n in ticks(5) if n % 2 == 0]))
          trace(repr([await double(n) async for n in ticks(4) if await odd(n)]))
          trace(repr([await double(n) for n in [1, 2]]))
          trace(repr({n % 2 async for n in ticks(4)}))
          trace(repr({n: await double(n) async for n in ticks(2)}))
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const ticks = ticksOf(tools)
        const double = asyncio.coroutine(function* double(x: number) {
          yield* asyncio.sleep(1)
          trace("double", x)
          return 2 * x
        })
        const odd = asyncio.coroutine(function* odd(x: number) {
          yield* asyncio.sleep(0.5)
          return x % 2 === 1
        })
        const main = asyncio.coroutine(function* main() {
          trace(repr(yield* asyncio.comprehension(ticks(3))))
          trace(repr(yield* asyncio.comprehension(ticks(5), (n) => n * n, { where: (n) => n % 2 === 0 })))
          trace(
            repr(
              yield* asyncio.comprehension(
                ticks(4),
                function* (n) {
                  return yield* double(n)
                },
                {
                  *where(n) {
                    return yield* odd(n)
                  }
                }
              )
            )
          )
          trace(
            repr(
              yield* asyncio.comprehension([1, 2], function* (n) {
                return yield* double(n)
              })
            )
          )
          trace(repr(yield* asyncio.set_comprehension(ticks(4), (n) => n % 2)))
          trace(
            repr(
              yield* asyncio.dict_comprehension(ticks(2), function* (n) {
                return [n, yield* double(n)]
              })
            )
          )
        })
        await run(main())
      },
      { passes: true }
    ))

  it("an error, or a cancellation, drops what was collected", () =>
    expectSame(
      `${PYTHON}
      def fail(n):
          if n == 2: raise ValueError(n)
          return n
      async def listing(f, g):
          return [f(n) async for n in g]
      async def main():
          g = ticks(5)
          trace(await outcome(listing(fail, g)), await outcome(anext(g)))
          h = ticks(5)
          task = asyncio.create_task(listing(lambda n: n, h))
          await asyncio.sleep(2.5)
          task.cancel()
          trace(await outcome(task), await outcome(anext(h)))
          await g.aclose()
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const ticks = ticksOf(tools)
        const fail = (n: number) => {
          if (n === 2) throw new ValueError(n)
          return n
        }
        const listing = asyncio.coroutine(function* listing(
          f: (n: number) => number,
          g: asyncio.AsyncGenerator<number>
        ) {
          return yield* asyncio.comprehension(g, f)
        })
        const main = asyncio.coroutine(function* main() {
          const g = ticks(5)
          trace(yield* outcome(listing(fail, g)), yield* outcome(asyncio.anext(g)))
          const h = ticks(5)
          const task = asyncio.create_task(listing((n) => n, h))
          yield* asyncio.sleep(2.5)
          task.cancel()
          trace(yield* outcome(task), yield* outcome(asyncio.anext(h)))
          yield* g.aclose()
        })
        await run(main())
      },
      { passes: true }
    ))
})
