/**
 * Queues between tasks: CPython's module `asyncio.queues`. The rules are the kernel's `QueueState`.
 */

import { FifoStore, HeapStore, LifoStore, QueueState, type QueueStore } from "@skein/core/kernel"
import { TypeError, ValueError } from "./builtins.ts"
import type { Coroutine } from "./coroutines.ts"
import { QueueEmpty, QueueFull, QueueShutDown } from "./exceptions.ts"
import { callableAs } from "./internal/callable.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import { lessThan } from "./internal/less_than.ts"
import { LoopBound } from "./internal/loop_bound.ts"
import { Ended, endedWithNothing, Operation, OperationDefinition, type Steps } from "./internal/operation.ts"
import { address, classNameOf, installRepr, repr } from "./internal/pyrepr.ts"
import { Waiter } from "./internal/waiter.ts"
import { EventClass } from "./locks/event.ts"

/** How a {@link Queue} is made. */
export interface QueueOptions {
  /** The most items it holds; not bounded if 0 or less, or left out. */
  readonly maxsize?: number | undefined
}

/** Options of {@link Queue.shutdown}. */
export interface QueueShutdownOptions {
  /** Whether to drop what is in the queue. */
  readonly immediate?: boolean | undefined
}

/** What a subclass may keep the items in, if it overrides {@link QueueClass._init}. */
export type QueueItems<T> = Iterable<T> & ({ readonly length: number } | { readonly size: number })

/** Everything that {@link Queue} is, apart from being callable without `new`. */
export class QueueClass<T> extends LoopBound {
  readonly _state: QueueState<T>
  /** The items: the kernel's store, or whatever a subclass keeps them in. */
  _queue!: QueueItems<T>
  private finished: EventClass | undefined = undefined

  /**
   * @param maxsize - the most items it holds; not bounded if 0 or less
   * @throws `TypeError` if it is not a number
   */
  constructor(maxsize?: number | QueueOptions) {
    super()
    const size = maxsizeOf(maxsize)
    this._init(size)
    this._state = new QueueState(size, storeOf(this))
  }

  // --- For subclasses that keep their items differently, as in CPython ----------------------------------------------

  /** Makes the empty {@link _queue}. Called by the constructor, before a subclass's fields have their values. */
  protected _init(_maxsize: number): void {
    this._queue = new FifoStore<T>()
  }

  /** Takes the next item out of {@link _queue}; there is one. */
  protected _get(): T {
    return (this._queue as QueueStore<T>).take()
  }

  /** Puts an item into {@link _queue}. */
  protected _put(item: T): void {
    ;(this._queue as QueueStore<T>).put(item)
  }

  // --- What a user asks of a queue ----------------------------------------------------------------------------------

  /** The most items it holds; not bounded if 0 or less. */
  get maxsize(): number {
    return this._state.maxsize
  }

  /** How many items are in the queue. */
  qsize(): number {
    return this._state.size
  }

  /** True if there is nothing to get. */
  empty(): boolean {
    return this._state.isEmpty
  }

  /** True if there is no room; never, if the queue is not bounded. */
  full(): boolean {
    return this._state.isFull
  }

  /**
   * Puts an item in; waits while the queue is full.
   *
   * Fairness: those who wait are woken in the order of arrival, one for each item taken out. One that finds the slot taken by a
   * newcomer goes to the end of the line.
   *
   * When interrupted: the item is not put; a slot that this waiter was woken for goes to the next.
   *
   * @param item - what is put in
   * @throws `QueueShutDown` if the queue is shut down, also while it waits; `RuntimeError` if it has to wait and the queue
   *   belongs to another event loop
   */
  put(item: T): Coroutine<undefined> {
    return new Operation(put, this as QueueClass<unknown>, item)
  }

  /**
   * Puts an item in at once.
   *
   * @param item - what is put in
   * @throws `QueueFull` if there is no room, `QueueShutDown` if the queue is shut down
   */
  put_nowait(item: T): void {
    if (this._state.isShutdown) throw new QueueShutDown()
    if (this.full()) throw new QueueFull()
    this._state.put(item)
  }

  /**
   * Takes the next item out; waits while the queue is empty.
   *
   * Fairness: those who wait are woken in the order of arrival, one for each item put in. One that finds the item taken by a
   * newcomer goes to the end of the line.
   *
   * When interrupted: no item is taken; one that this waiter was woken for goes to the next.
   *
   * @throws `QueueShutDown` if the queue is shut down and empty, also while it waits; `RuntimeError` if it has to wait and the
   *   queue belongs to another event loop
   */
  get(): Coroutine<T> {
    return new Operation(get, this as QueueClass<unknown>, undefined) as Coroutine<T>
  }

  /**
   * Takes the next item out at once.
   *
   * @throws `QueueEmpty` if there is none, `QueueShutDown` if there is none and the queue is shut down
   */
  get_nowait(): T {
    if (this.empty()) throw this._state.isShutdown ? new QueueShutDown() : new QueueEmpty()
    return this._state.get()
  }

  /**
   * Reports that one item, taken out before, has been dealt with: {@link join} waits for as many reports as items were put.
   *
   * @throws `ValueError` if there were more reports than items
   */
  task_done(): void {
    if (!this._state.taskDone()) throw new ValueError("task_done() called too many times")
  }

  /**
   * Waits until every item that was put has been reported done; does not suspend if that is so.
   *
   * When interrupted: nothing is lost; the others wait on.
   */
  join(): Coroutine<undefined> {
    return new Operation(join, this as QueueClass<unknown>, undefined)
  }

  /**
   * Closes the queue: putting raises `QueueShutDown` at once, getting as soon as the queue is empty; so do those who wait. Items
   * that were taken out must still be reported done.
   *
   * @param immediate - whether to drop what is in the queue; what is dropped counts as done
   */
  shutdown(immediate?: boolean | QueueShutdownOptions): void {
    this._state.shutdown((typeof immediate === "object" ? immediate?.immediate : immediate) === true)
  }

  /** The wait for all items to be done. */
  _wait_finished(): Steps<undefined> {
    this.finished ??= new EventClass(this._state.finished)
    return this.finished._wait(undefined, { operation: "Queue.join", primitive: this })
  }

  private format(): string {
    const { maxsize, getters, putters, unfinished, isShutdown } = this._state
    let text = `maxsize=${repr(maxsize)}`
    const items = [...this._queue]
    if (items.length > 0) text += ` _queue=${repr(items)}`
    if (getters.length > 0) text += ` _getters[${getters.length}]`
    if (putters.length > 0) text += ` _putters[${putters.length}]`
    if (unfinished > 0) text += ` tasks=${unfinished}`
    return isShutdown ? `${text} shutdown` : text
  }

  __repr__(): string {
    return `<${classNameOf(this)} at ${address(this)} ${this.format()}>`
  }

  __str__(): string {
    return `<${classNameOf(this)} ${this.format()}>`
  }
}
installRepr(QueueClass)
Object.defineProperty(QueueClass.prototype, "toString", {
  value(this: QueueClass<unknown>) {
    return this.__str__()
  },
  writable: true,
  configurable: true
})

/** Everything that {@link LifoQueue} is, apart from being callable without `new`. */
export class LifoQueueClass<T> extends QueueClass<T> {
  protected override _init(_maxsize: number): void {
    this._queue = new LifoStore<T>()
  }
}

/** Everything that {@link PriorityQueue} is, apart from being callable without `new`. */
export class PriorityQueueClass<T> extends QueueClass<T> {
  protected override _init(_maxsize: number): void {
    this._queue = new HeapStore<T>(lessThan)
  }
}

const maxsizeOf = (given: number | QueueOptions | undefined): number => {
  const maxsize = typeof given === "object" && given !== null ? given.maxsize : given
  if (maxsize === undefined) return 0
  if (typeof maxsize !== "number" || Number.isNaN(maxsize)) {
    throw new TypeError(`maxsize is a number of items, such as Queue(3); 0 for no bound; not ${repr(maxsize)}`)
  }
  return maxsize
}

/** The queue's own store; for a subclass that overrides what touches it, a store that calls the subclass. */
const storeOf = <T>(queue: QueueClass<T>): QueueStore<T> => {
  const methods = queue as unknown as Overridable<T>
  const items = queue._queue
  const isOurs = items instanceof FifoStore || items instanceof LifoStore || items instanceof HeapStore
  return isOurs && methods._put === ours._put && methods._get === ours._get ? items : new SubclassStore(methods)
}

interface Overridable<T> {
  readonly _queue: QueueItems<T>
  _get(): T
  _put(item: T): void
}

const ours = QueueClass.prototype as unknown as Overridable<unknown>

class SubclassStore<T> implements QueueStore<T> {
  private readonly queue: Overridable<T>

  constructor(queue: Overridable<T>) {
    this.queue = queue
  }

  get length(): number {
    const items = this.queue._queue
    return "length" in items ? items.length : items.size
  }

  put(item: T): void {
    this.queue._put(item)
  }

  take(): T {
    return this.queue._get()
  }

  [Symbol.iterator](): IterableIterator<T> {
    return [...this.queue._queue][Symbol.iterator]()
  }
}

/** Woken with nothing, where locks say `True`: CPython's reprs show it. */
class QueueWaiter extends Waiter {
  private readonly queue: QueueClass<unknown>
  readonly operation: string

  constructor(queue: QueueClass<unknown>, operation: string) {
    super(queue._get_loop())
    this.queue = queue
    this.operation = operation
  }

  get primitive(): QueueClass<unknown> {
    return this.queue
  }

  override wake(): void {
    this._set_result(undefined)
  }
}

type Place = QueueWaiter

/** The steps of a `get` that finds the queue empty: it gets in line, and looks again whenever it is woken. */
class GetSteps implements Steps<unknown> {
  private readonly queue: QueueClass<unknown>
  private place: Place | undefined = undefined

  constructor(queue: QueueClass<unknown>) {
    this.queue = queue
  }

  next(): IteratorResult<unknown> {
    const { queue, place } = this
    if (place !== undefined) {
      place.checkWoken()
      queue._state.getterResumed()
    }
    if (!queue.empty()) return new Ended(queue.get_nowait())
    if (queue._state.isShutdown) throw new QueueShutDown()
    this.place = new QueueWaiter(queue, "Queue.get")
    queue._state.enqueueGetter(this.place)
    return this.place.suspend()
  }

  throw(error: unknown): never {
    this.queue._state.getterAbandoned(this.place as Place)
    throw error
  }

  return(value: unknown): IteratorResult<unknown> {
    this.queue._state.getterAbandoned(this.place as Place)
    return { done: true, value }
  }
}

/** The steps of a `put` that finds the queue full. */
class PutSteps implements Steps<undefined> {
  private readonly queue: QueueClass<unknown>
  private readonly item: unknown
  private place: Place | undefined = undefined

  constructor(queue: QueueClass<unknown>, item: unknown) {
    this.queue = queue
    this.item = item
  }

  next(): IteratorResult<unknown, undefined> {
    const { queue, place } = this
    if (place !== undefined) {
      place.checkWoken()
      queue._state.putterResumed()
    }
    if (!queue.full()) {
      queue.put_nowait(this.item)
      return endedWithNothing
    }
    if (queue._state.isShutdown) throw new QueueShutDown()
    this.place = new QueueWaiter(queue, "Queue.put")
    queue._state.enqueuePutter(this.place)
    return this.place.suspend()
  }

  throw(error: unknown): never {
    this.queue._state.putterAbandoned(this.place as Place)
    throw error
  }

  return(value: undefined): IteratorResult<unknown, undefined> {
    this.queue._state.putterAbandoned(this.place as Place)
    return { done: true, value }
  }
}

keepShape(() => {
  const steps = new GetSteps(new QueueClass())
  steps.next()
  return steps
})
keepShape(() => {
  const full = new QueueClass(1)
  full.put_nowait(undefined)
  const steps = new PutSteps(full, undefined)
  steps.next()
  return steps
})

const get = new OperationDefinition<QueueClass<unknown>, undefined, unknown>("Queue.get", (queue) =>
  queue.empty() ? new GetSteps(queue) : new Ended(queue.get_nowait())
)

const put = new OperationDefinition<QueueClass<unknown>, unknown, undefined>("Queue.put", (queue, item) => {
  if (queue.full()) return new PutSteps(queue, item)
  queue.put_nowait(item)
  return endedWithNothing
})

const join = new OperationDefinition<QueueClass<unknown>, undefined, undefined>("Queue.join", (queue) =>
  queue._state.unfinished === 0 ? endedWithNothing : queue._wait_finished()
)

/**
 * A queue between tasks, first in, first out: `put` waits while it is full, `get` while it is empty.
 *
 * Source: `asyncio.Queue`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const queue = new asyncio.Queue<number>(2)
 *   const produce = asyncio.coroutine(function* produce() {
 *     for (const n of [1, 2, 3, 4]) yield* queue.put(n)
 *     queue.shutdown()
 *   })
 *   asyncio.create_task(produce())
 *   const got: Array<number> = []
 *   try {
 *     while (true) got.push(yield* queue.get())
 *   } catch (error) {
 *     if (!(error instanceof asyncio.QueueShutDown)) throw error
 *   }
 *   return got
 * })
 * console.log(await asyncio.run(main())) // => [ 1, 2, 3, 4 ]
 * ```
 */
export interface Queue<T = unknown> extends QueueClass<T> {}

/** The class {@link Queue}, with and without `new`. */
export interface QueueConstructor {
  new <T = unknown>(maxsize?: number | QueueOptions): Queue<T>
  <T = unknown>(maxsize?: number | QueueOptions): Queue<T>
  readonly prototype: Queue
}
export const Queue: QueueConstructor = callableAs<QueueConstructor>(QueueClass, "Queue")

/**
 * A {@link Queue} that gives out what was put last, first.
 *
 * Source: `asyncio.LifoQueue`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const stack = asyncio.LifoQueue<string>()
 * stack.put_nowait("below")
 * stack.put_nowait("above")
 * console.log(stack.get_nowait()) // => above
 * ```
 */
export interface LifoQueue<T = unknown> extends LifoQueueClass<T> {}

/** The class {@link LifoQueue}, with and without `new`. */
export interface LifoQueueConstructor {
  new <T = unknown>(maxsize?: number | QueueOptions): LifoQueue<T>
  <T = unknown>(maxsize?: number | QueueOptions): LifoQueue<T>
  readonly prototype: LifoQueue
}
export const LifoQueue: LifoQueueConstructor = callableAs<LifoQueueConstructor>(LifoQueueClass, "LifoQueue")

/**
 * A {@link Queue} that gives out the smallest item first: by Python's `<`, so that arrays compare item by item, and objects by a
 * method `__lt__`. Of two equal items either may come first.
 *
 * Source: `asyncio.PriorityQueue`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const jobs = asyncio.PriorityQueue<[priority: number, job: string]>()
 * jobs.put_nowait([10, "sweep"])
 * jobs.put_nowait([9, "cook"])
 * console.log(jobs.get_nowait()) // => [ 9, 'cook' ]
 * ```
 */
export interface PriorityQueue<T = unknown> extends PriorityQueueClass<T> {}

/** The class {@link PriorityQueue}, with and without `new`. */
export interface PriorityQueueConstructor {
  new <T = unknown>(maxsize?: number | QueueOptions): PriorityQueue<T>
  <T = unknown>(maxsize?: number | QueueOptions): PriorityQueue<T>
  readonly prototype: PriorityQueue
}
export const PriorityQueue: PriorityQueueConstructor = callableAs<PriorityQueueConstructor>(
  PriorityQueueClass,
  "PriorityQueue"
)
