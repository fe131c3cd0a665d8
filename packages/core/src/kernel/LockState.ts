// A mutual exclusion lock that is fair: nobody passes a waiter, the one who has just released included.
//
// `release` does not hand the lock over. It opens it and wakes the head of the line, which claims it when its task runs; in
// between the lock reads "unlocked", yet a newcomer queues. Only the head is ever woken: a head that is settled already is
// on its way, and either claims the lock (`resumed`) or passes the turn on (`abandoned`). That one rule is why no wake-up
// is lost, whoever is cancelled when.
//
// Misuse is answered with `false`, as in all machines of this folder: each face raises its own error.

import { type WaitNode, WaitQueue } from "./WaitQueue.ts"

/** What a condition needs of the lock that it stands on. */
export interface LockLike {
  /** True while somebody holds the lock. */
  readonly locked: boolean
  /** Gives the lock back. */
  release(): unknown
}

/**
 * The rules of a lock: who may take it, who is woken next, what a waiter that gives up passes on.
 *
 * @example
 * ```ts
 * import { LockState } from "@skein/core/kernel"
 *
 * const lock = new LockState()
 * console.log(lock.tryAcquire(), lock.tryAcquire()) // => true false
 * console.log(lock.release(), lock.release()) // => true false
 * ```
 */
export class LockState implements LockLike {
  /** True while somebody holds the lock; a woken waiter does not hold it yet. */
  locked = false
  /** Invariant: when the lock is unlocked and somebody in line counts, the head is settled and about to run. */
  readonly waiters: WaitQueue = new WaitQueue()

  /** Takes the lock if it is free and nobody who counts is in line. */
  tryAcquire(): boolean {
    if (this.locked || !this.waiters.isAllCancelled) return false
    this.locked = true
    return true
  }

  /** Gets in line, after {@link tryAcquire} said no. */
  enqueue(node: WaitNode): void {
    this.waiters.push(node)
  }

  /** The task of a woken node runs again: it claims the lock. */
  resumed(node: WaitNode): void {
    this.waiters.remove(node)
    this.locked = true
  }

  /** The task of a node gives up, woken or not: it leaves the line, and the next one gets the turn that it may have had. */
  abandoned(node: WaitNode): void {
    this.waiters.remove(node)
    if (!this.locked) this.wakeHead()
  }

  /** Opens the lock and wakes the head of the line. False if it was not locked. */
  release(): boolean {
    if (!this.locked) return false
    this.locked = false
    this.wakeHead()
    return true
  }

  private wakeHead(): void {
    const head = this.waiters.first
    if (head?.isWaiting) head.wake()
  }
}
