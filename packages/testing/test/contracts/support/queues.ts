// The contract of whatever hands items from one strand to another, and who keeps it.
//
//   - Every item that was put comes out once, or is still inside, or was dropped by a shutdown: whoever is cancelled, whenever.
//   - Items come out in the order that the kind of queue promises, and never are more inside than there is room for.
//   - When all is at rest, whoever waits has a reason: no item, no room, work that is not done.
//   - A join ends when all was done, and not before. After a shutdown nobody waits.
import * as asyncio from "@skein/asyncio"
import { Direct, Queue } from "@skein/core"
import { explore } from "@skein/testing"
import { explore as exploreAsyncio } from "@skein/testing/asyncio"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import { isOrdered, type Member } from "./family.ts"
import { type QueueKind, QueueModel } from "./queueModel.ts"
import { asyncioStrands, coreStrands } from "./strands.ts"

/** `get` takes an item, lets others run, and reports it done. `close` is a shutdown that drops what is inside. */
export type QueueOperation = "put" | "get" | "join" | "shutdown" | "close" | "cancel"

/** What a queue is used for, in two sets: with an end of its own, and with one that is made. */
export const queueOperations = {
  working: ["put", "get", "join", "cancel"],
  shuttingDown: ["put", "get", "shutdown", "close", "cancel"]
} as const satisfies Record<string, ReadonlyArray<QueueOperation>>

type Act = Exclude<QueueOperation, "cancel">

/** Numbers that no two puts share, and that are not in order, so that a priority queue has something to sort. */
const numbers = () => {
  let count = 0
  return () => (++count * 7) % 101
}

/** What an operation does, and tells the model. */
type Operations = (
  queue: Queue.Queue<number>,
  model: QueueModel,
  next: () => number
) => (operation: Act, strand: number) => Effect.Effect<void, unknown>

const inEffects: Operations = (queue, model, next) => (operation, strand) =>
  Effect.suspend((): Effect.Effect<void, unknown> => {
    switch (operation) {
      case "put": {
        const item = next()
        model.begins(strand, "put", item)
        return Effect.map(Queue.put(queue, item), () => model.hasPut(strand, item))
      }
      case "get":
        model.begins(strand, "get")
        return Queue.take(queue).pipe(
          Effect.map((item) => model.hasGot(strand, item)),
          Effect.andThen(Effect.yieldNow),
          Effect.andThen(Effect.map(Queue.taskDone(queue), () => model.hasDone()))
        )
      case "join":
        model.begins(strand, "join")
        return Effect.map(Queue.join(queue), () => model.hasJoined(strand))
      case "shutdown":
      case "close":
        return Effect.map(Queue.shutdown(queue, { immediate: operation === "close" }), () =>
          model.shutsDown(operation === "close")
        )
    }
  })

const coreMember = (
  name: string,
  kind: QueueKind,
  capacity: number,
  make: Effect.Effect<Queue.Queue<number>>,
  operations: Operations = inEffects
): Member<QueueOperation> => ({
  name: `core ${name}`,
  explore: (script, strategy, runs) => {
    const program = Effect.gen(function* () {
      const queue = yield* make
      const model = new QueueModel(kind, capacity, isOrdered(strategy))
      const perform = operations(queue, model, numbers())
      const act = (operation: Act, strand: number): Effect.Effect<void> =>
        perform(operation, strand).pipe(
          Effect.catchIf(
            (error) => error instanceof Queue.QueueShutdownError || error instanceof Queue.TaskDoneError,
            () => Effect.void
          ),
          Effect.orDie,
          Effect.ensuring(Effect.sync(() => model.ends(strand)))
        )
      yield* coreStrands<QueueOperation>(script, act, {
        atRest: () => model.atRest(Effect.runSync(Queue.size(queue)))
      })
      const { takers, putters, joiners } = yield* Queue.statistics(queue)
      const left: Array<number> = []
      while ((yield* Queue.size(queue)) > 0) left.push(yield* Queue.take(queue))
      model.atEnd(left)
      return takers.length + putters.length + joiners.length
    })
    const check = (waiting: number) => {
      if (waiting > 0) throw new Error(`in the end ${waiting} are left in line`)
    }
    return Effect.runPromise(explore(program, { strategy, runs, check }))
  }
})

/** A queue whose operations are made by bodies of `Direct`: those that need not wait are plain calls there. */
const directMember = (kind: QueueKind, capacity: number, make: Effect.Effect<Queue.Queue<number>>) =>
  coreMember(`Queue(${capacity}) in Direct`, kind, capacity, make, (queue, model, next) =>
    Direct.fn(function* (operation: Act, strand: number) {
      switch (operation) {
        case "put": {
          const item = next()
          model.begins(strand, "put", item)
          yield* Queue.put(queue, item)
          return model.hasPut(strand, item)
        }
        case "get":
          model.begins(strand, "get")
          model.hasGot(strand, yield* Queue.take(queue))
          yield* Effect.yieldNow
          yield* Queue.taskDone(queue)
          return model.hasDone()
        case "join":
          model.begins(strand, "join")
          yield* Queue.join(queue)
          return model.hasJoined(strand)
        case "shutdown":
        case "close":
          yield* Queue.shutdown(queue, { immediate: operation === "close" })
          return model.shutsDown(operation === "close")
      }
    })
  )

const asyncioMember = (
  name: string,
  kind: QueueKind,
  capacity: number,
  make: () => asyncio.Queue<number>
): Member<QueueOperation> => ({
  name: `asyncio ${name}`,
  explore: (script, strategy, runs) => {
    const program = asyncio.coroutine(function* program(): asyncio.Body<string> {
      const queue = make()
      const model = new QueueModel(kind, capacity, true)
      const next = numbers()
      const act = function* (operation: Act, strand: number): asyncio.Body<void> {
        try {
          switch (operation) {
            case "put": {
              const item = next()
              model.begins(strand, "put", item)
              yield* queue.put(item)
              model.hasPut(strand, item)
              break
            }
            case "get":
              model.begins(strand, "get")
              model.hasGot(strand, yield* queue.get())
              yield* asyncio.sleep(0)
              queue.task_done()
              model.hasDone()
              break
            case "join":
              model.begins(strand, "join")
              yield* queue.join()
              model.hasJoined(strand)
              break
            case "shutdown":
            case "close":
              queue.shutdown(operation === "close")
              model.shutsDown(operation === "close")
          }
        } catch (error) {
          const isShutdown = error instanceof asyncio.QueueShutDown
          const isDoneTwice = String(error).includes("task_done() called too many times")
          if (!isShutdown && !isDoneTwice) throw error
        } finally {
          model.ends(strand)
        }
      }
      yield* asyncioStrands<QueueOperation>(script, act, { atRest: () => model.atRest(queue.qsize()) })
      const shown = String(queue)
      const left: Array<number> = []
      while (!queue.empty()) left.push(queue.get_nowait())
      model.atEnd(left)
      return shown
    })
    const check = (shown: string) => {
      if (/getters|putters/.test(shown)) throw new Error(`in the end somebody is left in line: ${shown}`)
    }
    return exploreAsyncio(program, { strategy, runs, check })
  }
})

/** Every queue-like thing. A new one joins by one line. */
export const queueMembers: ReadonlyArray<Member<QueueOperation>> = [
  coreMember("Queue(1)", "fifo", 1, Queue.make({ capacity: 1 })),
  coreMember("Queue", "fifo", Number.POSITIVE_INFINITY, Queue.make()),
  coreMember("LIFO queue(2)", "lifo", 2, Queue.makeLifo({ capacity: 2 })),
  coreMember("priority queue(2)", "priority", 2, Queue.makePriority({ capacity: 2, order: Order.Number })),
  directMember("fifo", 1, Queue.make({ capacity: 1 })),
  asyncioMember("Queue(1)", "fifo", 1, () => asyncio.Queue<number>(1)),
  asyncioMember("Queue", "fifo", Number.POSITIVE_INFINITY, () => asyncio.Queue<number>()),
  asyncioMember("LifoQueue(2)", "lifo", 2, () => asyncio.LifoQueue<number>(2)),
  asyncioMember("PriorityQueue(2)", "priority", 2, () => asyncio.PriorityQueue<number>(2))
]
