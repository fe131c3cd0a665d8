// Waiting for news about something that a lock guards. The order of a wait, which each face follows:
//
//   1. `startWait(node)`: gives the lock back and gets in line, in one step, so no notification can fall in between;
//   2. suspend until the node is woken, or the task is cancelled;
//   3. `left(node)`, then take the lock again, also when cancelled, and hold back cancellation meanwhile: the caller's block
//      must find the lock as it left it;
//   4. if the wait is to end with an error, `passOn()` once the lock is held: the node may have been woken before the task
//      was cancelled, and that notification was meant for somebody. The price is a wake-up that may turn out to be spurious.

import type { LockLike } from "./LockState.ts"
import { type WaitNode, WaitQueue } from "./WaitQueue.ts"

/**
 * The rules of a condition variable over a lock.
 *
 * @example
 * ```ts
 * import { ConditionState, LockState, type WaitNode } from "@skein/core/kernel"
 *
 * const waiter = (name: string): WaitNode => {
 *   const node = {
 *     waitQueue: undefined,
 *     waitPrevious: undefined,
 *     waitNext: undefined,
 *     isWaiting: true,
 *     isCancelled: false,
 *     wake: () => {
 *       node.isWaiting = false
 *       console.log(`${name} is woken`)
 *     }
 *   }
 *   return node
 * }
 *
 * const lock = new LockState()
 * const condition = new ConditionState(lock)
 * console.log(condition.startWait(waiter("reader"))) // => false
 * lock.tryAcquire()
 * console.log(condition.startWait(waiter("reader")), lock.locked) // => true false
 * lock.tryAcquire()
 * condition.notify() // => reader is woken
 * ```
 */
export class ConditionState {
  /** What has to be held to wait and to notify. */
  readonly lock: LockLike
  /** Who waits to be notified, and who was and has not run yet. */
  readonly waiters: WaitQueue = new WaitQueue()

  constructor(lock: LockLike) {
    this.lock = lock
  }

  /** Gives the lock back and gets in line. False, and no change, if the lock is not held. */
  startWait(node: WaitNode): boolean {
    if (!this.lock.locked) return false
    this.lock.release()
    this.waiters.push(node)
    return true
  }

  /** The task of a node runs again, notified or cancelled: it leaves the line, and has to take the lock again. */
  left(node: WaitNode): void {
    this.waiters.remove(node)
  }

  /** Wakes the first `count` that still wait. False, and no change, if the lock is not held. */
  notify(count = 1): boolean {
    if (!this.lock.locked) return false
    this.waiters.wake(count)
    return true
  }

  /** Wakes all that still wait. False, and no change, if the lock is not held. */
  notifyAll(): boolean {
    return this.notify(this.waiters.length)
  }

  /** A wait ends with an error: the notification that it may have had goes to the next. */
  passOn(): void {
    this.waiters.wakeFirst()
  }
}
