import { BarrierState, ConditionState, EventState, LockState } from "@skein/core/kernel"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { meet, waitForFlag } from "./support/park.ts"
import { insist, type SeededBug, together } from "./support/strands.ts"

/** Wakes one waiter, and leaves the others in line. */
class WakesOne extends EventState {
  override set(): number {
    this.isSet = true
    return this.waiters.wake(1)
  }
}

const raised = (make: () => EventState): Effect.Effect<void> =>
  Effect.suspend(() => {
    const event = make()
    const waiter = waitForFlag(event)
    return together({ first: waiter, second: waiter, setter: Effect.sync(() => void event.set()) })
  })

/** The flag goes up once both wait for it, and down again soon. */
const raisedForAMoment = (looksAgain: boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const event = new EventState()
    const bothWait = yield* Deferred.make<void>()
    let waiting = 0
    const arrived = () => {
      if (++waiting === 2) Deferred.doneUnsafe(bothWait, Exit.void)
    }
    const waiter = waitForFlag(event, { looksAgain, arrived })
    const setter = Deferred.await(bothWait).pipe(
      Effect.andThen(Effect.sync(() => event.set())),
      Effect.andThen(Effect.yieldNow),
      Effect.andThen(Effect.sync(() => event.clear()))
    )
    yield* together({ first: waiter, second: waiter, setter })
  })

/** Lets those who come late into a round that is on its way out. */
class NeverBlocks extends BarrierState {
  override get isBlocked(): boolean {
    return false
  }
}

const twoRounds = (make: (condition: ConditionState) => BarrierState): Effect.Effect<void> =>
  Effect.suspend(() => {
    const lock = new LockState()
    const barrier = make(new ConditionState(lock))
    const places = [0, 0]
    const strand = Effect.map(meet(barrier, lock), (place) => {
      places[place] = (places[place] ?? 0) + 1
      insist(place < 2, `place ${place} in a round of 2`)
    })
    return Effect.andThen(
      together({ first: strand, second: strand, third: strand, fourth: strand }),
      Effect.sync(() => insist(places.join() === "2,2", `places were given ${places.join()} times`))
    )
  })

export const events: ReadonlyArray<SeededBug> = [
  {
    name: "an event that wakes one of its waiters",
    right: raised(() => new EventState()),
    broken: raised(() => new WakesOne())
  },
  {
    name: "an event whose woken waiter looks at the flag again",
    right: raisedForAMoment(false),
    broken: raisedForAMoment(true)
  }
]

export const barriers: ReadonlyArray<SeededBug> = [
  {
    name: "a barrier that lets a fifth wheel into a round on its way out",
    right: twoRounds((condition) => new BarrierState(2, condition)),
    broken: twoRounds((condition) => new NeverBlocks(2, condition))
  }
]
