import { assert, describe, it } from "@effect/vitest"
import { Lock, Queue, Task, TaskGroup, VirtualTime } from "@skein/core"
import type { Chooser, ReadyStrand, Strand } from "@skein/core/kernel"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/** Leaves everything in order, and notes what it is told. */
class Noting implements Chooser {
  readonly timersAnytime: boolean
  readonly turns: Array<string> = []
  readonly points: Array<string> = []

  constructor(timersAnytime = false) {
    this.timersAnytime = timersAnytime
  }

  pick(ready: ReadonlyArray<ReadyStrand>): number {
    this.points.push(ready.map(shown).join(", "))
    return 0
  }

  preempt(_ready: ReadonlyArray<ReadyStrand>, _running: Strand): number {
    return 0
  }

  turnBegan(strand: Strand): void {
    this.turns.push(strand.describeStrand())
  }

  turnEnded(): void {}
}

const shown = ({ strand, cause }: ReadyStrand) => `${strand.describeStrand()} ${cause}`

/** Much of everything; the result is the order in which its parts ran. */
const everything = Effect.gen(function* () {
  const order: Array<string> = []
  const note = (what: string) =>
    Effect.gen(function* () {
      order.push(`${what} at ${yield* VirtualTime.now}`)
    })
  const lock = yield* Lock.make("L")
  const queue = yield* Queue.make<number>({ capacity: 2 })
  const latch = yield* Deferred.make<void>()
  const worker = (name: string, turns: number) =>
    Effect.gen(function* () {
      for (let turn = 0; turn < turns; turn++) {
        yield* Lock.withLock(lock, Effect.andThen(Effect.yieldNow, note(name)))
        yield* Effect.sleep(turns)
      }
    })
  yield* Effect.scoped(
    Effect.gen(function* () {
      const slow = yield* Task.spawn(Effect.ensuring(Effect.never, Effect.andThen(Effect.yieldNow, note("cleaned up"))))
      yield* Task.spawn(Effect.andThen(Deferred.await(latch), note("latched")))
      yield* Effect.yieldNowWith(5)
      yield* note("low priority")
      yield* TaskGroup.run((group) =>
        Effect.gen(function* () {
          for (const [name, turns] of [
            ["a", 3],
            ["b", 2],
            ["c", 3]
          ] as const) {
            yield* group.spawn(worker(name, turns), { name })
          }
        })
      )
      yield* Deferred.succeed(latch, undefined)
      const consumer = yield* Effect.forkChild(
        Effect.gen(function* () {
          for (let item = 0; item < 5; item++) yield* note(`item ${yield* Queue.take(queue)}`)
        })
      )
      for (let item = 0; item < 5; item++) yield* Queue.put(queue, item)
      yield* Fiber.join(consumer)
      yield* note(`promised ${yield* Effect.promise(() => Promise.resolve("x"))}`)
      yield* Effect.all(
        [3, 1, 2].map((millis) => Effect.andThen(Effect.sleep(millis), note(`slept ${millis}`))),
        {
          concurrency: "unbounded"
        }
      )
      yield* Task.cancel(slow)
    })
  )
  return order
})

describe("a chooser", () => {
  it.effect("that leaves everything in order changes nothing", () =>
    Effect.gen(function* () {
      const plain = yield* VirtualTime.run(everything)
      assert.strictEqual(plain.length, 20)
      assert.deepStrictEqual(yield* VirtualTime.run(everything, { chooser: new Noting() }), plain)
    })
  )

  it.effect("is asked only where several could go on, and told why each can", () =>
    Effect.gen(function* () {
      const chooser = new Noting()
      const program = Effect.scoped(
        Effect.gen(function* () {
          const sleeper = yield* Task.spawn(Effect.sleep("1 second"), { name: "sleeper" })
          const yielder = yield* Task.spawn(Effect.yieldNow, { name: "yielder" })
          yield* Effect.yieldNow
          yield* Task.join(sleeper)
          yield* Task.join(yielder)
        })
      )
      yield* VirtualTime.run(program, { chooser })
      assert.deepStrictEqual(chooser.points, [
        "fiber 1 start, fiber 2 start, main yield",
        "fiber 2 start, main yield",
        "main yield, yielder yield"
      ])
      assert.deepStrictEqual(chooser.turns.slice(0, 2), ["main", "fiber 1"])
    })
  )

  it.effect("has the next timer as a candidate, if it wants to; the clock then moves while others are ready", () =>
    Effect.gen(function* () {
      const chooser = new Noting(true)
      chooser.pick = (ready) => {
        chooser.points.push(ready.map(shown).join(", "))
        return ready.length - 1
      }
      const program = Effect.gen(function* () {
        const sleeper = yield* Effect.forkChild(Effect.sleep("1 hour"), { startImmediately: true })
        const busy = yield* Effect.forkChild(Effect.andThen(Effect.yieldNow, VirtualTime.now))
        yield* Fiber.join(sleeper)
        return yield* Fiber.join(busy)
      })
      assert.strictEqual(yield* VirtualTime.run(program, { chooser }), 3_600_000)
      assert.include(chooser.points[0], "timer")
    })
  )

  it.effect("that throws ends the run with what it threw, after the program's clean-up", () =>
    Effect.gen(function* () {
      for (const method of ["pick", "preempt", "turnEnded"] as const) {
        let cleanedUp = false
        const chooser = new Noting()
        let hasThrown = false
        chooser[method] = () => {
          if (hasThrown) return 0
          hasThrown = true
          throw new RangeError(`thrown by ${method}`)
        }
        const busy = Effect.andThen(Effect.yieldNow, Effect.andThen(Effect.void, Effect.void))
        const program = Effect.onInterrupt(Effect.forever(Effect.all([busy, busy], { concurrency: "unbounded" })), () =>
          Effect.andThen(
            Effect.sleep("1 second"),
            Effect.sync(() => {
              cleanedUp = true
            })
          )
        )
        const exit = yield* Effect.exit(VirtualTime.run(program, { chooser }))
        assert.isTrue(Exit.isFailure(exit) && String(exit).includes(`thrown by ${method}`))
        assert.isTrue(cleanedUp, `cleaned up after ${method}`)
      }
    })
  )

  it.effect("that throws again leaves a program behind that does not clean up", () =>
    Effect.gen(function* () {
      const chooser = new Noting()
      chooser.turnEnded = () => {
        throw new RangeError("no further")
      }
      const program = Effect.uninterruptible(Effect.forever(Effect.yieldNow))
      const exit = yield* Effect.exit(VirtualTime.run(program, { chooser }))
      assert.isTrue(Exit.isFailure(exit) && String(exit).includes("no further"))
    })
  )

  it.effect("is left alone once the program has ended; what it leaves behind gets some turns, and no time", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const chooser = new Noting()
      const program = Effect.gen(function* () {
        yield* Effect.forkDetach(
          Effect.gen(function* () {
            yield* Effect.yieldNow
            seen.push("a turn later")
            yield* Effect.sleep(1)
            seen.push("a millisecond later")
          }),
          { startImmediately: true }
        )
        yield* Effect.forkDetach(Effect.forever(Effect.yieldNow), { startImmediately: true })
      })
      yield* VirtualTime.run(program, { chooser })
      assert.deepStrictEqual(seen, ["a turn later"])
      assert.deepStrictEqual(chooser.turns, ["main"])
    })
  )
})
