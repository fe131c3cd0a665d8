// What a queue keeps its items in, which decides the order in which they come out.

/**
 * The container of a queue.
 */
export interface QueueStore<A> {
  /** How many items are inside. */
  readonly length: number
  /** Puts an item in. If it throws, the queue counts the item as not put. */
  put(item: A): void
  /** Takes the next item out. Only called when `length` is above 0. */
  take(): A
  /** The items as they lie inside. */
  [Symbol.iterator](): IterableIterator<A>
}

/** Capacity of a ring at first, and the least that it shrinks to. A power of two. */
const SMALLEST_RING = 16

/**
 * First in, first out. A ring that doubles when it is full and halves when three quarters of it are empty, so that a queue
 * gives back the memory of a burst. O(1) amortised.
 *
 * @example
 * ```ts
 * import { FifoStore } from "@skein/core/kernel"
 *
 * const store = new FifoStore<number>()
 * for (const item of [3, 1, 2]) store.put(item)
 * console.log(store.take(), store.take(), store.take()) // => 3 1 2
 * ```
 */
export class FifoStore<A> implements QueueStore<A> {
  /** Invariant: its length is a power of two, and slots outside the items are `undefined`. */
  private ring: Array<A | undefined> = []
  private start = 0
  private size = 0

  get length(): number {
    return this.size
  }

  put(item: A): void {
    if (this.size === this.ring.length) this.resize(Math.max(SMALLEST_RING, this.size * 2))
    this.ring[(this.start + this.size) & (this.ring.length - 1)] = item
    this.size++
  }

  take(): A {
    const item = this.ring[this.start] as A
    this.ring[this.start] = undefined
    this.start = (this.start + 1) & (this.ring.length - 1)
    this.size--
    if (this.ring.length > SMALLEST_RING && this.size * 4 <= this.ring.length) this.resize(this.ring.length / 2)
    return item
  }

  *[Symbol.iterator](): IterableIterator<A> {
    for (let index = 0; index < this.size; index++) {
      yield this.ring[(this.start + index) & (this.ring.length - 1)] as A
    }
  }

  private resize(capacity: number): void {
    const ring: Array<A | undefined> = []
    for (const item of this) ring.push(item)
    while (ring.length < capacity) ring.push(undefined)
    this.ring = ring
    this.start = 0
  }
}

/**
 * Last in, first out. O(1) amortised.
 *
 * @example
 * ```ts
 * import { LifoStore } from "@skein/core/kernel"
 *
 * const store = new LifoStore<number>()
 * for (const item of [3, 1, 2]) store.put(item)
 * console.log(store.take(), store.take(), store.take()) // => 2 1 3
 * ```
 */
export class LifoStore<A> implements QueueStore<A> {
  private readonly items: Array<A> = []

  get length(): number {
    return this.items.length
  }

  put(item: A): void {
    this.items.push(item)
  }

  take(): A {
    return this.items.pop() as A
  }

  [Symbol.iterator](): IterableIterator<A> {
    return this.items[Symbol.iterator]()
  }
}

/**
 * Smallest first, by a binary heap with the steps of CPython's `heapq`: which of two equal items comes out first, and the
 * order in which a repr shows them, are then the same. O(log n).
 *
 * Every step exchanges two slots, so a comparison that throws leaves all items inside, the new one included: `heapq` does
 * the same.
 *
 * @example
 * ```ts
 * import { HeapStore } from "@skein/core/kernel"
 *
 * const store = new HeapStore<number>((left, right) => left < right)
 * for (const item of [3, 1, 2]) store.put(item)
 * console.log(store.take(), store.take(), store.take()) // => 1 2 3
 * ```
 */
export class HeapStore<A> implements QueueStore<A> {
  private readonly heap: Array<A> = []
  private readonly isLess: (left: A, right: A) => boolean

  /** @param isLess - tells whether the first item comes out before the second; it may throw */
  constructor(isLess: (left: A, right: A) => boolean) {
    this.isLess = isLess
  }

  get length(): number {
    return this.heap.length
  }

  put(item: A): void {
    this.heap.push(item)
    this.rise(this.heap.length - 1)
  }

  take(): A {
    const heap = this.heap
    const last = heap.pop() as A
    if (heap.length === 0) return last
    const smallest = heap[0] as A
    heap[0] = last
    this.rise(this.sink())
    return smallest
  }

  [Symbol.iterator](): IterableIterator<A> {
    return this.heap[Symbol.iterator]()
  }

  private rise(from: number): void {
    const heap = this.heap
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above] as A
      const item = heap[index] as A
      if (!this.isLess(item, parent)) return
      heap[above] = item
      heap[index] = parent
      index = above
    }
  }

  /**
   * Takes the item at the root all the way down along the smaller children, and returns where it came to. It rises to its
   * place from there: it came from a leaf, so most often it belongs near one, and this way takes fewer comparisons.
   */
  private sink(): number {
    const heap = this.heap
    const size = heap.length
    const firstLeaf = size >> 1
    let index = 0
    while (index < firstLeaf) {
      let child = 2 * index + 1
      if (child + 1 < size && !this.isLess(heap[child] as A, heap[child + 1] as A)) child++
      const item = heap[index] as A
      heap[index] = heap[child] as A
      heap[child] = item
      index = child
    }
    return index
  }
}
