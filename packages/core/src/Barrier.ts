/**
 * A meeting point for a fixed number of fibers: nobody goes on until all have come. It can be used again and again.
 */
import * as Effect from "effect/Effect"
import { describeWaiters } from "./internal/holding.ts"
import { type ParkedFiber, type Place, Refusal, takeFrom } from "./internal/parking.ts"
import { Printed } from "./internal/printed.ts"
import { TaggedError } from "./internal/taggedError.ts"
import { type BarrierPhase, BarrierState } from "./kernel/BarrierState.ts"
import { ConditionState } from "./kernel/ConditionState.ts"

const TypeId: unique symbol = Symbol.for("@skein/core/Barrier")

/**
 * A meeting point of a fixed number of parties.
 */
export interface Barrier {
  readonly [TypeId]: typeof TypeId
  /** The given name, or `barrier-` and a number. */
  readonly name: string
  /** How many have to come. */
  readonly parties: number
  /** Its name, what it is doing and how many have come, in one line. */
  toString(): string
}

/** What a barrier is doing now. */
export interface BarrierStatistics {
  /** The name of the barrier. */
  readonly name: string
  /** How many have to come. */
  readonly parties: number
  /** Taking arrivals, letting a full round out, letting a reset round out, or broken until it is reset. */
  readonly phase: BarrierPhase
  /** How many have come in the round that is filling. */
  readonly arrived: number
  /** Who waits, for the round to fill or for the round before to leave, in order of arrival. */
  readonly waiting: ReadonlyArray<string>
}

/**
 * The round was aborted or reset while its parties waited, or the barrier is broken.
 */
export class BrokenBarrierError extends TaggedError("BrokenBarrierError")<{
  readonly barrier: string
  /** `round`: those who waited were sent away. `broken`: the barrier had been aborted before. */
  readonly reason: "round" | "broken"
}> {
  override get message(): string {
    return this.reason === "round"
      ? `Barrier "${this.barrier}" was aborted or reset before all parties had come.`
      : `Barrier "${this.barrier}" is aborted; Barrier.reset makes it usable again.`
  }
}

// The machine stands on a condition, whose lock asyncio needs because its waiters go on one by one. Here each step is
// synchronous, so there is nothing to guard: this lock is always held.
const alwaysHeld = { locked: true, release: () => undefined }

/** What a fiber waits for: that its round is let out, or that the round before has left. */
type Awaited = "release" | "entrance"

class BarrierImpl extends Printed implements Barrier, Place<void, BrokenBarrierError, Awaited> {
  readonly [TypeId]: typeof TypeId = TypeId
  readonly kind = "Barrier"
  readonly parties: number
  readonly condition: ConditionState = new ConditionState(alwaysHeld)
  readonly state: BarrierState
  readonly wait: Effect.Effect<number, BrokenBarrierError>

  constructor(parties: number, name: string | undefined) {
    super("Barrier", name)
    this.parties = parties
    this.state = new BarrierState(parties, this.condition)
    const released = takeFrom<void, BrokenBarrierError, Awaited>(this, "release")
    const entrance = takeFrom<void, BrokenBarrierError, Awaited>(this, "entrance")
    this.wait = Effect.uninterruptibleMask((restore) => {
      const enter: Effect.Effect<number, BrokenBarrierError> = Effect.suspend(() => {
        if (this.state.isBlocked) return Effect.flatMap(restore(entrance), () => enter)
        if (this.state.isBroken) return Effect.fail(this.broken("broken"))
        const index = this.state.arrive()
        return Effect.onExitPrimitive(
          Effect.as(restore(released), index),
          () => {
            this.state.leave()
            return undefined
          },
          true
        )
      })
      return enter
    })
  }

  refuse(): undefined {
    return undefined
  }

  isOpen(ask: Awaited): boolean {
    return ask === "release" ? !this.state.isFilling : !this.state.isBlocked
  }

  take(ask: Awaited): undefined | Refusal<BrokenBarrierError> {
    return ask === "release" && this.state.isRefused ? new Refusal(this.broken("round")) : undefined
  }

  enqueue(node: ParkedFiber): void {
    this.condition.startWait(node)
  }

  resumed(node: ParkedFiber, ask: Awaited): undefined | Refusal<BrokenBarrierError> {
    this.condition.left(node)
    return this.take(ask)
  }

  abandoned(node: ParkedFiber): void {
    this.condition.left(node)
  }

  describeState(): string {
    return this.state.isBroken ? "broken" : `${this.state.phase}, ${this.state.waiting} of ${this.parties} arrived`
  }

  describeWait(): string {
    return `${this.describeHeld()} (${this.describeState()})`
  }

  private broken(reason: "round" | "broken"): BrokenBarrierError {
    return new BrokenBarrierError({ barrier: this.name, reason })
  }
}

const implOf = (barrier: Barrier): BarrierImpl => barrier as BarrierImpl

/**
 * Makes a barrier for `parties` fibers.
 *
 * @param parties - how many have to come: an integer of 1 or more. Anything else dies with a RangeError.
 * @param options.name - what it is called in messages; by default `barrier-` and a number.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Barrier, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const start = yield* Barrier.make(3)
 *   const runner = Barrier.wait(start)
 *   const places = yield* Effect.all([runner, runner, runner], { concurrency: "unbounded" })
 *   return places.join(" ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 0 1 2
 * ```
 */
export const make = (parties: number, options?: { readonly name?: string }): Effect.Effect<Barrier> =>
  Effect.sync(() => {
    if (!Number.isInteger(parties) || parties < 1) {
      throw new RangeError(`A barrier needs a number of parties that is an integer of 1 or more, got ${parties}.`)
    }
    return new BarrierImpl(parties, options?.name)
  })

/**
 * Waits until all parties have come.
 *
 * Fairness: the last to come goes on at once, the others in order of arrival. Who comes while a full round is still leaving
 * waits for the next round.
 *
 * When interrupted: it leaves, and the round needs one more; the barrier does not break.
 *
 * @returns the place in the round, from 0 for the first to come.
 * @throws BrokenBarrierError if the round is aborted or reset while it waits, or the barrier is broken.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Barrier, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const start = yield* Barrier.make(2)
 *   const late = Effect.andThen(Effect.sleep("1 second"), Barrier.wait(start))
 *   const [first, second] = yield* Effect.all([Barrier.wait(start), late], { concurrency: "unbounded" })
 *   return `${first} and ${second} start at ${yield* VirtualTime.now} ms`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 0 and 1 start at 1000 ms
 * ```
 */
export const wait = (self: Barrier): Effect.Effect<number, BrokenBarrierError> => implOf(self).wait

/**
 * Sends those who wait away with a BrokenBarrierError, and makes the barrier usable again, also after an abort.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Barrier, Task, VirtualTime } from "@skein/core"
 *
 * const program = Effect.scoped(
 *   Effect.gen(function* () {
 *     const start = yield* Barrier.make(2)
 *     const runner = yield* Task.spawn(Effect.flip(Barrier.wait(start)))
 *     yield* Effect.sleep("1 second")
 *     yield* Barrier.reset(start)
 *     const { reason } = yield* Task.join(runner)
 *     return `${reason}; now ${start}`
 *   })
 * )
 * console.log(await VirtualTime.runPromise(program)) // => round; now Barrier("barrier-1", filling, 0 of 2 arrived)
 * ```
 */
export const reset = (self: Barrier): Effect.Effect<void> => Effect.sync(() => implOf(self).state.reset())

/**
 * Breaks the barrier: those who wait, and all who come until the next reset, fail with a BrokenBarrierError.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Barrier, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const start = yield* Barrier.make(2)
 *   yield* Barrier.abort(start)
 *   const { reason } = yield* Effect.flip(Barrier.wait(start))
 *   return reason
 * })
 * console.log(await VirtualTime.runPromise(program)) // => broken
 * ```
 */
export const abort = (self: Barrier): Effect.Effect<void> => Effect.sync(() => implOf(self).state.abort())

/**
 * What the barrier is doing, how many have come, and who waits.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Barrier, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const start = yield* Barrier.make(2, { name: "start" })
 *   yield* Effect.forkChild(Barrier.wait(start))
 *   yield* Effect.sleep("1 second")
 *   const { phase, arrived } = yield* Barrier.statistics(start)
 *   return `${phase}, ${arrived} of ${start.parties}`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => filling, 1 of 2
 * ```
 */
export const statistics = (self: Barrier): Effect.Effect<BarrierStatistics> =>
  Effect.sync(() => {
    const { condition, name, parties, state } = implOf(self)
    return Object.freeze({
      name,
      parties,
      phase: state.phase,
      arrived: state.waiting,
      waiting: describeWaiters(condition.waiters)
    })
  })
