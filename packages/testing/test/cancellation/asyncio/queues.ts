// Queues of each kind.
import * as asyncio from "@skein/asyncio"
import type { Scenario, Steps } from "../support/asyncio.ts"
import { either } from "../support/observation.ts"

const kinds = {
  Queue: (maxsize: number) => asyncio.Queue<number>(maxsize),
  LifoQueue: (maxsize: number) => asyncio.LifoQueue<number>(maxsize),
  PriorityQueue: (maxsize: number) => asyncio.PriorityQueue<number>(maxsize)
}

const scenariosOf = ([kind, make]: readonly [
  string,
  (maxsize: number) => asyncio.Queue<number>
]): ReadonlyArray<Scenario> => [
  {
    operation: `${kind}.get`,
    stage: () => {
      const queue = make(0)
      const taken: Array<number> = []
      const get = function* (): Steps {
        taken.push(yield* queue.get())
      }
      return {
        operation: get,
        next: get,
        wake: function* () {
          queue.put_nowait(1)
        },
        observe: () => ({
          accounts: [{ thing: "the item", had: 1, has: taken.length + queue.qsize() }],
          others: [either(taken.length === 1, "the next in line gets the item", "nobody gets the item")],
          state: String(queue)
        })
      }
    }
  },
  {
    operation: `${kind}.put`,
    stage: () => {
      const queue = make(1)
      const put: Array<number> = []
      const taken: Array<number> = []
      const putting = (item: number) =>
        function* (): Steps {
          yield* queue.put(item)
          put.push(item)
        }
      return {
        before: putting(1),
        operation: putting(2),
        next: putting(3),
        wake: function* () {
          do {
            taken.push(yield* queue.get())
            yield* asyncio.sleep(0.1)
          } while (!queue.empty())
        },
        observe: ({ nextHasIt }) => ({
          accounts: [{ thing: "an item that was put", had: put.length, has: taken.length }],
          others: [
            either(taken.includes(2), "its item is put", "its item is not put"),
            either(nextHasIt, "the next in line puts its own", "the next in line never puts its own")
          ],
          state: String(queue)
        })
      }
    }
  },
  {
    operation: `${kind}.join`,
    stage: () => {
      const queue = make(0)
      const join = function* (): Steps {
        yield* queue.join()
      }
      return {
        before: function* () {
          queue.put_nowait(1)
          yield* queue.get()
        },
        operation: join,
        next: join,
        wake: function* () {
          queue.task_done()
        },
        observe: ({ nextHasIt }) => ({
          others: [either(nextHasIt, "whoever else waits is woken", "whoever else waits is not woken")],
          state: String(queue)
        })
      }
    }
  }
]

export const queueScenarios: ReadonlyArray<Scenario> = Object.entries(kinds).flatMap(scenariosOf)
