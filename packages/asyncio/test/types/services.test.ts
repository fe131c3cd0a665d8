// The services that a body asks for show in its type, travel through everything that awaits or starts it, and are missed by the
// compiler where a program is run without them.

// Effect's compiler reports it a second time, where `@ts-expect-error` does not reach.
// @effect-diagnostics missingEffectContext:off

import * as asyncio from "@skein/asyncio"
import { KeyError } from "@skein/asyncio/builtins"
import { asynccontextmanager } from "@skein/asyncio/contextlib"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, expectTypeOf, it } from "vitest"
import { Db, db, find, Mail, mail, notify, run } from "./support/services.ts"

/** Runs a program on virtual time, with both services. */
const provided = <A>(main: Effect.Effect<A, unknown, Db | Mail>): Promise<A> =>
  run(main.pipe(Effect.provideService(Db, db), Effect.provideService(Mail, mail)))

/** Rows from a database, one by one. */
const rows = asyncio.async_generator(function* rows(count: number) {
  for (let id = 1; id <= count; id++) yield yield* find(id)
})

/** A connection that says goodbye by mail. */
const connection = asynccontextmanager(function* connection(id: number) {
  const row = yield* find(id)
  try {
    yield row
  } finally {
    yield* notify("bye")
  }
})

describe("the services of a coroutine", () => {
  it("are those of the effects that its body awaits", () => {
    expectTypeOf(find(1)).toEqualTypeOf<asyncio.Coroutine<string, Db>>()
    const both = asyncio.coroutine(function* both() {
      yield* notify(yield* find(1))
      yield* Effect.gen(function* () {
        return yield* Mail
      })
    })
    expectTypeOf(both()).toEqualTypeOf<asyncio.Coroutine<void, Db | Mail>>()
  })

  it("are those of the bare generators that it awaits", () => {
    function* lookUp(id: number) {
      return yield* find(id)
    }
    const main = asyncio.coroutine(function* main() {
      return yield* lookUp(1)
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<string, Db>>()
  })

  it("can be named in an annotation", () => {
    const countDown = asyncio.coroutine(function* countDown(n: number): asyncio.Body<string, Db> {
      return n === 0 ? yield* find(n) : yield* countDown(n - 1)
    })
    expectTypeOf(countDown(3)).toEqualTypeOf<asyncio.Coroutine<string, Db>>()
    expectTypeOf<ReturnType<typeof find>>().toExtend<asyncio.Awaitable<string, Db>>()
    expectTypeOf<ReturnType<typeof find>>().not.toExtend<asyncio.Awaitable<string>>()
  })

  it("are none if the body awaits asyncio's own things only", () => {
    const main = asyncio.coroutine(function* main() {
      const lock = asyncio.Lock()
      yield* lock.acquire()
      yield* asyncio.wait([asyncio.create_task(asyncio.sleep(1))])
      for (const task of asyncio.all_tasks()) yield* task
      yield* asyncio.gather(...asyncio.all_tasks(), { return_exceptions: true })
      yield* asyncio.wait(asyncio.all_tasks())
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<void>>()
  })

  it("are unknown to the compiler where `any` hides what is awaited, which stops nobody", () => {
    const main = asyncio.coroutine(function* main() {
      // biome-ignore lint/suspicious/noExplicitAny: what a library without types gives
      const untyped: any = asyncio.sleep(1)
      yield* untyped
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<void>>()
  })
})

describe("services travel through", () => {
  it("create_task and TaskGroup.create_task", async () => {
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(find(1))
      expectTypeOf(task).toEqualTypeOf<asyncio.Task<string, Db>>()
      const inGroup = yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
        const task = group.create_task(find(2))
        expectTypeOf(task).toEqualTypeOf<asyncio.Task<string, Db>>()
        return yield* task
      })
      return [yield* task, inGroup]
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<Array<string>, Db>>()
    expect(await provided(main())).toEqual(["row 1", "row 2"])
  })

  it("gather, wait, wait_for, shield and as_completed", async () => {
    const main = asyncio.coroutine(function* main() {
      expectTypeOf(asyncio.gather(find(1), notify("n"))).toEqualTypeOf<asyncio.Future<[string, number], Db | Mail>>()
      expectTypeOf(asyncio.wait([asyncio.create_task(find(1))])).toEqualTypeOf<
        asyncio.Coroutine<[done: Set<asyncio.Task<string, Db>>, pending: Set<asyncio.Task<string, Db>>], Db>
      >()
      expectTypeOf(asyncio.wait_for(find(1), 9)).toEqualTypeOf<asyncio.Coroutine<string, Db>>()
      expectTypeOf(asyncio.shield(find(1))).toEqualTypeOf<asyncio.Future<string, Db>>()
      for (const next of asyncio.as_completed([find(1), notify("n")])) {
        expectTypeOf(next).toEqualTypeOf<asyncio.Coroutine<string | number, Db | Mail>>()
        yield* next
      }
      return yield* asyncio.wait_for(asyncio.shield(find(3)), 9)
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<string, Db | Mail>>()
    expect(await provided(main())).toBe("row 3")
  })

  it("async_with: of the manager's entry, of its exit, and of the body", async () => {
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(connection(1), function* (row) {
        expectTypeOf(row).toEqualTypeOf<string>()
        return row.length
      })
    })
    expectTypeOf(main()).toExtend<asyncio.Coroutine<unknown, Db | Mail>>()
    expectTypeOf<asyncio.ServicesOf<ReturnType<typeof main>>>().toEqualTypeOf<Db | Mail>()
    expect(await provided(main())).toBe(5)
    const inBody = asyncio.async_with(asyncio.Lock(), function* () {
      return yield* find(1)
    })
    expectTypeOf(inBody).toEqualTypeOf<asyncio.Coroutine<string, Db>>()
  })

  it("async_for, comprehensions and anext: of the iterable, of the body, of the functions", async () => {
    expectTypeOf(rows(1)).toExtend<asyncio.AsyncGenerator<string, unknown, Db>>()
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.async_for(rows(1), function* (row) {
        yield* notify(row)
      })
      return yield* asyncio.comprehension(rows(2))
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<Array<string>, Db | Mail>>()
    expect(await provided(main())).toEqual(["row 1", "row 2"])
    expectTypeOf(asyncio.anext(rows(1))).toEqualTypeOf<asyncio.Coroutine<string, Db>>()
    const mapped = asyncio.comprehension([1, 2], function* (id) {
      return yield* find(id)
    })
    expectTypeOf(mapped).toEqualTypeOf<asyncio.Coroutine<Array<string>, Db>>()
  })

  it("the handlers of except_star, where they await", () => {
    const main = asyncio.coroutine(function* main() {
      try {
        yield* asyncio.sleep(1)
      } catch (error) {
        yield* except(error)
      }
    })
    function* except(error: unknown) {
      if (error instanceof KeyError) yield* notify(String(error))
    }
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<void, Mail>>()
  })
})

describe("providing", () => {
  it("Effect.provideService and Effect.provide take a service away from the type", async () => {
    const main = asyncio.coroutine(function* main() {
      yield* notify("hello")
      return yield* find(7)
    })
    const withDb = main().pipe(Effect.provideService(Db, db))
    expectTypeOf(withDb).toEqualTypeOf<Effect.Effect<string, unknown, Mail>>()
    const whole = withDb.pipe(Effect.provide(Layer.succeed(Mail, mail)))
    expectTypeOf(whole).toEqualTypeOf<Effect.Effect<string, unknown>>()
    expect(await run(whole)).toBe("row 7")
  })

  it("inside a coroutine as well, for one await", async () => {
    const main = asyncio.coroutine(function* main() {
      return yield* find(8).pipe(Effect.provideService(Db, db))
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<string>>()
    expect(await run(main())).toBe("row 8")
  })
})

// At run time a missing service is Effect's own error, which names it.
describe("a missing service does not compile", () => {
  const missing = /Service not found: test\/Db/

  it("in asyncio.run: coroutine, bare generator, task of a coroutine", async () => {
    // @ts-expect-error -- Db is not provided
    await expect(asyncio.run(find(1))).rejects.toThrow(missing)
    function* main() {
      return yield* find(1)
    }
    // @ts-expect-error -- Db is not provided
    await expect(asyncio.run(main())).rejects.toThrow(missing)
  })

  it("in Runner.run", async () => {
    await using runner = asyncio.Runner()
    // @ts-expect-error -- Db is not provided
    await expect(runner.run(find(1))).rejects.toThrow(missing)
    function* main() {
      return yield* find(1)
    }
    // @ts-expect-error -- Db is not provided
    await expect(runner.run(main())).rejects.toThrow(missing)
  })

  it("in run_until_complete", async () => {
    const loop = asyncio.new_event_loop()
    // @ts-expect-error -- Db is not provided
    await expect(loop.run_until_complete(find(1))).rejects.toThrow(missing)
    function* main() {
      return yield* find(1)
    }
    // @ts-expect-error -- Db is not provided
    await expect(loop.run_until_complete(main())).rejects.toThrow(missing)
    loop.close()
  })

  it("in Effect.runPromise", async () => {
    // @ts-expect-error -- Db is not provided
    await expect(Effect.runPromise(find(1))).rejects.toThrow(missing)
  })

  it("in to_promise and run_coroutine_threadsafe", async () => {
    const main = asyncio.coroutine(function* main() {
      // @ts-expect-error -- Db is not provided
      const promise = asyncio.to_promise(find(1))
      const loop = asyncio.get_running_loop()
      // @ts-expect-error -- Db is not provided
      const future = asyncio.run_coroutine_threadsafe(find(1), loop)
      return [yield* asyncio.wrap_future(promise.catch(String)), yield* asyncio.wrap_future(future)]
    })
    await expect(asyncio.run(main())).rejects.toThrow(missing)
  })
})
