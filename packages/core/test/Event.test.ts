import { assert, describe, it } from "@effect/vitest"
import { Event, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { atEveryPoint, forkStepwise } from "./support/everyPoint.ts"

const settle = Effect.sleep("1 millis")

describe("Event", () => {
  it("lets everybody go on, in order of arrival, once it is set", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const event = yield* Event.make()
        const order: Array<number> = []
        const visit = (index: number) =>
          Effect.andThen(
            Event.wait(event),
            Effect.sync(() => order.push(index))
          )
        const fibers: Array<Fiber.Fiber<number>> = []
        for (const index of [0, 1, 2]) fibers.push(yield* Effect.forkChild(visit(index)))
        yield* settle
        assert.strictEqual(yield* Event.set(event), 3)
        assert.deepStrictEqual(order, [])
        yield* Fiber.awaitAll(fibers)
        assert.deepStrictEqual(order, [0, 1, 2])
        yield* Event.wait(event)
      })
    ))

  it("does not call the woken back when it is cleared before they run", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const event = yield* Event.make()
        const waiter = yield* Effect.forkChild(Event.wait(event))
        yield* settle
        yield* Event.set(event)
        yield* Event.clear(event)
        yield* Fiber.join(waiter)
        assert.isFalse(yield* Event.isSet(event))
      })
    ))

  it("tells whether it is set and who waits, and tasks show what they wait for", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const event = yield* Event.make("open")
          const visitor = yield* Task.spawn(Event.wait(event), { name: "visitor" })
          yield* settle
          assert.deepStrictEqual(yield* Event.statistics(event), {
            name: "open",
            isSet: false,
            waiting: ['task "visitor"']
          })
          assert.strictEqual(String(event), 'Event("open", unset, 1 waiting)')
          assert.match(taskRegistry.formatTree(), /visitor \[core\] waiting for Event "open"/)
          yield* Event.set(event)
          yield* Task.join(visitor)
          assert.strictEqual(String(event), 'Event("open", set)')
        })
      )
    ))

  it("keeps nobody in line, wherever a waiter is interrupted", async () => {
    const points = await atEveryPoint((strike) =>
      Effect.gen(function* () {
        const event = yield* Event.make()
        const victim = yield* forkStepwise(Event.wait(event))
        const other = yield* forkStepwise(Event.wait(event))
        const setter = yield* forkStepwise(Effect.andThen(Effect.yieldNow, Event.set(event)))
        yield* strike(victim)
        yield* Fiber.join(setter)
        yield* Fiber.join(other)
        assert.deepStrictEqual((yield* Event.statistics(event)).waiting, [])
      })
    )
    assert.isAbove(points, 3)
  })
})
