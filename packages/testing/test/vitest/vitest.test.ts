import * as asyncio from "@skein/asyncio"
import { Lock, Task, VirtualTime } from "@skein/core"
import { exhaustive, Steps } from "@skein/testing"
import { steps } from "@skein/testing/asyncio"
import { describe, expect, it } from "@skein/testing/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import { afterEach, beforeEach, vi } from "vitest"
import { messageOf, outcomeOf } from "./support.ts"

/** What a failing test prints on its way belongs to that test. */
beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined))
afterEach(() => vi.restoreAllMocks())

describe("it.virtual", () => {
  it.virtual("runs on a clock that jumps, in a scope, as a task that is called like the test", (context) =>
    Effect.gen(function* () {
      expect(context.task.name).toContain("runs on a clock")
      yield* Task.spawn(Effect.never)
      yield* Effect.sleep("10 hours")
      expect(yield* VirtualTime.now).toBe(36_000_000)
      expect(yield* Effect.map(Task.current, String)).toContain("called like the test")
    })
  )

  it.virtual.each([1, 2])("takes cases: %s", (value) => Effect.sync(() => expect([1, 2]).toContain(value)))

  it.virtual.prop("takes properties", [Schema.Int, Schema.String], ([number, text]) =>
    Effect.sync(() => expect([typeof number, typeof text]).toEqual(["number", "string"]))
  )

  // What is tested of the modifiers is that they skip, or expect the failure: each of these would fail if it were run plainly.
  it.virtual.skip("skips", () => Effect.die("not to be run"))
  it.virtual.skipIf(true)("skips if", () => Effect.die("not to be run"))
  it.virtual.runIf(false)("runs if", () => Effect.die("not to be run"))
  it.virtual.fails("expects a failure", () => Effect.fail("expected"))

  it("fails when nobody can go on, and prints who waits for whom, and where they were started", async () => {
    const message = await messageOf((it) =>
      it.virtual("two locks", () =>
        Effect.gen(function* () {
          const a = yield* Lock.make("a")
          const b = yield* Lock.make("b")
          const both = (first: Lock.Lock, second: Lock.Lock) =>
            Lock.withLock(first, Effect.andThen(Effect.sleep(1), Lock.withLock(second, Effect.void)))
          const left = yield* Task.spawn(both(a, b), { name: "left" })
          yield* Task.spawn(both(b, a), { name: "right" })
          yield* Task.join(left)
        })
      )
    )
    expect(message.split("\n").slice(0, 4)).toEqual([
      "Deadlock at 1 ms of virtual time: every fiber waits, and no timer is set that could wake one.",
      '  task "two locks" waits for the end of task "left"',
      '  task "left" waits for Lock "b" held by task "right", holds Lock "a" (started at vitest.test.ts)',
      '  task "right" waits for Lock "a" held by task "left", holds Lock "b" (started at vitest.test.ts)'
    ])
  })

  const leaking = () =>
    Effect.gen(function* () {
      yield* Effect.forkDetach(Effect.never)
      yield* Lock.acquire(yield* Lock.make("db"))
    })

  it("fails when the program has left something behind, and names it", async () => {
    const message = await messageOf((it) => it.virtual("leaking", leaking))
    expect(message).toContain("left 2 things behind")
    expect(message).toContain('Lock "db" is still held by task "leaking", which has ended')
  })

  it("lets pass what is left behind, if told so", async () => {
    expect(await outcomeOf((it) => it.virtual.with({ leaks: false })("leaking", leaking))).toBeUndefined()
  })

  it("closes the scope of the test, so that steps must have come to their end", async () => {
    const program = () => Effect.flatMap(Steps.make, (step) => step(1))
    expect(await messageOf((it) => it.virtual("steps", program))).toContain("step.finish(2) would be next")
  })

  it("fails as the program fails", async () => {
    expect(await outcomeOf((it) => it.virtual("fails", () => Effect.fail("its own")))).toBe("its own")
    expect(await outcomeOf((it) => it.virtual.each([1])("fails", (value) => Effect.fail(value)))).toBe(1)
  })
})

describe("it.asyncio", () => {
  it.asyncio("runs a generator function on a virtual loop", function* (context) {
    expect(context.task.name).toContain("runs a generator function")
    yield* asyncio.sleep(36_000)
    expect(asyncio.get_running_loop().time()).toBe(36_000)
    expect(asyncio.current_task()?.get_name()).toBe("runs a generator function on a virtual loop")
  })

  it.asyncio("takes a coroutine", () => asyncio.sleep(1))
  it.asyncio.each(["a", "b"])("takes cases: %s", function* (value) {
    expect(["a", "b"]).toContain(yield* asyncio.sleep(1, value))
  })
  it.asyncio.prop("takes properties", { number: Schema.Int }, function* ({ number }) {
    expect(yield* asyncio.sleep(1, number)).toBe(number)
  })
  // As above: these are tests of the modifiers.
  it.asyncio.skip("skips", function* () {
    throw new Error("not to be run")
  })
  it.asyncio.fails("expects a failure", function* () {
    yield* asyncio.sleep(1)
    throw new Error("expected")
  })

  it("fails when nobody can go on, and prints who waits for what, and where it was made", async () => {
    const message = await messageOf((it) =>
      it.asyncio("stuck", function* () {
        const worker = asyncio.create_task(asyncio.Event().wait(), { name: "worker" })
        yield* worker
      })
    )
    expect(message).toContain("no task can ever run again")
    expect(message).toMatch(/task "worker" waits for .*Event.* \(started at vitest.test.ts\)/)
  })

  function* leaking() {
    void asyncio.create_task(asyncio.sleep(60), { name: "forgotten" })
    yield* asyncio.sleep(1)
  }

  it("fails when the program has left something behind, and names it", async () => {
    expect(await messageOf((it) => it.asyncio("leaking", leaking))).toMatch(
      /task "forgotten" waits for .* \(started at vitest.test.ts\)/
    )
  })

  it("lets pass what is left behind, if told so", async () => {
    expect(await outcomeOf((it) => it.asyncio.with({ leaks: false })("leaking", leaking))).toBeUndefined()
  })

  it("closes the steps of the test", async () => {
    const message = await messageOf((it) =>
      it.asyncio("steps", function* () {
        steps()(1)
        yield* asyncio.sleep(0)
      })
    )
    expect(message).toContain("step.finish(2) would be next")
  })
})

describe("it.explore", () => {
  const twoIncrements =
    (wrap: (lock: Lock.Lock) => (effect: Effect.Effect<void>) => Effect.Effect<void, unknown>) => () =>
      Effect.gen(function* () {
        const lock = yield* Lock.make()
        let counter = 0
        const increment = Effect.gen(function* () {
          const before = counter
          yield* Effect.yieldNow
          counter = before + 1
        })
        yield* Effect.all([wrap(lock)(increment), wrap(lock)(increment)], { concurrency: "unbounded", discard: true })
        return counter
      })
  const locked = twoIncrements((lock) => (effect) => Lock.withLock(lock, effect))
  const unlocked = twoIncrements(() => (effect) => effect)
  const check = (counter: number) => {
    expect(counter).toBe(2)
  }

  it.explore("passes if every schedule does", locked, { runs: 50, check })
  // As above: these are tests of the modifiers.
  it.explore.skip("skips", unlocked, { check })
  it.explore.fails("expects a failure", unlocked, { runs: 50, check })

  it("fails with a schedule that fails", async () => {
    const message = await messageOf((it) => it.explore("lost update", unlocked, { runs: 50, check }))
    expect(message).toContain("replay(")
  })

  it("checks each run for leaks", async () => {
    const leaking = () => Effect.forkDetach(Effect.never)
    expect(await messageOf((it) => it.explore("leaking", leaking, { runs: 3 }))).toContain("left one thing behind")
    expect(await outcomeOf((it) => it.explore("leaking", leaking, { runs: 3, leaks: false }))).toBeUndefined()
  })

  it.explore.asyncio(
    "runs asyncio programs",
    function* () {
      const lock = asyncio.Lock()
      let counter = 0
      const increment = asyncio.coroutine(function* () {
        yield* lock.acquire()
        const before = counter
        yield* asyncio.sleep(0)
        counter = before + 1
        lock.release()
      })
      yield* asyncio.gather(increment(), increment())
      return counter
    },
    {
      strategy: exhaustive(),
      check: (counter) => {
        expect(counter).toBe(2)
      }
    }
  )

  it("fails when an asyncio program fails under some schedule", async () => {
    const message = await messageOf((it) =>
      it.explore.asyncio(
        "lost update",
        function* () {
          let counter = 0
          const increment = asyncio.coroutine(function* () {
            const before = counter
            yield* asyncio.sleep(0)
            counter = before + 1
          })
          yield* asyncio.gather(increment(), increment())
          return counter
        },
        {
          runs: 50,
          check: (counter) => {
            expect(counter).toBe(2)
          }
        }
      )
    )
    expect(message).toContain("replay(")
  })
})

describe("the rest of @effect/vitest", () => {
  it.effect("is there", () => Effect.provide(Effect.void, Logger.layer([])))
  it.each([1])("and Vitest's own %s", (value) => expect(value).toBe(1))
})
