// contextlib: statement 260; and the statement `async with` itself.

import * as asyncio from "@skein/asyncio"
import {
  ExceptionGroup,
  KeyError,
  RuntimeError,
  repr,
  StopIteration,
  str,
  TypeError,
  ValueError
} from "@skein/asyncio/builtins"
import {
  AsyncExitStack,
  asynccontextmanager,
  closing,
  contextmanager,
  ExitStack,
  nullcontext,
  suppress,
  with_
} from "@skein/asyncio/contextlib"
import { describe, it } from "vitest"
import { expectSame, type Tools } from "../support/same.ts"

const PYTHON = `
      import asyncio
      from contextlib import *
      def text(error):
          return f"{type(error).__name__}: {error}"
      async def outcome(awaitable):
          try:
              return repr(await awaitable)
          except BaseException as error:
              return text(error)
      class Manager:
          def __init__(self, name, swallow=None, enter=0, exit=0, fail=None):
              self.name, self.swallow, self.enter, self.exit, self.fail = name, swallow, enter, exit, fail
          async def __aenter__(self):
              trace("enter", self.name)
              await asyncio.sleep(self.enter)
              return self.name
          async def __aexit__(self, exc_type, exc, tb):
              trace("exit", self.name, exc_type and exc_type.__name__, repr(exc))
              await asyncio.sleep(self.exit)
              trace("left", self.name)
              if self.fail:
                  raise self.fail
              return self.swallow
`

const text = (error: unknown): string => `${(error as Error).name}: ${str(error)}`

const outcome = asyncio.coroutine(function* outcome(awaitable: unknown) {
  try {
    return repr(yield* awaitable as asyncio.Coroutine)
  } catch (error) {
    return text(error)
  }
})

interface ManagerOptions {
  readonly swallow?: boolean
  readonly enter?: number
  readonly exit?: number
  readonly fail?: Error
}

const managers = ({ trace }: Tools) =>
  class Manager {
    readonly name: string
    readonly options: ManagerOptions

    constructor(name: string, options: ManagerOptions = {}) {
      this.name = name
      this.options = options
    }

    *__aenter__() {
      trace("enter", this.name)
      yield* asyncio.sleep(this.options.enter ?? 0)
      return this.name
    }

    *__aexit__(exc_type: { readonly name: string } | undefined, exc: unknown) {
      trace("exit", this.name, exc_type?.name, repr(exc))
      yield* asyncio.sleep(this.options.exit ?? 0)
      trace("left", this.name)
      if (this.options.fail !== undefined) throw this.options.fail
      return this.options.swallow
    }
  }

describe("async with", () => {
  it("enters, runs the body, exits; gives errors to the exit, which may swallow them", () =>
    expectSame(
      `${PYTHON}
      async def block(manager, error=None):
          async with manager as name:
              trace("body", name)
              if error:
                  raise error
              return "result"
      async def main():
          trace(await outcome(block(Manager("a", enter=1, exit=2))))
          trace(await outcome(block(Manager("b"), ValueError("v"))))
          trace(await outcome(block(Manager("c", swallow=True), ValueError("v"))))
          trace(await outcome(block(Manager("d", swallow=True))))
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const Manager = managers(tools)
        const block = asyncio.coroutine(function* block(manager: InstanceType<typeof Manager>, error?: Error) {
          return yield* asyncio.async_with(manager, function* (name) {
            trace("body", name)
            if (error !== undefined) throw error
            return "result"
          })
        })
        const main = asyncio.coroutine(function* main() {
          trace(yield* outcome(block(new Manager("a", { enter: 1, exit: 2 }))))
          trace(yield* outcome(block(new Manager("b"), new ValueError("v"))))
          trace(yield* outcome(block(new Manager("c", { swallow: true }), new ValueError("v"))))
          trace(yield* outcome(block(new Manager("d", { swallow: true }))))
        })
        await run(main())
      }
    ))

  it("several managers are entered in order and left in reverse; what one swallows, the outer ones do not see", () =>
    expectSame(
      `${PYTHON}
      async def main():
          async with Manager("a") as a, Manager("b", swallow=True) as b, Manager("c") as c:
              trace(a, b, c)
              raise ValueError("v")
          trace("after")
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const Manager = managers(tools)
        const main = asyncio.coroutine(function* main() {
          yield* asyncio.async_with(
            new Manager("a"),
            new Manager("b", { swallow: true }),
            new Manager("c"),
            function* (a, b, c) {
              trace(a, b, c)
              throw new ValueError("v")
            }
          )
          trace("after")
        })
        await run(main())
      }
    ))

  it("an error of the exit replaces the one of the body, which becomes its context", () =>
    expectSame(
      `${PYTHON}
      async def main():
          try:
              async with Manager("a", fail=KeyError("k")):
                  raise ValueError("v")
          except KeyError as error:
              trace(text(error), repr(error.__context__), repr(error.__cause__))
          try:
              async with Manager("b", fail=KeyError("k")):
                  pass
          except KeyError as error:
              trace(text(error), repr(error.__context__))
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const Manager = managers(tools)
        const main = asyncio.coroutine(function* main() {
          try {
            yield* asyncio.async_with(new Manager("a", { fail: new KeyError("k") }), function* () {
              throw new ValueError("v")
            })
          } catch (error) {
            if (error instanceof KeyError) trace(text(error), repr(error.__context__), repr(error.__cause__))
          }
          try {
            yield* asyncio.async_with(new Manager("b", { fail: new KeyError("k") }), function* () {})
          } catch (error) {
            if (error instanceof KeyError) trace(text(error), repr(error.__context__))
          }
        })
        await run(main())
      }
    ))

  for (const [where, at] of [
    ["the entry: no exit runs", 1],
    ["the body: the exit sees CancelledError and runs to its end", 3],
    ["the exit: it is thrown into the exit", 5]
  ] as const) {
    it(`cancelled in ${where}`, () =>
      expectSame(
        `${PYTHON}
      async def block():
          try:
              async with Manager("a", enter=2, exit=2):
                  trace("body")
                  await asyncio.sleep(2)
                  trace("body ends")
          finally:
              trace("finally")
      async def main():
          task = asyncio.create_task(block(), name="block")
          await asyncio.sleep(${at})
          task.cancel("stop")
          trace(await outcome(task), task.cancelled())
      asyncio.run(main())
      `,
        async (tools) => {
          const { run, trace } = tools
          const Manager = managers(tools)
          const block = asyncio.coroutine(function* block() {
            try {
              yield* asyncio.async_with(new Manager("a", { enter: 2, exit: 2 }), function* () {
                trace("body")
                yield* asyncio.sleep(2)
                trace("body ends")
              })
            } finally {
              trace("finally")
            }
          })
          const main = asyncio.coroutine(function* main() {
            const task = asyncio.create_task(block(), { name: "block" })
            yield* asyncio.sleep(at)
            task.cancel("stop")
            trace(yield* outcome(task), task.cancelled())
          })
          await run(main())
        },
        { passes: true }
      ))
  }

  it("260 what is not an asynchronous context manager is a TypeError that says what is missing", () =>
    expectSame(
      `${PYTHON}
      class Sync:
          def __enter__(self): pass
          def __exit__(self, *details): pass
      class Half:
          async def __aexit__(self, *details): pass
      class Wrong:
          def __aenter__(self): return 1
          async def __aexit__(self, *details): pass
      class WrongExit:
          async def __aenter__(self): return 1
          def __aexit__(self, *details): return 2
      async def block(manager):
          async with manager:
              trace("body")
      async def main():
          for manager in (1, "s", [], {}, None, Sync(), Half(), Wrong(), WrongExit()):
              trace(await outcome(block(manager)))
          async def stacked(manager):
              async with AsyncExitStack() as stack:
                  await stack.enter_async_context(manager)
          async def plainly(manager):
              with ExitStack() as stack:
                  stack.enter_context(manager)
          for manager in (1, "s", [], {}, None):
              trace(await outcome(stacked(manager)), await outcome(plainly(manager)))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        class Sync {
          __enter__() {}
          __exit__() {}
        }
        class Half {
          *__aexit__() {}
        }
        class Wrong {
          __aenter__() {
            return 1
          }
          *__aexit__() {}
        }
        class WrongExit {
          *__aenter__() {
            return 1
          }
          __aexit__() {
            return 2
          }
        }
        const block = asyncio.coroutine(function* block(manager: never) {
          yield* asyncio.async_with(manager, function* () {
            trace("body")
          })
        })
        const stacked = asyncio.coroutine(function* stacked(manager: never) {
          yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
            yield* stack.enter_async_context(manager)
          })
        })
        const plainly = asyncio.coroutine(function* plainly(manager: never) {
          with_(ExitStack(), (stack) => stack.enter_context(manager))
        })
        const main = asyncio.coroutine(function* main() {
          const wrong = [1, "s", [], {}, undefined] as unknown as ReadonlyArray<never>
          for (const manager of [...wrong, new Sync(), new Half(), new Wrong(), new WrongExit()]) {
            trace(yield* outcome(block(manager as never)))
          }
          for (const manager of wrong) trace(yield* outcome(stacked(manager)), yield* outcome(plainly(manager)))
        })
        await run(main())
      }
    ))
})

describe("asynccontextmanager", () => {
  it("260 a StopIteration out of the body of a synchronous one becomes a RuntimeError, unless it came from the block", () =>
    expectSame(
      `${PYTHON}
      @contextmanager
      def manager(when):
          if when == "before": raise StopIteration("mine")
          try:
              yield when
          finally:
              if when == "after": raise StopIteration("mine")
      def block(when, error):
          with manager(when):
              if error: raise error
      for when in ("before", "between", "after"):
          for error in (None, StopIteration("the block's"), ValueError("v")):
              try:
                  trace(when, block(when, error))
              except Exception as raised:
                  trace(when, text(raised), repr(raised.__cause__))
      `,
      async ({ trace }) => {
        const stop = () => {
          throw new StopIteration("mine")
        }
        const manager = contextmanager(function* manager(when: string) {
          if (when === "before") stop()
          try {
            yield when
          } finally {
            if (when === "after") stop()
          }
        })
        for (const when of ["before", "between", "after"]) {
          for (const error of [undefined, new StopIteration("the block's"), new ValueError("v")]) {
            try {
              trace(
                when,
                with_(manager(when), () => {
                  if (error !== undefined) throw error
                })
              )
            } catch (raised) {
              trace(when, text(raised), repr((raised as Error).cause))
            }
          }
        }
      }
    ))

  it("260 generator didn't yield, generator didn't stop; swallowing an error ends the block quietly", () =>
    expectSame(
      `${PYTHON}
      @asynccontextmanager
      async def manager(kind):
          trace("enter", kind)
          await asyncio.sleep(1)
          if kind == "nothing":
              return
          try:
              yield kind
          except ValueError as error:
              await asyncio.sleep(1)
              trace("caught", repr(error))
              if kind == "other": raise KeyError("other") from error
              if kind == "same": raise
              if kind == "twice": yield "again"
          if kind == "two": yield "again"
          trace("exit", kind)
      async def block(kind, error):
          async with manager(kind) as value:
              trace("body", value)
              if error: raise error
          return "after"
      async def main():
          for kind in ("nothing", "good", "two", "swallow", "other", "same", "twice"):
              for error in (None, ValueError("v"), TypeError("t"), StopAsyncIteration("s"), RuntimeError("r")):
                  trace(kind, await outcome(block(kind, error)))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const { StopAsyncIteration } = await import("@skein/asyncio/builtins")
        const manager = asynccontextmanager(function* manager(kind: string) {
          trace("enter", kind)
          yield* asyncio.sleep(1)
          if (kind === "nothing") return
          try {
            yield kind
          } catch (error) {
            if (!(error instanceof ValueError)) throw error
            yield* asyncio.sleep(1)
            trace("caught", repr(error))
            if (kind === "other") throw new KeyError("other", { cause: error })
            if (kind === "same") throw error
            if (kind === "twice") yield "again"
          }
          if (kind === "two") yield "again"
          trace("exit", kind)
        })
        const block = asyncio.coroutine(function* block(kind: string, error: Error | undefined) {
          yield* asyncio.async_with(manager(kind), function* (value) {
            trace("body", value)
            if (error !== undefined) throw error
          })
          return "after"
        })
        const main = asyncio.coroutine(function* main() {
          for (const kind of ["nothing", "good", "two", "swallow", "other", "same", "twice"]) {
            for (const error of [
              undefined,
              new ValueError("v"),
              new TypeError("t"),
              new StopAsyncIteration("s"),
              new RuntimeError("r")
            ]) {
              trace(kind, yield* outcome(block(kind, error)))
            }
          }
        })
        await run(main())
      }
    ))

  it("260 as a decorator it enters anew for each call", () =>
    expectSame(
      `${PYTHON}
      @asynccontextmanager
      async def tag(name):
          trace("<", name)
          yield
          await asyncio.sleep(1)
          trace(">", name)
      @tag("p")
      async def f(x):
          trace("f", x)
          return x + 1
      async def main():
          trace(await f(1), await f(2), f.__name__)
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const tag = asynccontextmanager(function* tag(name: string) {
          trace("<", name)
          yield
          yield* asyncio.sleep(1)
          trace(">", name)
        })
        const f = tag("p").__call__(
          asyncio.coroutine(function* f(x: number) {
            trace("f", x)
            return x + 1
          })
        )
        const main = asyncio.coroutine(function* main() {
          trace(yield* f(1), yield* f(2), f.name)
        })
        await run(main())
      }
    ))

  it("cancelled in its block, it cleans up and passes the cancellation on", () =>
    expectSame(
      `${PYTHON}
      @asynccontextmanager
      async def manager():
          try:
              yield
          finally:
              trace("cleaning")
              await asyncio.sleep(1)
              trace("clean")
      async def block():
          async with manager():
              await asyncio.sleep(10)
      async def main():
          task = asyncio.create_task(block(), name="block")
          await asyncio.sleep(2)
          task.cancel()
          trace(await outcome(task))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const manager = asynccontextmanager(function* manager() {
          try {
            yield
          } finally {
            trace("cleaning")
            yield* asyncio.sleep(1)
            trace("clean")
          }
        })
        const block = asyncio.coroutine(function* block() {
          yield* asyncio.async_with(manager(), function* () {
            yield* asyncio.sleep(10)
          })
        })
        const main = asyncio.coroutine(function* main() {
          const task = asyncio.create_task(block(), { name: "block" })
          yield* asyncio.sleep(2)
          task.cancel()
          trace(yield* outcome(task))
        })
        await run(main())
      }
    ))
})

describe("AsyncExitStack", () => {
  it("260 unwinds last in first out, through every kind of exit", () =>
    expectSame(
      `${PYTHON}
      @contextmanager
      def plain(name):
          try:
              yield name
          finally:
              trace("plain", name)
      async def acall(*args):
          await asyncio.sleep(1)
          trace("acall", *args)
          return True
      async def aexit(exc_type, exc, tb):
          trace("aexit", repr(exc))
          return isinstance(exc, ValueError)
      def exit(exc_type, exc, tb):
          trace("exit", repr(exc))
          if exc is None: raise ValueError("from exit")
      async def block(error):
          async with AsyncExitStack() as stack:
              trace(await stack.enter_async_context(Manager("m", exit=1)))
              trace(stack.enter_context(plain("p")))
              stack.callback(trace, "callback", 1)
              stack.push_async_callback(acall, "a", 2)
              stack.push_async_exit(aexit)
              stack.push_async_exit(Manager("pushed"))
              stack.push(exit)
              if error: raise error
          return "after"
      async def main():
          trace(await outcome(block(None)))
          trace(await outcome(block(ValueError("v"))))
          trace(await outcome(block(KeyError("k"))))
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const Manager = managers(tools)
        const plain = contextmanager(function* plain(name: string) {
          try {
            yield name
          } finally {
            trace("plain", name)
          }
        })
        const acall = asyncio.coroutine(function* acall(...args: ReadonlyArray<unknown>) {
          yield* asyncio.sleep(1)
          trace("acall", ...args)
          return true
        })
        const aexit = asyncio.coroutine(function* aexit(_type: unknown, exc: unknown) {
          trace("aexit", repr(exc))
          return exc instanceof ValueError
        })
        const exit = (_type: unknown, exc: unknown): undefined => {
          trace("exit", repr(exc))
          if (exc === undefined) throw new ValueError("from exit")
        }
        const block = asyncio.coroutine(function* block(error?: Error) {
          yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
            trace(yield* stack.enter_async_context(new Manager("m", { exit: 1 })))
            trace(stack.enter_context(plain("p")))
            stack.callback(trace, "callback", 1)
            stack.push_async_callback(acall, "a", 2)
            stack.push_async_exit(aexit)
            stack.push_async_exit(new Manager("pushed"))
            stack.push(exit)
            if (error !== undefined) throw error
          })
          return "after"
        })
        const main = asyncio.coroutine(function* main() {
          trace(yield* outcome(block()))
          trace(yield* outcome(block(new ValueError("v"))))
          trace(yield* outcome(block(new KeyError("k"))))
        })
        await run(main())
      }
    ))

  it("260 pop_all() moves the callbacks; aclose() runs them now", () =>
    expectSame(
      `${PYTHON}
      async def main():
          async with AsyncExitStack() as stack:
              stack.callback(trace, "one")
              await stack.enter_async_context(Manager("m", exit=1))
              moved = stack.pop_all()
              stack.callback(trace, "two")
          trace("left", type(moved).__name__)
          await moved.aclose()
          trace("closed")
          await moved.aclose()
          with ExitStack() as plain:
              plain.callback(trace, "three")
              kept = plain.pop_all()
          trace("left", type(kept).__name__)
          kept.close()
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const Manager = managers(tools)
        const main = asyncio.coroutine(function* main() {
          let moved = AsyncExitStack()
          yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
            stack.callback(trace, "one")
            yield* stack.enter_async_context(new Manager("m", { exit: 1 }))
            moved = stack.pop_all()
            stack.callback(trace, "two")
          })
          trace("left", moved.constructor.name)
          yield* moved.aclose()
          trace("closed")
          yield* moved.aclose()
          const kept = with_(ExitStack(), (plain) => {
            plain.callback(trace, "three")
            return plain.pop_all()
          })
          trace("left", kept.constructor.name)
          kept.close()
        })
        await run(main())
      }
    ))

  it("errors of several exits hang together by their contexts", () =>
    expectSame(
      `${PYTHON}
      def fail(error):
          raise error
      async def main():
          try:
              async with AsyncExitStack() as stack:
                  stack.callback(fail, KeyError("outer"))
                  stack.callback(fail, TypeError("inner"))
                  raise ValueError("body")
          except KeyError as error:
              trace(repr(error), repr(error.__context__), repr(error.__context__.__context__))
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const fail = (error: Error): never => {
          throw error
        }
        const main = asyncio.coroutine(function* main() {
          try {
            yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
              stack.callback(fail, new KeyError("outer"))
              stack.callback(fail, new TypeError("inner"))
              throw new ValueError("body")
            })
          } catch (error) {
            const outer = error as KeyError
            const inner = outer.__context__ as TypeError
            trace(repr(outer), repr(inner), repr(inner.__context__))
          }
        })
        await run(main())
      }
    ))

  it("cancelled while it unwinds, the exits that are left see CancelledError and run", () =>
    expectSame(
      `${PYTHON}
      async def block():
          async with AsyncExitStack() as stack:
              for name in "abc":
                  await stack.enter_async_context(Manager(name, exit=2))
      async def main():
          task = asyncio.create_task(block(), name="block")
          await asyncio.sleep(3)
          task.cancel()
          trace(await outcome(task))
      asyncio.run(main())
      `,
      async (tools) => {
        const { run, trace } = tools
        const Manager = managers(tools)
        const block = asyncio.coroutine(function* block() {
          yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
            for (const name of "abc") yield* stack.enter_async_context(new Manager(name, { exit: 2 }))
          })
        })
        const main = asyncio.coroutine(function* main() {
          const task = asyncio.create_task(block(), { name: "block" })
          yield* asyncio.sleep(3)
          task.cancel()
          trace(yield* outcome(task))
        })
        await run(main())
      }
    ))
})

describe("the synchronous half", () => {
  it("contextmanager: generator didn't yield, generator didn't stop, swallowing", () =>
    expectSame(
      `${PYTHON}
      @contextmanager
      def manager(kind):
          if kind == "nothing":
              return
          try:
              yield kind
          except ValueError as error:
              trace("caught", repr(error))
              if kind == "other": raise KeyError("other")
              if kind == "same": raise
              if kind == "twice": yield "again"
          if kind == "two": yield "again"
          trace("exit", kind)
      def block(kind, error):
          with manager(kind) as value:
              if error: raise error
          return "after"
      for kind in ("nothing", "good", "two", "swallow", "other", "same", "twice"):
          for error in (None, ValueError("v"), TypeError("t")):
              try:
                  trace(kind, block(kind, error))
              except Exception as caught:
                  trace(kind, text(caught), kind == "nothing" or repr(caught.__context__))
      @manager("decorated")
      def f(x):
          return x + 1
      trace(f(1), f(2))
      `,
      async ({ trace }) => {
        const manager = contextmanager(function* manager(kind: string) {
          if (kind === "nothing") return
          try {
            yield kind
          } catch (error) {
            if (!(error instanceof ValueError)) throw error
            trace("caught", repr(error))
            if (kind === "other") throw new KeyError("other")
            if (kind === "same") throw error
            if (kind === "twice") yield "again"
          }
          if (kind === "two") yield "again"
          trace("exit", kind)
        })
        const block = (kind: string, error: Error | undefined) => {
          with_(manager(kind), () => {
            if (error !== undefined) throw error
          })
          return "after"
        }
        for (const kind of ["nothing", "good", "two", "swallow", "other", "same", "twice"]) {
          for (const error of [undefined, new ValueError("v"), new TypeError("t")]) {
            try {
              trace(kind, block(kind, error))
            } catch (caught) {
              // There is no StopIteration behind the end of a generator here.
              trace(kind, text(caught), kind === "nothing" || repr((caught as ValueError).__context__))
            }
          }
        }
        const f = manager("decorated").__call__((x: number) => x + 1)
        trace(f(1), f(2))
      }
    ))

  it("suppress takes the matching part out of an exception group; closing, nullcontext", () =>
    expectSame(
      `${PYTHON}
      def attempt(error, *classes):
          try:
              with suppress(*classes):
                  raise error
              return "quiet"
          except BaseException as caught:
              return repr(caught)
      trace(attempt(KeyError("k"), KeyError), attempt(KeyError("k"), ValueError, LookupError), attempt(KeyError("k")))
      group = lambda: ExceptionGroup("g", [KeyError("k"), ValueError("v")])
      trace(attempt(group(), KeyError), attempt(group(), KeyError, ValueError), attempt(group(), TypeError))
      class Thing:
          def close(self): trace("closed")
      with closing(Thing()) as thing:
          trace(type(thing).__name__)
      with nullcontext(5) as five:
          trace(five)
      async def main():
          async with nullcontext() as nothing:
              trace(nothing)
      asyncio.run(main())
      `,
      async ({ run, trace }) => {
        const { LookupError } = await import("@skein/asyncio/builtins")
        const attempt = (error: Error, ...classes: ReadonlyArray<new () => Error>) => {
          try {
            with_(suppress(...classes), () => {
              throw error
            })
            return "quiet"
          } catch (caught) {
            return repr(caught)
          }
        }
        trace(
          attempt(new KeyError("k"), KeyError),
          attempt(new KeyError("k"), ValueError, LookupError),
          attempt(new KeyError("k"))
        )
        const group = () => new ExceptionGroup("g", [new KeyError("k"), new ValueError("v")])
        trace(attempt(group(), KeyError), attempt(group(), KeyError, ValueError), attempt(group(), TypeError))
        class Thing {
          close() {
            trace("closed")
          }
        }
        with_(closing(new Thing()), (thing) => trace(thing.constructor.name))
        with_(nullcontext(5), (five) => trace(five))
        const main = asyncio.coroutine(function* main() {
          yield* asyncio.async_with(nullcontext(), function* (nothing) {
            trace(nothing)
          })
        })
        await run(main())
      }
    ))
})
