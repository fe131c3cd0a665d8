import { WeightedSemaphoreState, type WeightedWaitNode } from "@skein/core/kernel"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { holdingPermits, type Told } from "./support/park.ts"
import { insist, Line, Room, type SeededBug, together } from "./support/strands.ts"

type Make = (value: number) => WeightedSemaphoreState

/** A woken waiter that gives up does not put its permits back. */
class LosesPermits extends WeightedSemaphoreState {
  override abandoned(node: WeightedWaitNode): void {
    this.waiters.remove(node)
    this.wakeAllThatFit()
  }
}

/** A waiter that gives up puts permits back that it was never given. */
class DoublesPermits extends WeightedSemaphoreState {
  override abandoned(node: WeightedWaitNode): void {
    this.waiters.remove(node)
    this.value += this.weightOf(node)
    this.wakeAllThatFit()
  }
}

/** Wakes the first that fits, whoever stands before it. */
class LightPassesHeavy extends WeightedSemaphoreState {
  override release(weight = 1): boolean {
    this.value += weight
    for (const node of this.waiters as Iterable<WeightedWaitNode>) {
      if (!node.isWaiting || node.weight > this.value) continue
      this.value -= node.weight
      node.wake()
    }
    return true
  }
}

/** A waiter that gives up does not look for others that fit now. */
class WakesNobody extends WeightedSemaphoreState {
  override abandoned(node: WeightedWaitNode): void {
    this.waiters.remove(node)
    if (!node.isWaiting && !node.isCancelled) this.value += this.weightOf(node)
  }
}

const oneGivesUp = (make: Make): Effect.Effect<void> =>
  Effect.suspend(() => {
    const [semaphore, room] = [make(1), new Room(1)]
    const strand = holdingPermits(semaphore, 1, room.stay)
    return Effect.andThen(
      together({ first: strand, second: strand, third: strand }, { victim: "second" }),
      Effect.sync(() => insist(semaphore.value === 1, `1 permit went in, ${semaphore.value} came out`))
    )
  })

const lightAndHeavy = (make: Make): Effect.Effect<void> =>
  Effect.suspend(() => {
    const [semaphore, line] = [make(2), new Line()]
    const strand = (weight: number, told?: Told) => holdingPermits(semaphore, weight, Effect.yieldNow, told)
    return together({
      first: strand(1),
      second: strand(1),
      heavy: strand(2, line.member("heavy")),
      light: strand(1, line.member("light"))
    })
  })

const theHeavyGivesUp = (make: Make): Effect.Effect<void> =>
  Effect.gen(function* () {
    const semaphore = make(2)
    const done = yield* Deferred.make<void>()
    yield* together(
      {
        holder: holdingPermits(semaphore, 1, Deferred.await(done)),
        heavy: holdingPermits(semaphore, 2, Effect.yieldNow),
        light: Effect.andThen(holdingPermits(semaphore, 1, Effect.yieldNow), Deferred.succeed(done, undefined))
      },
      { victim: "heavy" }
    )
  })

const right: Make = (value) => new WeightedSemaphoreState(value)

export const semaphores: ReadonlyArray<SeededBug> = [
  {
    name: "a semaphore that loses the permit of a woken waiter that gives up",
    right: oneGivesUp(right),
    broken: oneGivesUp((value) => new LosesPermits(value))
  },
  {
    name: "a semaphore that gains a permit when a waiter gives up",
    right: oneGivesUp(right),
    broken: oneGivesUp((value) => new DoublesPermits(value))
  },
  {
    name: "a semaphore where a light request passes a heavy one",
    right: lightAndHeavy(right),
    broken: lightAndHeavy((value) => new LightPassesHeavy(value))
  },
  {
    name: "a semaphore that forgets those who stood behind one that gives up",
    right: theHeavyGivesUp(right),
    broken: theHeavyGivesUp((value) => new WakesNobody(value))
  }
]
