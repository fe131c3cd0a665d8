// Permits, in order of arrival. While somebody is in line a newcomer gets in line too, even if permits are free; so a stream
// of newcomers cannot starve a waiter.
//
// A permit is handed over at the moment of waking: `value` goes down then, not when the woken task runs. A woken waiter that
// gives up puts its permits back, and every waiter that leaves wakes as many others as now fit, for some may have queued
// only because it stood before them.
//
// In the weighted machine a light request never passes a heavy one: a heavy request would otherwise wait for ever under a
// steady flow of light ones. The price is up to weight - 1 permits that lie idle while the heavy one waits.

import { type WaitNode, WaitQueue } from "./WaitQueue.ts"

/**
 * The rules of a semaphore whose requests are for one permit each.
 *
 * @example
 * ```ts
 * import { SemaphoreState } from "@skein/core/kernel"
 *
 * const semaphore = new SemaphoreState(1, 1)
 * console.log(semaphore.tryAcquire(), semaphore.tryAcquire()) // => true false
 * console.log(semaphore.release(), semaphore.release()) // => true false
 * ```
 */
export class SemaphoreState {
  /** Permits that nobody has, and that are promised to nobody. Invariant: never negative. */
  value: number
  /** The most that {@link value} may come to, for a bounded semaphore. */
  readonly bound: number | undefined
  /** Who waits for permits, and who was given some and has not run yet. */
  readonly waiters: WaitQueue = new WaitQueue()

  constructor(value: number, bound?: number) {
    this.value = value
    this.bound = bound
  }

  /** True when a request would have to wait: no permit is free, or somebody who counts is in line. */
  get locked(): boolean {
    return this.value === 0 || !this.waiters.isAllCancelled
  }

  /** Takes a permit if one is free and nobody who counts is in line. */
  tryAcquire(): boolean {
    if (this.value === 0 || !this.waiters.isAllCancelled) return false
    this.value--
    return true
  }

  /** Gets in line, after {@link tryAcquire} said no. */
  enqueue(node: WaitNode): void {
    this.waiters.push(node)
  }

  /** The task of a woken node runs again: the permit was set aside for it when it was woken. */
  resumed(node: WaitNode): void {
    this.waiters.remove(node)
    this.wakeAllThatFit()
  }

  /** The task of a node gives up: a permit that was set aside for it goes back, and on to whoever fits. */
  abandoned(node: WaitNode): void {
    this.waiters.remove(node)
    if (!node.isWaiting && !node.isCancelled) this.value += this.weightOf(node)
    this.wakeAllThatFit()
  }

  /** Gives a permit back and wakes the first waiter. False, and no change, if that would exceed the bound. */
  release(): boolean {
    if (this.bound !== undefined && this.value >= this.bound) return false
    this.value++
    this.wakeFirstIfItFits()
    return true
  }

  /** How many permits a waiter asked for. */
  protected weightOf(_node: WaitNode): number {
    return 1
  }

  /** Hands the permits that the first waiter asks for over to it, if they are free. */
  protected wakeFirstIfItFits(): boolean {
    const node = this.waiters.firstWaiting
    if (node === undefined) return false
    const weight = this.weightOf(node)
    if (weight > this.value) return false
    this.value -= weight
    node.wake()
    return true
  }

  /** Hands permits over, in order, until somebody asks for more than are free. */
  protected wakeAllThatFit(): void {
    while (this.wakeFirstIfItFits()) {
      // Each turn of the loop has woken one.
    }
  }
}

/** A waiter that asks for several permits at once. */
export interface WeightedWaitNode extends WaitNode {
  /** How many permits it asks for: a positive integer. */
  readonly weight: number
}

/**
 * The rules of a semaphore whose requests may be for several permits each. It may only be given
 * {@link WeightedWaitNode}s.
 *
 * @example
 * ```ts
 * import { WeightedSemaphoreState } from "@skein/core/kernel"
 *
 * const semaphore = new WeightedSemaphoreState(3, 3)
 * console.log(semaphore.tryAcquire(2), semaphore.tryAcquire(2), semaphore.value) // => true false 1
 * ```
 */
export class WeightedSemaphoreState extends SemaphoreState {
  /** Takes `weight` permits if that many are free and nobody who counts is in line. */
  override tryAcquire(weight = 1): boolean {
    if (weight > this.value || !this.waiters.isAllCancelled) return false
    this.value -= weight
    return true
  }

  override enqueue(node: WeightedWaitNode): void {
    this.waiters.push(node)
  }

  /** Gives `weight` permits back and wakes all that fit. False, and no change, if that would exceed the bound. */
  override release(weight = 1): boolean {
    if (this.bound !== undefined && this.value + weight > this.bound) return false
    this.value += weight
    this.wakeAllThatFit()
    return true
  }

  protected override weightOf(node: WeightedWaitNode): number {
    return node.weight
  }
}
