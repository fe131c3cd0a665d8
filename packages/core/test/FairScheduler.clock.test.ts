import { assert, describe, it } from "@effect/vitest"
import { CancelScope, FairScheduler, VirtualTime } from "@skein/core"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

const timersOfHost = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length

const hostClock = Context.get(Context.empty(), Clock.Clock)

/** The time of a sleeper that is due when the host next looks. */
const instant = "1 nanos"

describe("sleepers on the fair scheduler", () => {
  it("go on in the order of their times, whoever began to sleep first", async () => {
    const trace: Array<string> = []
    const sleeper = (name: string, duration: Duration.Input) =>
      Effect.andThen(
        Effect.sleep(duration),
        Effect.sync(() => trace.push(name))
      )
    await FairScheduler.runPromise(
      Effect.raceFirst(
        sleeper("far", "1 hour"),
        Effect.all([sleeper("near", instant), sleeper("next", instant)], { concurrency: "unbounded" })
      )
    )
    assert.deepStrictEqual(trace, ["near", "next"])
  })

  it("that are due together take turns with those that are ready", async () => {
    const trace: Array<string> = []
    const worker = (name: string) =>
      Effect.gen(function* () {
        yield* Effect.sleep(instant)
        for (let step = 1; step <= 2; step++) {
          trace.push(`${name}${step}`)
          yield* Effect.yieldNow
        }
      })
    await FairScheduler.runPromise(Effect.all([worker("a"), worker("b")], { concurrency: "unbounded" }))
    assert.strictEqual(trace.join(" "), "a1 b1 a2 b2")
  })

  it("share one timer of the host, and leave none behind when they are interrupted", async () => {
    const before = timersOfHost()
    const counts = await FairScheduler.runPromise(
      Effect.gen(function* () {
        const fibers = []
        for (let i = 1; i <= 100; i++) fibers.push(yield* Effect.forkChild(Effect.sleep(Duration.hours(101 - i))))
        yield* Effect.yieldNow
        const asleep = timersOfHost()
        yield* Fiber.interruptAll(fibers)
        return [asleep - before, timersOfHost() - before]
      })
    )
    assert.deepStrictEqual(counts, [1, 0])
  })

  it("that are interrupted when they are due and have not gone on stay interrupted", async () => {
    const trace: Array<string> = []
    await FairScheduler.runPromise(
      Effect.gen(function* () {
        const victims: Array<Fiber.Fiber<void>> = []
        const first = yield* Effect.forkChild(
          Effect.andThen(
            Effect.sleep(instant),
            Effect.suspend(() => Fiber.interruptAll(victims))
          )
        )
        const second = Effect.andThen(
          Effect.sleep(instant),
          Effect.sync(() => void trace.push("went on"))
        )
        victims.push(
          yield* Effect.forkChild(Effect.onInterrupt(second, () => Effect.sync(() => trace.push("interrupted"))))
        )
        yield* Fiber.join(first)
        for (let pass = 0; pass < 3; pass++) yield* Effect.yieldNow
      })
    )
    assert.deepStrictEqual(trace, ["interrupted"])
  })

  it("yield if there is nothing to sleep, and never wake from a sleep without end", async () => {
    const trace: Array<string> = []
    const note = (name: string) => Effect.sync(() => trace.push(name))
    await FairScheduler.runPromise(
      Effect.gen(function* () {
        const endless = yield* Effect.forkChild(Effect.andThen(Effect.sleep(Duration.infinity), note("endless")))
        yield* Effect.forkChild(note("other"))
        yield* Effect.sleep(0)
        yield* note("slept")
        yield* Fiber.interrupt(endless)
      })
    )
    assert.deepStrictEqual(trace, ["other", "slept"])
  })

  it("read the host's time", async () => {
    const read = Effect.gen(function* () {
      const clock = yield* Clock.Clock
      return [
        [hostClock.currentTimeMillisUnsafe(), clock.currentTimeMillisUnsafe(), yield* Clock.currentTimeMillis],
        [hostClock.currentTimeNanosUnsafe(), clock.currentTimeNanosUnsafe(), yield* Clock.currentTimeNanos],
        [hostClock.monotonicTimeNanosUnsafe(), clock.monotonicTimeNanosUnsafe(), yield* clock.monotonicTimeNanos]
      ] as const
    })
    for (const [before, direct, asEffect] of await FairScheduler.runPromise(read)) {
      assert.isTrue(before <= direct && direct <= asEffect, `${before} <= ${direct} <= ${asEffect}`)
    }
  })

  it("know a deadline that was set around the scheduler's layer", async () => {
    const inside = Effect.provide(CancelScope.remaining, FairScheduler.layer())
    const left = await Effect.runPromise(CancelScope.failAfter(inside, "1 hour"))
    assert.isTrue(Duration.isFinite(left))
  })
})

describe("the fair scheduler's layer", () => {
  it("leaves a clock alone that the program was given before", async () => {
    const given = await VirtualTime.runPromise(Effect.service(Clock.Clock))
    const inside = Effect.provide(Effect.service(Clock.Clock), FairScheduler.layer())
    assert.strictEqual(await Effect.runPromise(Effect.provideService(inside, Clock.Clock, given)), given)
    assert.notStrictEqual(await Effect.runPromise(inside), hostClock)
  })
})
