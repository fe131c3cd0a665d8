import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { CancelScope, Task, VirtualTime } from "@skein/core"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"

const run = VirtualTime.runPromise

/** The reasons of a failure, one word each. */
const reasons = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<string> =>
  Exit.isSuccess(exit)
    ? ["Success"]
    : exit.cause.reasons.map((reason) => {
        if (Cause.isInterruptReason(reason)) return "Interrupt"
        const error = Cause.isFailReason(reason) ? reason.error : reason.defect
        return `${reason._tag} ${error instanceof CancelScope.DeadlineError ? "deadline" : String(error)}`
      })

const after = (millis: number, log: Array<string>, entry: string) =>
  Effect.andThen(
    Effect.sleep(millis),
    Effect.sync(() => log.push(entry))
  )

describe("failAfter and moveOnAfter", () => {
  it("pass on the value, the error and the defect of an effect that ends in time", () =>
    run(
      Effect.gen(function* () {
        const wait = Effect.sleep(5)
        assert.strictEqual(yield* CancelScope.failAfter(Effect.as(wait, "a"), 10), "a")
        assert.deepStrictEqual(yield* CancelScope.moveOnAfter(Effect.as(wait, "a"), 10), Option.some("a"))
        for (const bounded of [CancelScope.failAfter(10), CancelScope.moveOnAfter(10)]) {
          const failed = yield* Effect.exit(bounded(Effect.andThen(wait, Effect.fail("no"))))
          assert.deepStrictEqual(reasons(failed), ["Fail no"])
          const died = yield* Effect.exit(bounded(Effect.andThen(wait, Effect.die("bug"))))
          assert.deepStrictEqual(reasons(died), ["Die bug"])
        }
        assert.strictEqual(yield* VirtualTime.now, 30)
      })
    ))

  it("at the deadline the effect is interrupted, and its clean-up awaited before anything goes on", () =>
    run(
      Effect.gen(function* () {
        const log: Array<string> = []
        const work = Effect.ensuring(Effect.never, after(50, log, "cleaned up"))
        const error = yield* Effect.flip(CancelScope.failAfter(work, 10, { name: "the work" }))
        assert.strictEqual(error.message, '"the work" did not end within 10ms, and was cancelled.')
        assert.strictEqual(yield* VirtualTime.now, 60)
        assert.deepStrictEqual(yield* CancelScope.moveOnAfter(work, 10), Option.none())
        assert.strictEqual(yield* VirtualTime.now, 120)
        assert.deepStrictEqual(log, ["cleaned up", "cleaned up"])
      })
    ))

  it("errors of the clean-up are kept: beside the DeadlineError, and alone for moveOnAfter", () =>
    run(
      Effect.gen(function* () {
        const dies = Effect.ensuring(Effect.never, Effect.die("unclean"))
        const fails = Effect.onInterrupt(Effect.never, () => Effect.fail("untidy"))
        assert.deepStrictEqual(reasons(yield* Effect.exit(CancelScope.failAfter(dies, 1))), [
          "Fail deadline",
          "Die unclean"
        ])
        assert.deepStrictEqual(reasons(yield* Effect.exit(CancelScope.failAfter(fails, 1))), [
          "Fail deadline",
          "Fail untidy"
        ])
        assert.deepStrictEqual(reasons(yield* Effect.exit(CancelScope.moveOnAfter(dies, 1))), ["Die unclean"])
        assert.deepStrictEqual(reasons(yield* Effect.exit(CancelScope.moveOnAfter(fails, 1))), ["Fail untidy"])
      })
    ))

  it("an effect that never suspends is not cut short, not even by a deadline that has passed", () =>
    run(
      Effect.gen(function* () {
        assert.strictEqual(yield* CancelScope.failAfter(Effect.succeed("quick"), 0), "quick")
        let steps = 0
        const loop = Effect.forever(
          Effect.andThen(
            Effect.sync(() => steps++),
            Effect.yieldNow
          )
        )
        assert.isTrue(Option.isNone(yield* CancelScope.moveOnAfter(loop, 0)))
        assert.strictEqual(steps, 1)
      })
    ))

  it("an infinite deadline is none", () =>
    run(
      Effect.gen(function* () {
        const deadline = yield* CancelScope.failAfter(CancelScope.deadline, Number.POSITIVE_INFINITY)
        assert.strictEqual(deadline, Number.POSITIVE_INFINITY)
      })
    ))

  it("a region that cannot be interrupted runs to its end first; an error of its own is kept", () =>
    run(
      Effect.gen(function* () {
        const stubborn = Effect.uninterruptible(Effect.andThen(Effect.sleep(50), Effect.fail("own error")))
        const exit = yield* Effect.exit(CancelScope.failAfter(stubborn, 10))
        assert.deepStrictEqual(reasons(exit), ["Fail deadline", "Fail own error"])
        assert.strictEqual(yield* VirtualTime.now, 50)
      })
    ))

  it("a deadline works in a finalizer, and the outside cannot reach in", () =>
    run(
      Effect.gen(function* () {
        const log: Array<string> = []
        const cleanUp = Effect.flatMap(CancelScope.moveOnAfter(Effect.sleep("1 hour"), "3 seconds"), (result) =>
          Effect.sync(() => log.push(result._tag))
        )
        const fiber = yield* Effect.forkChild(Effect.ensuring(Effect.never, cleanUp), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(log, ["None"])
        assert.strictEqual(yield* VirtualTime.now, 3000)
      })
    ))

  it("leaves no timer behind: time does not jump to the deadline of an effect that ended before", () =>
    run(
      Effect.gen(function* () {
        yield* CancelScope.failAfter(Effect.sleep(1), "1 day")
        yield* CancelScope.failAfter(Effect.succeed(1), "1 day")
        const stuck = yield* VirtualTime.now
        // With a timer left, time would go on to it before anyone could say that nothing is left to wait for.
        const inner = CancelScope.failAfter(Effect.sleep(1), "1 day").pipe(Effect.andThen(Effect.never))
        const deadlock = yield* Effect.flip(VirtualTime.run(inner))
        assert.strictEqual(stuck, 1)
        assert.strictEqual(deadlock._tag === "VirtualTimeDeadlockError" && deadlock.time, 1)
      })
    ))

  describe("nesting", () => {
    it("the nearest deadline wins, whether it is the inner or the outer one", () =>
      run(
        Effect.gen(function* () {
          const inner = CancelScope.failAfter(Effect.never, 5, { name: "inner" }).pipe(
            CancelScope.failAfter(10, { name: "outer" })
          )
          assert.strictEqual((yield* Effect.flip(inner)).name, "inner")
          assert.strictEqual(yield* VirtualTime.now, 5)
          const outer = CancelScope.failAfter(Effect.never, 10, { name: "inner" }).pipe(
            CancelScope.failAfter(5, { name: "outer" })
          )
          assert.strictEqual((yield* Effect.flip(outer)).name, "outer")
          assert.strictEqual(yield* VirtualTime.now, 10)
        })
      ))

    it("of two deadlines for the same instant the outer one wins, also from a forked fiber, also at once", () =>
      run(
        Effect.gen(function* () {
          for (const millis of [7, 0]) {
            const direct = Effect.yieldNow.pipe(
              Effect.andThen(Effect.never),
              CancelScope.failAfter(millis, { name: "inner" }),
              CancelScope.failAfter(millis, { name: "outer" })
            )
            assert.strictEqual((yield* Effect.flip(direct)).name, "outer")
            const forked = Effect.flatMap(
              Effect.forkChild(CancelScope.failAfter(Effect.never, millis, { name: "inner" }), {
                startImmediately: true
              }),
              Fiber.join
            ).pipe(CancelScope.failAfter(millis, { name: "outer" }))
            assert.strictEqual((yield* Effect.flip(forked)).name, "outer")
          }
        })
      ))

    it("a detached fiber has its own deadline, though it sees a nearer one that cannot reach it any more", () =>
      run(
        Effect.gen(function* () {
          const bounded = CancelScope.failAfter(Effect.never, 20, { name: "its own" })
          const fiber = yield* CancelScope.failAfter(Effect.forkDetach(bounded), 5)
          const error = yield* Effect.flip(Fiber.join(fiber))
          assert.strictEqual(error.name, "its own")
          assert.strictEqual(yield* VirtualTime.now, 20)
        })
      ))

    it("an inner moveOnAfter does not swallow the deadline of the outer one", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const work = Effect.gen(function* () {
            yield* CancelScope.moveOnAfter(Effect.never, 20)
            log.push("went on")
          })
          assert.isTrue(Option.isNone(yield* CancelScope.moveOnAfter(work, 10)))
          assert.deepStrictEqual(log, [])
        })
      ))

    it("the outer deadline can pass while the inner one's clean-up runs", () =>
      run(
        Effect.gen(function* () {
          const work = Effect.ensuring(Effect.never, Effect.sleep(100))
          const inner = Effect.catchTag(CancelScope.failAfter(work, 5), "DeadlineError", () => Effect.succeed("caught"))
          const error = yield* Effect.flip(CancelScope.failAfter(inner, 10, { name: "outer" }))
          assert.strictEqual(error.name, "outer")
          assert.strictEqual(yield* VirtualTime.now, 105)
        })
      ))
  })

  describe("when interrupted from outside", () => {
    const interruptAt = (work: Effect.Effect<unknown, unknown>, at: number) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(work, { startImmediately: true })
        yield* Effect.sleep(at)
        yield* Fiber.interrupt(fiber)
        return reasons(yield* Fiber.await(fiber))
      })

    it("the effect is interrupted, its clean-up awaited, its errors kept", () =>
      run(
        Effect.gen(function* () {
          const work = Effect.ensuring(Effect.never, Effect.andThen(Effect.sleep(50), Effect.die("unclean")))
          assert.deepStrictEqual(yield* interruptAt(CancelScope.failAfter(work, 10), 5), ["Interrupt", "Die unclean"])
          assert.strictEqual(yield* VirtualTime.now, 55)
          assert.deepStrictEqual(yield* interruptAt(CancelScope.moveOnAfter(work, 10), 5), ["Interrupt", "Die unclean"])
        })
      ))

    it("interruption wins over the deadline: before it, at the same instant, and during its clean-up", () =>
      run(
        Effect.gen(function* () {
          const work = Effect.ensuring(Effect.never, Effect.sleep(50))
          for (const at of [5, 10, 30]) {
            assert.deepStrictEqual(yield* interruptAt(CancelScope.failAfter(work, 10), at), ["Interrupt"], `at ${at}`)
            assert.deepStrictEqual(yield* interruptAt(CancelScope.moveOnAfter(work, 10), at), ["Interrupt"], `at ${at}`)
          }
        })
      ))

    it("interruption that the effect itself raises is no expiry", () =>
      run(
        Effect.gen(function* () {
          const exit = yield* Effect.exit(CancelScope.moveOnAfter(Effect.interrupt, 10))
          assert.deepStrictEqual(reasons(exit), ["Interrupt"])
        })
      ))

    it("an interruption that comes with the first step of the effect leaves no strand behind", () =>
      run(
        Effect.gen(function* () {
          const log: Array<string> = []
          const fiber: Fiber.Fiber<unknown> = yield* Effect.forkChild(
            CancelScope.moveOnAfter(
              Effect.andThen(
                Effect.sync(() => fiber.interruptUnsafe()),
                Effect.ensuring(after(10, log, "ran on"), after(5, log, "cleaned up"))
              ),
              100
            )
          )
          yield* Fiber.await(fiber)
          assert.deepStrictEqual(log, ["cleaned up"])
        })
      ))
  })

  it("the cancellation says which deadline it was", () =>
    run(
      Effect.gen(function* () {
        let cancellation: Option.Option<Task.Cancellation> = Option.none()
        const work = Effect.onExit(Effect.never, (exit) =>
          Effect.sync(() => {
            if (Exit.isFailure(exit)) cancellation = Task.cancellation(exit.cause)
          })
        )
        yield* CancelScope.moveOnAfter(work, "2 seconds", { name: "fetch" })
        assert.deepStrictEqual(Option.getOrThrow(cancellation), {
          source: "deadline",
          by: 'the deadline of "fetch"',
          reason: '"fetch" did not end within 2s'
        })
      })
    ))

  it("a deadline does not change who one is: the current task, and what cancels it", () =>
    run(
      Effect.scoped(
        Effect.gen(function* () {
          const task = yield* Task.spawn(
            CancelScope.failAfter(
              Effect.flatMap(Task.current, (self) => Task.cancel(Option.getOrThrow(self), { reason: "had enough" })),
              "1 hour"
            )
          )
          const error = yield* Effect.flip(Task.join(task))
          assert.strictEqual(error._tag === "TaskCancelledError" && error.cancellation.reason, "had enough")
          assert.strictEqual(yield* VirtualTime.now, 0)
        })
      )
    ))
})

describe("the deadline that can be read", () => {
  it("is the nearest one, and the remaining time falls as time goes", () =>
    run(
      Effect.gen(function* () {
        assert.strictEqual(yield* CancelScope.deadline, Number.POSITIVE_INFINITY)
        yield* Effect.sleep(1)
        const read = Effect.gen(function* () {
          const before = yield* CancelScope.deadline
          const inner = yield* CancelScope.failAfter(CancelScope.deadline, 5)
          const later = yield* CancelScope.failAfter(CancelScope.deadline, 50)
          return [before, inner, later]
        })
        assert.deepStrictEqual(yield* CancelScope.failAfter(read, 10), [11, 6, 11])
        assert.strictEqual(yield* CancelScope.deadline, Number.POSITIVE_INFINITY)
      })
    ))

  it("goes into forked fibers and into tasks of a scope that was opened under it", () =>
    run(
      Effect.gen(function* () {
        const forked = Effect.flatMap(Effect.forkChild(CancelScope.deadline), Fiber.join)
        assert.strictEqual(yield* CancelScope.failAfter(forked, 10), 10)
        const later = Effect.flatMap(Effect.forkChild(CancelScope.failAfter(CancelScope.deadline, 20)), Fiber.join)
        assert.strictEqual(yield* CancelScope.failAfter(later, 10), 10)
        const spawned = Effect.scoped(Effect.flatMap(Task.spawn(CancelScope.deadline), Task.join))
        assert.strictEqual(yield* CancelScope.failAfter(spawned, 10), 10)
      })
    ))

  it("does not go into a task of a scope that outlives it", () =>
    run(
      Effect.gen(function* () {
        const seen = yield* Effect.scoped(
          Effect.gen(function* () {
            const task = yield* Task.spawn(CancelScope.deadline).pipe(
              CancelScope.failAfter(5),
              CancelScope.failAfter(10)
            )
            return yield* Task.join(task)
          })
        ).pipe(CancelScope.failAfter(20))
        assert.strictEqual(seen, 20)
      })
    ))

  it("of another clock says nothing", () =>
    run(
      Effect.gen(function* () {
        const inner = VirtualTime.run(
          Effect.all([CancelScope.deadline, CancelScope.failAfter(CancelScope.deadline, 99)])
        )
        assert.deepStrictEqual(yield* CancelScope.failAfter(inner, 10), [Number.POSITIVE_INFINITY, 99])
      })
    ))
})

describe("shield", () => {
  it("keeps deadlines and interruption out until it has ended", () =>
    run(
      Effect.gen(function* () {
        const log: Array<string> = []
        const work = CancelScope.shield(after(100, log, "finished"))
        assert.isTrue(Option.isNone(yield* CancelScope.moveOnAfter(work, 10)))
        assert.strictEqual(yield* VirtualTime.now, 100)
        const fiber = yield* Effect.forkChild(work, { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(yield* VirtualTime.now, 200)
        assert.deepStrictEqual(log, ["finished", "finished"])
        assert.deepStrictEqual(reasons(yield* Fiber.await(fiber)), ["Interrupt"])
      })
    ))

  it("passes on the value, the error and the interruption of the effect itself", () =>
    run(
      Effect.gen(function* () {
        assert.strictEqual(yield* CancelScope.shield(Effect.as(Effect.sleep(1), "value")), "value")
        assert.deepStrictEqual(reasons(yield* Effect.exit(CancelScope.shield(Effect.fail("no")))), ["Fail no"])
        assert.deepStrictEqual(reasons(yield* Effect.exit(CancelScope.shield(Effect.interrupt))), ["Interrupt"])
      })
    ))

  it("inside, no deadline from outside is in force, but races and deadlines of its own work", () =>
    run(
      Effect.gen(function* () {
        const work = CancelScope.shield(
          Effect.gen(function* () {
            const outside = yield* CancelScope.deadline
            const raced = yield* Effect.raceFirst(Effect.never, Effect.as(Effect.sleep(30), "raced"))
            const moved = yield* CancelScope.moveOnAfter(Effect.never, 30)
            return [outside, raced, moved._tag] as const
          })
        )
        let seen: unknown
        const recorded = CancelScope.shield(
          Effect.map(work, (value) => {
            seen = value
          })
        )
        yield* CancelScope.moveOnAfter(recorded, 10)
        assert.deepStrictEqual(seen, [Number.POSITIVE_INFINITY, "raced", "None"])
        assert.strictEqual(yield* VirtualTime.now, 60)
      })
    ))
})

it("the types follow from the effect, without annotations", () => {
  const effect = Effect.fail("no" as const) as Effect.Effect<number, "no", "service">
  expectTypeOf(CancelScope.failAfter(effect, "1 second")).toEqualTypeOf<
    Effect.Effect<number, "no" | CancelScope.DeadlineError, "service">
  >()
  expectTypeOf(effect.pipe(CancelScope.moveOnAfter("1 second"))).toEqualTypeOf<
    Effect.Effect<Option.Option<number>, "no", "service">
  >()
  expectTypeOf(CancelScope.shield(effect)).toEqualTypeOf<typeof effect>()
  expectTypeOf(CancelScope.remaining).toEqualTypeOf<Effect.Effect<Duration.Duration>>()
})
