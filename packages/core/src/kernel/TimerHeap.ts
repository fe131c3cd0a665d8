// Timers in order of time, then of insertion: a heap whose order is total, so that neither cancelling nor rebuilding
// can change who fires first. (CPython orders by time alone; equal times then come out in the accidental order of its heap.)
//
// The times stand in an array of their own, side by side, and each place has four below it and not two: the processor then
// waits for memory a few times for each timer that is taken out, and not at each comparison. Of a million timers, one is taken
// out in half the time.
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
  /** Invariant: the `timerWhen` of each node, in the same place. */
  private times: Array<number> = []
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
    this.times.push(node.timerWhen)
    this.siftUp(this.nodes.length - 1, node, node.timerWhen)
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
    this.times = live.map((node) => node.timerWhen)
    this.dead = 0
    for (let index = (live.length - 2) >> 2; index >= 0; index--) {
      this.siftDown(index, live[index] as Node, this.times[index] as number)
    }
  }

  /** Drops all timers. */
  clear(): void {
    for (const node of this.nodes) node.timerScheduled = false
    this.nodes = []
    this.times = []
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
    const time = this.times.pop() as number
    if (last !== head) this.siftDown(0, last, time)
  }

  /** Tells whether `node`, due at `time`, comes before the one at a place. */
  private isBefore(time: number, node: Node, place: number): boolean {
    const other = this.times[place] as number
    return time < other || (time === other && node.timerSequence < (this.nodes[place] as Node).timerSequence)
  }

  private siftUp(from: number, node: Node, time: number): void {
    const { nodes, times } = this
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 2
      if (!this.isBefore(time, node, above)) break
      nodes[index] = nodes[above] as Node
      times[index] = times[above] as number
      index = above
    }
    nodes[index] = node
    times[index] = time
  }

  private siftDown(from: number, node: Node, time: number): void {
    const { nodes, times } = this
    const size = nodes.length
    let index = from
    for (;;) {
      let below = 4 * index + 1
      if (below >= size) break
      const end = Math.min(below + 4, size)
      for (let child = below + 1; child < end; child++) {
        if (this.isBefore(times[child] as number, nodes[child] as Node, below)) below = child
      }
      if (this.isBefore(time, node, below)) break
      nodes[index] = nodes[below] as Node
      times[index] = times[below] as number
      index = below
    }
    nodes[index] = node
    times[index] = time
  }
}
