// Locks, semaphores, conditions, events, barriers.
import * as asyncio from "@skein/asyncio"
import type { Scenario, Steps } from "../support/asyncio.ts"
import { either } from "../support/observation.ts"

type Acquirable = asyncio.AsyncContextManager<unknown> & {
  acquire(): asyncio.Awaitable<unknown>
  release(): void
  locked(): boolean
}

/** Somebody holds it; the operation and another one wait for it. */
const acquiring = (name: string, make: () => Acquirable, method: "acquire" | "__aenter__" = "acquire"): Scenario => ({
  operation: `${name}.${method}`,
  stage: () => {
    const lock = make()
    let released = 0
    let acquired = 0
    const bare = function* (): Steps {
      yield* lock.acquire()
      acquired++
      lock.release()
      released++
    }
    const entering = function* (): Steps {
      yield* asyncio.async_with(lock, function* () {
        acquired++
        yield* asyncio.sleep(0)
      })
      released++
    }
    return {
      before: function* () {
        yield* lock.acquire()
      },
      operation: method === "acquire" ? bare : entering,
      next: bare,
      wake: function* () {
        lock.release()
      },
      observe: ({ nextHasIt }) => ({
        accounts: [{ thing: "the lock", had: 1, has: lock.locked() || released > acquired ? 0 : 1 }],
        others: [either(nextHasIt, "the next in line gets it", "the next in line never gets it")],
        state: String(lock)
      })
    }
  }
})

/** Two wait for a notification; one is given, by somebody who keeps the lock for a second more. */
const conditionScenario = (operation: string, wait: (condition: asyncio.Condition) => Steps): Scenario => ({
  operation,
  waitsAt: [500, 1500],
  stage: () => {
    const condition = asyncio.Condition()
    let came = 0
    let holds = true
    const waiting = (wait: (condition: asyncio.Condition) => Steps) =>
      function* (): Steps {
        yield* asyncio.async_with(condition, function* () {
          try {
            yield* wait(condition)
            came++
          } finally {
            holds &&= condition.locked()
          }
        })
      }
    return {
      operation: waiting(wait),
      next: waiting(function* (condition) {
        yield* condition.wait()
      }),
      wake: function* () {
        yield* asyncio.async_with(condition, function* () {
          condition.notify()
          yield* asyncio.sleep(1)
        })
      },
      observe: () => ({
        accounts: [
          { thing: "the lock", had: 1, has: condition.locked() ? 0 : 1 },
          { thing: "the notification", had: 1, has: Math.min(came, 1) }
        ],
        others: [
          either(came === 1, "the next in line gets the notification", "nobody gets the notification"),
          either(holds, "the lock is taken again before it ends", "the lock is not held when it ends")
        ],
        state: String(condition)
      })
    }
  }
})

const barrierScenario = (method: "wait" | "__aenter__"): Scenario => ({
  operation: `Barrier.${method}`,
  stage: () => {
    const barrier = asyncio.Barrier(2)
    let second: asyncio.Task | undefined
    return {
      operation: function* () {
        yield* barrier[method]()
      },
      wake: function* () {
        second = asyncio.create_task(barrier.wait(), { name: "second" })
        yield* asyncio.sleep(1)
        if (!second.done()) yield* barrier.wait()
      },
      observe: () => ({
        others: [either(second?.done() === true, "the others pass once there are enough", "the others do not pass")],
        state: String(barrier)
      })
    }
  }
})

/** The barrier's own lock is taken, which it is for no longer than it takes those of a round to leave, one after the other. */
const lockedBarrierScenario = (method: "wait" | "reset" | "abort"): Scenario => ({
  operation: `Barrier.${method}`,
  situation: "others are leaving it",
  stage: () => {
    const barrier = asyncio.Barrier(1)
    const { _cond: lock } = barrier as unknown as { readonly _cond: asyncio.Condition }
    return {
      before: function* () {
        yield* lock.acquire()
      },
      operation: function* () {
        yield* barrier[method]()
      },
      wake: function* () {
        lock.release()
      },
      observe: () => ({
        accounts: [{ thing: "the lock", had: 1, has: lock.locked() ? 0 : 1 }],
        others: ["nothing has changed"],
        state: String(barrier)
      })
    }
  }
})

export const lockScenarios: ReadonlyArray<Scenario> = [
  acquiring("Lock", () => asyncio.Lock()),
  acquiring("Lock", () => asyncio.Lock(), "__aenter__"),
  acquiring("Semaphore", () => asyncio.Semaphore(1)),
  acquiring("Semaphore", () => asyncio.Semaphore(1), "__aenter__"),
  acquiring("BoundedSemaphore", () => asyncio.BoundedSemaphore(1)),
  acquiring("BoundedSemaphore", () => asyncio.BoundedSemaphore(1), "__aenter__"),
  acquiring("Condition", () => asyncio.Condition()),
  acquiring("Condition", () => asyncio.Condition(), "__aenter__"),
  conditionScenario("Condition.wait", function* (condition) {
    yield* condition.wait()
  }),
  conditionScenario("Condition.wait_for", function* (condition) {
    let looked = 0
    yield* condition.wait_for(() => looked++ > 0)
  }),
  {
    operation: "Event.wait",
    stage: () => {
      const event = asyncio.Event()
      const wait = function* (): Steps {
        yield* event.wait()
      }
      return {
        operation: wait,
        next: wait,
        wake: function* () {
          event.set()
        },
        observe: ({ nextHasIt }) => ({
          others: [either(nextHasIt, "whoever else waits is woken", "whoever else waits is not woken")],
          state: String(event)
        })
      }
    }
  },
  barrierScenario("wait"),
  barrierScenario("__aenter__"),
  lockedBarrierScenario("wait"),
  lockedBarrierScenario("reset"),
  lockedBarrierScenario("abort")
]
