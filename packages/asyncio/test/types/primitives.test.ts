// Queues, locks, context variables, callbacks and exceptions: what their types carry.

import * as asyncio from "@skein/asyncio"
import {
  type BaseException,
  type BaseExceptionGroup,
  ExceptionGroup,
  except_star,
  KeyError,
  LookupError,
  OSError,
  TypeError,
  ValueError
} from "@skein/asyncio/builtins"
import { type Context, ContextVar, copy_context, type Token } from "@skein/asyncio/contextvars"
import { describe, expect, expectTypeOf, it } from "vitest"
import { run } from "./support/services.ts"

describe("queues", () => {
  it("give what was put in, with and without `new`", async () => {
    const main = asyncio.coroutine(function* main() {
      const queue = asyncio.Queue<number>(2)
      expectTypeOf(queue).toEqualTypeOf<asyncio.Queue<number>>()
      expectTypeOf(new asyncio.Queue<number>({ maxsize: 2 })).toEqualTypeOf<asyncio.Queue<number>>()
      yield* queue.put(1)
      queue.put_nowait(2)
      const first = yield* queue.get()
      expectTypeOf(first).toEqualTypeOf<number>()
      expectTypeOf(queue.get_nowait()).toEqualTypeOf<number>()
      return first
    })
    expect(await run(main())).toBe(1)
  })

  it("take their item's type from where they are kept", () => {
    const queue: asyncio.Queue<string> = asyncio.Queue()
    queue.put_nowait("x")
    const jobs: asyncio.PriorityQueue<[priority: number, job: string]> = new asyncio.PriorityQueue()
    jobs.put_nowait([1, "sweep"])
    expectTypeOf(jobs.get_nowait()).toEqualTypeOf<[priority: number, job: string]>()
    const stack: asyncio.Queue<string> = asyncio.LifoQueue<string>()
    stack.put_nowait("y")
    expect([queue.qsize(), jobs.qsize(), stack.qsize()]).toEqual([1, 0, 1])
  })

  it("hold anything if nothing is said", () => {
    const queue = asyncio.Queue()
    expectTypeOf(queue).toEqualTypeOf<asyncio.Queue<unknown>>()
    queue.put_nowait(1)
    queue.put_nowait("two")
    expect(queue.qsize()).toBe(2)
    expectTypeOf(queue.get_nowait()).toEqualTypeOf<unknown>()
  })

  it("can be subclassed", () => {
    class Counted<T> extends asyncio.Queue<T> {
      puts = 0
      override put_nowait(item: T) {
        this.puts++
        super.put_nowait(item)
      }
    }
    const queue = new Counted<string>()
    queue.put_nowait("a")
    expectTypeOf(queue.get_nowait()).toEqualTypeOf<string>()
    expect(queue.puts).toBe(1)
  })
})

describe("locks", () => {
  it("acquire and wait give true; a condition's wait_for gives what its predicate gives", async () => {
    const main = asyncio.coroutine(function* main() {
      const lock = asyncio.Lock()
      expectTypeOf(lock).toEqualTypeOf<asyncio.Lock>()
      expectTypeOf(yield* lock.acquire()).toEqualTypeOf<true>()
      lock.release()
      const event = asyncio.Event()
      event.set()
      expectTypeOf(yield* event.wait()).toEqualTypeOf<true>()
      const barrier = asyncio.Barrier(1)
      expectTypeOf(yield* barrier.wait()).toEqualTypeOf<number>()
      const condition = asyncio.Condition(lock)
      expectTypeOf(condition).toEqualTypeOf<asyncio.Condition>()
      return yield* asyncio.async_with(condition, function* () {
        const found = yield* condition.wait_for(() => "found")
        expectTypeOf(found).toEqualTypeOf<string>()
        return found
      })
    })
    expect(await run(main())).toBe("found")
  })
})

describe("context variables", () => {
  it("have the type of their value, and may be missing only where they say so", () => {
    const count = ContextVar<number>("count", { default: 0 })
    expectTypeOf(count.get()).toEqualTypeOf<number>()
    expectTypeOf(count.get("none")).toEqualTypeOf<number | string>()
    const token = count.set(2)
    expectTypeOf(token).toEqualTypeOf<Token<number>>()
    const context = copy_context()
    expectTypeOf(context).toEqualTypeOf<Context>()
    expectTypeOf(context.get(count)).toEqualTypeOf<number | undefined>()
    expectTypeOf(context.run((a: number, b: string) => b.repeat(a), 2, "x")).toEqualTypeOf<string>()
    count.reset(token)
    expect([count.get(), context.get(count)]).toEqual([0, 2])
  })

  it("take the type of their default", () => {
    const level = new ContextVar("level", { default: "info" })
    expectTypeOf(level.get()).toEqualTypeOf<string>()
    expect(level.get()).toBe("info")
  })

  it("refuse a value of another type", () => {
    const count = ContextVar<number>("count")
    // @ts-expect-error -- a string where the variable holds numbers
    count.set("one")
    const other = ContextVar<string>("other")
    const token = other.set("x")
    // @ts-expect-error -- the token of another variable
    expect(() => count.reset(token)).toThrow(ValueError)
  })
})

describe("callbacks of the loop", () => {
  it("are checked against their arguments", async () => {
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      const seen: Array<unknown> = []
      const note = (text: string, n: number) => seen.push(text, n)
      const handle = loop.call_soon(note, "a", 1)
      expectTypeOf(handle).toExtend<asyncio.Handle>()
      const timer = loop.call_later(1, note, "b", 2)
      expectTypeOf(timer).toExtend<asyncio.TimerHandle>()
      expectTypeOf(timer.when()).toEqualTypeOf<number>()
      loop.call_at(2, note, "c", 3, { context: copy_context() })
      yield* asyncio.sleep(3)
      return seen
    })
    expect(await run(main())).toEqual(["a", 1, "b", 2, "c", 3])
  })

  it("do not compile with arguments of another type, too many, or too few", () => {
    const loop = asyncio.new_event_loop()
    const note = (text: string, n: number) => [text, n]
    // @ts-expect-error -- the arguments in the wrong order
    loop.call_soon(note, 1, "a")
    // @ts-expect-error -- one missing
    loop.call_soon(note, "a")
    // @ts-expect-error -- one too many
    loop.call_later(1, note, "a", 1, 2)
    // @ts-expect-error -- the delay comes first
    expect(() => loop.call_later(note, 1)).toThrow(TypeError)
    expectTypeOf(loop).toEqualTypeOf<asyncio.EventLoop>()
    loop.close()
  })

  it("of a future get that future", async () => {
    const main = asyncio.coroutine(function* main() {
      const future = asyncio.get_running_loop().create_future<number>()
      let seen = 0
      future.add_done_callback((done) => {
        expectTypeOf(done.result()).toEqualTypeOf<number>()
        seen = done.result()
      })
      future.set_result(5)
      // @ts-expect-error -- a string where the future holds a number
      expect(() => future.set_result("5")).toThrow(asyncio.InvalidStateError)
      yield* asyncio.sleep(0)
      return seen
    })
    expect(await run(main())).toBe(5)
  })
})

describe("exceptions", () => {
  it("are told apart by their class", () => {
    const error: BaseException = new KeyError("k")
    if (error instanceof LookupError) expectTypeOf(error).toEqualTypeOf<LookupError>()
    expectTypeOf<KeyError>().toExtend<LookupError>()
    expectTypeOf<LookupError>().not.toExtend<KeyError>()
    expectTypeOf<ValueError>().not.toExtend<KeyError>()
    expect(error).toBeInstanceOf(LookupError)
  })

  it("except_star: each clause gets a group of its own class", () => {
    const seen: Array<unknown> = []
    except_star(
      ExceptionGroup("several", [new ValueError("v"), new KeyError("k"), new OSError("o")]),
      [
        ValueError,
        (group) => {
          expectTypeOf(group).toEqualTypeOf<ExceptionGroup<ValueError>>()
          seen.push(group.exceptions.length)
        }
      ],
      [
        [KeyError, OSError],
        (group) => {
          expectTypeOf(group).toEqualTypeOf<ExceptionGroup<KeyError | OSError>>()
          for (const error of group.exceptions) seen.push(error.args[0])
        }
      ]
    )
    expect(seen).toEqual([1, "k", "o"])
  })

  it("except_star: handlers that await are awaited with yield*", async () => {
    const main = asyncio.coroutine(function* main() {
      const seen: Array<string> = []
      yield* except_star(new ValueError("v"), [
        ValueError,
        function* (group) {
          expectTypeOf(group).toEqualTypeOf<ExceptionGroup<ValueError>>()
          seen.push(yield* asyncio.sleep(1, group.exceptions[0]?.message ?? ""))
        }
      ])
      return seen
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<Array<string>>>()
    expect(await run(main())).toEqual(["v"])
  })

  it("groups know the class of their exceptions, and split by class", () => {
    const group = new ExceptionGroup("g", [new ValueError("v"), new KeyError("k")])
    expectTypeOf(group).toEqualTypeOf<ExceptionGroup<ValueError | KeyError>>()
    const [matching, rest] = group.split(KeyError)
    expectTypeOf(matching).toEqualTypeOf<ExceptionGroup<KeyError> | undefined>()
    expectTypeOf(rest).toEqualTypeOf<ExceptionGroup<ValueError | KeyError> | undefined>()
    expectTypeOf<ExceptionGroup>().toExtend<BaseExceptionGroup>()
    expect([matching?.exceptions.length, rest?.exceptions.length]).toEqual([1, 1])
  })
})
