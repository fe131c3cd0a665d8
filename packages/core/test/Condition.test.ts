import { assert, describe, it } from "@effect/vitest"
import { Condition, Lock, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { atEveryPoint, forkStepwise } from "./support/everyPoint.ts"
import { lockContract } from "./support/lockContract.ts"

const settle = Effect.sleep("1 millis")

lockContract(
  "The lock of a condition",
  Effect.map(Condition.make(), (condition) => ({
    acquire: Lock.acquire(condition.lock),
    tryAcquire: Lock.tryAcquire(condition.lock),
    release: Lock.release(condition.lock),
    acquireScoped: Lock.acquireScoped(condition.lock),
    hold: Condition.withLock(condition),
    waiting: Effect.map(Condition.statistics(condition), (statistics) => statistics.lock.waiting.length),
    print: () => String(condition)
  }))
)

describe("Condition", () => {
  it("refuses to wait or to notify without the lock", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const condition = yield* Condition.make({ name: "news" })
        for (const effect of [
          Condition.wait(condition),
          Condition.notify(condition),
          Condition.notifyAll(condition),
          Condition.waitFor(condition, () => false)
        ]) {
          const error = yield* Effect.flip(effect)
          assert.strictEqual(error._tag, "NotOwnerError")
          assert.match(error.message, /^Lock "news" is not held/)
        }
      })
    ))

  it("gives the lock back while it waits, and holds it again afterwards", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const condition = yield* Condition.make()
        const waiter = yield* Effect.forkChild(
          Condition.withLock(
            condition,
            Effect.gen(function* () {
              yield* Condition.wait(condition)
              return yield* Lock.isLocked(condition.lock)
            })
          )
        )
        yield* settle
        assert.isFalse(yield* Lock.isLocked(condition.lock))
        yield* Condition.withLock(condition, Condition.notify(condition))
        assert.isTrue(yield* Fiber.join(waiter))
        assert.isFalse(yield* Lock.isLocked(condition.lock))
      })
    ))

  it("notifies as many as asked, in order of arrival", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const condition = yield* Condition.make()
        const order: Array<number> = []
        const visit = (index: number) =>
          Condition.withLock(
            condition,
            Effect.andThen(
              Condition.wait(condition),
              Effect.sync(() => order.push(index))
            )
          )
        const fibers: Array<Fiber.Fiber<number, unknown>> = []
        for (const index of [0, 1, 2, 3]) fibers.push(yield* Effect.forkChild(visit(index)))
        yield* settle
        yield* Condition.withLock(condition, Condition.notify(condition, 2))
        yield* settle
        assert.deepStrictEqual(order, [0, 1])
        yield* Condition.withLock(condition, Condition.notifyAll(condition))
        yield* Fiber.awaitAll(fibers)
        assert.deepStrictEqual(order, [0, 1, 2, 3])
      })
    ))

  it("waitFor looks again after each notification, and does not wait when it holds already", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const condition = yield* Condition.make()
        let count = 0
        yield* Condition.withLock(
          condition,
          Condition.waitFor(condition, () => count === 0)
        )
        const waiter = yield* Effect.forkChild(
          Condition.withLock(
            condition,
            Condition.waitFor(condition, () => count >= 2)
          )
        )
        for (let round = 0; round < 2; round++) {
          yield* settle
          assert.isUndefined(waiter.pollUnsafe())
          count++
          yield* Condition.withLock(condition, Condition.notify(condition))
        }
        yield* Fiber.join(waiter)
      })
    ))

  it("a waiter interrupted just after it was notified passes the notification on", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const condition = yield* Condition.make()
        const visit = Condition.withLock(condition, Condition.wait(condition))
        const first = yield* Effect.forkChild(visit)
        const second = yield* Effect.forkChild(visit)
        yield* settle
        yield* Condition.withLock(condition, Condition.notify(condition))
        yield* Fiber.interrupt(first)
        yield* Fiber.join(second)
      })
    ))

  it("a waiter interrupted while it takes the lock again passes the notification on", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const condition = yield* Condition.make()
        const visit = Condition.withLock(condition, Condition.wait(condition))
        const first = yield* Effect.forkChild(visit)
        const second = yield* Effect.forkChild(visit)
        yield* settle
        const interrupting = Effect.gen(function* () {
          yield* Condition.notify(condition)
          yield* settle
          assert.deepEqual((yield* Lock.statistics(condition.lock)).waiting, [`fiber #${first.id}`])
          yield* Effect.forkChild(Fiber.interrupt(first))
          yield* settle
        })
        yield* Condition.withLock(condition, interrupting)
        yield* Fiber.join(second)
      })
    ))

  it("holds the lock again before an interruption goes on, however long that takes", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const condition = yield* Condition.make()
        let cleanedUpWithLock = false
        const waiter = yield* Effect.forkChild(
          Condition.withLock(
            condition,
            Effect.onInterrupt(Condition.wait(condition), () =>
              Effect.map(Lock.statistics(condition.lock), (statistics) => {
                cleanedUpWithLock = statistics.owner === `fiber #${waiter.id}`
              })
            )
          )
        )
        yield* settle
        const holder = yield* Effect.forkChild(Condition.withLock(condition, Effect.sleep("1 hour")))
        yield* settle
        yield* Fiber.interrupt(waiter)
        assert.isTrue(cleanedUpWithLock)
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(holder)))
        assert.isFalse(yield* Lock.isLocked(condition.lock))
      })
    ))

  it("tells its lock and who waits, and tasks show what they wait for", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const lock = yield* Lock.make("db")
          const condition = yield* Condition.make({ lock, name: "changed" })
          const waiter = yield* Task.spawn(Lock.withLock(lock, Condition.wait(condition)), { name: "reader" })
          yield* settle
          assert.deepStrictEqual(yield* Condition.statistics(condition), {
            name: "changed",
            lock: { name: "db", owner: undefined, waiting: [] },
            waiting: ['task "reader"']
          })
          assert.strictEqual(String(condition), 'Condition("changed", lock "db" unlocked, 1 waiting)')
          assert.match(taskRegistry.formatTree(), /reader \[core\] waiting for a notification of Condition "changed"/)
          yield* Lock.withLock(lock, Condition.notifyAll(condition))
          yield* Task.join(waiter)
        })
      )
    ))

  it("loses no notification and leaves the lock open, wherever the first of two waiters is interrupted", async () => {
    const points = await atEveryPoint((strike) =>
      Effect.gen(function* () {
        const condition = yield* Condition.make()
        let tokens = 0
        const consume = Condition.withLock(
          condition,
          Effect.andThen(
            Condition.waitFor(condition, () => tokens > 0),
            Effect.sync(() => tokens--)
          )
        )
        const victim = yield* forkStepwise(consume)
        const other = yield* forkStepwise(consume)
        const producer = yield* forkStepwise(
          Effect.forEach(
            [1, 2],
            () =>
              Effect.andThen(
                Effect.yieldNow,
                Condition.withLock(
                  condition,
                  Effect.suspend(() => {
                    tokens++
                    return Condition.notify(condition)
                  })
                )
              ),
            { discard: true }
          )
        )
        yield* strike(victim)
        yield* Fiber.join(producer)
        // Were the victim's notification lost, this would wait for ever, which virtual time reports.
        yield* Fiber.join(other)
        assert.isFalse(yield* Lock.isLocked(condition.lock))
      })
    )
    assert.isAtLeast(points, 8)
  })
})
