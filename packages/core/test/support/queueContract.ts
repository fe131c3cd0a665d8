import { assert, describe, it } from "@effect/vitest"
import { Queue, VirtualTime } from "@skein/core"
import type { QueueState } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { MaxOpsBeforeYield } from "effect/Scheduler"
import { atEveryPoint, forkStepwise } from "./everyPoint.ts"

const settle = Effect.sleep("1 millis")

const run = <A, E>(program: Effect.Effect<A, E>): Promise<A> => VirtualTime.runPromise(program)

/** The contract of all queues. `order`: in what order 3, 1 and 2 come out when they were put in that order. */
export const queueContract = (
  name: string,
  make: (options?: Queue.QueueOptions) => Effect.Effect<Queue.Queue<number>>,
  order: ReadonlyArray<number>
): void => {
  describe(`${name}, as a queue`, () => {
    it("gives what was put, in its order", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make()
          for (const item of [3, 1, 2]) yield* Queue.put(queue, item)
          assert.strictEqual(yield* Queue.size(queue), 3)
          const items: Array<number> = []
          for (let index = 0; index < 3; index++) items.push(yield* Queue.take(queue))
          assert.deepStrictEqual(items, order)
          assert.isTrue(yield* Queue.isEmpty(queue))
          assert.deepStrictEqual(yield* Queue.tryTake(queue), Option.none())
        })
      ))

    it("gives at once what is there to those who only try", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make()
          assert.isTrue(yield* Queue.tryPut(queue, 7))
          assert.deepStrictEqual(yield* Queue.tryTake(queue), Option.some(7))
          assert.deepStrictEqual(yield* Queue.tryTake(queue), Option.none())
        })
      ))

    it("has room again once those who waited for it have put and others have taken", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make({ capacity: 1 })
          yield* Queue.put(queue, 1)
          const putter = yield* Effect.forkChild(Queue.put(queue, 2))
          yield* settle
          yield* Queue.take(queue)
          yield* Fiber.join(putter)
          yield* Queue.take(queue)
          assert.isTrue(yield* Queue.tryPut(queue, 3))
        })
      ))

    it("gives an item to one only, when several find it and the scheduler lets others in between finding and taking", async () => {
      for (let ops = 3; ops <= 10; ops++) {
        await run(
          Effect.gen(function* () {
            const queue = yield* make({ capacity: 1 })
            yield* Queue.put(queue, 1)
            const got: Array<number> = []
            const take = Effect.map(Queue.take(queue), (item) => got.push(item))
            const stepwise = Effect.provideService(take, MaxOpsBeforeYield, ops)
            const takers = [yield* Effect.forkChild(stepwise), yield* Effect.forkChild(stepwise)]
            yield* settle
            assert.deepStrictEqual(got, [1])
            const put = (item: number) => Effect.provideService(Queue.put(queue, item), MaxOpsBeforeYield, ops)
            const putters = [yield* Effect.forkChild(put(2)), yield* Effect.forkChild(put(2))]
            yield* settle
            yield* Fiber.joinAll([...takers, ...putters])
            assert.deepStrictEqual(got, [1, 2])
            assert.strictEqual(yield* Queue.size(queue), 1)
          })
        )
      }
    })

    it("a taker that was woken for an item has it, also when the queue is shut down before its turn", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make()
          const taker = yield* Effect.forkChild(Queue.take(queue))
          yield* settle
          yield* Effect.andThen(Queue.put(queue, 7), Queue.shutdown(queue))
          assert.strictEqual(yield* Fiber.join(taker), 7)
        })
      ))

    it("a putter that was woken for room puts nothing when the queue is shut down before its turn", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make({ capacity: 1 })
          yield* Queue.put(queue, 1)
          const putter = yield* Effect.forkChild(Queue.put(queue, 2))
          yield* settle
          yield* Effect.andThen(Queue.take(queue), Queue.shutdown(queue))
          assert.strictEqual((yield* Effect.flip(Fiber.join(putter)))._tag, "QueueShutdownError")
          assert.isTrue(yield* Queue.isEmpty(queue))
        })
      ))

    it("keeps nobody in the line of those who join: neither who was served, nor who was interrupted", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make()
          yield* Queue.put(queue, 1)
          const served = yield* Effect.forkChild(Queue.join(queue))
          const interrupted = yield* Effect.forkChild(Queue.join(queue))
          yield* settle
          assert.lengthOf((yield* Queue.statistics(queue)).joiners, 2)
          yield* Fiber.interrupt(interrupted)
          assert.lengthOf((yield* Queue.statistics(queue)).joiners, 1)
          yield* Queue.taskDone(queue)
          yield* Fiber.join(served)
          // Statistics leave out who does not wait any more; the line itself must not keep them either.
          const { state } = queue as unknown as { readonly state: QueueState<number> }
          assert.strictEqual(state.finished.waiters.length, 0)
        })
      ))

    it("serves those who take in order of arrival", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make()
          const fibers: Array<Fiber.Fiber<number, unknown>> = []
          for (let index = 0; index < 3; index++) fibers.push(yield* Effect.forkChild(Queue.take(queue)))
          for (const item of [7, 8, 9]) {
            yield* settle
            yield* Queue.put(queue, item)
          }
          assert.deepStrictEqual(yield* Fiber.joinAll(fibers), [7, 8, 9])
        })
      ))

    it("lets those who put wait for room, in order of arrival", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make({ capacity: 1 })
          yield* Queue.put(queue, 1)
          assert.isTrue(yield* Queue.isFull(queue))
          assert.isFalse(yield* Queue.tryPut(queue, 9))
          const second = yield* Effect.forkChild(Queue.put(queue, 2))
          const third = yield* Effect.forkChild(Queue.put(queue, 3))
          const items: Array<number> = []
          for (let index = 0; index < 3; index++) {
            yield* settle
            items.push(yield* Queue.take(queue))
          }
          assert.deepStrictEqual(items, [1, 2, 3])
          yield* Fiber.joinAll([second, third])
        })
      ))

    it("join waits until all is reported done, and once too often is an error", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make({ name: "work" })
          yield* Queue.join(queue)
          for (const item of [1, 2]) yield* Queue.put(queue, item)
          const joiner = yield* Effect.forkChild(Queue.join(queue))
          for (let index = 0; index < 2; index++) {
            yield* settle
            assert.isUndefined(joiner.pollUnsafe())
            yield* Queue.take(queue)
            yield* Queue.taskDone(queue)
          }
          yield* Fiber.join(joiner)
          const error = yield* Effect.flip(Queue.taskDone(queue))
          assert.strictEqual(error._tag, "TaskDoneError")
          assert.match(error.message, /^Queue "work" has no unfinished item left/)
        })
      ))

    it("after a shutdown gives what is left, and nothing can be put", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make({ name: "work" })
          yield* Queue.put(queue, 1)
          assert.deepStrictEqual(yield* Queue.shutdown(queue), [])
          assert.strictEqual((yield* Effect.flip(Queue.put(queue, 2)))._tag, "QueueShutdownError")
          assert.strictEqual((yield* Effect.flip(Queue.tryPut(queue, 2)))._tag, "QueueShutdownError")
          assert.strictEqual(yield* Queue.take(queue), 1)
          assert.match((yield* Effect.flip(Queue.take(queue))).message, /^Queue "work" is shut down/)
          assert.strictEqual((yield* Effect.flip(Queue.tryTake(queue)))._tag, "QueueShutdownError")
          assert.isTrue(yield* Queue.isShutdown(queue))
        })
      ))

    it("an immediate shutdown returns what it drops, and join does not wait for that", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make()
          for (const item of [3, 1, 2]) yield* Queue.put(queue, item)
          const joiner = yield* Effect.forkChild(Queue.join(queue))
          yield* settle
          assert.deepStrictEqual(yield* Queue.shutdown(queue, { immediate: true }), order)
          assert.deepStrictEqual(yield* Queue.shutdown(queue, { immediate: true }), [])
          yield* Fiber.join(joiner)
        })
      ))

    it("a shutdown wakes all that wait, on either side", () =>
      run(
        Effect.gen(function* () {
          const empty = yield* make()
          const takers = [yield* Effect.forkChild(Queue.take(empty)), yield* Effect.forkChild(Queue.take(empty))]
          const full = yield* make({ capacity: 1 })
          yield* Queue.put(full, 1)
          const putter = yield* Effect.forkChild(Queue.put(full, 2))
          yield* settle
          yield* Queue.shutdown(empty)
          yield* Queue.shutdown(full)
          for (const fiber of [...takers, putter] as ReadonlyArray<Fiber.Fiber<unknown, Queue.QueueShutdownError>>) {
            assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "QueueShutdownError")
          }
        })
      ))

    it("a taker interrupted just after it was woken leaves the item to the next", () =>
      run(
        Effect.gen(function* () {
          const queue = yield* make()
          const first = yield* Effect.forkChild(Queue.take(queue))
          const second = yield* Effect.forkChild(Queue.take(queue))
          yield* settle
          yield* Queue.put(queue, 7)
          yield* Fiber.interrupt(first)
          assert.strictEqual(yield* Fiber.join(second), 7)
        })
      ))

    it("loses no item, wherever a taker is interrupted", async () => {
      const points = await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const queue = yield* make()
          const got: Array<number> = []
          const takeOne = Effect.uninterruptibleMask((restore) =>
            Effect.flatMap(restore(Queue.take(queue)), (item) => Effect.sync(() => got.push(item)))
          )
          const victim = yield* forkStepwise(Effect.andThen(takeOne, Effect.yieldNow))
          const other = yield* forkStepwise(takeOne)
          const putter = yield* forkStepwise(
            Effect.andThen(Effect.yieldNow, Effect.andThen(Queue.put(queue, 1), Queue.put(queue, 2)))
          )
          yield* strike(victim)
          yield* Fiber.join(putter)
          yield* Fiber.join(other)
          while (!(yield* Queue.isEmpty(queue))) got.push(yield* Queue.take(queue))
          assert.deepStrictEqual(
            got.sort((left, right) => left - right),
            [1, 2]
          )
        })
      )
      assert.isAbove(points, 5)
    })

    it("loses no item that is there already, wherever its taker is interrupted", async () => {
      await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const queue = yield* make()
          yield* Queue.put(queue, 1)
          const got: Array<number> = []
          const victim = yield* forkStepwise(
            Effect.uninterruptibleMask((restore) =>
              Effect.flatMap(restore(Queue.take(queue)), (item) => Effect.sync(() => got.push(item)))
            )
          )
          yield* strike(victim)
          assert.strictEqual(got.length + (yield* Queue.size(queue)), 1)
        })
      )
    })

    it("puts an item once or not at all, and loses no room, wherever a putter is interrupted", async () => {
      await atEveryPoint((strike) =>
        Effect.gen(function* () {
          const queue = yield* make({ capacity: 1 })
          yield* Queue.put(queue, 1)
          const victim = yield* forkStepwise(Queue.put(queue, 2))
          const other = yield* forkStepwise(Queue.put(queue, 3))
          const got: Array<number> = []
          const taker = yield* forkStepwise(Effect.map(Queue.take(queue), (item) => got.push(item)))
          yield* strike(victim)
          yield* Fiber.join(taker)
          // Room for the other one comes either at once or with each item taken.
          yield* settle
          while (!(yield* Queue.isEmpty(queue))) {
            got.push(yield* Queue.take(queue))
            yield* settle
          }
          yield* Fiber.join(other)
          assert.strictEqual(got.filter((item) => item === 2).length <= 1, true)
          assert.deepStrictEqual(
            got.filter((item) => item !== 2),
            [1, 3]
          )
          assert.deepStrictEqual((yield* Queue.statistics(queue)).putters, [])
        })
      )
    })
  })
}
