import { assert, describe, it } from "@effect/vitest"
import { Barrier, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { atEveryPoint, forkStepwise } from "./support/everyPoint.ts"

const settle = Effect.sleep("1 millis")

describe("Barrier", () => {
  it("lets a round go when all have come; the last one first, the others in order of arrival", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const barrier = yield* Barrier.make(3)
        const order: Array<number> = []
        const party = Effect.map(Barrier.wait(barrier), (place) => order.push(place))
        yield* Effect.all([party, party, party], { concurrency: "unbounded", discard: true })
        assert.deepStrictEqual(order, [2, 0, 1])
      })
    ))

  it("can be used round after round", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const barrier = yield* Barrier.make(2)
        const sums: Array<number> = []
        for (let round = 0; round < 3; round++) {
          const places = yield* Effect.all([Barrier.wait(barrier), Barrier.wait(barrier)], { concurrency: "unbounded" })
          sums.push(places[0] + places[1])
        }
        assert.deepStrictEqual(sums, [1, 1, 1])
        assert.strictEqual((yield* Barrier.statistics(barrier)).phase, "filling")
      })
    ))

  it("a barrier of one lets everybody pass", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const barrier = yield* Barrier.make(1)
        assert.strictEqual(yield* Barrier.wait(barrier), 0)
        assert.strictEqual(yield* Barrier.wait(barrier), 0)
      })
    ))

  it("reset sends those who wait away, and the barrier is usable afterwards", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const barrier = yield* Barrier.make(2, { name: "start" })
        const early = yield* Effect.forkChild(Effect.flip(Barrier.wait(barrier)))
        yield* settle
        yield* Barrier.reset(barrier)
        const error = yield* Fiber.join(early)
        assert.strictEqual(error._tag, "BrokenBarrierError")
        assert.strictEqual(error.message, 'Barrier "start" was aborted or reset before all parties had come.')
        const places = yield* Effect.all([Barrier.wait(barrier), Barrier.wait(barrier)], { concurrency: "unbounded" })
        assert.deepStrictEqual(places, [0, 1])
      })
    ))

  it("who comes while a reset round is leaving waits for the next round", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const barrier = yield* Barrier.make(2)
        const early = yield* Effect.forkChild(Effect.exit(Barrier.wait(barrier)))
        yield* settle
        yield* Barrier.reset(barrier)
        const late = Barrier.wait(barrier)
        const places = yield* Effect.all([late, late], { concurrency: "unbounded" })
        assert.deepStrictEqual(places, [0, 1])
        assert.isTrue(Exit.isFailure(yield* Fiber.join(early)))
      })
    ))

  it("abort breaks it until it is reset", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const barrier = yield* Barrier.make(2, { name: "start" })
        const early = yield* Effect.forkChild(Effect.flip(Barrier.wait(barrier)))
        yield* settle
        yield* Barrier.abort(barrier)
        assert.strictEqual((yield* Fiber.join(early)).reason, "round")
        const late = yield* Effect.flip(Barrier.wait(barrier))
        assert.strictEqual(late.message, 'Barrier "start" is aborted; Barrier.reset makes it usable again.')
        assert.strictEqual(String(barrier), 'Barrier("start", broken)')
        yield* Barrier.reset(barrier)
        assert.strictEqual(String(barrier), 'Barrier("start", filling, 0 of 2 arrived)')
      })
    ))

  it("dies when it is made for less than one", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Barrier.make(0))
        assert.isTrue(Exit.isFailure(exit))
        if (Exit.isFailure(exit)) assert.match(String(Cause.squash(exit.cause)), /integer of 1 or more, got 0/)
      })
    ))

  it("tells its phase and who waits, and tasks show what they wait for", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const barrier = yield* Barrier.make(2, { name: "start" })
          const early = yield* Task.spawn(Barrier.wait(barrier), { name: "early" })
          yield* settle
          assert.deepStrictEqual(yield* Barrier.statistics(barrier), {
            name: "start",
            parties: 2,
            phase: "filling",
            arrived: 1,
            waiting: ['task "early"']
          })
          assert.match(
            taskRegistry.formatTree(),
            /early \[core\] waiting for Barrier "start" \(filling, 1 of 2 arrived\)/
          )
          yield* Barrier.wait(barrier)
          yield* Task.join(early)
        })
      )
    ))

  it("stays usable, wherever one who waits is interrupted", async () => {
    const points = await atEveryPoint((strike) =>
      Effect.gen(function* () {
        const barrier = yield* Barrier.make(2)
        const victim = yield* forkStepwise(Barrier.wait(barrier))
        const other = yield* forkStepwise(Barrier.wait(barrier))
        yield* strike(victim)
        // If the victim left before the round was full, the other still waits for a second party.
        yield* settle
        if (other.pollUnsafe() === undefined) yield* Barrier.wait(barrier)
        yield* Fiber.join(other)
        const { arrived, phase, waiting } = yield* Barrier.statistics(barrier)
        assert.deepStrictEqual([arrived, phase, waiting], [0, "filling", []])
      })
    )
    assert.isAbove(points, 5)
  })
})
