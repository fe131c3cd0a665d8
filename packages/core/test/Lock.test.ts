import { assert, describe, it } from "@effect/vitest"
import { CancelScope, Lock, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { lockContract } from "./support/lockContract.ts"

const settle = Effect.sleep("1 millis")

lockContract(
  "Lock",
  Effect.map(Lock.make(), (lock) => ({
    acquire: Lock.acquire(lock),
    tryAcquire: Lock.tryAcquire(lock),
    release: Lock.release(lock),
    acquireScoped: Lock.acquireScoped(lock),
    hold: Lock.withLock(lock),
    waiting: Effect.map(Lock.statistics(lock), (statistics) => statistics.waiting.length),
    print: () => String(lock)
  }))
)

describe("Lock", () => {
  it("fails when its owner asks for it again, instead of waiting for itself", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const lock = yield* Lock.make("db")
        const error = yield* Effect.flip(Lock.withLock(lock, Lock.withLock(lock, Effect.void)))
        assert.instanceOf(error, Lock.SelfDeadlockError)
        assert.match(
          error.message,
          /^Lock "db" is already held by fiber #\d+, which asks for it again and would .* Take it once, around the whole of the work\.$/
        )
        assert.isFalse(yield* Lock.isLocked(lock))
      })
    ))

  it("cannot be released by another fiber, nor when it is open", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const lock = yield* Lock.make("db")
          const open = yield* Effect.flip(Lock.release(lock))
          assert.match(
            open.message,
            /^Lock "db" is not held, so fiber #\d+ cannot release it or use its condition; .* Use Lock\.withLock, .* right place\.$/
          )
          const writer = yield* Task.spawn(Lock.withLock(lock, Effect.sleep("1 hour")), { name: "writer" })
          yield* settle
          const foreign = yield* Effect.flip(Lock.release(lock))
          assert.strictEqual(foreign._tag, "NotOwnerError")
          assert.strictEqual(foreign.owner, 'task "writer"')
          assert.include(foreign.message, 'Lock "db" is held by task "writer", so fiber #')
          yield* Task.join(writer)
        })
      )
    ))

  it("belongs to the same fiber inside and outside of a deadline", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const lock = yield* Lock.make("db")
        yield* Lock.acquire(lock)
        const error = yield* Effect.flip(CancelScope.failAfter(Lock.acquire(lock), "1 second"))
        assert.strictEqual(error._tag, "SelfDeadlockError")
        yield* CancelScope.failAfter(Lock.release(lock), "1 second")
        assert.isFalse(yield* Lock.isLocked(lock))
      })
    ))

  it("tells who holds it and who waits, and tasks show what they hold and wait for", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const lock = yield* Lock.make("db")
          const work = Lock.withLock(lock, Effect.sleep("1 hour"))
          const writer = yield* Task.spawn(work, { name: "writer" })
          const reader = yield* Task.spawn(work, { name: "reader" })
          yield* settle
          const statistics = yield* Lock.statistics(lock)
          assert.deepStrictEqual(statistics, { name: "db", owner: 'task "writer"', waiting: ['task "reader"'] })
          assert.isTrue(Object.isFrozen(statistics))
          assert.strictEqual(String(lock), 'Lock("db", held by task "writer", 1 waiting)')
          assert.deepStrictEqual(JSON.parse(JSON.stringify(lock)), {
            _id: "Lock",
            name: "db",
            state: 'held by task "writer", 1 waiting'
          })
          const tree = taskRegistry.formatTree()
          assert.match(tree, /writer \[core\] waiting.*holds Lock "db"/)
          assert.match(tree, /reader \[core\] waiting for Lock "db" held by task "writer"/)
          yield* Task.join(writer)
          yield* Task.join(reader)
          assert.strictEqual(String(lock), 'Lock("db", unlocked)')
        })
      )
    ))

  it("a deadlock of two locks names both tasks, what they hold and what they wait for", async () => {
    const program = Effect.scoped(
      Effect.gen(function* () {
        const [x, y] = [yield* Lock.make("x"), yield* Lock.make("y")]
        const both = (first: Lock.Lock, second: Lock.Lock) =>
          Lock.withLock(first, Effect.andThen(Effect.sleep("1 second"), Lock.withLock(second, Effect.void)))
        const a = yield* Task.spawn(both(x, y), { name: "a" })
        const b = yield* Task.spawn(both(y, x), { name: "b" })
        yield* Task.join(a)
        yield* Task.join(b)
      })
    )
    const error = await VirtualTime.runPromise(Effect.flip(VirtualTime.run(program)))
    assert.match(error.message, /task "a" waits for Lock "y" held by task "b", holds Lock "x"/)
    assert.match(error.message, /task "b" waits for Lock "x" held by task "a", holds Lock "y"/)
  })

  it("is shown without an owner between a release and the next one's turn", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const lock = yield* Lock.make("db")
          yield* Lock.acquire(lock)
          const reader = yield* Task.spawn(Lock.withLock(lock, Effect.void), { name: "reader" })
          yield* settle
          const tree = yield* Effect.andThen(
            Lock.release(lock),
            Effect.sync(() => taskRegistry.formatTree())
          )
          assert.match(tree, /reader \[core\] waiting for Lock "db"$/m)
          yield* Task.join(reader)
        })
      )
    ))

  it("names itself when no name is given", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const [first, second] = [yield* Lock.make(), yield* Lock.make()]
        assert.match(first.name, /^lock-\d+$/)
        assert.notStrictEqual(first.name, second.name)
      })
    ))

  it("bears the mark of its type, which another copy of the library reads as well", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        assert.property(yield* Lock.make(), Symbol.for("@skein/core/Lock") as unknown as string)
      })
    ))

  it("a release under 10,000 interrupted waiters reaches the one behind them", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const lock = yield* Lock.make()
        yield* Lock.acquire(lock)
        const crowd: Array<Fiber.Fiber<void, unknown>> = []
        for (let index = 0; index < 10_000; index++) crowd.push(yield* Effect.forkChild(Lock.acquire(lock)))
        const last = yield* Effect.forkChild(Lock.withLock(lock, Effect.succeed("served")))
        yield* settle
        yield* Fiber.interruptAll(crowd)
        yield* Lock.release(lock)
        assert.strictEqual(yield* Fiber.join(last), "served")
      })
    ))
})
