import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Queue, Task, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Scheduler from "effect/Scheduler"
import { queueContract } from "./support/queueContract.ts"

const settle = Effect.sleep("1 millis")

queueContract("Queue", (options) => Queue.make(options), [3, 1, 2])
queueContract("LIFO queue", (options) => Queue.makeLifo(options), [2, 1, 3])
queueContract("Priority queue", (options) => Queue.makePriority({ ...options, order: Order.Number }), [1, 2, 3])

describe("Queue", () => {
  it("gives equal priorities in order of arrival", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.makePriority<readonly [number, string]>({
          order: Order.mapInput(Order.Number, (entry) => entry[0])
        })
        for (const entry of [
          [1, "a"],
          [0, "b"],
          [1, "c"],
          [1, "d"],
          [0, "e"]
        ] as const) {
          yield* Queue.put(queue, entry)
        }
        const names: Array<string> = []
        for (let index = 0; index < 5; index++) names.push((yield* Queue.take(queue))[1])
        assert.deepStrictEqual(names, ["b", "e", "a", "c", "d"])
      })
    ))

  it("can be used data-last, and with undefined as an item", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.make<undefined>()
        yield* Queue.put(queue, undefined)
        yield* Queue.put<undefined>(undefined)(queue)
        assert.strictEqual(yield* Queue.size(queue), 2)
        assert.isTrue(yield* Queue.tryPut<undefined>(undefined)(queue))
      })
    ))

  it("dies when its capacity makes no sense", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        for (const capacity of [0, -1, 1.5, Number.NaN]) {
          const exit = yield* Effect.exit(Queue.make({ capacity }))
          assert.isTrue(Exit.isFailure(exit))
          if (Exit.isFailure(exit)) assert.include(String(Cause.squash(exit.cause)), `got ${capacity}`)
        }
      })
    ))

  it("tells its state in one line and in its statistics, and tasks show what they wait for", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const queue = yield* Queue.make<number>({ capacity: 1, name: "pages" })
          yield* Queue.put(queue, 1)
          const putter = yield* Task.spawn(Queue.put(queue, 2), { name: "putter" })
          const joiner = yield* Task.spawn(Queue.join(queue), { name: "joiner" })
          yield* settle
          assert.deepStrictEqual(yield* Queue.statistics(queue), {
            name: "pages",
            size: 1,
            capacity: 1,
            unfinished: 1,
            isShutdown: false,
            takers: [],
            putters: ['task "putter"'],
            joiners: ['task "joiner"']
          })
          assert.strictEqual(String(queue), 'Queue("pages", 1 of 1 items, 1 waiting to put, 1 unfinished)')
          const tree = taskRegistry.formatTree()
          assert.match(tree, /putter \[core\] waiting for room in Queue "pages"/)
          assert.match(tree, /joiner \[core\] waiting for the 1 unfinished items of Queue "pages"/)
          yield* Effect.all([Queue.take(queue), Queue.taskDone(queue), Queue.take(queue), Queue.taskDone(queue)])
          yield* Task.join(putter)
          yield* Task.join(joiner)
          yield* Queue.shutdown(queue)
          assert.strictEqual(String(queue), 'Queue("pages", 0 of 1 items, shut down)')
        })
      )
    ))

  it("names itself when no name is given, prints no bound when it has none, and shows who takes", () =>
    VirtualTime.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const queue = yield* Queue.make<number>()
          const taker = yield* Task.spawn(Queue.take(queue), { name: "taker" })
          yield* settle
          assert.match(String(queue), /^Queue\("queue-\d+", 0 items, 1 waiting to take\)$/)
          assert.match(taskRegistry.formatTree(), /taker \[core\] waiting for an item of Queue "queue-\d+"/)
          yield* Queue.put(queue, 1)
          yield* Task.join(taker)
          assert.match(String(queue), /", 0 items, 1 unfinished\)$/)
        })
      )
    ))

  it("dies with what its order throws", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const incomparable = new TypeError("incomparable")
        const queue = yield* Queue.makePriority<number>({
          order: () => {
            throw incomparable
          }
        })
        yield* Queue.put(queue, 1)
        const exit = yield* Effect.exit(Queue.put(queue, 2))
        assert.isTrue(Exit.isFailure(exit))
        if (Exit.isFailure(exit)) assert.strictEqual(Cause.squash(exit.cause), incomparable)
      })
    ))

  it("infers its types", () => {
    const queue = undefined as unknown as Queue.Queue<string>
    const take = () => Queue.take(queue)
    const tryTake = () => Queue.tryTake(queue)
    expectTypeOf(take).returns.toEqualTypeOf<Effect.Effect<string, Queue.QueueShutdownError>>()
    expectTypeOf(tryTake).returns.toEqualTypeOf<Effect.Effect<Option.Option<string>, Queue.QueueShutdownError>>()
    // @ts-expect-error: a queue of strings takes no numbers
    const put = () => Queue.put(queue, 1)
    assert.isFunction(put)
  })

  it("a newcomer does not take the item that a woken taker is on its way to", () =>
    VirtualTime.runPromise(
      Effect.gen(function* () {
        const queue = yield* Queue.make<string>()
        const taker = yield* Effect.forkChild(Queue.take(queue))
        yield* settle
        yield* Queue.put(queue, "for the taker")
        assert.deepStrictEqual(yield* Queue.tryTake(queue), Option.none())
        assert.strictEqual(yield* Fiber.join(taker), "for the taker")
      })
    ))

  it.each([3, 4, 5, 6, 7, 8, 9])(
    "nobody gets in line at a queue that is shut down, where fibers yield before every step %i",
    (steps) => {
      const program = Effect.gen(function* () {
        // Where a fiber is stopped depends on what it did before, so it comes after more and more of that.
        for (let before = 0; before < 10; before++) {
          const [empty, full] = [yield* Queue.make<number>(), yield* Queue.make<number>({ capacity: 1 })]
          yield* Queue.put(full, 1)
          const late = <A>(effect: Effect.Effect<A, Queue.QueueShutdownError>) =>
            Effect.forkChild(Effect.andThen(Effect.replicateEffect(Effect.void, before), effect))
          const fibers = [yield* late(Queue.take(empty)), yield* late(Effect.as(Queue.put(full, 2), 2))]
          for (let turns = 0; turns < before; turns++) yield* Effect.yieldNow
          yield* Queue.shutdown(empty)
          yield* Queue.shutdown(full)
          for (const fiber of fibers) yield* Effect.flip(Fiber.join(fiber))
        }
      })
      return VirtualTime.runPromise(Effect.provideService(program, Scheduler.MaxOpsBeforeYield, steps))
    }
  )
})
