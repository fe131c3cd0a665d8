import type { EventLoop } from "../base_events.ts"
import type { Runnable } from "../events.ts"
import type { AnyFuture, DoneListener } from "../futures.ts"

/**
 * Tells one listener of the end of many futures, each a pass after it is done: what `add_done_callback` on each of them would
 * do, without an object for each.
 *
 * It stands in the ready queue once for every future that has ended, and each turn hands on the one that ended first: the queue
 * is first in, first out, so every future gets the turn that was queued for it.
 */
export class DoneRelay implements DoneListener, Runnable {
  declare readonly _cancelled: false
  private readonly loop: EventLoop
  private readonly onDone: (future: AnyFuture) => void
  private readonly shown: string
  /** Invariant: from `next` on, the futures whose turn is still in the ready queue. */
  private ended: Array<AnyFuture> = []
  private next = 0

  /**
   * @param onDone - must not throw
   * @param shown - how it shows among the callbacks in a future's repr
   */
  constructor(loop: EventLoop, shown: string, onDone: (future: AnyFuture) => void) {
    this.loop = loop
    this.shown = shown
    this.onDone = onDone
  }

  _future_done(future: AnyFuture): void {
    this.ended.push(future)
    this.loop._enqueue(this)
  }

  _run(): void {
    const future = this.ended[this.next++] as AnyFuture
    if (this.next === this.ended.length) {
      this.ended = []
      this.next = 0
    }
    this.onDone(future)
  }

  _describe(): string {
    return this.shown
  }
}
Object.defineProperty(DoneRelay.prototype, "_cancelled", { value: false })
