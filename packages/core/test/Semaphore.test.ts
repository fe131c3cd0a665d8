import { assert, describe, it } from "@effect/vitest"
import { Semaphore, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { atEveryPoint, forkStepwise } from "./support/everyPoint.ts"
import { lockContract } from "./support/lockContract.ts"

const settle = Effect.sleep("1 millis")

const guardOf = (weight: number) => (semaphore: Semaphore.Semaphore) => ({
  acquire: Semaphore.acquire(semaphore, weight),
  tryAcquire: Semaphore.tryAcquire(semaphore, weight),
  release: Semaphore.release(semaphore, weight),
  acquireScoped: Semaphore.acquireScoped(semaphore, weight),
  hold: Semaphore.withPermits(semaphore, weight),
  waiting: Effect.map(Semaphore.statistics(semaphore), (statistics) => statistics.waiting.length),
  print: () => String(semaphore)
})

lockContract("Semaphore of 1", Effect.map(Semaphore.make(1), guardOf(1)))
lockContract("Semaphore of 3, asked for 2", Effect.map(Semaphore.make(3), guardOf(2)))
lockContract("Unbounded semaphore that starts with 1", Effect.map(Semaphore.makeUnbounded(1), guardOf(1)))

/** What an effect died of. */
const defectOf = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isDieReason)?.defect : undefined

describe("Semaphore", () => {
  it("lets as many in as it has permits", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(3)
        const visit = Semaphore.withPermit(semaphore, Effect.sleep("1 second"))
        yield* Effect.all(
          Array.from({ length: 9 }, () => visit),
          { concurrency: "unbounded", discard: true }
        )
        assert.strictEqual(yield* VirtualTime.now, 3000)
      })
    ))

  it("does not let a light request pass a heavy one", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(3)
        const order: Array<string> = []
        const visit = (name: string, weight: number) =>
          Effect.sync(() => order.push(name)).pipe(
            Effect.andThen(Effect.sleep("1 second")),
            Semaphore.withPermits(semaphore, weight)
          )
        yield* Effect.all([visit("a", 2), visit("heavy", 3), visit("light", 1)], {
          concurrency: "unbounded",
          discard: true
        })
        assert.deepStrictEqual(order, ["a", "heavy", "light"])
      })
    ))

  it("lets the light ones in when the heavy one before them is interrupted", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(3)
        yield* Semaphore.acquire(semaphore, 2)
        const heavy = yield* Effect.forkChild(Semaphore.acquire(semaphore, 3))
        const light = yield* Effect.forkChild(Semaphore.acquire(semaphore))
        yield* settle
        yield* Fiber.interrupt(heavy)
        yield* Fiber.join(light)
        assert.strictEqual(yield* Semaphore.available(semaphore), 0)
      })
    ))

  it("refuses to be given back more than it has, and says what to do", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(2, { name: "pool" })
        const error = yield* Effect.flip(Semaphore.release(semaphore))
        assert.strictEqual(error._tag, "OverReleaseError")
        assert.strictEqual(
          error.message,
          'Semaphore "pool" has 2 permits, of which 2 are free; giving back 1 would exceed that. Release what was taken ' +
            "once, by Semaphore.withPermits, or make it with Semaphore.makeUnbounded if permits are to be added."
        )
        assert.strictEqual(yield* Semaphore.available(semaphore), 2)
      })
    ))

  it("takes any number of releases when it is unbounded", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.makeUnbounded(0)
        const waiter = yield* Effect.forkChild(Semaphore.acquire(semaphore, 5))
        yield* settle
        yield* Semaphore.release(semaphore, 7)
        yield* Fiber.join(waiter)
        assert.strictEqual(yield* Semaphore.available(semaphore), 2)
        assert.match(String(semaphore), /^Semaphore\("semaphore-\d+", 2 free\)$/)
      })
    ))

  it("bears the mark of its type, which another copy of the library reads as well", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        assert.property(yield* Semaphore.make(1), Symbol.for("@skein/core/Semaphore") as unknown as string)
      })
    ))

  it("dies when it is asked for what can never be had", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(2, { name: "pool" })
        for (const [effect, text] of [
          [Semaphore.make(-1), "got -1"],
          [Semaphore.make(1.5), "got 1.5"],
          [Semaphore.makeUnbounded(-1), "got -1"],
          [Semaphore.tryAcquire(semaphore, 0), "got 0"],
          [Semaphore.tryAcquire(semaphore, 3), "can never be had"],
          [Semaphore.release(semaphore, 0), "got 0"],
          [Semaphore.release(semaphore, -1), "got -1"],
          [Semaphore.acquire(semaphore, 0), "got 0"],
          [Semaphore.acquire(semaphore, 3), 'Semaphore "pool" has 2 permits in all; 3 at once can never be had'],
          [Semaphore.release(semaphore, 0.5), "got 0.5"],
          [Semaphore.withPermits(semaphore, 3, Effect.void), "can never be had"]
        ] as const) {
          const defect = defectOf(yield* Effect.exit(effect as Effect.Effect<unknown, unknown>))
          assert.instanceOf(defect, RangeError)
          assert.include((defect as RangeError).message, text)
        }
        assert.strictEqual(yield* Semaphore.available(semaphore), 2)
      })
    ))

  it("runs only what can have its permits at once, if asked so", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(1)
        const attempt = Semaphore.withPermitsIfAvailable(semaphore, 1, Effect.succeed("ran"))
        assert.deepStrictEqual(yield* attempt, Option.some("ran"))
        yield* Semaphore.acquire(semaphore)
        assert.deepStrictEqual(yield* attempt, Option.none())
        yield* Semaphore.release(semaphore)
        assert.strictEqual(yield* Semaphore.available(semaphore), 1)
      })
    ))

  it("tells its permits and who waits, and tasks show what they hold", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const semaphore = yield* Semaphore.make(1, { name: "pool" })
          const work = Semaphore.withPermit(semaphore, Effect.sleep("1 hour"))
          const a = yield* Task.spawn(work, { name: "a" })
          const b = yield* Task.spawn(work, { name: "b" })
          yield* settle
          assert.deepStrictEqual(yield* Semaphore.statistics(semaphore), {
            name: "pool",
            permits: 1,
            available: 0,
            waiting: ['task "b"']
          })
          assert.strictEqual(String(semaphore), 'Semaphore("pool", 0 of 1 free, 1 waiting)')
          const tree = taskRegistry.formatTree()
          assert.match(tree, /a \[core\] waiting.*holds Semaphore "pool"/)
          assert.match(tree, /b \[core\] waiting for Semaphore "pool" \(0 of 1 free, 1 waiting\)/)
          yield* Task.join(a)
          yield* Task.join(b)
        })
      )
    ))

  it("loses no permit, wherever one of three with different weights is interrupted", async () => {
    for (const victimIndex of [0, 1, 2]) {
      await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const semaphore = yield* Semaphore.make(3)
          const fibers: Array<Fiber.Fiber<void>> = []
          for (const weight of [2, 3, 1]) {
            fibers.push(yield* forkStepwise(Semaphore.withPermits(semaphore, weight, Effect.yieldNow)))
          }
          yield* strike(fibers[victimIndex] as Fiber.Fiber<void>)
          yield* Fiber.awaitAll(fibers)
          assert.strictEqual(yield* Semaphore.available(semaphore), 3)
        })
      )
    }
  })
})
