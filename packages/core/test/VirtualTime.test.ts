import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Lock, Task, VirtualTime } from "@skein/core"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

const reasonsOf = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? exit.cause.reasons : [])

describe("VirtualTime", () => {
  it("sleeps ten hours, second by second, and reads 36,000,000 ms at the end", async () => {
    const program = Effect.gen(function* () {
      for (let second = 0; second < 36_000; second++) yield* Effect.sleep("1 second")
      return yield* VirtualTime.now
    })
    assert.strictEqual(await VirtualTime.runPromise(program), 36_000_000)
  })

  it.effect("runs inside it.effect, beside TestClock, and Clock reads its time", () =>
    Effect.gen(function* () {
      const inside = yield* VirtualTime.run(
        Effect.gen(function* () {
          yield* Effect.sleep("90 minutes")
          return [
            yield* Clock.currentTimeMillis,
            yield* Clock.currentTimeNanos,
            yield* Clock.monotonicTimeNanos
          ] as const
        })
      )
      assert.deepStrictEqual(inside, [5_400_000, 5_400_000_000_000n, 5_400_000_000_000n])
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
    })
  )

  it("tells which timers are set, the next to fire first, without the cancelled ones", async () => {
    const program = Effect.gen(function* () {
      const now = { startImmediately: true }
      yield* Effect.forkChild(Effect.sleep(20), now)
      const sleeper = yield* Effect.forkChild(Effect.sleep(10), now)
      yield* Fiber.interrupt(yield* Effect.forkChild(Effect.sleep(5), now))
      const timers = yield* VirtualTime.timers
      assert.strictEqual(timers[0]?.fiber, sleeper)
      return timers.map(({ due }) => due)
    })
    assert.deepStrictEqual(await VirtualTime.runPromise(program), [10, 20])
    assert.deepStrictEqual(await Effect.runPromise(VirtualTime.timers), [])
  })

  it("keeps fractions of a millisecond", async () => {
    const program = Effect.andThen(Effect.sleep("1500 micros"), Clock.currentTimeNanos)
    assert.strictEqual(await VirtualTime.runPromise(program), 1_500_000n)
  })

  it("fires timers in order of time, and those of one instant in the order in which they were set", async () => {
    const fired: Array<string> = []
    const sleeper = (name: string, millis: number) =>
      Effect.andThen(
        Effect.sleep(millis),
        Effect.sync(() => fired.push(name))
      )
    const program = Effect.all(
      [
        sleeper("d30", 30),
        sleeper("a10", 10),
        sleeper("b10", 10),
        sleeper("a20", 20),
        sleeper("c10", 10),
        sleeper("e30", 30)
      ],
      {
        concurrency: "unbounded"
      }
    )
    for (let run = 0; run < 3; run++) {
      fired.length = 0
      await VirtualTime.runPromise(program)
      assert.deepStrictEqual(fired, ["a10", "b10", "c10", "a20", "d30", "e30"])
    }
  })

  it("runs everything that is ready before it jumps", async () => {
    const log: Array<string> = []
    const program = Effect.gen(function* () {
      const busy = yield* Effect.forkChild(
        Effect.gen(function* () {
          for (let step = 0; step < 1000; step++) yield* Effect.yieldNow
          log.push(`busy at ${yield* VirtualTime.now}`)
        })
      )
      yield* Effect.sleep(1)
      log.push(`slept until ${yield* VirtualTime.now}`)
      yield* Fiber.join(busy)
    })
    await VirtualTime.runPromise(program)
    assert.deepStrictEqual(log, ["busy at 0", "slept until 1"])
  })

  it("lets promises that need no outside world settle before it jumps, however long their chain", async () => {
    const hop = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
    const log: Array<string> = []
    const program = Effect.gen(function* () {
      const hops = yield* Effect.forkChild(
        Effect.gen(function* () {
          for (let count = 0; count < 20; count++) yield* hop
          log.push(`settled at ${yield* VirtualTime.now}`)
        })
      )
      yield* Effect.sleep("1 hour")
      log.push("jumped")
      yield* Fiber.join(hops)
    })
    await VirtualTime.runPromise(program)
    assert.deepStrictEqual(log, ["settled at 0", "jumped"])
  })

  it("a fiber that only yields until a promise settles does not starve it", async () => {
    let settled = false
    const program = Effect.gen(function* () {
      yield* Effect.forkChild(
        Effect.promise(() =>
          Promise.resolve().then(() => {
            settled = true
          })
        )
      )
      while (!settled) yield* Effect.yieldNow
      return yield* VirtualTime.now
    })
    assert.strictEqual(await VirtualTime.runPromise(program), 0)
  })

  it("an interrupted sleep leaves no timer behind: the clock does not jump to it", async () => {
    const program = Effect.gen(function* () {
      const sleeper = yield* Effect.forkChild(Effect.sleep("365 days"))
      yield* Effect.sleep(5)
      yield* Fiber.interrupt(sleeper)
      yield* Effect.sleep(5)
      return yield* VirtualTime.now
    })
    assert.strictEqual(await VirtualTime.runPromise(program), 10)
  })

  it("sleep(0) yields, and sleeping for ever is no timer", async () => {
    const zero = await VirtualTime.runPromise(Effect.andThen(Effect.sleep(0), VirtualTime.now))
    assert.strictEqual(zero, 0)
    const exit = await VirtualTime.runPromiseExit(Effect.sleep(Number.POSITIVE_INFINITY))
    assert.instanceOf(Cause.squash((exit as Exit.Failure<void, unknown>).cause), VirtualTime.DeadlockError)
  })

  it("Effect.timeout, retries and schedules work on it", async () => {
    const program = Effect.gen(function* () {
      const timedOut = yield* Effect.sleep("2 hours").pipe(Effect.timeoutOption("1 hour"))
      return [timedOut._tag, yield* VirtualTime.now] as const
    })
    assert.deepStrictEqual(await VirtualTime.runPromise(program), ["None", 3_600_000])
  })

  it("the error, the defect and the value of the program come through", async () => {
    assert.deepStrictEqual(await VirtualTime.runPromiseExit(Effect.fail("no")), Exit.fail("no"))
    assert.deepStrictEqual(
      await VirtualTime.runPromiseExit(Effect.andThen(Effect.sleep(1), Effect.die(1))),
      Exit.die(1)
    )
    assert.strictEqual(await VirtualTime.runPromise(Effect.succeed("now")), "now")
  })

  it("a program inside a program has its own clock, and the outer one waits for it", async () => {
    const program = Effect.gen(function* () {
      yield* Effect.forkChild(Effect.sleep(7))
      const inner = yield* VirtualTime.run(Effect.andThen(Effect.sleep("1 day"), VirtualTime.now))
      return [inner, yield* VirtualTime.now] as const
    })
    assert.deepStrictEqual(await VirtualTime.runPromise(program), [86_400_000, 0])
  })

  it("VirtualTime.now outside of a run dies and says what to write instead", async () => {
    const exit = await Effect.runPromiseExit(VirtualTime.now)
    assert.match(
      String(Cause.squash((exit as Exit.Failure<number, never>).cause)),
      /Wrap the program in VirtualTime.run/
    )
  })

  describe("deadlock", () => {
    it("fails when every fiber waits and no timer is set, after interrupting the program", async () => {
      const log: Array<string> = []
      const program = Effect.gen(function* () {
        const never = yield* Deferred.make<void>()
        yield* Effect.sleep("3 seconds")
        yield* Deferred.await(never).pipe(
          Effect.onInterrupt(() =>
            Effect.andThen(
              Effect.sleep("1 second"),
              Effect.map(VirtualTime.now, (at) => void log.push(`cleaned up at ${at}`))
            )
          )
        )
      })
      const exit = await VirtualTime.runPromiseExit(program)
      const [reason, ...rest] = reasonsOf(exit)
      assert.deepStrictEqual(rest, [])
      const error = (reason as Cause.Fail<VirtualTime.DeadlockError>).error
      assert.instanceOf(error, VirtualTime.DeadlockError)
      assert.strictEqual(error.time, 3000)
      assert.strictEqual(error.duringCleanUp, false)
      assert.match(error.message, /^Deadlock at 3000 ms of virtual time: every fiber waits/)
      assert.deepStrictEqual(log, ["cleaned up at 4000"])
    })

    it("names the tasks of its own run, and none that another run has left waiting", async () => {
      const stuck = (name: string) =>
        Effect.scoped(
          Effect.gen(function* () {
            const lock = yield* Lock.make(name)
            yield* Lock.acquire(lock)
            const task = yield* Task.spawn(Effect.uninterruptible(Lock.acquire(lock)), { name })
            yield* Task.join(task)
          })
        )
      const waitsOf = async (name: string) => {
        const exit = await VirtualTime.runPromiseExit(Effect.uninterruptible(stuck(name)))
        return (reasonsOf(exit)[0] as Cause.Fail<VirtualTime.DeadlockError>).error.waits
      }
      assert.match((await waitsOf("first")).join("\n"), /^task "first" waits for Lock "first"/)
      assert.match((await waitsOf("second")).join("\n"), /^task "second" waits for Lock "second"[^\n]*$/)
    })

    it("keeps the errors of the clean-up behind its own", async () => {
      const exit = await VirtualTime.runPromiseExit(Effect.ensuring(Effect.never, Effect.die("while cleaning up")))
      const [first, second] = reasonsOf(exit)
      assert.instanceOf((first as Cause.Fail<unknown>).error, VirtualTime.DeadlockError)
      assert.strictEqual((second as Cause.Die).defect, "while cleaning up")
    })

    it("leaves a clean-up behind that hangs as well, and says so", async () => {
      const exit = await VirtualTime.runPromiseExit(Effect.uninterruptible(Effect.never))
      const error = (reasonsOf(exit)[0] as Cause.Fail<VirtualTime.DeadlockError>).error
      assert.strictEqual(error.duringCleanUp, true)
      assert.match(error.message, /while cleaning up/)
    })

    it("is typed", () => {
      expectTypeOf(VirtualTime.run(Effect.fail("no" as const))).toEqualTypeOf<
        Effect.Effect<never, "no" | VirtualTime.DeadlockError>
      >()
    })
  })

  describe("when interrupted", () => {
    it("interrupts the program and waits for its clean-up, in virtual time", async () => {
      const log: Array<string> = []
      const program = Effect.never.pipe(
        Effect.onInterrupt(() =>
          Effect.andThen(
            Effect.sleep("5 hours"),
            Effect.map(VirtualTime.now, (at) => void log.push(`clean at ${at}`))
          )
        )
      )
      const outer = Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(VirtualTime.run(program), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        log.push("interrupted")
      })
      await Effect.runPromise(outer)
      assert.deepStrictEqual(log, ["clean at 18000000", "interrupted"])
    })

    it("does not hang when the clean-up does", async () => {
      const outer = Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(VirtualTime.run(Effect.uninterruptible(Effect.never)), {
          startImmediately: true
        })
        yield* Fiber.interrupt(fiber)
        return fiber.pollUnsafe()?._tag
      })
      assert.strictEqual(await Effect.runPromise(outer), "Failure")
    })
  })
})
