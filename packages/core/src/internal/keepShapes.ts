// V8 forgets what the instances of a class look like when a full garbage collection finds none of them alive, and then throws
// away all the code that it had optimised for them. Programs come in bursts (a server between two requests has no waiter of
// any lock), so each burst would begin with slow code. Instances of the classes of the hot paths are therefore kept for good:
// fibers that wait for ever in each primitive, made when the first fair scheduler is. They are no tasks, so nobody is told of
// them.
//
// Measured with a full collection between runs, Node 24: 100,000 wake-ups by events 105 ms without, 66 ms with; a lock that is
// handed on 10,000 times 52 ms without, 24 ms with.
import * as Effect from "effect/Effect"
import * as Condition from "../Condition.ts"
import * as Direct from "../Direct.ts"
import * as Event from "../Event.ts"
import * as Lock from "../Lock.ts"
import * as Queue from "../Queue.ts"
import * as Semaphore from "../Semaphore.ts"
import { Returned, Yielded } from "./directCall.ts"
import { sleeperShape } from "./fairClock.ts"
import { FairSchedulerImpl } from "./fairScheduler.ts"
import { AsyncResource, taskShapes } from "./task.ts"
import { GroupImpl } from "./taskGroup.ts"

const kept: Array<unknown> = []

// Made when the module is loaded: what is kept must not keep the `AsyncLocalStorage` of whoever makes the first scheduler.
const atLoad = new AsyncResource("@skein/core/kept")

/** Makes what is to be kept, when called for the first time. */
export const keepShapes = (): void => {
  if (kept.length === 0) atLoad.runInAsyncScope(make, undefined)
}

const make = (): void => {
  const scheduler = new FairSchedulerImpl(1)
  kept.push(scheduler)
  const keep = (effect: Effect.Effect<unknown, unknown>): void => {
    kept.push(effect, Effect.runFork(effect, { scheduler }))
  }
  const never = Direct.gen(function* () {
    return yield* Effect.callback<never>(() => undefined)
  })
  const waitDirectly = Direct.fn(function* (effect: Effect.Effect<unknown, unknown>) {
    return yield* effect
  })
  const name = "kept"
  keep(
    Direct.gen(function* () {
      const event = yield* Event.make(name)
      const lock = yield* Lock.make(name)
      const condition = yield* Condition.make({ name })
      const semaphore = yield* Semaphore.make(1, { name })
      const queue = yield* Queue.make<number>({ capacity: 1, name })
      const full = yield* Queue.make<number>({ capacity: 1, name })
      yield* Queue.put(full, 1)
      keep(Lock.withLock(lock, never))
      keep(Semaphore.withPermit(semaphore, never))
      for (const wait of [
        Event.wait(event),
        Lock.acquire(lock),
        Lock.withLock(lock, never),
        Condition.withLock(condition, Condition.wait(condition)),
        Semaphore.acquire(semaphore),
        Semaphore.withPermit(semaphore, never),
        Queue.take(queue),
        Queue.put(full, 2),
        Queue.join(full)
      ]) {
        keep(wait)
        keep(waitDirectly(wait))
        keep(
          Direct.gen(function* () {
            return yield* waitDirectly(wait)
          })
        )
      }
      yield* Event.wait(event)
    })
  )
  keep(
    Effect.withFiber((fiber) => {
      const group = new GroupImpl(fiber, undefined, {
        name,
        limit: undefined,
        stopsOn: () => true,
        keepsExits: false,
        numbersTasks: false,
        refusal: () => undefined
      })
      kept.push(
        group,
        group.spawn(Effect.void, { name }),
        taskShapes(fiber),
        sleeperShape(fiber),
        new Returned(undefined),
        new Yielded(Effect.void)
      )
      return never
    })
  )
}
