import { ConditionState, LockState } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import { holding, type Omissions, waitOn } from "./support/park.ts"
import { Room, type SeededBug, together } from "./support/strands.ts"

const alone = (without: Omissions): Effect.Effect<void> =>
  Effect.suspend(() => {
    const [lock, room] = [new LockState(), new Room(1)]
    const condition = new ConditionState(lock)
    let told = false
    const waiter = holding(
      lock,
      Effect.andThen(
        Effect.suspend(() => (told ? Effect.void : waitOn(condition, lock, without))),
        room.stay
      )
    )
    const teller = holding(
      lock,
      Effect.suspend(() => {
        told = true
        condition.notifyAll()
        return room.stay
      })
    )
    return together({ waiter, teller, other: holding(lock, room.stay) })
  })

/** Two wait for a token each. One token is there for whoever takes it; another comes only once the first was taken. */
const tokens = (without: Omissions, victim?: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    const lock = new LockState()
    const condition = new ConditionState(lock)
    let free = 0
    const untilFree: Effect.Effect<void> = Effect.suspend(() =>
      free > 0
        ? Effect.void
        : Effect.andThen(
            waitOn(condition, lock, without),
            Effect.suspend(() => untilFree)
          )
    )
    const giveOne = holding(
      lock,
      Effect.sync(() => {
        free++
        condition.notify()
      }),
      { stubborn: true }
    )
    const take = holding(
      lock,
      Effect.andThen(
        untilFree,
        Effect.sync(() => void free--)
      )
    )
    // Whoever has taken a token gives one back, come what may.
    const pass = Effect.uninterruptible(Effect.andThen(take, giveOne))
    return together({ first: pass, second: pass, giver: giveOne }, victim === undefined ? {} : { victim })
  })

export const conditions: ReadonlyArray<SeededBug> = [
  {
    name: "a condition whose wait does not take the lock again",
    right: alone({}),
    broken: alone({ reacquire: true })
  },
  {
    name: "a condition that loses the notification of a waiter that gives up",
    right: tokens({}, "first"),
    broken: tokens({ passOn: true }, "first")
  },
  {
    name: "a condition whose wait opens the lock before it stands in line",
    right: tokens({}),
    broken: tokens({ atomicity: true })
  }
]
