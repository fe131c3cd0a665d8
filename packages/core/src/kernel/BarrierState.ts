// A meeting of a fixed number of parties, again and again. It stands on a condition: every change of phase notifies all, and
// each waiter looks again. The order of a wait, which each face follows while it holds the condition's lock:
//
//   1. while `isBlocked`, wait on the condition (the round before is still draining, or a reset is under way);
//   2. if `isBroken`, fail;
//   3. `arrive()` gives the place in this round; the last to arrive opens the barrier itself and does not wait;
//   4. the others, while `isFilling`, wait on the condition; then, if `isRefused`, they fail;
//   5. `leave()`, whatever happened: the last to leave makes the barrier ready for its next round.

import type { ConditionState } from "./ConditionState.ts"

/**
 * What a barrier is doing: taking arrivals, letting a full round out, letting a reset round out, or broken for good (until
 * it is reset).
 */
export type BarrierPhase = "filling" | "draining" | "resetting" | "broken"

/**
 * The rules of a cyclic barrier. All methods that change something are called with the condition's lock held.
 *
 * @example
 * ```ts
 * import { BarrierState, ConditionState, LockState } from "@skein/core/kernel"
 *
 * const lock = new LockState()
 * const barrier = new BarrierState(2, new ConditionState(lock))
 * lock.tryAcquire()
 * console.log(barrier.arrive(), barrier.phase) // => 0 filling
 * console.log(barrier.arrive(), barrier.phase) // => 1 draining
 * barrier.leave()
 * barrier.leave()
 * console.log(barrier.phase) // => filling
 * ```
 */
export class BarrierState {
  /** How many have to come. */
  readonly parties: number
  /** What they wait on. Its lock guards all that is here. */
  readonly condition: ConditionState
  /** What the barrier is doing. */
  phase: BarrierPhase = "filling"
  /** How many have arrived and not left. Invariant: between 0 and `parties`. */
  private inside = 0

  constructor(parties: number, condition: ConditionState) {
    this.parties = parties
    this.condition = condition
  }

  /** Arrivals have to wait: an earlier round is on its way out. */
  get isBlocked(): boolean {
    return this.phase === "draining" || this.phase === "resetting"
  }

  /** Those who are inside have to wait for more. */
  get isFilling(): boolean {
    return this.phase === "filling"
  }

  /** Nobody can meet here until it is reset. */
  get isBroken(): boolean {
    return this.phase === "broken"
  }

  /** The round of those who are inside was aborted or reset. */
  get isRefused(): boolean {
    return this.phase === "broken" || this.phase === "resetting"
  }

  /** How many have arrived in the round that is filling; 0 in any other phase. */
  get waiting(): number {
    return this.phase === "filling" ? this.inside : 0
  }

  /** Arrives in the round that is filling and returns the place in it, from 0. The last one opens the barrier. */
  arrive(): number {
    const index = this.inside++
    if (index + 1 === this.parties) {
      this.phase = "draining"
      this.condition.notifyAll()
    }
    return index
  }

  /** Leaves, released or not. The last to leave makes the barrier ready for the next round and wakes those who wait for it. */
  leave(): void {
    this.inside--
    if (this.inside > 0) return
    if (this.isBlocked) this.phase = "filling"
    this.condition.notifyAll()
  }

  /** Sends away those who are inside and makes the barrier usable again, also when it was broken. */
  reset(): void {
    this.phase = this.inside > 0 ? "resetting" : "filling"
    this.condition.notifyAll()
  }

  /** Sends away those who are inside, and all who come until the next {@link reset}. */
  abort(): void {
    this.phase = "broken"
    this.condition.notifyAll()
  }
}
