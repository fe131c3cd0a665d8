// Events, barriers, queues.
import { Barrier, Event, Queue, Task } from "@skein/core"
import * as Effect from "effect/Effect"
import { Number as order } from "effect/Order"
import type { Scenario } from "../support/core.ts"
import { either } from "../support/observation.ts"

export const signalScenarios: ReadonlyArray<Scenario> = [
  {
    operation: "Event.wait",
    stage: Effect.map(Event.make("ready"), (event) => ({
      operation: Event.wait(event),
      next: Event.wait(event),
      wake: Event.set(event),
      observe: ({ nextHasIt }) =>
        Effect.succeed({
          others: [either(nextHasIt, "whoever else waits is woken", "whoever else waits is not woken")],
          state: String(event)
        })
    }))
  },
  {
    operation: "Barrier.wait",
    stage: Effect.gen(function* () {
      const barrier = yield* Barrier.make(2, { name: "start" })
      let second: Task.Task<number, Barrier.BrokenBarrierError> | undefined
      return {
        operation: Barrier.wait(barrier),
        wake: Effect.gen(function* () {
          second = yield* Task.spawn(Barrier.wait(barrier), { name: "second" })
          yield* Effect.sleep("1 second")
          if ((yield* Task.status(second))._tag === "Waiting") yield* Barrier.wait(barrier)
        }),
        observe: () =>
          Effect.gen(function* () {
            const { _tag } = yield* Task.status(second as Task.Task<number, Barrier.BrokenBarrierError>)
            return {
              others: [
                either(_tag === "Succeeded", "the others pass, once there are enough", `the other one: ${_tag}`)
              ],
              state: String(barrier)
            }
          })
      }
    })
  }
]

type Maker = (options: Queue.QueueOptions) => Effect.Effect<Queue.Queue<number>>

const makers: ReadonlyArray<Maker> = [
  (options) => Queue.make<number>(options),
  (options) => Queue.makeLifo<number>(options),
  (options) => Queue.makePriority<number>({ ...options, order })
]

const queueScenarios = (make: Maker): ReadonlyArray<Scenario> => [
  {
    operation: "Queue.take",
    stage: Effect.map(make({ name: "jobs" }), (queue) => {
      const taken: Array<number> = []
      const take = Effect.map(Queue.take(queue), (item) => taken.push(item))
      return {
        operation: take,
        next: take,
        wake: Queue.put(queue, 1),
        observe: () =>
          Effect.map(Queue.size(queue), (size) => ({
            accounts: [{ thing: "the item", had: 1, has: taken.length + size }],
            others: [either(taken.length === 1, "the next in line takes the item", "nobody takes the item")],
            state: String(queue)
          }))
      }
    })
  },
  {
    operation: "Queue.put",
    stage: Effect.map(make({ name: "jobs", capacity: 1 }), (queue) => {
      const put: Array<number> = []
      const taken: Array<number> = []
      const putting = (item: number) => Effect.map(Queue.put(queue, item), () => put.push(item))
      const drain = Effect.gen(function* () {
        while (true) {
          taken.push(yield* Queue.take(queue))
          yield* Effect.sleep(1)
          if (yield* Queue.isEmpty(queue)) return
        }
      })
      return {
        before: putting(1),
        operation: putting(2),
        next: putting(3),
        wake: drain,
        observe: ({ nextHasIt }) =>
          Effect.sync(() => ({
            accounts: [{ thing: "an item that was put", had: put.length, has: taken.length }],
            others: [
              either(taken.includes(2), "its item is put", "its item is not put"),
              either(nextHasIt, "the next in line puts its own", "the next in line never puts its own")
            ],
            state: String(queue)
          }))
      }
    })
  },
  {
    operation: "Queue.join",
    stage: Effect.map(make({ name: "jobs" }), (queue) => ({
      before: Effect.andThen(Queue.put(queue, 1), Queue.take(queue)),
      operation: Queue.join(queue),
      next: Queue.join(queue),
      wake: Queue.taskDone(queue),
      observe: ({ nextHasIt }) =>
        Effect.succeed({
          others: [either(nextHasIt, "whoever else waits is woken", "whoever else waits is not woken")],
          state: String(queue)
        })
    }))
  }
]

export const queueOperations: ReadonlyArray<Scenario> = makers.flatMap(queueScenarios)
