// What is bound by async_with, async_for, generators, comprehensions and the managers of contextlib.

import * as asyncio from "@skein/asyncio"
import { KeyError, StopAsyncIteration } from "@skein/asyncio/builtins"
import {
  AsyncExitStack,
  aclosing,
  asynccontextmanager,
  closing,
  contextmanager,
  nullcontext,
  suppress,
  with_
} from "@skein/asyncio/contextlib"
import * as Stream from "effect/Stream"
import { describe, expect, expectTypeOf, it } from "vitest"
import { run } from "./support/services.ts"

const ticks = asyncio.async_generator(function* ticks(count = 3, step = 1) {
  for (let n = 0; n < count; n++) {
    yield* asyncio.sleep(1)
    yield n * step
  }
})

const opened = asynccontextmanager(function* opened(name: string, mode = "r") {
  yield* asyncio.sleep(1)
  yield { name, mode }
})

class Connection {
  *__aenter__() {
    yield* asyncio.sleep(1)
    return "connected" as const
  }
  *__aexit__() {
    yield* asyncio.sleep(1)
  }
}

describe("async_with", () => {
  it("binds what the entry gives, and gives what the body returns", async () => {
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(new Connection(), function* (state) {
        expectTypeOf(state).toEqualTypeOf<"connected">()
        yield* asyncio.sleep(0)
        return state.length
      })
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<number>>()
    expect(await run(main())).toBe(9)
  })

  it("binds one value for each of several managers", async () => {
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(new Connection(), asyncio.Lock(), opened("f"), function* (state, lock, file) {
        expectTypeOf(state).toEqualTypeOf<"connected">()
        expectTypeOf(lock).toEqualTypeOf<undefined>()
        expectTypeOf(file).toEqualTypeOf<{ name: string; mode: string }>()
        return [state, lock, file.name, file.mode] as const
      })
    })
    expect(await run(main())).toEqual(["connected", undefined, "f", "r"])
  })

  it("gives undefined as well where the exit says by its type that it swallows errors", async () => {
    class Swallow {
      *__aenter__() {}
      *__aexit__(): Generator<never, boolean, unknown> {
        return true
      }
    }
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(new Swallow(), function* () {
        return 1
      })
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<number | undefined>>()
    expect(await run(main())).toBe(1)
  })

  it("takes what JavaScript disposes of asynchronously, and binds it", async () => {
    class File implements AsyncDisposable {
      readonly size = 3
      async [Symbol.asyncDispose]() {}
    }
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(new File(), function* (file) {
        expectTypeOf(file).toEqualTypeOf<File>()
        return file.size
      })
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<number>>()
    expect(await asyncio.run(main())).toBe(3)
  })
})

describe("async_for", () => {
  it("binds the values of an asynchronous generator, of an iterator of one's own, of JavaScript's, of a stream", async () => {
    class Countdown {
      private left = 2
      __aiter__() {
        return this
      }
      *__anext__() {
        yield* asyncio.sleep(0)
        if (this.left === 0) throw new StopAsyncIteration()
        return `${this.left--}`
      }
    }
    async function* promised() {
      yield true
    }
    const main = asyncio.coroutine(function* main() {
      const seen: Array<number | string | boolean> = []
      yield* asyncio.async_for(ticks(2), function* (n) {
        expectTypeOf(n).toEqualTypeOf<number>()
        seen.push(n)
      })
      yield* asyncio.async_for(new Countdown(), function* (text) {
        expectTypeOf(text).toEqualTypeOf<string>()
        seen.push(text)
      })
      yield* asyncio.async_for(promised(), function* (flag) {
        expectTypeOf(flag).toEqualTypeOf<boolean>()
        seen.push(flag)
        return asyncio.BREAK
      })
      yield* asyncio.async_for(Stream.make("a", "b"), function* (letter) {
        expectTypeOf(letter).toEqualTypeOf<"a" | "b">()
        seen.push(letter)
      })
      return seen
    })
    expect(await asyncio.run(main())).toEqual([0, 1, "2", "1", true, "a", "b"])
  })
})

describe("asynchronous generators", () => {
  it("keep their parameters, defaults included, and give what a plain yield gives", () => {
    expectTypeOf(ticks).parameters.toEqualTypeOf<[count?: number | undefined, step?: number | undefined]>()
    expectTypeOf(ticks()).toEqualTypeOf<asyncio.AsyncGenerator<number>>()
    expectTypeOf(ticks().__anext__()).toExtend<asyncio.Coroutine<number>>()
  })

  it("keep type parameters and `this`", async () => {
    const repeated = asyncio.async_generator(function* repeated<T>(value: T, times: number) {
      for (let n = 0; n < times; n++) yield value
    })
    expectTypeOf(repeated("x", 2)).toEqualTypeOf<asyncio.AsyncGenerator<string>>()
    class Shelf {
      readonly books = ["one", "two"]
      readonly all = asyncio.async_generator(function* all(this: Shelf, from = 0) {
        for (const book of this.books.slice(from)) yield book
      })
    }
    const shelf = new Shelf()
    expectTypeOf(shelf.all()).toEqualTypeOf<asyncio.AsyncGenerator<string>>()
    expect(await run(asyncio.comprehension(shelf.all(1)))).toEqual(["two"])
  })

  it("take what is sent in from an annotation", async () => {
    const echo = asyncio.async_generator(function* echo(): Generator<number, void, string> {
      let sum = 0
      for (;;) {
        const sent = yield sum
        sum += sent.length
      }
    })
    expectTypeOf(echo()).toEqualTypeOf<asyncio.AsyncGenerator<number, string>>()
    const main = asyncio.coroutine(function* main() {
      const it = echo()
      yield* asyncio.anext(it)
      const total = yield* it.asend("four")
      expectTypeOf(total).toEqualTypeOf<number>()
      yield* it.aclose()
      return total
    })
    expect(await run(main())).toBe(4)
  })
})

describe("anext and aiter", () => {
  it("anext gives a value, or the default", async () => {
    const main = asyncio.coroutine(function* main() {
      const it = asyncio.aiter(ticks(1))
      expectTypeOf(it).toEqualTypeOf<asyncio.AsyncGenerator<number>>()
      const first = yield* asyncio.anext(it)
      expectTypeOf(first).toEqualTypeOf<number>()
      const second = yield* asyncio.anext(it, "end" as const)
      expectTypeOf(second).toEqualTypeOf<number | "end">()
      return [first, second]
    })
    expect(await run(main())).toEqual([0, "end"])
  })
})

describe("comprehensions", () => {
  it("give arrays, sets and maps of what their functions give, awaited or not", async () => {
    const main = asyncio.coroutine(function* main() {
      const plain = yield* asyncio.comprehension(ticks())
      expectTypeOf(plain).toEqualTypeOf<Array<number>>()
      const mapped = yield* asyncio.comprehension(ticks(), (n) => `n${n}`, { where: (n) => n > 0 })
      expectTypeOf(mapped).toEqualTypeOf<Array<string>>()
      const awaiting = yield* asyncio.comprehension(["a", "b"], function* (letter) {
        expectTypeOf(letter).toEqualTypeOf<string>()
        return yield* asyncio.sleep(1, letter.length)
      })
      expectTypeOf(awaiting).toEqualTypeOf<Array<number>>()
      const set = yield* asyncio.set_comprehension(ticks(), (n) => n % 2 === 0)
      expectTypeOf(set).toEqualTypeOf<Set<boolean>>()
      const dict = yield* asyncio.dict_comprehension(ticks(1), (n) => [`k${n}`, n])
      expectTypeOf(dict).toEqualTypeOf<Map<string, number>>()
      return [plain, mapped, awaiting, set, dict]
    })
    expect(await run(main())).toEqual([[0, 1, 2], ["n1", "n2"], [1, 1], new Set([true, false]), new Map([["k0", 0]])])
  })
})

describe("contextlib", () => {
  it("asynccontextmanager keeps parameters, defaults included, and binds what is yielded", async () => {
    expectTypeOf(opened).parameters.toEqualTypeOf<[name: string, mode?: string | undefined]>()
    const held = asynccontextmanager(function* held<T>(value: T) {
      yield* asyncio.sleep(1)
      yield value
    })
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(held(5), function* (value) {
        expectTypeOf(value).toEqualTypeOf<number>()
        return value
      })
    })
    expect(await run(main())).toBe(5)
  })

  it("asynccontextmanager takes an asynchronous generator function", async () => {
    const first = asynccontextmanager(ticks)
    expectTypeOf(first).parameters.toEqualTypeOf<[count?: number | undefined, step?: number | undefined]>()
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(first(1), function* (n) {
        expectTypeOf(n).toEqualTypeOf<number>()
        return n
      })
    })
    expect(await run(main())).toBe(0)
  })

  it("contextmanager and with_: a plain body gives its result, a generator function a coroutine", async () => {
    const tag = contextmanager(function* tag(name: string, closed = true) {
      yield closed ? `</${name}>` : name
    })
    expectTypeOf(tag).parameters.toEqualTypeOf<[name: string, closed?: boolean | undefined]>()
    const length = with_(tag("p"), (text) => {
      expectTypeOf(text).toEqualTypeOf<string>()
      return text.length
    })
    expectTypeOf(length).toEqualTypeOf<number>()
    const awaiting = with_(tag("p"), nullcontext(1), function* (text, one) {
      expectTypeOf(one).toEqualTypeOf<number>()
      return yield* asyncio.sleep(1, text)
    })
    expectTypeOf(awaiting).toEqualTypeOf<asyncio.Coroutine<string>>()
    expect([length, await run(awaiting)]).toEqual([4, "</p>"])
  })

  it("suppress may give undefined; closing and aclosing bind what they close", async () => {
    const maybe = with_(suppress(KeyError), () => 1)
    expectTypeOf(maybe).toEqualTypeOf<number | undefined>()
    const closed: Array<string> = []
    const thing = { name: "t", close: () => closed.push("t") }
    expectTypeOf(with_(closing(thing), ({ name }) => name)).toEqualTypeOf<string>()
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(aclosing(ticks()), function* (all) {
        expectTypeOf(all).toEqualTypeOf<asyncio.AsyncGenerator<number>>()
        return yield* asyncio.anext(all)
      })
    })
    expect([maybe, closed, await run(main())]).toEqual([1, ["t"], 0])
  })

  it("AsyncExitStack gives what it enters", async () => {
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
        const state = yield* stack.enter_async_context(new Connection())
        expectTypeOf(state).toEqualTypeOf<"connected">()
        const one = stack.enter_context(nullcontext(1))
        expectTypeOf(one).toEqualTypeOf<number>()
        return [state, one]
      })
    })
    expect(await run(main())).toEqual(["connected", 1])
  })
})
