// Locks, semaphores, conditions.
import { Condition, Lock, Semaphore } from "@skein/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Scenario } from "../support/core.ts"
import { either } from "../support/observation.ts"

const nextGets = (has: boolean, what: string) =>
  either(has, `the next in line gets ${what}`, `the next in line never gets ${what}`)

/** Somebody holds the lock; the operation and another one wait for it. */
const lockScenario = (
  operation: string,
  use: (lock: Lock.Lock) => Effect.Effect<unknown, unknown>,
  losses?: Scenario["losses"]
): Scenario => ({
  operation,
  ...(losses === undefined ? {} : { losses }),
  stage: Effect.map(Lock.make("db"), (lock) => ({
    before: Lock.acquire(lock),
    operation: use(lock),
    next: Lock.withLock(lock, Effect.void),
    wake: Lock.release(lock),
    observe: ({ nextHasIt }) =>
      Effect.map(Lock.isLocked(lock), (locked) => ({
        accounts: [{ thing: "the lock", had: 1, has: locked ? 0 : 1 }],
        others: [nextGets(nextHasIt, "the lock")],
        state: String(lock)
      }))
  }))
})

const bareLock =
  "it belongs to the task until `release`, and an interruption between the two leaves it taken. Use `withLock` or `acquireScoped`, which have no such moment."

const body = Effect.andThen(Effect.yieldNow, Effect.void)

export const lockScenarios: ReadonlyArray<Scenario> = [
  lockScenario("Lock.acquire", (lock) => Effect.andThen(Lock.acquire(lock), Lock.release(lock)), {
    "the lock": bareLock
  }),
  lockScenario("Lock.acquireScoped", (lock) => Effect.scoped(Effect.andThen(Lock.acquireScoped(lock), body))),
  lockScenario("Lock.withLock", (lock) => Lock.withLock(lock, body)),
  {
    operation: "Condition.withLock",
    stage: Effect.map(Condition.make({ name: "full" }), (condition) => ({
      before: Lock.acquire(condition.lock),
      operation: Condition.withLock(condition, body),
      next: Condition.withLock(condition, Effect.void),
      wake: Lock.release(condition.lock),
      observe: ({ nextHasIt }) =>
        Effect.map(Lock.isLocked(condition.lock), (locked) => ({
          accounts: [{ thing: "the lock", had: 1, has: locked ? 0 : 1 }],
          others: [nextGets(nextHasIt, "the lock")],
          state: String(condition)
        }))
    }))
  }
]

const permits = 2

const semaphoreScenario = (
  operation: string,
  use: (semaphore: Semaphore.Semaphore) => Effect.Effect<unknown, unknown>,
  more: Pick<Scenario, "losses" | "situation"> & { readonly isFree?: boolean } = {}
): Scenario => ({
  operation,
  ...(more.situation === undefined ? {} : { situation: more.situation }),
  ...(more.losses === undefined ? {} : { losses: more.losses }),
  stage: Effect.map(Semaphore.make(permits, { name: "slots" }), (semaphore) => ({
    before: more.isFree === true ? Effect.void : Semaphore.acquire(semaphore, permits),
    operation: use(semaphore),
    next: Semaphore.withPermits(semaphore, permits, Effect.void),
    wake: more.isFree === true ? Effect.void : Semaphore.release(semaphore, permits),
    observe: ({ nextHasIt }) =>
      Effect.map(Semaphore.available(semaphore), (available) => ({
        accounts: [{ thing: "the permits", had: permits, has: available }],
        others: [nextGets(nextHasIt, "the permits")],
        state: String(semaphore)
      }))
  }))
})

const bareSemaphore =
  "they are taken until `release`, and an interruption between the two leaves them taken. Use `withPermit`, `withPermits` or `acquireScoped`, which have no such moment."

export const semaphoreScenarios: ReadonlyArray<Scenario> = [
  semaphoreScenario(
    "Semaphore.acquire",
    (slots) => Effect.andThen(Semaphore.acquire(slots, 2), Semaphore.release(slots, 2)),
    { losses: { "the permits": bareSemaphore } }
  ),
  semaphoreScenario("Semaphore.acquireScoped", (slots) =>
    Effect.scoped(Effect.andThen(Semaphore.acquireScoped(slots, 2), body))
  ),
  semaphoreScenario("Semaphore.withPermit", (slots) => Semaphore.withPermit(slots, body)),
  semaphoreScenario("Semaphore.withPermits", (slots) => Semaphore.withPermits(slots, 2, body)),
  semaphoreScenario(
    "Semaphore.withPermitsIfAvailable",
    (slots) => Effect.map(Semaphore.withPermitsIfAvailable(slots, 2, Effect.sleep("2 seconds")), Option.isSome),
    { situation: "its effect waits", isFree: true }
  )
]

/** Two wait for a notification; one is given, by somebody who keeps the lock for a second more. */
const conditionScenario = (
  operation: string,
  wait: (condition: Condition.Condition) => Effect.Effect<void, Lock.NotOwnerError>
): Scenario => ({
  operation,
  waitsAt: [500, 1500],
  stage: Effect.gen(function* () {
    const condition = yield* Condition.make({ name: "full" })
    let came = 0
    let isHeld = true
    const visit = (wait: Effect.Effect<void, Lock.NotOwnerError>) =>
      Condition.withLock(
        condition,
        Effect.onExitPrimitive(wait, (exit) => {
          if (Exit.isSuccess(exit)) came++
          else isHeld &&= String(condition.lock).includes("held by")
          return undefined
        })
      )
    return {
      operation: visit(wait(condition)),
      next: visit(Condition.wait(condition)),
      wake: Condition.withLock(condition, Effect.andThen(Condition.notify(condition), Effect.sleep("1 second"))),
      observe: () =>
        Effect.map(Lock.isLocked(condition.lock), (locked) => ({
          accounts: [
            { thing: "the lock", had: 1, has: locked ? 0 : 1 },
            { thing: "the notification", had: 1, has: Math.min(came, 1) }
          ],
          others: [
            either(came === 1, "the next in line gets the notification", "nobody gets the notification"),
            either(isHeld, "the lock is taken again before it ends", "the lock is not held when it ends")
          ],
          state: String(condition)
        }))
    }
  })
})

export const conditionScenarios: ReadonlyArray<Scenario> = [
  conditionScenario("Condition.wait", Condition.wait),
  conditionScenario("Condition.waitFor", (condition) => {
    let looked = 0
    return Condition.waitFor(condition, () => looked++ > 0)
  })
]
