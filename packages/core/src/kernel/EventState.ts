import { type WaitNode, WaitQueue } from "./WaitQueue.ts"

/**
 * The rules of an event: a flag, and those who wait for it to be up.
 *
 * Setting wakes all who wait at that moment; lowering the flag again before they run does not take their wake-up back.
 *
 * @example
 * ```ts
 * import { EventState } from "@skein/core/kernel"
 *
 * const event = new EventState()
 * console.log(event.set(), event.isSet) // => 0 true
 * event.clear()
 * console.log(event.isSet) // => false
 * ```
 */
export class EventState {
  /** Invariant: while it is true, nobody in line is still waiting. */
  isSet: boolean
  /** Who waits for the flag, and who was woken and has not run yet. */
  readonly waiters: WaitQueue = new WaitQueue()

  constructor(isSet = false) {
    this.isSet = isSet
  }

  /** Raises the flag and wakes all waiters, in order. Returns how many were woken. */
  set(): number {
    this.isSet = true
    return this.waiters.wakeAll()
  }

  /** Lowers the flag. */
  clear(): void {
    this.isSet = false
  }

  /** Gets in line, because the flag is down. */
  enqueue(node: WaitNode): void {
    this.waiters.push(node)
  }

  /** The task of a node runs again, woken or cancelled: it leaves the line. Nothing is held, so nothing goes back. */
  left(node: WaitNode): void {
    this.waiters.remove(node)
  }
}
