import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { CancelScope, Retry, VirtualTime } from "@skein/core"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"

const run = VirtualTime.runPromise

/** An effect that fails every time, and notes when it was tried. */
const down = (tried: Array<number>, takes = 0) =>
  Effect.gen(function* () {
    tried.push(yield* VirtualTime.now)
    yield* Effect.sleep(takes)
    return yield* Effect.fail("down" as const)
  })

const noteOf = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit) ? Option.getOrUndefined(Retry.gaveUp(exit.cause)) : undefined

const doubling = Retry.backoff({ base: 10, jitter: "none" })

describe("Retry.retry", () => {
  it("tries until it succeeds, with the schedule's delays between", () =>
    run(
      Effect.gen(function* () {
        const tried: Array<number> = []
        const third = Effect.catch(down(tried), (error) =>
          tried.length < 4 ? Effect.fail(error) : Effect.succeed(tried.length)
        )
        assert.strictEqual(yield* Retry.retry(third, { schedule: doubling }), 4)
        assert.deepStrictEqual(tried, [0, 10, 30, 70])
      })
    ))

  it("attempts count the first try; the last error comes through, and says why there was no other try", () =>
    run(
      Effect.gen(function* () {
        const tried: Array<number> = []
        const exit = yield* Effect.exit(down(tried, 1).pipe(Retry.retry({ attempts: 3, schedule: doubling })))
        assert.deepStrictEqual(tried, [0, 11, 32])
        assert.strictEqual(Exit.isFailure(exit) && Cause.squash(exit.cause), "down")
        assert.deepStrictEqual(noteOf(exit), { because: "attempts", tries: 3, elapsed: 33 })
      })
    ))

  it("one attempt is one try", () =>
    run(
      Effect.gen(function* () {
        const tried: Array<number> = []
        yield* Effect.exit(Retry.retry(down(tried), { attempts: 1 }))
        assert.deepStrictEqual(tried, [0])
      })
    ))

  it("ends when the schedule does", () =>
    run(
      Effect.gen(function* () {
        const tried: Array<number> = []
        const schedule = Schedule.upTo(Schedule.spaced(5), { times: 2 })
        const exit = yield* Effect.exit(Retry.retry(down(tried), { schedule }))
        assert.deepStrictEqual(tried, [0, 5, 10])
        assert.deepStrictEqual(noteOf(exit), { because: "schedule", tries: 3, elapsed: 10 })
      })
    ))

  it("tries again only for errors that are worth it", () =>
    run(
      Effect.gen(function* () {
        let tries = 0
        const effect = Effect.suspend(() => Effect.fail(++tries < 3 ? { code: 503 } : { code: 404 }))
        const exit = yield* Effect.exit(
          effect.pipe(Retry.retry({ while: (error) => error.code === 503, schedule: doubling }))
        )
        assert.deepStrictEqual(Exit.isFailure(exit) && Cause.squash(exit.cause), { code: 404 })
        assert.deepStrictEqual(noteOf(exit), { because: "error", tries: 3, elapsed: 30 })
      })
    ))

  it("never tries again for a defect, for an interruption, nor for an error with a defect beside it", () =>
    run(
      Effect.gen(function* () {
        for (const hopeless of [
          Effect.die("bug"),
          Effect.interrupt,
          Effect.ensuring(Effect.fail("down"), Effect.die("unclean"))
        ]) {
          let tries = 0
          const counted = Effect.andThen(
            Effect.sync(() => tries++),
            hopeless
          )
          const exit = yield* Effect.exit(Retry.retry(counted, { schedule: doubling }))
          assert.isTrue(Exit.isFailure(exit))
          assert.strictEqual(tries, 1)
          assert.isUndefined(noteOf(exit))
        }
      })
    ))

  it("the schedule sees the errors, and its own error comes through", () =>
    run(
      Effect.gen(function* () {
        const schedule = Schedule.forever.pipe(
          Schedule.setInputType<"down">(),
          Schedule.tap(({ input }) => Effect.fail(`schedule saw ${input}`))
        )
        const error = yield* Effect.flip(Retry.retry(down([]), { schedule }))
        assert.strictEqual(error, "schedule saw down")
      })
    ))

  it("a try can see which one it is", () =>
    run(
      Effect.gen(function* () {
        const seen: Array<readonly [number, unknown, number]> = []
        const effect = Effect.gen(function* () {
          const { attempt, elapsed, input } = yield* Schedule.CurrentMetadata
          seen.push([attempt, input, elapsed])
          return yield* Effect.fail(`failure ${attempt}`)
        })
        yield* Effect.exit(Retry.retry(effect, { attempts: 3, schedule: doubling }))
        assert.deepStrictEqual(seen, [
          [0, undefined, 0],
          [1, "failure 0", 0],
          [2, "failure 1", 10]
        ])
      })
    ))

  it("can be run more than once, each time from the start", () =>
    run(
      Effect.gen(function* () {
        const tried: Array<number> = []
        const retried = Effect.exit(Retry.retry(down(tried), { attempts: 2, schedule: doubling }))
        yield* retried
        yield* retried
        assert.deepStrictEqual(tried, [0, 10, 10, 20])
      })
    ))

  it("attempts that are no positive integer are a defect that says so", () =>
    run(
      Effect.gen(function* () {
        for (const attempts of [0, -1, 1.5, Number.NaN]) {
          const exit = yield* Effect.exit(Retry.retry(Effect.void, { attempts }))
          const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          assert.match(String(defect), new RegExp(`positive integer; got ${attempts}\\.`))
        }
      })
    ))

  describe("time", () => {
    it("no try begins after the total time, and it does not wait for one that would", () =>
      run(
        Effect.gen(function* () {
          const tried: Array<number> = []
          const exit = yield* Effect.exit(Retry.retry(down(tried), { totalTime: 30, schedule: doubling }))
          assert.deepStrictEqual(tried, [0, 10, 30])
          assert.deepStrictEqual(noteOf(exit), { because: "totalTime", tries: 3, elapsed: 30 })
          assert.strictEqual(yield* VirtualTime.now, 30)
        })
      ))

    it("gives up at once when the next try would begin at the deadline or later", () =>
      run(
        Effect.gen(function* () {
          for (const [deadline, tries] of [
            [30, 2],
            [31, 3]
          ] as const) {
            const began = yield* VirtualTime.now
            const tried: Array<number> = []
            const exit = yield* Effect.exit(
              CancelScope.failAfter(Retry.retry(down(tried), { schedule: doubling }), deadline)
            )
            assert.strictEqual(noteOf(exit)?.because, "deadline")
            assert.strictEqual(tried.length, tries)
            assert.strictEqual((yield* VirtualTime.now) - began, tries === 2 ? 10 : 30)
          }
        })
      ))

    it("a try that needs longer than what is left is not made", () =>
      run(
        Effect.gen(function* () {
          const tried: Array<number> = []
          const exit = yield* Effect.exit(
            CancelScope.failAfter(Retry.retry(down(tried, 5), { schedule: doubling, tryTime: 5 }), 40)
          )
          assert.deepStrictEqual(tried, [0, 15])
          assert.deepStrictEqual(noteOf(exit), { because: "deadline", tries: 2, elapsed: 20 })
          const total = yield* Effect.exit(Retry.retry(down([], 5), { schedule: doubling, tryTime: 6, totalTime: 20 }))
          assert.deepStrictEqual(noteOf(total), { because: "totalTime", tries: 1, elapsed: 5 })
        })
      ))

    it("inside a shield the deadline outside does not count", () =>
      run(
        Effect.gen(function* () {
          const tried: Array<number> = []
          const retried = CancelScope.shield(Effect.exit(Retry.retry(down(tried), { schedule: doubling, attempts: 3 })))
          yield* CancelScope.moveOnAfter(retried, 5)
          assert.deepStrictEqual(tried, [0, 10, 30])
        })
      ))

    it("when interrupted, in a try or between two, there is no other try", () =>
      run(
        Effect.gen(function* () {
          for (const at of [2, 12]) {
            const began = yield* VirtualTime.now
            const tried: Array<number> = []
            const fiber = yield* Effect.forkChild(Retry.retry(down(tried, 5), { schedule: doubling }), {
              startImmediately: true
            })
            yield* Effect.sleep(at)
            yield* Fiber.interrupt(fiber)
            yield* Effect.sleep(100)
            assert.deepStrictEqual(tried, [began])
          }
        })
      ))
  })
})

describe("Retry.backoff", () => {
  const delays = (schedule: Schedule.Schedule<Duration.Duration>, count: number) =>
    Effect.gen(function* () {
      const tried: Array<number> = []
      yield* Effect.exit(Retry.retry(down(tried), { schedule, attempts: count + 1 }))
      return tried.slice(1).map((at, index) => at - (tried[index] ?? 0))
    })

  it("grows by the factor up to the cap", () =>
    run(
      Effect.gen(function* () {
        const schedule = Retry.backoff({ base: 10, factor: 3, cap: 200, jitter: "none" })
        assert.deepStrictEqual(yield* delays(schedule, 5), [10, 30, 90, 200, 200])
        // Long after the bound has left the range of numbers.
        const last = (yield* delays(Retry.backoff({ cap: 5, jitter: "none" }), 1100)).at(-1)
        assert.strictEqual(last, 5)
      })
    ))

  it("full jitter: every delay lies between zero and its bound, the same ones with the same seed", () =>
    run(
      Effect.gen(function* () {
        const schedule = Retry.backoff({ base: 100, cap: 1000 })
        const bounds = [100, 200, 400, 800, 1000, 1000]
        const first = yield* Random.withSeed(delays(schedule, 6), "seed")
        const again = yield* Random.withSeed(delays(schedule, 6), "seed")
        const other = yield* Random.withSeed(delays(schedule, 6), "other seed")
        const rounded = (values: ReadonlyArray<number>) => values.map((value) => Math.round(value * 1000))
        assert.deepStrictEqual(rounded(first), rounded(again))
        assert.notDeepEqual(rounded(first), rounded(other))
        for (const [index, delay] of [...first, ...other].entries()) {
          assert.isAtLeast(delay, 0)
          assert.isAtMost(delay, (bounds[index % 6] ?? 0) + 1e-6)
        }
      })
    ))

  it("full jitter uses the whole range", () =>
    run(
      Effect.gen(function* () {
        const schedule = Retry.backoff({ base: 100, factor: 1 })
        const all = yield* Random.withSeed(delays(schedule, 200), "range")
        assert.isBelow(Math.min(...all), 10)
        assert.isAbove(Math.max(...all), 90)
      })
    ))

  it("its output is the delay", () =>
    run(
      Effect.gen(function* () {
        const outputs: Array<unknown> = []
        const schedule = Schedule.tap(Retry.backoff({ base: 7 }), ({ duration, output }) =>
          Effect.sync(() => outputs.push([duration, output]))
        )
        yield* Effect.exit(Retry.retry(down([]), { schedule, attempts: 3 }))
        assert.strictEqual(outputs.length, 2)
        for (const pair of outputs) assert.deepStrictEqual((pair as Array<unknown>)[0], (pair as Array<unknown>)[1])
      })
    ))
})

it("the types follow from effect and schedule, without annotations", () => {
  const effect = Effect.fail({ code: 1 }) as Effect.Effect<string, { code: number }, "service">
  expectTypeOf(effect.pipe(Retry.retry({ attempts: 2, while: (error) => error.code > 0 }))).toEqualTypeOf<
    Effect.Effect<string, { code: number }, "service">
  >()
  const schedule = Schedule.tap(Schedule.forever, () => Effect.fail("stop" as const))
  expectTypeOf(Retry.retry(effect, { schedule })).toEqualTypeOf<
    Effect.Effect<string, { code: number } | "stop", "service">
  >()
})
