import { LockState, type WaitNode, WaitQueue } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import { holding } from "./support/park.ts"
import { Line, Room, type SeededBug, together } from "./support/strands.ts"

/** Lets whoever comes take an open lock, although a waiter is on its way to it. */
class Barging extends LockState {
  override tryAcquire(): boolean {
    if (this.locked) return false
    this.locked = true
    return true
  }
}

/** A woken waiter that gives up keeps its turn to itself. */
class KeepsTheTurn extends LockState {
  override abandoned(node: WaitNode): void {
    this.waiters.remove(node)
  }
}

class Forgetful extends WaitQueue {
  override noteCancelled(): void {}
}

/** Does not count who was cancelled while in line. */
class CountsTheCancelled extends LockState {
  override readonly waiters = new Forgetful()
}

const inTurn = (make: () => LockState): Effect.Effect<void> =>
  Effect.suspend(() => {
    const [lock, room, line] = [make(), new Room(1), new Line()]
    const strand = (name: string) => holding(lock, room.stay, line.member(name))
    return together({ first: strand("first"), second: strand("second"), third: strand("third") })
  })

const oneGivesUp = (make: () => LockState): Effect.Effect<void> =>
  Effect.suspend(() => {
    const [lock, room] = [make(), new Room(1)]
    const strand = holding(lock, room.stay)
    return together({ first: strand, second: strand, third: strand }, { victim: "second" })
  })

const right = () => new LockState()

export const locks: ReadonlyArray<SeededBug> = [
  {
    name: "a lock that a newcomer may take while a waiter is on its way to it",
    right: inTurn(right),
    broken: inTurn(() => new Barging())
  },
  {
    name: "a lock whose turn is lost when a woken waiter gives up",
    right: oneGivesUp(right),
    broken: oneGivesUp(() => new KeepsTheTurn())
  },
  {
    name: "a lock that takes a cancelled waiter for one that counts",
    right: oneGivesUp(right),
    broken: oneGivesUp(() => new CountsTheCancelled())
  }
]
