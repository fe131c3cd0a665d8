// A task among Effect's fibers: services, spans, interruption, leaves, children, frames.

import { AsyncLocalStorage } from "node:async_hooks"
import { VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import { Cause, Clock, Context, Deferred, Effect, Exit, Fiber, Layer, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, expectTypeOf, it } from "vitest"
import { KeyError, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }
const run = <T extends asyncio.Awaitable<unknown>>(main: T) => asyncio.run(main, virtual)

class Db extends Context.Service<Db, { readonly name: string }>()("test/Db") {}
class Cache extends Context.Service<Cache, { readonly size: number }>()("test/Cache") {}

const dbName = asyncio.coroutine(function* dbName() {
  yield* asyncio.sleep(1)
  return (yield* Db).name
})

describe("services", () => {
  it("that a body asks for are in its type, and are provided as everywhere in Effect", async () => {
    const main = asyncio.coroutine(function* main() {
      return [yield* dbName(), (yield* Cache).size] as const
    })
    expectTypeOf(main()).toExtend<Effect.Effect<readonly [string, number], unknown, Db | Cache>>()
    const layer = Layer.mergeAll(Layer.succeed(Db)({ name: "main" }), Layer.succeed(Cache)({ size: 3 }))
    expect(await run(main().pipe(Effect.provide(layer)))).toEqual(["main", 3])
  })

  it("are inherited by tasks from their creator, also by those of gather and of tasks of tasks", async () => {
    const outer = asyncio.coroutine(function* outer() {
      return yield* asyncio.create_task(dbName())
    })
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(outer())
      return [yield* task, yield* asyncio.gather(dbName(), outer())]
    })
    expect(await run(main().pipe(Effect.provideService(Db, { name: "main" })))).toEqual(["main", ["main", "main"]])
  })

  it("provided around an inner coroutine hold in it and in its tasks, and not outside", async () => {
    const inner = asyncio.coroutine(function* inner() {
      return [yield* dbName(), yield* asyncio.create_task(dbName())]
    })
    const main = asyncio.coroutine(function* main() {
      return [
        yield* dbName(),
        yield* inner().pipe(Effect.provideService(Db, { name: "inner" })),
        yield* asyncio.create_task(dbName())
      ]
    })
    expect(await run(main().pipe(Effect.provideService(Db, { name: "outer" })))).toEqual([
      "outer",
      ["inner", "inner"],
      "outer"
    ])
  })

  it("are there for effects that are awaited, which see the loop and its clock too", async () => {
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.sleep(5)
      const millis = yield* Clock.currentTimeMillis
      yield* Effect.sleep("2 seconds")
      const loop = asyncio.get_running_loop()
      return [millis, loop.time(), (yield* asyncio.CurrentLoop) === loop]
    })
    expect(await run(main())).toEqual([5000, 7, true])
  })

  it("missing at run time are an error at the await, named by Effect", async () => {
    const main = asyncio.coroutine(function* main() {
      try {
        yield* dbName()
      } catch (error) {
        return (error as Error).message
      }
      return "provided"
    })
    expect(await run(main() as asyncio.Coroutine<string>)).toContain("test/Db")
  })
})

describe("what else a task inherits", () => {
  it("the tracing span of its creator", async () => {
    const spanName = Effect.map(Effect.currentSpan, (span) => span.name)
    const child = asyncio.coroutine(function* child() {
      yield* asyncio.sleep(1)
      const parent = yield* Effect.currentParentSpan.pipe(Effect.withSpan("leaf"))
      return [yield* spanName, parent._tag === "Span" && parent.parent._tag]
    })
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.create_task(child())
    })
    expect(await run(main().pipe(Effect.withSpan("request")))).toEqual(["request", "Some"])
  })

  it("AsyncLocalStorage, as it was where the task was made", async () => {
    const storage = new AsyncLocalStorage<string>()
    const child = asyncio.coroutine(function* child() {
      const before = storage.getStore()
      yield* asyncio.sleep(1)
      yield* Effect.promise(() => Promise.resolve())
      return [before, storage.getStore()]
    })
    const main = asyncio.coroutine(function* main() {
      const [one, two] = ["one", "two"].map((value) => storage.run(value, () => asyncio.create_task(child())))
      return yield* asyncio.gather(one as asyncio.Task, two as asyncio.Task, asyncio.create_task(child()))
    })
    expect(await storage.run("outside", () => run(main()))).toEqual([
      ["one", "one"],
      ["two", "two"],
      ["outside", "outside"]
    ])
  })
})

describe("a task as a fiber", () => {
  const child = asyncio.coroutine(function* child<A>(delay: number, value: A) {
    yield* asyncio.sleep(delay)
    if (value instanceof Error) throw value
    return value
  })

  it("is the current fiber within its coroutine, and within no other", async () => {
    const main = asyncio.coroutine(function* main() {
      const here = Fiber.getCurrent() === (asyncio.current_task() as unknown)
      yield* asyncio.sleep(1)
      const leaf = yield* Effect.sync(() => Fiber.getCurrent() === (asyncio.current_task() as unknown))
      return [here, Fiber.getCurrent() === (asyncio.current_task() as unknown), leaf]
    })
    expect(await run(main())).toEqual([true, true, false])
    expect(Fiber.getCurrent()).toBe(undefined)
  })

  it("can be joined, awaited and polled by effects", async () => {
    const error = new ValueError("v")
    const main = asyncio.coroutine(function* main() {
      const good = asyncio.create_task(child(1, "good"))
      const bad = asyncio.create_task(child(2, error))
      const cancelled = asyncio.create_task(child(3, "never"))
      const polled = good.pollUnsafe()
      const joined = yield* Fiber.join(good)
      const failed = yield* Fiber.await(bad)
      cancelled.cancel()
      const interrupted = yield* Fiber.await(cancelled)
      return { polled, joined, failed, interrupted, isFiber: Fiber.isFiber(good), polledAfter: good.pollUnsafe() }
    })
    const seen = await run(main())
    expect(seen.polled).toBe(undefined)
    expect(seen.joined).toBe("good")
    expect(seen.failed).toEqual(Exit.fail(error))
    expect(Exit.isFailure(seen.interrupted) && Cause.hasInterruptsOnly(seen.interrupted.cause)).toBe(true)
    expect(seen.isFiber).toBe(true)
    expect(seen.polledAfter).toEqual(Exit.succeed("good"))
  })

  it("can be joined and awaited among others, done or not", async () => {
    const error = new ValueError("v")
    const main = asyncio.coroutine(function* main() {
      const tasks = [asyncio.create_task(child(0, "a")), asyncio.create_task(child(2, "b"))] as const
      yield* asyncio.sleep(1)
      const all = yield* Fiber.joinAll(tasks)
      const bad = asyncio.create_task(child(1, error))
      const slow = asyncio.create_task(child(5, "slow"))
      const joined = yield* Effect.exit(Fiber.joinAll([bad, slow]))
      const exits = yield* Fiber.awaitAll([bad, slow])
      return { all, joined, exits, cancelling: slow.cancelling() }
    })
    const seen = await run(main())
    expect(seen.all).toEqual(["a", "b"])
    expect(seen.joined).toEqual(Exit.fail(error))
    expect(seen.exits).toEqual([Exit.fail(error), Exit.succeed("slow")])
    expect(seen.cancelling).toBe(0)
  })

  it("wakes who joins it after its step, when it is no longer the current task", async () => {
    const seen: Array<unknown> = []
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(child(1, "a"))
      const joiner = Effect.andThen(
        Fiber.join(task),
        Effect.sync(() => seen.push(asyncio.current_task()))
      )
      const forked = yield* Effect.forkChild(joiner)
      const hosted = yield* Effect.forkChild(
        Effect.andThen(
          child(1, "b"),
          Effect.sync(() => seen.push(asyncio.current_task()))
        )
      )
      yield* Fiber.joinAll([forked, hosted])
    })
    await run(main())
    expect(seen).toEqual([undefined, undefined])
  })

  it("that failed throws its own error at the one who joins it", async () => {
    const error = new ValueError("v")
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(child(1, error))
      try {
        yield* Fiber.join(task)
      } catch (caught) {
        return caught
      }
      return undefined
    })
    expect(await run(main())).toBe(error)
  })

  it("is cancelled by Fiber.interrupt, which waits until its clean-up has run", async () => {
    const seen: Array<unknown> = []
    const stubborn = asyncio.coroutine(function* stubborn() {
      try {
        yield* asyncio.sleep(100)
      } catch (error) {
        seen.push((error as Error).name)
        throw error
      } finally {
        yield* asyncio.sleep(5)
        seen.push("cleaned up")
      }
    })
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(stubborn())
      yield* asyncio.sleep(1)
      yield* Fiber.interrupt(task)
      seen.push(task.cancelled(), task.cancelling(), asyncio.get_running_loop().time())
    })
    await run(main())
    expect(seen).toEqual(["CancelledError", "cleaned up", true, 1, 6])
  })

  it("has a number of its own that no fiber of Effect's has", async () => {
    const main = asyncio.coroutine(function* main() {
      const tasks = [asyncio.create_task(child(0, 1)), asyncio.create_task(child(0, 2))] as const
      const fiber = yield* Effect.withFiber((leaf) => Effect.succeed(leaf.id))
      yield* asyncio.gather(...tasks)
      return [tasks[0].id < 0, tasks[0].id !== tasks[1].id, fiber > 0]
    })
    expect(await run(main())).toEqual([true, true, true])
  })
})

describe("interrupting the fiber that runs a coroutine", () => {
  it("throws CancelledError where it waits, and waits for its except and finally blocks", async () => {
    const seen: Array<unknown> = []
    const body = asyncio.coroutine(function* body() {
      try {
        yield* asyncio.sleep(1000)
      } catch (error) {
        seen.push((error as Error).name)
        yield* asyncio.sleep(1)
        seen.push("caught")
        throw error
      } finally {
        yield* Effect.sleep("1 second")
        seen.push("finally")
      }
    })
    const program = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(body())
      yield* Effect.sleep("10 seconds")
      yield* Fiber.interrupt(fiber)
      seen.push(yield* Clock.currentTimeMillis)
      return yield* Fiber.await(fiber)
    })
    const exit = await VirtualTime.runPromise(program)
    expect(seen).toEqual(["CancelledError", "caught", "finally", 12_000])
    expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
  })

  it("by a timeout does the same", async () => {
    const seen: Array<string> = []
    const body = asyncio.coroutine(function* body() {
      try {
        yield* asyncio.sleep(1000)
      } finally {
        yield* asyncio.sleep(1)
        seen.push("cleaned up")
      }
    })
    const result = await VirtualTime.runPromise(Effect.result(Effect.timeout(body(), "5 seconds")))
    expect(result._tag === "Failure" && Cause.isTimeoutError(result.failure)).toBe(true)
    expect(seen).toEqual(["cleaned up"])
  })

  it("that refuses it ends by its own value all the same: the interruption stays", async () => {
    const body = asyncio.coroutine(function* body() {
      try {
        yield* asyncio.sleep(1000)
      } catch {
        return "refused"
      }
      return "slept"
    })
    const exit = await VirtualTime.runPromise(
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(body())
        yield* Effect.sleep("1 second")
        yield* Fiber.interrupt(fiber)
        return yield* Fiber.await(fiber)
      })
    )
    expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
  })
})

describe("an effect that a coroutine awaits", () => {
  it("is all that task.cancel() interrupts; its finalizers are awaited before CancelledError is thrown", async () => {
    const seen: Array<unknown> = []
    const leaf = Effect.never.pipe(
      Effect.onInterrupt(() =>
        Effect.andThen(
          Effect.sleep("3 seconds"),
          Effect.sync(() => seen.push("released"))
        )
      )
    )
    const body = asyncio.coroutine(function* body() {
      try {
        yield* leaf
      } catch (error) {
        seen.push((error as asyncio.CancelledError).args, asyncio.get_running_loop().time())
      }
      yield* asyncio.sleep(1)
      return "went on"
    })
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(body())
      yield* asyncio.sleep(1)
      seen.push(task.cancel("message"))
      return yield* task
    })
    expect(await run(main())).toBe("went on")
    expect(seen).toEqual([true, "released", ["message"], 4])
  })

  it("that cannot be interrupted runs to its end before CancelledError is thrown, as it would in a fiber", async () => {
    const seen: Array<unknown> = []
    const body = asyncio.coroutine(function* body() {
      try {
        yield* Effect.uninterruptible(
          Effect.andThen(
            Effect.sleep("3 seconds"),
            Effect.sync(() => seen.push("whole"))
          )
        )
      } catch (error) {
        seen.push((error as asyncio.CancelledError).args, asyncio.get_running_loop().time())
      }
    })
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(body())
      yield* asyncio.sleep(1)
      task.cancel("message")
      yield* task
    })
    await run(main())
    expect(seen).toEqual(["whole", ["message"], 3])
  })

  it("that ends at once does not suspend", async () => {
    const seen: Array<string> = []
    const main = asyncio.coroutine(function* main() {
      asyncio.get_running_loop().call_soon(() => seen.push("others"))
      yield* Effect.succeed(1)
      yield* Effect.sync(() => 2)
      seen.push("main")
      yield* asyncio.sleep(0)
    })
    await run(main())
    expect(seen).toEqual(["main", "others"])
  })

  it("throws its failure, its defect, or CancelledError, as its squashed cause", async () => {
    const failure = new KeyError("failure")
    const defect = new ValueError("defect")
    const main = asyncio.coroutine(function* main() {
      const seen: Array<unknown> = []
      const effects = [
        Effect.fail(failure),
        Effect.die(defect),
        Effect.interrupt,
        Effect.fail("text"),
        Effect.andThen(Effect.sleep(10), Effect.fail(failure)),
        Effect.andThen(Effect.sleep(10), Effect.interrupt),
        Effect.failCause(Cause.combine(Cause.fail(failure), Cause.die(defect)))
      ]
      for (const effect of effects) {
        try {
          yield* effect
        } catch (error) {
          seen.push(error instanceof asyncio.CancelledError ? "CancelledError" : error)
        }
      }
      return seen
    })
    expect(await run(main())).toEqual([failure, defect, "CancelledError", "text", failure, "CancelledError", failure])
  })

  it("sees the coroutine's failures as typed errors, and its CancelledError as an interruption", async () => {
    const error = new ValueError("v")
    const fails = asyncio.coroutine(function* fails() {
      yield* asyncio.sleep(1)
      throw error
    })
    const cancelled = asyncio.coroutine(function* cancelled() {
      yield* asyncio.sleep(1)
      throw new asyncio.CancelledError("c")
    })
    const main = asyncio.coroutine(function* main() {
      return [yield* Effect.exit(fails()), yield* Effect.exit(cancelled()), yield* Effect.flip(fails())] as const
    })
    const [failed, interrupted, flipped] = await run(main())
    expect(failed).toEqual(Exit.fail(error))
    expect(Exit.isFailure(interrupted) && Cause.hasInterruptsOnly(interrupted.cause)).toBe(true)
    expect(flipped).toBe(error)
    const exit = await Effect.runPromiseExit(cancelled())
    expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
  })

  it("may run a coroutine again: Effect.retry and Effect.repeat start its body anew", async () => {
    let attempts = 0
    const flaky = asyncio.coroutine(function* flaky() {
      attempts++
      yield* asyncio.sleep(1)
      if (attempts < 3) throw new ValueError(`attempt ${attempts}`)
      return attempts
    })
    const main = asyncio.coroutine(function* main() {
      const retried = yield* flaky().pipe(Effect.retry(Schedule.spaced("2 seconds")))
      const after = asyncio.get_running_loop().time()
      yield* flaky().pipe(Effect.repeat({ times: 2 }))
      return [retried, after, attempts]
    })
    expect(await run(main())).toEqual([3, 7, 6])
  })
})

describe("fibers that a coroutine forks", () => {
  it("live as long as the task, and are interrupted at its end, before the task is done", async () => {
    const seen: Array<unknown> = []
    const background = Effect.never.pipe(
      Effect.onInterrupt(() =>
        Effect.andThen(
          Effect.sleep("2 seconds"),
          Effect.sync(() => seen.push("interrupted"))
        )
      )
    )
    const body = asyncio.coroutine(function* body(error?: Error) {
      yield* Effect.forkChild(background)
      yield* asyncio.sleep(1)
      seen.push("body ends")
      if (error) throw error
      return "result"
    })
    const main = asyncio.coroutine(function* main() {
      const good = yield* asyncio.create_task(body())
      seen.push(good, asyncio.get_running_loop().time())
      try {
        yield* asyncio.create_task(body(new ValueError("v")))
      } catch (error) {
        seen.push((error as Error).message, asyncio.get_running_loop().time())
      }
    })
    await run(main())
    expect(seen).toEqual(["body ends", "interrupted", "result", 3, "body ends", "interrupted", "v", 6])
  })

  it("may run coroutines, as tasks of the same loop", async () => {
    const seen: Array<unknown> = []
    const worker = asyncio.coroutine(function* worker(name: string) {
      yield* asyncio.sleep(1)
      seen.push([name, asyncio.current_task() !== undefined, asyncio.get_running_loop().time()])
      return name
    })
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      const fiber = yield* Effect.forkChild(worker("forked"))
      yield* worker("direct")
      const joined = yield* Fiber.join(fiber)
      return [joined, loop === asyncio.get_running_loop()]
    })
    expect(await run(main())).toEqual(["forked", true])
    expect(seen).toHaveLength(2)
    expect(seen).toContainEqual(["direct", true, 1])
    expect(seen).toContainEqual(["forked", true, 1])
  })
})

describe("coroutines and effects within each other", () => {
  const leaf = asyncio.coroutine(function* leaf(delay: number, value: string) {
    yield* asyncio.sleep(delay)
    return value
  })

  it("a coroutine in Effect.gen in a coroutine runs in the same task", async () => {
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.current_task()
      return yield* Effect.gen(function* () {
        const first = yield* leaf(1, "a")
        const inner = asyncio.coroutine(function* inner() {
          const second = yield* leaf(1, "b")
          return [second, asyncio.current_task() === task, yield* Effect.map(leaf(1, "c"), (c) => c)]
        })
        return [first, yield* inner(), yield* Effect.sync(() => "effect")]
      })
    })
    expect(await run(main())).toEqual(["a", ["b", true, "c"], "effect"])
  })

  it("Effect.all runs coroutines side by side, each as a task", async () => {
    const main = asyncio.coroutine(function* main() {
      const values = yield* Effect.all([leaf(2, "a"), leaf(2, "b"), leaf(1, "c")], { concurrency: 2 })
      return [values, asyncio.get_running_loop().time()]
    })
    expect(await run(main())).toEqual([["a", "b", "c"], 3])
  })

  it("Effect.all interrupts the others when one fails, and waits for their clean-up", async () => {
    const seen: Array<string> = []
    const slow = asyncio.coroutine(function* slow() {
      try {
        yield* asyncio.sleep(100)
      } finally {
        yield* asyncio.sleep(1)
        seen.push("cleaned up")
      }
    })
    const failing = asyncio.coroutine(function* failing() {
      yield* asyncio.sleep(1)
      throw new ValueError("v")
    })
    const main = asyncio.coroutine(function* main() {
      try {
        yield* Effect.all([slow(), failing()], { concurrency: "unbounded" })
      } catch (error) {
        seen.push((error as Error).message)
      }
      return asyncio.get_running_loop().time()
    })
    expect(await run(main())).toBe(2)
    expect(seen).toEqual(["cleaned up", "v"])
  })

  it("task.cancel() reaches the innermost frame, which may refuse it", async () => {
    const seen: Array<unknown> = []
    const inner = asyncio.coroutine(function* inner(refuse: boolean) {
      try {
        yield* asyncio.sleep(100)
      } catch (error) {
        seen.push((error as asyncio.CancelledError).args)
        yield* asyncio.sleep(1)
        if (!refuse) throw error
      }
      return "refused"
    })
    const body = asyncio.coroutine(function* body(refuse: boolean) {
      try {
        return yield* inner(refuse).pipe(Effect.provideService(Db, { name: "x" }))
      } catch (error) {
        seen.push((error as Error).name)
        throw error
      }
    })
    const main = asyncio.coroutine(function* main() {
      const refusing = asyncio.create_task(body(true))
      yield* asyncio.sleep(1)
      refusing.cancel("one")
      seen.push(yield* refusing)
      const ending = asyncio.create_task(body(false))
      yield* asyncio.sleep(1)
      ending.cancel("two")
      try {
        yield* ending
      } catch {
        seen.push(ending.cancelled())
      }
    })
    await run(main())
    expect(seen).toEqual([["one"], "refused", ["two"], "CancelledError", true])
  })

  it("interrupting the effect around a frame unwinds the frame, and only it", async () => {
    const seen: Array<unknown> = []
    const inner = asyncio.coroutine(function* inner() {
      try {
        yield* asyncio.sleep(100)
      } finally {
        yield* asyncio.sleep(1)
        seen.push("inner cleaned up")
      }
    })
    const main = asyncio.coroutine(function* main() {
      const result = yield* Effect.result(Effect.timeout(inner(), "2 seconds"))
      seen.push(result._tag, asyncio.get_running_loop().time(), asyncio.current_task()?.cancelled())
      yield* asyncio.sleep(1)
      return "went on"
    })
    expect(await run(main())).toBe("went on")
    expect(seen).toEqual(["inner cleaned up", "Failure", 3, false])
  })

  it("errors pass through frames as the same object, and can be caught on either side", async () => {
    const error = new ValueError("v")
    const inner = asyncio.coroutine(function* inner() {
      yield* asyncio.sleep(1)
      throw error
    })
    const main = asyncio.coroutine(function* main() {
      const caughtByEffect = yield* inner().pipe(
        Effect.tapError(() => Effect.void),
        Effect.catch((failure) => Effect.succeed(failure))
      )
      let caughtByCoroutine: unknown
      try {
        yield* Effect.gen(function* () {
          return yield* inner()
        })
      } catch (caught) {
        caughtByCoroutine = caught
      }
      return [caughtByEffect === error, caughtByCoroutine === error]
    })
    expect(await run(main())).toEqual([true, true])
  })

  it("frames may be nested deep, with suspensions on every level", async () => {
    const level = asyncio.coroutine(function* frame(n: number): asyncio.Body<number> {
      yield* asyncio.sleep(1)
      if (n === 0) return 0
      const below = yield* Effect.map(level(n - 1), (value) => value + 1)
      yield* Effect.sleep("1 second")
      return below
    })
    const main = asyncio.coroutine(function* main() {
      return [yield* level(50), asyncio.get_running_loop().time()]
    })
    expect(await run(main())).toEqual([50, 101])
  })

  it("a coroutine forked by a frame ends with the task", async () => {
    const seen: Array<string> = []
    const background = asyncio.coroutine(function* background() {
      try {
        yield* asyncio.sleep(100)
      } finally {
        seen.push("ended")
      }
    })
    const inner = asyncio.coroutine(function* inner() {
      yield* Effect.forkChild(background())
      yield* asyncio.sleep(1)
    })
    const main = asyncio.coroutine(function* main() {
      yield* inner().pipe(Effect.provideService(Db, { name: "x" }))
      seen.push("frame ended")
      yield* asyncio.sleep(1)
    })
    await run(main())
    expect(seen).toEqual(["frame ended", "ended"])
  })

  it.each(["cancel", "timeout"])(
    "acquire, use and release may be coroutines; release runs to its end on %s",
    async (how) => {
      const seen: Array<unknown> = []
      const acquire = asyncio.coroutine(function* acquire() {
        yield* asyncio.sleep(1)
        seen.push("acquired")
        return "resource"
      })
      const use = asyncio.coroutine(function* use(resource: string) {
        seen.push(`use ${resource}`)
        yield* asyncio.sleep(100)
      })
      const release = asyncio.coroutine(function* release(resource: string) {
        yield* asyncio.sleep(1)
        yield* Effect.sleep("1 second")
        seen.push(`released ${resource}`)
      })
      const program = Effect.acquireUseRelease(acquire(), use, (resource) => Effect.orDie(release(resource)))
      const body = asyncio.coroutine(function* body() {
        try {
          yield* how === "timeout" ? Effect.timeout(program, "5 seconds") : program
        } catch (error) {
          seen.push((error as Error).name, asyncio.get_running_loop().time())
        }
      })
      const main = asyncio.coroutine(function* main() {
        const task = asyncio.create_task(body())
        yield* asyncio.sleep(5)
        if (how === "cancel") task.cancel()
        yield* task
        return task.cancelling()
      })
      const requests = await run(main())
      const error = how === "cancel" ? "CancelledError" : "TimeoutError"
      expect(seen).toEqual(["acquired", "use resource", "released resource", error, 7])
      expect(requests).toBe(how === "cancel" ? 1 : 0)
    }
  )

  it("a cancellation that comes while a resource is being acquired waits for it, and releases it", async () => {
    const seen: Array<unknown> = []
    const acquire = asyncio.coroutine(function* acquire() {
      try {
        yield* asyncio.sleep(3)
      } finally {
        seen.push("acquire ends")
      }
      return "resource"
    })
    const body = asyncio.coroutine(function* body() {
      yield* Effect.acquireUseRelease(
        Effect.uninterruptible(Effect.as(Effect.sleep("3 seconds"), "whole")),
        () => Effect.sync(() => seen.push("used")),
        (resource) => Effect.sync(() => seen.push(`released ${resource}`))
      )
    })
    const refused = asyncio.coroutine(function* refused() {
      yield* Effect.acquireUseRelease(
        acquire(),
        () => Effect.sync(() => seen.push("used")),
        (resource) => Effect.sync(() => seen.push(`released ${resource}`))
      )
    })
    const main = asyncio.coroutine(function* main() {
      for (const make of [body, refused]) {
        const task = asyncio.create_task(make())
        yield* asyncio.sleep(1)
        task.cancel()
        try {
          yield* task
        } catch (error) {
          seen.push((error as Error).name)
        }
      }
    })
    await run(main())
    // A coroutine has the last word on its own cancellation, and this one did not acquire.
    expect(seen).toEqual(["released whole", "CancelledError", "acquire ends", "CancelledError"])
  })

  it("a finalizer's defect takes the place of CancelledError, as an exception in except does", async () => {
    const defect = new ValueError("in the finalizer")
    const body = asyncio.coroutine(function* body() {
      try {
        yield* Effect.ensuring(Effect.never, Effect.die(defect))
      } catch (error) {
        return error
      }
      return undefined
    })
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(body())
      yield* asyncio.sleep(1)
      task.cancel()
      return yield* task
    })
    expect(await run(main())).toBe(defect)
  })

  it("Effect.race lets the first coroutine win, and cancels and awaits the other", async () => {
    const seen: Array<unknown> = []
    const racer = asyncio.coroutine(function* racer(delay: number) {
      try {
        yield* asyncio.sleep(delay)
        return delay
      } finally {
        yield* asyncio.sleep(1)
        seen.push(delay)
      }
    })
    const main = asyncio.coroutine(function* main() {
      return [yield* Effect.race(racer(2), racer(10)), asyncio.get_running_loop().time()]
    })
    expect(await run(main())).toEqual([2, 4])
    expect(seen).toEqual([2, 10])
  })

  it("a stream of coroutines runs in order, and many at a time if asked", async () => {
    const { Stream } = await import("effect")
    const square = asyncio.coroutine(function* square(n: number) {
      yield* asyncio.sleep(1)
      return n * n
    })
    const main = asyncio.coroutine(function* main() {
      const one = yield* Stream.fromIterable([1, 2, 3]).pipe(Stream.mapEffect(square), Stream.runCollect)
      const many = yield* Stream.fromIterable([1, 2, 3]).pipe(
        Stream.mapEffect(square, { concurrency: 3 }),
        Stream.runCollect
      )
      return [one, many, asyncio.get_running_loop().time()]
    })
    expect(await run(main())).toEqual([[1, 4, 9], [1, 4, 9], 4])
  })

  it("a deferred that an effect completes wakes the coroutine", async () => {
    const main = asyncio.coroutine(function* main() {
      const deferred = yield* Deferred.make<string>()
      const opener = asyncio.coroutine(function* opener() {
        yield* asyncio.sleep(2)
        yield* Deferred.succeed(deferred, "open")
      })
      const task = asyncio.create_task(opener())
      const value = yield* Deferred.await(deferred)
      yield* task
      return [value, asyncio.get_running_loop().time()]
    })
    expect(await run(main())).toEqual(["open", 2])
  })
})

describe("a coroutine that a plain Effect runtime runs", () => {
  const napping = asyncio.coroutine(function* napping(millis: number) {
    const loop = asyncio.get_running_loop()
    const began = loop.time()
    yield* asyncio.gather(asyncio.sleep(millis / 1000), asyncio.sleep(millis / 2000))
    return Math.round((loop.time() - began) * 1000)
  })

  it("gets a loop for the run, and leaves nothing behind", async () => {
    const before = [...taskRegistry].length
    let loop: asyncio.EventLoop | undefined
    const main = asyncio.coroutine(function* main() {
      loop = asyncio.get_running_loop()
      void asyncio.create_task(asyncio.sleep(1000))
      yield* asyncio.sleep(0)
      // Signals are the business of who runs the effect.
      return process.listenerCount("SIGINT")
    })
    expect(await Effect.runPromise(main())).toBe(0)
    expect([loop?.is_closed(), loop?.is_running(), [...taskRegistry].length - before]).toEqual([true, false, 0])
  })

  it("follows core's virtual time", async () => {
    expect(await VirtualTime.runPromise(napping(3_600_000))).toBe(3_600_000)
  })

  it("follows the TestClock", async () => {
    const program = Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(napping(60_000))
      yield* Effect.yieldNow
      const seen: Array<unknown> = []
      for (const step of [30_000, 29_999, 1]) {
        yield* TestClock.adjust(step)
        // The loop's turns are turns of the fiber's scheduler.
        for (let n = 0; n < 10; n++) yield* Effect.yieldNow
        seen.push(fiber.pollUnsafe() !== undefined)
      }
      return [seen, yield* Fiber.join(fiber)]
    })
    expect(await Effect.runPromise(Effect.provide(program, TestClock.layer()))).toEqual([[false, false, true], 60_000])
  })

  it("two of them at once have loops of their own", async () => {
    const which = asyncio.coroutine(function* which() {
      yield* asyncio.sleep(0)
      return asyncio.get_running_loop()
    })
    const [one, two] = await Effect.runPromise(Effect.all([which(), which()], { concurrency: 2 }))
    expect(one).not.toBe(two)
    expect([one.is_closed(), two.is_closed()]).toEqual([true, true])
  })

  it("does not warn of another loop's coroutines that have not begun yet", async () => {
    const { catch_warnings } = await import("../src/warnings.ts")
    const warned: Array<string> = []
    const restore = catch_warnings(({ message }) => warned.push(message))
    const late = asyncio.coroutine(function* late() {
      return "late"
    })
    const holds = asyncio.coroutine(function* holds() {
      const kept = late()
      yield* Effect.promise(() => Effect.runPromise(napping(0)))
      return yield* kept
    })
    const outside = late()
    expect(await Effect.runPromise(holds())).toBe("late")
    expect(await Effect.runPromise(outside)).toBe("late")
    restore()
    expect(warned).toEqual([])
  })
})
