import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { TypeError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }
const run = <A>(main: () => Generator<unknown, A, never>): Promise<A> =>
  asyncio.run(asyncio.coroutine(main)(), virtual) as Promise<A>

describe("the classes", () => {
  const kinds = { Queue: asyncio.Queue, LifoQueue: asyncio.LifoQueue, PriorityQueue: asyncio.PriorityQueue }

  it.each(Object.entries(kinds))("%s is made with and without new, with a bound or options", (name, Kind) => {
    for (const queue of [Kind(3), new Kind(3), Kind({ maxsize: 3 }), new Kind({ maxsize: 3 })]) {
      expect(queue).toBeInstanceOf(Kind)
      expect(queue).toBeInstanceOf(asyncio.Queue)
      expect([queue.constructor.name, queue.maxsize, String(queue)]).toEqual([name, 3, `<${name} maxsize=3>`])
      expect(inspect(queue)).toMatch(new RegExp(`^<${name} at 0x[0-9a-f]+ maxsize=3>$`))
    }
    expect([Kind().maxsize, Kind({}).maxsize, Kind(undefined).maxsize]).toEqual([0, 0, 0])
  })

  it("refuse a maxsize that is not a number, and say what to write", () => {
    expect(() => asyncio.Queue("3" as never)).toThrow(
      new TypeError("maxsize is a number of items, such as Queue(3); 0 for no bound; not '3'")
    )
    expect(() => asyncio.Queue(Number.NaN)).toThrow(TypeError)
    expect(asyncio.Queue(Number.POSITIVE_INFINITY).full()).toBe(false)
  })

  it("know the type of their items", () => {
    const queue = new asyncio.Queue<number>()
    expectTypeOf(queue).toEqualTypeOf<asyncio.Queue<number>>()
    expectTypeOf<ReturnType<typeof queue.get>>().toEqualTypeOf<asyncio.Coroutine<number>>()
    expectTypeOf<ReturnType<typeof queue.get_nowait>>().toEqualTypeOf<number>()
    expectTypeOf<Parameters<typeof queue.put>>().toEqualTypeOf<[item: number]>()
    expectTypeOf(asyncio.PriorityQueue<[number, string]>()).toExtend<asyncio.Queue<[number, string]>>()
    const declared: asyncio.Queue<string> = asyncio.LifoQueue(2)
    expectTypeOf<ReturnType<typeof declared.get>>().toExtend<Effect.Effect<string, unknown, never>>()
    // @ts-expect-error -- an item of another type
    expect(() => queue.put_nowait("text")).not.toThrow()
  })

  it("keep undefined and null as items like others", () =>
    run(function* () {
      const queue = new asyncio.Queue<undefined | null>()
      queue.put_nowait(undefined)
      queue.put_nowait(null)
      expect([queue.qsize(), yield* queue.get(), yield* queue.get(), queue.empty()]).toEqual([2, undefined, null, true])
    }))
})

describe("nothing is lost", () => {
  it("an item for an interrupted getter stays for the next", () =>
    run(function* () {
      const queue = new asyncio.Queue<string>()
      const nothing = yield* queue.get().pipe(Effect.timeoutOption("1 second"))
      expect(nothing._tag).toBe("None")
      queue.put_nowait("item")
      expect([String(queue), yield* queue.get()]).toEqual(["<Queue maxsize=0 _queue=['item'] tasks=1>", "item"])
    }))

  it("an item that was not put, since its putter was cancelled, is not in the queue", () =>
    run(function* () {
      const queue = new asyncio.Queue<string>(1)
      queue.put_nowait("first")
      const putter = asyncio.create_task(queue.put("second"))
      yield* asyncio.sleep(1)
      putter.cancel()
      yield* asyncio.wait([putter])
      expect([putter.cancelled(), String(queue)]).toEqual([true, "<Queue maxsize=1 _queue=['first'] tasks=1>"])
    }))

  it("a coroutine that is dropped while it waits wakes the next", () =>
    run(function* () {
      const queue = new asyncio.Queue<string>(1)
      const dropped = queue.get()._begin()
      dropped.next()
      const getter = asyncio.create_task(queue.get())
      yield* asyncio.sleep(0)
      queue.put_nowait("item")
      dropped.return(undefined as never)
      expect(yield* getter).toBe("item")

      queue.put_nowait("full")
      const putter = queue.put("dropped")._begin()
      putter.next()
      const next = asyncio.create_task(queue.put("next"))
      yield* asyncio.sleep(0)
      queue.get_nowait()
      putter.return(undefined)
      yield* next
      expect([queue.get_nowait(), queue.empty()]).toEqual(["next", true])
    }))
})

describe("a deadlock report names task, operation and queue", () => {
  it("for get, put and join; and the waits lead to the queue itself", async () => {
    const full = new asyncio.Queue<number>(1)
    const empty = new asyncio.Queue<number>(2)
    const waitedFor: Array<unknown> = []
    const error: unknown = await run(function* () {
      full.put_nowait(1)
      const tasks = [
        asyncio.create_task(empty.get(), { name: "getter" }),
        asyncio.create_task(full.put(2), { name: "putter" }),
        asyncio.create_task(full.join(), { name: "joiner" })
      ]
      yield* asyncio.sleep(0)
      for (const task of tasks) {
        const { operation, primitive } = task.waitingOn as unknown as { operation: string; primitive: unknown }
        waitedFor.push([operation, primitive])
      }
      yield* asyncio.wait(tasks)
    }).catch((error: unknown) => error)
    expect(waitedFor).toEqual([
      ["Queue.get", empty],
      ["Queue.put", full],
      ["Queue.join", full]
    ])
    const report = (error as Error).message.replace(/0x[0-9a-f]+/g, "0x…").split("\n")
    expect(report.slice(2)).toEqual([
      'task "getter" waits for Queue.get on <Queue at 0x… maxsize=2 _getters[1]>',
      'task "putter" waits for Queue.put on <Queue at 0x… maxsize=1 _queue=[1] _putters[1] tasks=1>',
      'task "joiner" waits for Queue.join on <Queue at 0x… maxsize=1 _queue=[1] _putters[1] tasks=1>'
    ])
  })
})

describe("subclasses", () => {
  it("may keep the items as they like, by _init, _put and _get, as in CPython", () =>
    run(function* () {
      class UniqueQueue<T> extends asyncio.Queue<T> {
        declare _queue: Set<T>
        protected override _init(): void {
          this._queue = new Set()
        }
        protected override _put(item: T): void {
          this._queue.add(item)
        }
        protected override _get(): T {
          const [first] = this._queue
          this._queue.delete(first as T)
          return first as T
        }
      }
      const queue = new UniqueQueue<string>(2)
      for (const item of ["a", "b"]) yield* queue.put(item)
      expect([queue.full(), queue.qsize(), String(queue)]).toEqual([
        true,
        2,
        "<UniqueQueue maxsize=2 _queue=['a', 'b'] tasks=2>"
      ])
      const putter = asyncio.create_task(queue.put("b"))
      yield* asyncio.sleep(0)
      expect(yield* queue.get()).toBe("a")
      yield* putter
      expect([yield* queue.get(), queue.empty()]).toEqual(["b", true])
    }))

  it("may change what put and get do, by put_nowait and get_nowait", () =>
    run(function* () {
      class Doubling extends asyncio.Queue<number> {
        override put_nowait(item: number): void {
          super.put_nowait(item * 2)
        }
        override get_nowait(): number {
          return super.get_nowait() + 1
        }
      }
      const queue = new Doubling(1)
      yield* queue.put(1)
      const putter = asyncio.create_task(queue.put(5))
      yield* asyncio.sleep(0)
      expect([yield* queue.get(), yield* queue.get()]).toEqual([3, 11])
      yield* putter
      const getter = asyncio.create_task(queue.get())
      yield* asyncio.sleep(0)
      yield* queue.put(0)
      expect(yield* getter).toBe(1)
    }))
})
