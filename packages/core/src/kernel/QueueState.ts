// A queue of items between those who put and those who get, each with a line of their own.
//
// Waking gives nothing away: a put wakes the first getter in line, which leaves the line at that moment, and which looks
// again when its task runs. If something is there it takes it; if not, it gets in line anew, at the end. A woken waiter that
// gives up wakes the next, if there is still something for it. So an item is always either in the store or in the hands of a
// running task, and cancellation can lose none.
//
// CPython lets a newcomer take what a woken getter is on its way to (`isEmpty` is all that it asks), so a getter can lose its
// place to a newcomer. `canGet` and `canPut` are for faces that keep strict order: they leave to the woken as many items
// and slots as they were woken for. One face uses one of the two ways throughout.

import { EventState } from "./EventState.ts"
import type { QueueStore } from "./QueueStore.ts"
import { type WaitNode, WaitQueue } from "./WaitQueue.ts"

/**
 * The rules of a queue: bounded or not, with a count of unfinished work, and a shutdown.
 *
 * @example
 * ```ts
 * import { FifoStore, QueueState } from "@skein/core/kernel"
 *
 * const queue = new QueueState<string>(1, new FifoStore())
 * queue.put("page")
 * console.log(queue.isFull, queue.unfinished) // => true 1
 * console.log(queue.get(), queue.taskDone(), queue.finished.isSet) // => page true true
 * ```
 */
export class QueueState<A> {
  /** The most items it holds; not bounded if 0 or less, or Infinity. */
  readonly maxsize: number
  /** Where the items are, and what decides their order. */
  readonly store: QueueStore<A>
  /** Who waits for an item. */
  readonly getters: WaitQueue = new WaitQueue()
  /** Who waits for room. */
  readonly putters: WaitQueue = new WaitQueue()
  /** Up while nothing is unfinished: those who join wait for it. */
  readonly finished: EventState = new EventState(true)
  /** How many items were put and not yet reported done. */
  unfinished = 0
  /** True once the queue was closed: nothing may be put any more. */
  isShutdown = false
  /** Getters that were woken and whose task has not run yet. */
  private wokenGetters = 0
  /** Putters that were woken and whose task has not run yet. */
  private wokenPutters = 0

  constructor(maxsize: number, store: QueueStore<A>) {
    this.maxsize = maxsize
    this.store = store
  }

  /** How many items are inside. */
  get size(): number {
    return this.store.length
  }

  /** There is nothing inside. */
  get isEmpty(): boolean {
    return this.store.length === 0
  }

  /** There is no room: never, if the queue is not bounded. */
  get isFull(): boolean {
    return this.maxsize > 0 && this.store.length >= this.maxsize
  }

  /** There is an item that no woken getter is on its way to. */
  get canGet(): boolean {
    return this.store.length > this.wokenGetters
  }

  /** There is a free slot that no woken putter is on its way to. */
  get canPut(): boolean {
    return this.maxsize <= 0 || this.store.length + this.wokenPutters < this.maxsize
  }

  /** Puts an item in and wakes a getter. The queue must be neither full nor shut down. Throws what the store throws. */
  put(item: A): void {
    this.store.put(item)
    this.unfinished++
    this.finished.clear()
    this.wakeGetter()
  }

  /** Takes the next item out and wakes a putter. The queue must not be empty. */
  get(): A {
    const item = this.store.take()
    this.wakePutter()
    return item
  }

  /** Gets in line for an item. */
  enqueueGetter(node: WaitNode): void {
    this.getters.push(node)
  }

  /** The task of a woken getter runs again. It has to look again. */
  getterResumed(): void {
    this.wokenGetters--
  }

  /** The task of a getter gives up, woken or cancelled: the next one may have what it was woken for. */
  getterAbandoned(node: WaitNode): void {
    this.getters.remove(node)
    if (node.isWaiting || node.isCancelled) return
    this.wokenGetters--
    if (!this.isEmpty) this.wakeGetter()
  }

  /** Gets in line for a free slot. */
  enqueuePutter(node: WaitNode): void {
    this.putters.push(node)
  }

  /** The task of a woken putter runs again. It has to look again. */
  putterResumed(): void {
    this.wokenPutters--
  }

  /** The task of a putter gives up, woken or cancelled: the next one may have the slot that it was woken for. */
  putterAbandoned(node: WaitNode): void {
    this.putters.remove(node)
    if (node.isWaiting || node.isCancelled) return
    this.wokenPutters--
    if (!this.isFull) this.wakePutter()
  }

  /** Reports one item done. False, and no change, if nothing is unfinished. */
  taskDone(): boolean {
    if (this.unfinished <= 0) return false
    this.unfinished--
    if (this.unfinished === 0) this.finished.set()
    return true
  }

  /**
   * Closes the queue and wakes all, so that each sees it when it looks again. With `immediate` it also empties the queue,
   * and returns what it dropped; those items no longer count as unfinished.
   */
  shutdown(immediate: boolean): ReadonlyArray<A> {
    const dropped: Array<A> = []
    this.isShutdown = true
    if (immediate) {
      while (this.store.length > 0) {
        dropped.push(this.store.take())
        if (this.unfinished > 0) this.unfinished--
      }
      if (this.unfinished === 0) this.finished.set()
    }
    while (this.wakeGetter()) {
      // Until none is in line.
    }
    while (this.wakePutter()) {
      // Until none is in line.
    }
    return dropped
  }

  private wakeGetter(): boolean {
    if (this.getters.popAndWake() === undefined) return false
    this.wokenGetters++
    return true
  }

  private wakePutter(): boolean {
    if (this.putters.popAndWake() === undefined) return false
    this.wokenPutters++
    return true
  }
}
