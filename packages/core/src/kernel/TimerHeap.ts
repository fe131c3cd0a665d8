// Timers in order of time, then of insertion: a binary heap whose order is total, so that neither cancelling nor rebuilding
// can change who fires first. (CPython orders by time alone; equal times then come out in the accidental order of its heap.)
//
// Cancelling marks and counts, in O(1); the node leaves when it reaches the head, or when the heap is rebuilt without its
// cancelled nodes, which happens once more than `PURGE_MINIMUM` are scheduled and more than half of them are cancelled. So
// a program that sets a timeout around each request and seldom needs it keeps at most as many dead timers as live ones.

/** A heap of this size or less is never rebuilt: CPython's threshold. */
const PURGE_MINIMUM = 100

/**
 * A timer in a {@link TimerHeap}: supplied by the caller. `timerSequence` and `timerScheduled` belong to the heap.
 */
export interface TimerNode {
  /** The time at which it is due. It must not change, nor be NaN, while the node is scheduled. */
  readonly timerWhen: number
  /** The insertion number, which decides between equal times. */
  timerSequence: number
  /** True while the node is in a heap. */
  timerScheduled: boolean
  /** True once the timer was cancelled. Whoever makes it true calls {@link TimerHeap.noteCancelled}. */
  readonly timerCancelled: boolean
}

/**
 * A priority queue of timers, ordered by `timerWhen` and then by insertion.
 *
 * @example
 * ```ts
 * import { TimerHeap, type TimerNode } from "@skein/core/kernel"
 *
 * const timer = (timerWhen: number): TimerNode => ({
 *   timerWhen,
 *   timerSequence: 0,
 *   timerScheduled: false,
 *   timerCancelled: false
 * })
 * const timers = new TimerHeap()
 * for (const when of [30, 10, 20]) timers.push(timer(when))
 * console.log(timers.pop()?.timerWhen, timers.popBefore(20)?.timerWhen, timers.length) // => 10 undefined 2
 * ```
 */
export class TimerHeap<Node extends TimerNode = TimerNode> {
  private nodes: Array<Node> = []
  private inserted = 0
  /** Invariant: the number of nodes in the heap whose `timerCancelled` is true. */
  private dead = 0

  /** How many timers are in the heap, the cancelled ones that have not left yet included. */
  get length(): number {
    return this.nodes.length
  }

  /** How many cancelled timers are still in the heap. */
  get cancelledCount(): number {
    return this.dead
  }

  /** Adds a timer. O(log n). */
  push(node: Node): void {
    if (node.timerScheduled) {
      throw new Error("A timer node can be scheduled once at a time; it is in a heap already.")
    }
    if (Number.isNaN(node.timerWhen)) {
      throw new Error("A timer needs a time to be due at, got NaN.")
    }
    node.timerSequence = this.inserted++
    node.timerScheduled = true
    if (node.timerCancelled) this.dead++
    this.nodes.push(node)
    this.siftUp(this.nodes.length - 1, node)
  }

  /**
   * Records that a timer has just been cancelled. Called once, after `timerCancelled` became true; a timer that is not scheduled
   * is ignored. O(1) amortised.
   */
  noteCancelled(node: Node): void {
    if (!node.timerScheduled) return
    this.dead++
    this.purge()
  }

  /** The timer that is due first and is not cancelled. Cancelled ones before it leave the heap. */
  peek(): Node | undefined {
    let head = this.nodes[0]
    while (head?.timerCancelled) {
      this.removeHead(head)
      head = this.nodes[0]
    }
    return head
  }

  /** Takes out the timer that is due first and is not cancelled. */
  pop(): Node | undefined {
    const head = this.peek()
    if (head !== undefined) this.removeHead(head)
    return head
  }

  /** Takes out the first timer if it is due strictly before `limit`. */
  popBefore(limit: number): Node | undefined {
    const head = this.peek()
    if (head === undefined || head.timerWhen >= limit) return undefined
    this.removeHead(head)
    return head
  }

  /**
   * Rebuilds the heap without its cancelled timers when more than 100 are scheduled and more than half of them are
   * cancelled. {@link noteCancelled} does this by itself.
   */
  purge(): void {
    const size = this.nodes.length
    if (size <= PURGE_MINIMUM || this.dead * 2 <= size) return
    const live: Array<Node> = []
    for (const node of this.nodes) {
      if (node.timerCancelled) node.timerScheduled = false
      else live.push(node)
    }
    this.nodes = live
    this.dead = 0
    for (let index = (live.length >> 1) - 1; index >= 0; index--) this.siftDown(index, live[index] as Node)
  }

  /** Drops all timers. */
  clear(): void {
    for (const node of this.nodes) node.timerScheduled = false
    this.nodes = []
    this.dead = 0
  }

  /** The timers that are not cancelled, in no particular order. The heap must not change during the walk. */
  *[Symbol.iterator](): IterableIterator<Node> {
    for (const node of this.nodes) if (!node.timerCancelled) yield node
  }

  private removeHead(head: Node): void {
    head.timerScheduled = false
    if (head.timerCancelled) this.dead--
    const last = this.nodes.pop() as Node
    if (last !== head) this.siftDown(0, last)
  }

  private siftUp(from: number, node: Node): void {
    const nodes = this.nodes
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = nodes[above] as Node
      if (!isBefore(node, parent)) break
      nodes[index] = parent
      index = above
    }
    nodes[index] = node
  }

  private siftDown(from: number, node: Node): void {
    const nodes = this.nodes
    const size = nodes.length
    let index = from
    for (;;) {
      let below = 2 * index + 1
      if (below >= size) break
      let child = nodes[below] as Node
      if (below + 1 < size) {
        const right = nodes[below + 1] as Node
        if (isBefore(right, child)) {
          child = right
          below++
        }
      }
      if (!isBefore(child, node)) break
      nodes[index] = child
      index = below
    }
    nodes[index] = node
  }
}

const isBefore = (left: TimerNode, right: TimerNode): boolean =>
  left.timerWhen < right.timerWhen || (left.timerWhen === right.timerWhen && left.timerSequence < right.timerSequence)
