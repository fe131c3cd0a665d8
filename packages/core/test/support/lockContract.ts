import { assert, describe, it } from "@effect/vitest"
import { CancelScope, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { MaxOpsBeforeYield } from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import { atEveryPoint, forkStepwise } from "./everyPoint.ts"

/** What everything does that one at a time can hold. */
export interface Guard {
  readonly acquire: Effect.Effect<void, unknown>
  readonly tryAcquire: Effect.Effect<boolean>
  readonly release: Effect.Effect<void, unknown>
  readonly acquireScoped: Effect.Effect<void, unknown, Scope.Scope>
  readonly hold: <A, E>(body: Effect.Effect<A, E>) => Effect.Effect<A, unknown>
  /** How many wait, by its statistics. */
  readonly waiting: Effect.Effect<number>
  /** One line. */
  readonly print: () => string
}

/** Lets all fibers go on until each of them waits for something. */
const settle = Effect.sleep("1 millis")

const run = <A, E>(program: Effect.Effect<A, E>): Promise<A> => VirtualTime.runPromise(program)

/** The contract of the lock-like family. */
export const lockContract = (name: string, make: Effect.Effect<Guard>): void => {
  describe(`${name}, as something that one at a time can hold`, () => {
    it("keeps all others out", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          let inside = 0
          let most = 0
          const visit = guard.hold(
            Effect.gen(function* () {
              most = Math.max(most, ++inside)
              yield* Effect.sleep("1 second")
              inside--
            })
          )
          yield* Effect.all(
            Array.from({ length: 5 }, () => visit),
            { concurrency: "unbounded", discard: true }
          )
          assert.strictEqual(most, 1)
          assert.strictEqual(yield* VirtualTime.now, 5000)
        })
      ))

    it("is held after it was taken by trying", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          assert.isTrue(yield* guard.tryAcquire)
          assert.isFalse(yield* guard.tryAcquire)
          yield* guard.release
          assert.isTrue(yield* guard.tryAcquire)
        })
      ))

    it("goes to one only, when several find it free and the scheduler lets others in between finding and taking", async () => {
      for (let ops = 3; ops <= 10; ops++) {
        await run(
          Effect.gen(function* () {
            const guard = yield* make
            let inside = 0
            let most = 0
            const visit = Effect.gen(function* () {
              yield* guard.acquire
              most = Math.max(most, ++inside)
              yield* Effect.sleep("1 second")
              inside--
              yield* guard.release
            }).pipe(Effect.provideService(MaxOpsBeforeYield, ops))
            yield* Effect.all([visit, visit, visit], { concurrency: "unbounded", discard: true })
            assert.strictEqual(most, 1)
            assert.isTrue(yield* guard.tryAcquire)
          })
        )
      }
    })

    it("is shown as held by a task while it holds it, and as waited for while it waits, and no longer", () =>
      run(
        Effect.scoped(
          Effect.gen(function* () {
            const guard = yield* make
            const shown = (task: Task.Task<unknown, unknown>) => {
              for (const node of taskRegistry) {
                if (node.name === task.name) return [node.holds?.length ?? 0, node.waitingOn === undefined]
              }
              return undefined
            }
            const work = guard.hold(Effect.sleep("1 second")).pipe(Effect.andThen(Effect.sleep("1 hour")))
            const scopedWork = Effect.scoped(Effect.andThen(guard.acquireScoped, Effect.sleep("1 second")))
            const first = yield* Task.spawn(work, { name: "shown first" })
            const second = yield* Task.spawn(Effect.andThen(scopedWork, Effect.sleep("1 hour")), {
              name: "shown second"
            })
            const third = yield* Task.spawn(
              Effect.andThen(CancelScope.moveOnAfter(guard.hold(Effect.void), "1500 millis"), Effect.sleep("1 hour")),
              { name: "shown third" }
            )
            const all = [first, second, third]
            yield* settle
            assert.deepStrictEqual(all.map(shown), [
              [1, true],
              [0, false],
              [0, false]
            ])
            yield* Effect.sleep("1 second")
            assert.deepStrictEqual(all.map(shown), [
              [0, true],
              [1, true],
              [0, false]
            ])
            yield* Effect.sleep("600 millis")
            assert.deepStrictEqual(all.map(shown), [
              [0, true],
              [1, true],
              [0, true]
            ])
            yield* Effect.sleep("1 second")
            assert.deepStrictEqual(all.map(shown), [
              [0, true],
              [0, true],
              [0, true]
            ])
            for (const task of all) yield* Task.cancel(task)
          })
        )
      ))

    it("serves in order of arrival", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          const order: Array<number> = []
          const visit = (index: number) =>
            guard.hold(
              Effect.andThen(
                Effect.sleep("1 second"),
                Effect.sync(() => order.push(index))
              )
            )
          yield* Effect.all([0, 1, 2, 3].map(visit), { concurrency: "unbounded", discard: true })
          assert.deepStrictEqual(order, [0, 1, 2, 3])
        })
      ))

    it("does not let the one who released pass a waiter", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          const order: Array<string> = []
          const note = (text: string) => Effect.sync(() => order.push(text))
          yield* guard.acquire
          const waiter = yield* Effect.forkChild(guard.hold(note("waiter")))
          yield* settle
          yield* guard.release
          assert.isFalse(yield* guard.tryAcquire)
          yield* guard.hold(note("releaser"))
          yield* Fiber.join(waiter)
          assert.deepStrictEqual(order, ["waiter", "releaser"])
        })
      ))

    it("does not run the woken inside the release", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          const order: Array<string> = []
          const note = (text: string) => Effect.sync(() => order.push(text))
          yield* guard.acquire
          const waiter = yield* Effect.forkChild(guard.hold(note("waiter")))
          yield* settle
          yield* Effect.andThen(guard.release, note("released"))
          yield* Fiber.join(waiter)
          assert.deepStrictEqual(order, ["released", "waiter"])
        })
      ))

    it("forgets a waiter that is interrupted", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          yield* guard.acquire
          const first = yield* Effect.forkChild(guard.acquire)
          const second = yield* Effect.forkChild(guard.hold(Effect.void))
          yield* settle
          assert.strictEqual(yield* guard.waiting, 2)
          yield* Fiber.interrupt(first)
          assert.strictEqual(yield* guard.waiting, 1)
          yield* guard.release
          yield* Fiber.join(second)
          assert.isTrue(yield* guard.tryAcquire)
        })
      ))

    it("a waiter interrupted just after it was woken hands its turn on", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          yield* guard.acquire
          const first = yield* Effect.forkChild(guard.acquire)
          const second = yield* Effect.forkChild(guard.hold(Effect.void))
          yield* settle
          // The release wakes the first; it is interrupted in the same turn, before it can run.
          yield* guard.release
          yield* Fiber.interrupt(first)
          yield* Fiber.join(second)
          assert.isTrue(yield* guard.tryAcquire)
        })
      ))

    it("is given back when the work fails, and when it is interrupted", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          yield* Effect.exit(guard.hold(Effect.fail("boom")))
          const stuck = yield* Effect.forkChild(guard.hold(Effect.never))
          yield* settle
          yield* Fiber.interrupt(stuck)
          assert.isTrue(yield* guard.tryAcquire)
        })
      ))

    it("is given back when its scope closes", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          yield* Effect.scoped(
            Effect.gen(function* () {
              yield* guard.acquireScoped
              assert.isFalse(yield* guard.tryAcquire)
            })
          )
          assert.isTrue(yield* guard.tryAcquire)
        })
      ))

    it("prints its state in one line", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          yield* guard.acquire
          const waiter = yield* Effect.forkChild(guard.hold(Effect.void))
          yield* settle
          assert.match(guard.print(), /^[^\n]*1 waiting[^\n]*$/)
          yield* guard.release
          yield* Fiber.join(waiter)
          assert.notMatch(guard.print(), /waiting/)
        })
      ))

    it("is free again, wherever a holder is interrupted", async () => {
      const points = await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const guard = yield* make
          const victim = yield* forkStepwise(guard.hold(Effect.andThen(Effect.yieldNow, Effect.yieldNow)))
          yield* strike(victim)
          assert.isTrue(yield* guard.tryAcquire)
        })
      )
      assert.isAbove(points, 3)
    })

    it("is free again where a holder interrupts itself in the step in which it has it", () =>
      run(
        Effect.gen(function* () {
          const guard = yield* make
          const self = Effect.withFiber((fiber) => {
            fiber.interruptUnsafe()
            return Effect.never
          })
          const holder = yield* Effect.forkChild(guard.hold(self))
          const behind = yield* Effect.forkChild(guard.hold(self))
          yield* Fiber.await(holder)
          yield* Fiber.await(behind)
          assert.isTrue(yield* guard.tryAcquire)
        })
      ))

    it("is free again, and nobody waits for ever, wherever a waiter is interrupted", async () => {
      const points = await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const guard = yield* make
          const body = Effect.repeat(Effect.yieldNow, { times: 2 })
          const holder = yield* forkStepwise(guard.hold(body))
          const victim = yield* forkStepwise(guard.hold(body))
          const behind = yield* forkStepwise(guard.hold(body))
          yield* strike(victim)
          yield* Fiber.join(holder)
          yield* Fiber.join(behind)
          assert.strictEqual(yield* guard.waiting, 0)
          assert.isTrue(yield* guard.tryAcquire)
        })
      )
      assert.isAtLeast(points, 8)
    })

    it("is not lost between taking and the continuation, wherever that is interrupted", async () => {
      await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const guard = yield* make
          yield* guard.acquire
          let hasIt = false
          const victim = yield* forkStepwise(
            Effect.uninterruptibleMask((restore) =>
              Effect.flatMap(restore(guard.acquire), () =>
                Effect.andThen(
                  Effect.sync(() => {
                    hasIt = true
                  }),
                  guard.release
                )
              )
            )
          )
          yield* Effect.yieldNow
          yield* guard.release
          yield* strike(victim)
          assert.isTrue(yield* guard.tryAcquire, `after the victim ${hasIt ? "had it" : "never had it"}`)
        })
      )
    })
  })
}
