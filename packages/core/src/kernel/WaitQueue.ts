// Everyone who waits for anything waits in this structure, so fairness, cancellation and cost are argued once.
//
// Two phases. A waiter is *woken* by whoever gives it its turn, and *resumes* later, when its task runs again; in between
// it stays in the queue, settled but present. CPython's deque of futures behaves so, and it can be observed: in the number
// of waiters that a repr shows, and in who may pass whom. So "the first in line" and "the first still waiting" differ.
//
// Cost. The links live in the waiter, which the caller supplies (in asyncio it is the Future itself), so waiting allocates
// nothing here. Push, pop and removal from anywhere are O(1). A cursor remembers the first node that may still be waiting;
// it only moves forward, over nodes that are settled for good, so a release under 100,000 cancelled waiters walks over them
// once and not each time. A count answers "is everybody cancelled?" without a walk.

/**
 * A place in a {@link WaitQueue}: supplied by whoever suspends, linked by the queue.
 *
 * The three `wait...` fields start as `undefined` and belong to the queue. A node is in at most one queue at a time. A node
 * that is no longer waiting never waits again.
 */
export interface WaitNode {
  /** The queue that holds this node now. */
  waitQueue: WaitQueue | undefined
  /** The node before this one in that queue. */
  waitPrevious: WaitNode | undefined
  /** The node behind this one in that queue. */
  waitNext: WaitNode | undefined
  /** True until the node is woken or cancelled. */
  readonly isWaiting: boolean
  /** True once the node was cancelled while it waited. Whoever makes it true calls {@link WaitQueue.noteCancelled}. */
  readonly isCancelled: boolean
  /**
   * Settles the node (`isWaiting` becomes false) and schedules its task. It must not run that task, nor touch the queue,
   * before it returns.
   */
  wake(): void
}

/**
 * A first-in, first-out line of waiters, with O(1) push, pop and removal from the middle.
 *
 * @example
 * ```ts
 * import { type WaitNode, WaitQueue } from "@skein/core/kernel"
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
 * const line = new WaitQueue()
 * for (const name of ["first", "second"]) line.push(waiter(name))
 * line.wakeFirst() // => first is woken
 * console.log(line.length, line.firstWaiting === line.first) // => 2 false
 * ```
 */
export class WaitQueue {
  private head: WaitNode | undefined = undefined
  private tail: WaitNode | undefined = undefined
  /** Invariant: no node before it is still waiting; `undefined` when no node at all is. */
  private cursor: WaitNode | undefined = undefined
  private size = 0
  /** Invariant: the number of nodes in the queue whose `isCancelled` is true. */
  private cancelled = 0

  /** How many nodes are in line: the waiting, the woken whose task has not run yet, and the cancelled likewise. */
  get length(): number {
    return this.size
  }

  /** How many nodes in line were cancelled and have not left yet. */
  get cancelledCount(): number {
    return this.cancelled
  }

  /** True when nobody in line counts: the line is empty, or all in it were cancelled. */
  get isAllCancelled(): boolean {
    return this.cancelled === this.size
  }

  /** The node at the head, whether it waits or is settled. */
  get first(): WaitNode | undefined {
    return this.head
  }

  /** The first node that is still waiting. Amortised O(1). */
  get firstWaiting(): WaitNode | undefined {
    let node = this.cursor
    while (node !== undefined && !node.isWaiting) node = node.waitNext
    this.cursor = node
    return node
  }

  /** Puts a node at the end of the line. */
  push(node: WaitNode): void {
    if (node.waitQueue !== undefined) {
      throw new Error("A wait node can stand in one queue at a time; remove it from its queue before pushing it again.")
    }
    const last = this.tail
    node.waitQueue = this
    node.waitPrevious = last
    node.waitNext = undefined
    if (last === undefined) this.head = node
    else last.waitNext = node
    this.tail = node
    if (this.cursor === undefined) this.cursor = node
    this.size++
    if (node.isCancelled) this.cancelled++
  }

  /** Takes the node at the head out of the line. */
  pop(): WaitNode | undefined {
    const node = this.head
    if (node !== undefined) this.unlink(node)
    return node
  }

  /** Takes a node out of the line, wherever it stands. Returns false if it was not in this line. */
  remove(node: WaitNode): boolean {
    if (node.waitQueue !== this) return false
    this.unlink(node)
    return true
  }

  /** Tells whether a node stands in this line. */
  has(node: WaitNode): boolean {
    return node.waitQueue === this
  }

  /**
   * Records that a node in this line has just become cancelled. Called once, by whoever cancelled it, after `isCancelled`
   * became true; a node of another queue is ignored.
   */
  noteCancelled(node: WaitNode): void {
    if (node.waitQueue === this) this.cancelled++
  }

  /** Wakes the first node that is still waiting, and leaves it in line. Returns it, or `undefined` if nobody waits. */
  wakeFirst(): WaitNode | undefined {
    const node = this.firstWaiting
    if (node !== undefined) {
      this.cursor = node.waitNext
      node.wake()
    }
    return node
  }

  /** Wakes up to `count` nodes that are still waiting, in order, and leaves them in line. Returns how many. */
  wake(count: number): number {
    let woken = 0
    while (woken < count && this.wakeFirst() !== undefined) woken++
    return woken
  }

  /** Wakes all that are still waiting, in order, and leaves them in line. Returns how many. */
  wakeAll(): number {
    return this.wake(this.size)
  }

  /**
   * Takes nodes from the head until one was still waiting, and wakes that one: settled nodes on the way leave the line too.
   * Returns the woken node.
   */
  popAndWake(): WaitNode | undefined {
    let node = this.pop()
    while (node !== undefined && !node.isWaiting) node = this.pop()
    if (node !== undefined) node.wake()
    return node
  }

  /** The nodes in order of arrival. The line must not change during the walk. */
  *[Symbol.iterator](): IterableIterator<WaitNode> {
    for (let node = this.head; node !== undefined; node = node.waitNext) yield node
  }

  private unlink(node: WaitNode): void {
    const previous = node.waitPrevious
    const next = node.waitNext
    if (previous === undefined) this.head = next
    else previous.waitNext = next
    if (next === undefined) this.tail = previous
    else next.waitPrevious = previous
    if (this.cursor === node) this.cursor = next
    node.waitQueue = undefined
    node.waitPrevious = undefined
    node.waitNext = undefined
    this.size--
    if (node.isCancelled) this.cancelled--
  }
}
