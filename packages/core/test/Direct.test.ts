import { assert, describe, it } from "@effect/vitest"
import { Direct, Lock, Queue, Semaphore, VirtualTime } from "@skein/core"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { MaxOpsBeforeYield, PreventSchedulerYield } from "effect/Scheduler"
import { atEveryPoint, forkStepwise } from "./support/everyPoint.ts"

class Price extends Context.Service<Price, { readonly of: number }>()("test/Price") {}

/** Both ways of making a function have to come to the same. */
const makers = { direct: Direct.fn, "as an effect": Effect.fnUntraced as unknown as typeof Direct.fn }

for (const [name, fn] of Object.entries(makers)) {
  describe(`a function whose calls are ${name}`, () => {
    const failing = fn(function* (error: string) {
      return yield* Effect.fail(error)
    })
    const throwing = fn(function* (message: string): Generator<never, number> {
      throw new Error(message)
    })
    const throwingLater = fn(function* (message: string) {
      yield* Effect.yieldNow
      throw new Error(message)
    })

    it("gives its value to its caller, having waited or not", () => {
      const at = fn(function* (n: number) {
        return n
      })
      const later = fn(function* (n: number) {
        yield* Effect.sleep(1000)
        return n
      })
      const sum = fn(function* () {
        return (yield* at(1)) + (yield* later(2)) + (yield* at(4)) + (yield* later(8))
      })
      return VirtualTime.runPromise(sum()).then((value) => assert.strictEqual(value, 15))
    })

    it("leaves its callers when an effect in it fails, past their try, catch and finally", () => {
      const trace: Array<string> = []
      const middle = fn(function* () {
        try {
          yield* failing("sour")
        } catch {
          trace.push("caught")
        } finally {
          trace.push("finally")
        }
      })
      const outer = fn(function* () {
        yield* middle()
        trace.push("after")
      })
      assert.deepStrictEqual(Effect.runSyncExit(outer()), Exit.fail("sour"))
      assert.deepStrictEqual(trace, [])
    })

    for (const [when, body] of [
      ["at once", throwing],
      ["after a wait", throwingLater]
    ] as const) {
      it(`dies with what it throws ${when}, past the try of its callers`, async () => {
        const trace: Array<string> = []
        const outer = fn(function* () {
          try {
            return yield* body("broken")
          } catch {
            trace.push("caught")
            return 0
          }
        })
        const exit = await VirtualTime.runPromiseExit(outer())
        assert.isTrue(Exit.hasDies(exit))
        assert.deepStrictEqual(trace, [])
        const recovered = Effect.catchDefect(outer(), (defect) => Effect.succeed((defect as Error).message))
        assert.strictEqual(await VirtualTime.runPromise(recovered), "broken")
      })
    }

    it("can be recovered from where it is called", () => {
      const outer = fn(function* () {
        return yield* Effect.catch(failing("sour"), (error) => Effect.succeed(`not ${error}`))
      })
      assert.strictEqual(Effect.runSync(outer()), "not sour")
    })

    it("sees the services of its caller", () => {
      const cost = fn(function* (count: number) {
        const price = yield* Price
        return count * price.of
      })
      const total = fn(function* () {
        return (yield* cost(2)) + (yield* Effect.provideService(cost(3), Price, { of: 100 }))
      })
      assert.strictEqual(Effect.runSync(Effect.provideService(total(), Price, { of: 10 })), 320)
    })

    it("runs anew each time its effect is run", () => {
      let runs = 0
      const count = fn(function* () {
        return ++runs
      })
      const once = count()
      const thrice = fn(function* () {
        return [yield* once, yield* once, yield* Effect.map(once, (n) => n * 10)]
      })
      const effect = thrice()
      assert.deepStrictEqual(Effect.runSync(effect), [1, 2, 30])
      assert.deepStrictEqual(Effect.runSync(effect), [4, 5, 60])
    })

    it("calls itself to any depth, waiting at the bottom or not", async () => {
      const depth = 20_000
      const down: (n: number, bottom: Effect.Effect<number>) => Effect.Effect<number> = fn(function* (
        n: number,
        bottom: Effect.Effect<number>
      ) {
        return n === 0 ? yield* bottom : 1 + (yield* down(n - 1, bottom))
      })
      assert.strictEqual(await VirtualTime.runPromise(down(depth, Effect.succeed(0))), depth)
      assert.strictEqual(await VirtualTime.runPromise(down(depth, Effect.as(Effect.sleep(1), 0))), depth)
    })

    it("lets other fibers go on, however many calls its body makes", async () => {
      const trace: Array<string> = []
      const one = fn(function* () {
        return 1
      })
      const long = fn(function* () {
        let sum = 0
        for (let i = 0; i < 20_000; i++) sum += yield* one()
        trace.push("long")
        return sum
      })
      const program = Effect.gen(function* () {
        const first = yield* Effect.forkChild(long())
        yield* Effect.forkChild(Effect.sync(() => trace.push("short")))
        return yield* Fiber.join(first)
      })
      assert.strictEqual(await VirtualTime.runPromise(program), 20_000)
      assert.deepStrictEqual(trace, ["short", "long"])
    })

    it("does not yield where a program forbids it", () => {
      const one = fn(function* () {
        return 1
      })
      const long = fn(function* () {
        let sum = 0
        for (let i = 0; i < 100; i++) sum += yield* one()
        return sum
      })
      const quiet = long().pipe(
        Effect.provideService(MaxOpsBeforeYield, 3),
        Effect.provideService(PreventSchedulerYield, true)
      )
      const exit = Effect.runSyncExit(quiet)
      assert.deepStrictEqual(exit, Exit.succeed(100))
    })

    it("belongs to its own fiber where a body runs another program on the spot", () => {
      const one = fn(function* (n: number) {
        return n
      })
      const inside = Effect.gen(function* () {
        return yield* one(yield* one(7))
      })
      const outer = fn(function* () {
        const before = yield* one(1)
        const middle = Effect.runSync(inside)
        const failed = Effect.runSyncExit(Effect.gen(() => failing("inside")[Symbol.iterator]() as Generator<never>))
        return [before, middle, failed._tag, yield* one(3)]
      })
      assert.deepStrictEqual(Effect.runSync(outer()), [1, 7, "Failure", 3])
    })

    it("loses no lock, wherever it is interrupted", async () => {
      const points = await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const lock = yield* Lock.make("db")
          const step = fn(function* (n: number) {
            yield* Effect.yieldNow
            return n
          })
          const work = fn(function* () {
            let sum = 0
            for (let i = 0; i < 3; i++) sum += yield* step(i)
            return sum
          })
          const outer = fn(function* () {
            return yield* Lock.withLock(lock, work())
          })
          const victim = yield* forkStepwise(outer())
          yield* strike(victim)
          const exit = yield* Fiber.await(victim)
          assert.isTrue(Exit.isSuccess(exit) ? exit.value === 3 : Cause.hasInterruptsOnly(exit.cause))
          assert.isFalse(yield* Lock.isLocked(lock))
        })
      )
      assert.isAbove(points, 5)
    })

    it("takes from what is open and waits for what is not, in order", async () => {
      const trace: Array<string> = []
      const program = Effect.gen(function* () {
        const queue = yield* Queue.make<number>({ capacity: 2 })
        const producer = fn(function* () {
          for (let i = 1; i <= 4; i++) {
            yield* Queue.put(queue, i)
            trace.push(`put ${i}`)
          }
        })
        const consumer = fn(function* () {
          let sum = 0
          for (let i = 1; i <= 4; i++) {
            const item = yield* Queue.take(queue)
            trace.push(`take ${item}`)
            sum += item
          }
          return sum
        })
        yield* Effect.forkChild(producer())
        return yield* consumer()
      })
      assert.strictEqual(await VirtualTime.runPromise(program), 10)
      const [before, after] = ["put 2", "take 1"].map((what) => trace.indexOf(what)) as [number, number]
      assert.isBelow(before, after)
      assert.deepStrictEqual(
        trace.filter((what) => what.startsWith("take")),
        [1, 2, 3, 4].map((n) => `take ${n}`)
      )
    })

    it("leaves its callers when a primitive fails or dies, past their try, catch and finally", () => {
      const trace: Array<string> = []
      const past = (effect: Effect.Effect<unknown, unknown>) =>
        fn(function* () {
          try {
            yield* effect
          } catch {
            trace.push("caught")
          } finally {
            trace.push("finally")
          }
          trace.push("after")
        })()
      const program = Effect.gen(function* () {
        const queue = yield* Queue.make()
        yield* Queue.shutdown(queue)
        const semaphore = yield* Semaphore.make(1)
        const failed = yield* Effect.exit(past(Queue.take(queue)))
        const died = yield* Effect.exit(past(Semaphore.acquire(semaphore, 2)))
        return [failed, died].map((exit) => Exit.isFailure(exit) && exit.cause.reasons.map(({ _tag }) => _tag))
      })
      assert.deepStrictEqual(Effect.runSync(program), [["Fail"], ["Die"]])
      assert.deepStrictEqual(trace, [])
    })

    it("lets other fibers go on, however often it takes what is there", async () => {
      const trace: Array<string> = []
      const program = Effect.gen(function* () {
        const queue = yield* Queue.make<number>()
        const long = fn(function* () {
          for (let i = 0; i < 10_000; i++) {
            yield* Queue.put(queue, i)
            yield* Queue.take(queue)
          }
          trace.push("long")
        })
        const first = yield* Effect.forkChild(long())
        yield* Effect.forkChild(Effect.sync(() => trace.push("short")))
        yield* Fiber.join(first)
      })
      await VirtualTime.runPromise(program)
      assert.deepStrictEqual(trace, ["short", "long"])
    })

    it("loses no item, wherever it is interrupted", async () => {
      const points = await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const queue = yield* Queue.make<number>()
          const taken: Array<number> = []
          const taker = fn(function* () {
            for (let i = 0; i < 6; i++) taken.push(yield* Queue.take(queue))
          })
          const victim = yield* forkStepwise(taker())
          for (let i = 0; i < 3; i++) yield* Queue.put(queue, i)
          yield* Effect.forkChild(
            Effect.forEach([3, 4, 5], (i) => Effect.andThen(Effect.yieldNow, Queue.put(queue, i)), { discard: true })
          )
          yield* strike(victim)
          for (let i = 0; i < 10; i++) yield* Effect.yieldNow
          const left: Array<number> = []
          while (!(yield* Queue.isEmpty(queue))) left.push(yield* Queue.take(queue))
          assert.deepStrictEqual([...taken, ...left], [0, 1, 2, 3, 4, 5])
        })
      )
      assert.isAbove(points, 5)
    })
  })
}

describe("Direct", () => {
  it("steps a callee inside its caller: their frames are on one stack", () => {
    const where = Direct.fn(function* () {
      return new Error("here").stack ?? ""
    })
    const caller = Direct.fn(function* namedCaller() {
      return yield* where()
    })
    assert.include(Effect.runSync(caller()), "namedCaller")
  })

  it("gen makes an effect that runs anew each time", () => {
    let runs = 0
    const program = Direct.gen(function* () {
      return yield* Effect.sync(() => ++runs)
    })
    assert.deepStrictEqual([Effect.runSync(program), Effect.runSync(program)], [1, 2])
  })
})
