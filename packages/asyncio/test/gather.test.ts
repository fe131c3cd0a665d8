import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, expectTypeOf, it } from "vitest"
import { TypeError, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { repr } from "../src/internal/pyrepr.ts"
import { after, deadlockOf, inMain, refused, run, Unit, unitName } from "./support/combining.ts"

const { gather } = asyncio

describe("gather", () => {
  it("gives a typed tuple, and asks for the services of all arguments", async () => {
    const main = asyncio.coroutine(function* main() {
      const results = yield* gather(unitName(), after(1, 7), Effect.succeed(true))
      expectTypeOf(results).toEqualTypeOf<[string, number, boolean]>()
      return results
    })
    const program = main()
    expectTypeOf(program).toExtend<Effect.Effect<[string, number, boolean], unknown, Unit>>()
    expect(await run(program.pipe(Effect.provideService(Unit, { name: "u" })))).toEqual(["u", 7, true])
  })

  it("has errors among the types with return_exceptions, and arrays of any length", () =>
    inMain(function* () {
      const error = new ValueError("v")
      const failing = asyncio.coroutine(function* failing(): Generator<never, number, never> {
        throw error
      })
      const results = yield* gather(after(1, "a"), failing(), { return_exceptions: true })
      expectTypeOf(results).toEqualTypeOf<[string | Error, number | Error]>()
      expect(results).toEqual(["a", error])
      const many = yield* gather(...[1, 2, 3].map((n) => after(n, n)))
      expectTypeOf(many).toEqualTypeOf<Array<number>>()
      expect(many).toEqual([1, 2, 3])
    }))

  it("86 without arguments needs a loop", () => {
    expect(() => gather()).toThrow("There is no current event loop in thread 'MainThread'.")
  })

  it("refuses options that it does not know", () =>
    inMain(function* () {
      expect(refused((coro) => gather(coro, { return_exception: true } as never))).toThrow(
        new TypeError("got an unexpected keyword argument 'return_exception'")
      )
    }))

  it.each([
    ["lazy tasks", undefined],
    ["eager tasks, one of which waits for it too", asyncio.eager_task_factory]
  ] as const)("87 waits once for what is given twice, among %s", (_, factory) =>
    inMain(function* () {
      const loop = asyncio.get_running_loop()
      loop.set_task_factory(factory)
      const future = loop.create_future<string>()
      const done = loop.create_future<string>()
      done.set_result("done")
      const waiting = asyncio.coroutine(function* waiting() {
        return yield* future
      })
      const once = after(1, "once")
      const all = gather(future, done, waiting(), future, once, done, once, future)
      expect(repr(future).match(/_done_callback/g)).toHaveLength(1)
      loop.call_later(2, () => future.set_result("late"))
      expect(yield* all).toEqual(["late", "done", "late", "late", "once", "done", "once", "late"])
    })
  )

  it("refuses what cannot be awaited, behind something that can", () =>
    inMain(function* () {
      const waiting = asyncio.create_task(after(1, 1))
      for (const given of [undefined, null, 5]) {
        expect(() => gather(waiting, given as never)).toThrow(TypeError)
      }
      yield* waiting
    }))

  it("interrupting a fiber that waits for it cancels the children, and awaits them", () =>
    inMain(function* () {
      const ended: Array<number> = []
      const child = asyncio.coroutine(function* child(seconds: number) {
        try {
          yield* asyncio.sleep(100)
        } finally {
          yield* asyncio.sleep(seconds)
          ended.push(asyncio.get_running_loop().time())
        }
      })
      const fiber = yield* Effect.forkChild(gather(child(1), child(2), { return_exceptions: true }))
      yield* asyncio.sleep(1)
      yield* Fiber.interrupt(fiber)
      expect(ended).toEqual([2, 3])
    }))

  it("a deadlock names the children it waits for, once each", async () => {
    const [text] = await deadlockOf(function* () {
      const future = asyncio.get_running_loop().create_future()
      const task = asyncio.create_task(
        asyncio.gather(future).pipe((outer) => waitFor(outer)),
        { name: "child" }
      )
      yield* gather(task, task, after(1, 1))
    })
    expect(text).toContain('task "Task-')
    expect(text).toContain('waits for gather: task "child"\n')
    expect(text).toMatch(/task "child" waits for gather: <Future pending/)
  })
})

const waitFor = asyncio.coroutine(function* waitFor<A>(future: asyncio.Awaitable<A>) {
  return yield* future
})
