import { describe, expect, expectTypeOf, it } from "vitest"
import { KeyError, RuntimeError, TypeError, ValueError } from "../src/builtins.ts"
import * as contextlib from "../src/contextlib.ts"
import * as asyncio from "../src/index.ts"

const {
  aclosing,
  AsyncExitStack,
  asynccontextmanager,
  closing,
  contextmanager,
  ExitStack,
  nullcontext,
  suppress,
  with_
} = contextlib
const virtual = { loop_factory: asyncio.VirtualEventLoop }

describe("with_", () => {
  const manager = (name: string, seen: Array<unknown>, swallow?: boolean) => ({
    __enter__: () => {
      seen.push(`enter ${name}`)
      return name
    },
    __exit__: (exc_type: unknown, exc: unknown) => {
      seen.push([`exit ${name}`, exc_type, exc])
      return swallow
    }
  })

  it("runs a plain body at once, between the entries and the exits in reverse", () => {
    const seen: Array<unknown> = []
    const result = with_(manager("a", seen), manager("b", seen), (a, b) => {
      seen.push("body")
      return a + b
    })
    expect(result).toBe("ab")
    expect(seen).toEqual([
      "enter a",
      "enter b",
      "body",
      ["exit b", undefined, undefined],
      ["exit a", undefined, undefined]
    ])
  })

  it("swallows an error if an exit says so; else throws it", () => {
    const seen: Array<unknown> = []
    const error = new ValueError("v")
    const fail = () => {
      throw error
    }
    expect(() => with_(manager("a", seen), fail)).toThrow(error)
    expect(with_(manager("b", seen, true), manager("c", seen), fail)).toBeUndefined()
    expect(seen).toEqual([
      "enter a",
      ["exit a", ValueError, error],
      "enter b",
      "enter c",
      ["exit c", ValueError, error],
      ["exit b", ValueError, error]
    ])
  })

  it("with a generator function it is awaited; the exits see a cancellation", async () => {
    const seen: Array<unknown> = []
    const block = asyncio.coroutine(function* block() {
      return yield* with_(manager("a", seen), manager("b", seen), function* (a, b) {
        yield* asyncio.sleep(1)
        seen.push("slept")
        yield* asyncio.sleep(10)
        return a + b
      })
    })
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(block())
      yield* asyncio.sleep(5)
      task.cancel()
      yield* asyncio.wait([task])
      seen.push(task.cancelled())
      const loop = asyncio.get_running_loop()
      return [yield* block(), loop.time()]
    })
    expect(await asyncio.run(main(), virtual)).toEqual(["ab", 16])
    const cancelled = expect.any(asyncio.CancelledError)
    expect(seen.slice(0, 6)).toEqual([
      "enter a",
      "enter b",
      "slept",
      ["exit b", asyncio.CancelledError, cancelled],
      ["exit a", asyncio.CancelledError, cancelled],
      true
    ])
  })

  it("an error of an exit replaces the one of the body, which becomes its context", () => {
    const failing = {
      __enter__: () => undefined,
      __exit__: () => {
        throw new KeyError("exit")
      }
    }
    const body = new ValueError("body")
    try {
      with_(failing, () => {
        throw body
      })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(KeyError)
      expect((error as KeyError).__context__).toBe(body)
    }
  })

  it("refuses a plain body that returns what was to be awaited", () => {
    const work = asyncio.coroutine(function* work() {})
    const coroutine = work()
    expect(() => with_(nullcontext(), () => coroutine)).toThrow(
      "the body of with_() returned coroutine, which would run after the exit. Write the body as a generator function"
    )
    coroutine.close()
    expect(() => with_(nullcontext(), async () => {})).toThrow("the body of with_() returned Promise")
  })

  it("disposes of a Disposable", () => {
    const seen: Array<string> = []
    const disposable = { [Symbol.dispose]: () => void seen.push("disposed") }
    expect(with_(disposable, (it) => it === disposable)).toBe(true)
    expect(seen).toEqual(["disposed"])
  })

  it("says what is missing", () => {
    const wrong = (manager: unknown) => () => with_(manager as Disposable, () => 1)
    expect(wrong(5)).toThrow("'int' object does not support the context manager protocol (missed __exit__ method)")
    expect(wrong({ __exit__() {} })).toThrow("(missed __enter__ method)")
    expect(wrong(asyncio.Lock())).toThrow(
      "'Lock' object does not support the context manager protocol (missed __exit__ method) but it supports the " +
        "asynchronous context manager protocol. Did you mean to use 'async with'?"
    )
    expect(wrong(suppress)).toThrow("(missed __exit__ method)")
    expect(() => with_(nullcontext(), 5 as never)).toThrow("with_() takes a function as its body, got int")
    expect(() => (with_ as unknown as (body: () => void) => void)(() => {})).toThrow("at least one context manager")
  })

  it("knows its types", () => {
    expectTypeOf(with_(nullcontext(1), (n) => `${n}`)).toEqualTypeOf<string>()
    expectTypeOf(with_(suppress(KeyError), () => 1)).toEqualTypeOf<number | undefined>()
    const coroutine = with_(closing({ close() {}, n: 1 }), nullcontext("s"), function* ({ n }, s) {
      expectTypeOf(n).toEqualTypeOf<number>()
      expectTypeOf(s).toEqualTypeOf<string>()
      return [n, s] as const
    })
    expectTypeOf(coroutine).toEqualTypeOf<asyncio.Coroutine<readonly [number, string]>>()
    coroutine.close()
  })
})

describe("contextmanager and asynccontextmanager", () => {
  it("take a generator function, and tell what to write instead of anything else", () => {
    expect(() => contextmanager((() => 1) as never)).toThrow(TypeError)
    expect(() => contextmanager(function f() {} as never)).toThrow("Write the star: function* f(...) { ... }.")
    expect(() => asynccontextmanager(async function* f() {} as never)).toThrow("Write function* for async function*")
    expect(() => asynccontextmanager(5 as never)).toThrow("asynccontextmanager() takes a generator function")
  })

  it("asynccontextmanager takes an asynchronous generator function too", async () => {
    const numbers = asyncio.async_generator(function* numbers(n: number) {
      yield n + 1
    })
    const manager = asynccontextmanager(numbers)
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(manager(1), function* (n) {
        expectTypeOf(n).toEqualTypeOf<number>()
        return n
      })
    })
    expect(await asyncio.run(main(), virtual)).toBe(2)
  })

  it("one that was entered and never left is closed at the end of the run", async () => {
    const seen: Array<string> = []
    const manager = asynccontextmanager(function* manager() {
      try {
        yield 1
      } finally {
        yield* asyncio.sleep(1)
        seen.push("closed")
      }
    })
    const main = asyncio.coroutine(function* main() {
      const entered = asyncio.async_with(AsyncExitStack(), function* (stack) {
        yield* stack.enter_async_context(manager())
        stack.pop_all()
      })
      yield* entered
      seen.push("main ends")
    })
    await asyncio.run(main())
    expect(seen).toEqual(["main ends", "closed"])
  })

  it("their decorators refuse what they can not wrap", () => {
    const sync = contextmanager(function* sync() {
      yield
    })
    const async = asynccontextmanager(function* async() {
      yield
    })
    expect(() => sync().__call__(5 as never)).toThrow("a function was expected, got 5")
    expect(() => async().__call__((() => {}) as never)).toThrow("a coroutine function was expected")
  })
})

describe("the base classes", () => {
  it("AbstractContextManager and AbstractAsyncContextManager enter as themselves", async () => {
    class Plain extends contextlib.AbstractContextManager<Plain> {
      __exit__() {
        return undefined
      }
    }
    class Awaited extends contextlib.AbstractAsyncContextManager<Awaited> {
      *__aexit__() {}
    }
    const plain = new Plain()
    expect(with_(plain, (entered) => entered === plain)).toBe(true)
    const awaited = new Awaited()
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(awaited, function* (entered) {
        return entered === awaited
      })
    })
    expect(await asyncio.run(main(), virtual)).toBe(true)
  })

  it("ContextDecorator and AsyncContextDecorator wrap functions", async () => {
    const seen: Array<string> = []
    class Track extends contextlib.ContextDecorator {
      __enter__() {
        seen.push("in")
      }
      __exit__() {
        seen.push("out")
        return undefined
      }
    }
    const add = new Track().__call__((a: number, b: number) => a + b)
    expectTypeOf(add).toEqualTypeOf<(a: number, b: number) => number>()
    expect([add(1, 2), add(3, 4), ...seen]).toEqual([3, 7, "in", "out", "in", "out"])
    class AsyncTrack extends contextlib.AsyncContextDecorator {
      *__aenter__() {
        yield* asyncio.sleep(1)
      }
      *__aexit__() {
        yield* asyncio.sleep(1)
      }
    }
    const work = new AsyncTrack().__call__(
      asyncio.coroutine(function* work(n: number) {
        return [n, asyncio.get_running_loop().time()]
      })
    )
    expect(await asyncio.run(work(5), virtual)).toEqual([5, 1])
  })
})

describe("exit stacks", () => {
  it("ExitStack calls exits last in first out, also after an error, and may swallow it", () => {
    const seen: Array<unknown> = []
    const error = new ValueError("v")
    const result = with_(ExitStack(), (stack) => {
      stack.callback((...args: ReadonlyArray<unknown>) => seen.push(["callback", ...args]), 1, 2)
      expect(stack.enter_context(nullcontext("entered"))).toBe("entered")
      stack.push((_type, exc) => {
        seen.push(["swallows", exc])
        return true
      })
      stack.push((_type, exc) => void seen.push(["sees", exc]))
      throw error
    })
    expect(result).toBeUndefined()
    expect(seen).toEqual([
      ["sees", error],
      ["swallows", error],
      ["callback", 1, 2]
    ])
  })

  it("tell what they take", async () => {
    const stack = AsyncExitStack()
    expect(() => stack.push(5 as never)).toThrow("an exit is a function or a context manager, got 5")
    expect(() => stack.push_async_exit(5 as never)).toThrow(
      "an exit is a coroutine function or an asynchronous context"
    )
    expect(() => stack.callback(5 as never)).toThrow("a function was expected, got 5")
    expect(() => stack.push_async_callback(5 as never)).toThrow("a coroutine function was expected, got 5")
    const manager = contextmanager(function* manager() {
      yield
    })
    expect(() => stack.enter_context(manager as never)).toThrow("protocol: call it, manager(...)")
  })

  it("an asynchronous callback that gives nothing to await is a TypeError", async () => {
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
        stack.push_async_callback((() => 5) as never)
      })
    })
    await expect(asyncio.run(main(), virtual)).rejects.toThrow("does not implement __await__: int")
  })

  it("a failed entry leaves what was entered before to be left", async () => {
    const seen: Array<string> = []
    const manager = asynccontextmanager(function* manager(name: string) {
      if (name === "b") throw new RuntimeError("no b")
      yield name
      seen.push(`left ${name}`)
    })
    const main = asyncio.coroutine(function* main() {
      try {
        yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
          // The exit of `a` sees the error of `b`, and its body, which does not catch it, does not go on.
          stack.callback(() => seen.push("callback"))
          yield* stack.enter_async_context(manager("b"))
        })
      } catch (error) {
        seen.push((error as Error).message)
      }
    })
    await asyncio.run(main(), virtual)
    expect(seen).toEqual(["callback", "no b"])
  })

  it("a subclass keeps its kind when its exits are moved", () => {
    expect(ExitStack().pop_all()).toBeInstanceOf(ExitStack)
    expect(AsyncExitStack().pop_all()).toBeInstanceOf(AsyncExitStack)
    class Mine extends ExitStack {}
    expect(new Mine().pop_all()).toBeInstanceOf(Mine)
  })
})

describe("small managers", () => {
  it("are made with and without new", () => {
    expect(nullcontext(1)).toBeInstanceOf(nullcontext)
    expect(new nullcontext(1).enter_result).toBe(1)
    expect(suppress(KeyError)).toBeInstanceOf(suppress)
    expect(new closing({ close() {} })).toBeInstanceOf(closing)
    expect(aclosing({ *aclose() {} })).toBeInstanceOf(aclosing)
  })

  it("aclosing awaits aclose(), also on cancellation", async () => {
    const seen: Array<string> = []
    const thing = {
      *aclose() {
        yield* asyncio.sleep(1)
        seen.push("closed")
      }
    }
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(
        asyncio.async_with(aclosing(thing), function* (it) {
          seen.push(String(it === thing))
          yield* asyncio.sleep(10)
        })
      )
      yield* asyncio.sleep(2)
      task.cancel()
      yield* asyncio.wait([task])
      return [task.cancelled(), asyncio.get_running_loop().time()]
    })
    expect(await asyncio.run(main(), virtual)).toEqual([true, 3])
    expect(seen).toEqual(["true", "closed"])
  })
})
