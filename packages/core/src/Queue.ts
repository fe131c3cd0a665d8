/**
 * A queue between fibers: bounded or not, in order of arrival, last in first out, or smallest first; with a count of unfinished
 * work, and a shutdown.
 *
 * What Effect's own queue does not have: the three orders, `join` with `taskDone`, and state that can be seen.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Order } from "effect/Order"
import { describeWaiters } from "./internal/holding.ts"
import { type ParkedFiber, type Place, Refusal, takeFrom, tryAgain } from "./internal/parking.ts"
import { Printed, waitingSuffix } from "./internal/printed.ts"
import { TaggedError } from "./internal/taggedError.ts"
import { QueueState } from "./kernel/QueueState.ts"
import { FifoStore, HeapStore, LifoStore, type QueueStore } from "./kernel/QueueStore.ts"

const TypeId: unique symbol = Symbol.for("@skein/core/Queue")

/**
 * A queue of items of type `A`.
 */
export interface Queue<in out A> {
  readonly [TypeId]: { readonly _A: (item: A) => A }
  /** The given name, or `queue-` and a number. */
  readonly name: string
  /** The most items that it holds; Infinity if it is not bounded. */
  readonly capacity: number
  /** Its name, its size and how many wait on either side, in one line. */
  toString(): string
}

/** What a queue is doing now. */
export interface QueueStatistics {
  /** The name of the queue. */
  readonly name: string
  /** How many items are inside. */
  readonly size: number
  /** The most items that it holds; Infinity if it is not bounded. */
  readonly capacity: number
  /** How many items were put and not yet reported done. */
  readonly unfinished: number
  /** Whether it was shut down. */
  readonly isShutdown: boolean
  /** Who waits for an item, first served first. */
  readonly takers: ReadonlyArray<string>
  /** Who waits for room, first served first. */
  readonly putters: ReadonlyArray<string>
  /** Who waits for all work to be done. */
  readonly joiners: ReadonlyArray<string>
}

/** How a queue is made. */
export interface QueueOptions {
  /** The most items that it holds: an integer of 1 or more, or Infinity, which is the default. */
  readonly capacity?: number
  /** What it is called in messages; by default `queue-` and a number. */
  readonly name?: string
}

/**
 * The queue takes no more items, or has none left to give, because it was shut down.
 */
export class QueueShutdownError extends TaggedError("QueueShutdownError")<{
  readonly queue: string
}> {
  override get message(): string {
    return `Queue "${this.queue}" is shut down; it takes no more items, and gives none once it is empty.`
  }
}

/**
 * `taskDone` was called more often than items were put.
 */
export class TaskDoneError extends TaggedError("TaskDoneError")<{
  readonly queue: string
}> {
  override get message(): string {
    return `Queue "${this.queue}" has no unfinished item left; call Queue.taskDone once for each item taken.`
  }
}

class Takers<A> implements Place<A, QueueShutdownError, undefined> {
  readonly queue: QueueImpl<A>

  constructor(queue: QueueImpl<A>) {
    this.queue = queue
  }

  refuse(): QueueShutdownError | undefined {
    const { state } = this.queue
    return state.isShutdown && !state.canGet ? this.queue.shutdownError() : undefined
  }

  isOpen(): boolean {
    return this.queue.state.canGet
  }

  take(): A {
    return this.queue.state.get()
  }

  enqueue(node: ParkedFiber): void {
    this.queue.state.enqueueGetter(node)
  }

  resumed(): A | Refusal<QueueShutdownError> | typeof tryAgain {
    const { state } = this.queue
    state.getterResumed()
    if (!state.isEmpty) return state.get()
    return state.isShutdown ? new Refusal(this.queue.shutdownError()) : tryAgain
  }

  abandoned(node: ParkedFiber): void {
    this.queue.state.getterAbandoned(node)
  }

  describeWait(): string {
    return `an item of ${this.queue.describeHeld()}`
  }
}

class Putters<A> implements Place<void, QueueShutdownError, A> {
  readonly queue: QueueImpl<A>

  constructor(queue: QueueImpl<A>) {
    this.queue = queue
  }

  refuse(): QueueShutdownError | undefined {
    return this.queue.state.isShutdown ? this.queue.shutdownError() : undefined
  }

  isOpen(): boolean {
    return this.queue.state.canPut && !this.queue.state.isShutdown
  }

  take(item: A): void {
    this.queue.state.put(item)
  }

  enqueue(node: ParkedFiber): void {
    this.queue.state.enqueuePutter(node)
  }

  resumed(_: ParkedFiber, item: A): undefined | Refusal<QueueShutdownError> | typeof tryAgain {
    const { state } = this.queue
    state.putterResumed()
    if (state.isShutdown) return new Refusal(this.queue.shutdownError())
    if (state.isFull) return tryAgain
    state.put(item)
  }

  abandoned(node: ParkedFiber): void {
    this.queue.state.putterAbandoned(node)
  }

  describeWait(): string {
    return `room in ${this.queue.describeHeld()} (${this.queue.describeState()})`
  }
}

class Joiners<A> implements Place<void, never, undefined> {
  readonly queue: QueueImpl<A>

  constructor(queue: QueueImpl<A>) {
    this.queue = queue
  }

  refuse(): undefined {
    return undefined
  }

  isOpen(): boolean {
    return this.queue.state.unfinished === 0
  }

  take(): void {
    // Nothing is used up.
  }

  enqueue(node: ParkedFiber): void {
    this.queue.state.finished.enqueue(node)
  }

  resumed(node: ParkedFiber): void {
    this.queue.state.finished.left(node)
  }

  abandoned(node: ParkedFiber): void {
    this.queue.state.finished.left(node)
  }

  describeWait(): string {
    return `the ${this.queue.state.unfinished} unfinished items of ${this.queue.describeHeld()}`
  }
}

class QueueImpl<in out A> extends Printed implements Queue<A> {
  declare readonly [TypeId]: { readonly _A: (item: A) => A }
  readonly kind = "Queue"
  readonly capacity: number
  readonly state: QueueState<A>
  readonly takers: Takers<A> = new Takers<A>(this)
  readonly putters: Putters<A> = new Putters<A>(this)
  readonly take: Effect.Effect<A, QueueShutdownError> = takeFrom(this.takers, undefined)
  readonly join: Effect.Effect<void> = takeFrom<void, never, undefined>(new Joiners<A>(this), undefined)

  constructor(store: QueueStore<A>, options: QueueOptions | undefined) {
    super("Queue", options?.name)
    const capacity = options?.capacity ?? Number.POSITIVE_INFINITY
    if (capacity !== Number.POSITIVE_INFINITY && (!Number.isInteger(capacity) || capacity < 1)) {
      throw new RangeError(`A queue needs a capacity that is an integer of 1 or more, or Infinity, got ${capacity}.`)
    }
    this.capacity = capacity
    this.state = new QueueState(capacity, store)
  }

  shutdownError(): QueueShutdownError {
    return new QueueShutdownError({ queue: this.name })
  }

  describeState(): string {
    const { getters, isShutdown, putters, size, unfinished } = this.state
    const bound = this.capacity === Number.POSITIVE_INFINITY ? "" : ` of ${this.capacity}`
    return (
      `${size}${bound} items` +
      (getters.length === 0 ? "" : `${waitingSuffix(getters.length)} to take`) +
      (putters.length === 0 ? "" : `${waitingSuffix(putters.length)} to put`) +
      (unfinished === 0 ? "" : `, ${unfinished} unfinished`) +
      (isShutdown ? ", shut down" : "")
    )
  }
}

const implOf = <A>(queue: Queue<A>): QueueImpl<A> => queue as QueueImpl<A>

/** Smallest first, and equal ones in order of arrival: the heap alone would not keep that. */
class PriorityStore<A> implements QueueStore<A> {
  private readonly heap: HeapStore<{ readonly item: A; readonly arrival: number }>
  private arrivals = 0

  constructor(order: Order<A>) {
    this.heap = new HeapStore((left, right) => {
      const sign = order(left.item, right.item)
      return sign < 0 || (sign === 0 && left.arrival < right.arrival)
    })
  }

  get length(): number {
    return this.heap.length
  }

  put(item: A): void {
    this.heap.put({ item, arrival: this.arrivals++ })
  }

  take(): A {
    return this.heap.take().item
  }

  *[Symbol.iterator](): IterableIterator<A> {
    for (const entry of this.heap) yield entry.item
  }
}

/**
 * Makes a queue that gives the item that came first.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ capacity: 2, name: "pages" })
 *   const seen: Array<string> = []
 *   const worker = Effect.gen(function* () {
 *     while (true) {
 *       const page = yield* Queue.take(pages)
 *       yield* Effect.sleep("1 second")
 *       seen.push(page)
 *       yield* Queue.taskDone(pages)
 *     }
 *   })
 *   yield* Effect.forkChild(worker)
 *   for (const page of ["a", "b", "c"]) yield* Queue.put(pages, page)
 *   yield* Queue.join(pages)
 *   return seen.join(" ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => a b c
 * ```
 */
export const make = <A>(options?: QueueOptions): Effect.Effect<Queue<A>> =>
  Effect.sync(() => new QueueImpl<A>(new FifoStore<A>(), options))

/**
 * Makes a queue that gives the item that came last.
 *
 * @param options - `capacity` and `name`.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const stack = yield* Queue.makeLifo<string>()
 *   for (const plate of ["below", "above"]) yield* Queue.put(stack, plate)
 *   return yield* Queue.take(stack)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => above
 * ```
 */
export const makeLifo = <A>(options?: QueueOptions): Effect.Effect<Queue<A>> =>
  Effect.sync(() => new QueueImpl<A>(new LifoStore<A>(), options))

/**
 * Makes a queue that gives the smallest item, and of equal ones the one that came first.
 *
 * @param options.order - which of two items is smaller.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Order from "effect/Order"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const jobs = yield* Queue.makePriority<{ readonly at: number; readonly what: string }>({
 *     order: Order.mapInput(Order.Number, (job) => job.at)
 *   })
 *   yield* Queue.put(jobs, { at: 10, what: "sweep" })
 *   yield* Queue.put(jobs, { at: 9, what: "cook" })
 *   const { what } = yield* Queue.take(jobs)
 *   return what
 * })
 * console.log(await VirtualTime.runPromise(program)) // => cook
 * ```
 */
export const makePriority = <A>(options: QueueOptions & { readonly order: Order<A> }): Effect.Effect<Queue<A>> =>
  Effect.sync(() => new QueueImpl<A>(new PriorityStore(options.order), options))

/**
 * Puts an item in, waiting for room if need be.
 *
 * Fairness: in order of arrival. A newcomer leaves to those who were woken the room that they were woken for.
 *
 * When interrupted: while it waits, the item is not put, and room that it was woken for goes to the next.
 *
 * @throws QueueShutdownError if the queue is, or is meanwhile, shut down.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ capacity: 1 })
 *   yield* Queue.put(pages, "first")
 *   const second = yield* Effect.forkChild(Queue.put(pages, "second"))
 *   yield* Effect.sleep("1 second")
 *   const waiting = second.pollUnsafe() === undefined
 *   yield* Queue.take(pages)
 *   return `${waiting ? "waited" : "went in at once"}, then got "${yield* Queue.take(pages)}"`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => waited, then got "second"
 * ```
 */
export const put: {
  <A>(item: A): (self: Queue<A>) => Effect.Effect<void, QueueShutdownError>
  <A>(self: Queue<A>, item: A): Effect.Effect<void, QueueShutdownError>
} = ((...args: [Queue<unknown>, unknown] | [unknown]) =>
  args.length === 2
    ? takeFrom(implOf(args[0]).putters, args[1])
    : (self: Queue<unknown>) => takeFrom(implOf(self).putters, args[0])) as typeof put

/**
 * Puts an item in if there is room at once. Tells whether it did.
 *
 * @throws QueueShutdownError if the queue is shut down.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ capacity: 1 })
 *   return [yield* Queue.tryPut(pages, "first"), yield* Queue.tryPut(pages, "second")].join(", then ")
 * })
 * console.log(await VirtualTime.runPromise(program)) // => true, then false
 * ```
 */
export const tryPut: {
  <A>(item: A): (self: Queue<A>) => Effect.Effect<boolean, QueueShutdownError>
  <A>(self: Queue<A>, item: A): Effect.Effect<boolean, QueueShutdownError>
} = ((...args: [Queue<unknown>, unknown] | [unknown]) => {
  const offer = (self: Queue<unknown>, item: unknown) =>
    Effect.suspend(() => {
      const queue = implOf(self)
      if (queue.state.isShutdown) return Effect.fail(queue.shutdownError())
      if (!queue.state.canPut) return Effect.succeed(false)
      queue.state.put(item)
      return Effect.succeed(true)
    })
  return args.length === 2 ? offer(args[0], args[1]) : (self: Queue<unknown>) => offer(self, args[0])
}) as typeof tryPut

/**
 * Takes the next item, waiting for one if need be.
 *
 * Fairness: in order of arrival. A newcomer leaves to those who were woken the items that they were woken for.
 *
 * When interrupted: while it waits, nothing is taken, and an item that it was woken for goes to the next. An item, once taken,
 * is in the hands of the continuation: there is no moment between.
 *
 * @throws QueueShutdownError if the queue is shut down and has nothing left.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>()
 *   yield* Effect.forkChild(Effect.andThen(Effect.sleep("1 second"), Queue.put(pages, "page")))
 *   return `${yield* Queue.take(pages)} after ${yield* VirtualTime.now} ms`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => page after 1000 ms
 * ```
 */
export const take = <A>(self: Queue<A>): Effect.Effect<A, QueueShutdownError> => implOf(self).take

/**
 * Takes the next item if there is one at once; none otherwise.
 *
 * @throws QueueShutdownError if the queue is shut down and has nothing left.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>()
 *   yield* Queue.put(pages, "page")
 *   const [first, second] = [yield* Queue.tryTake(pages), yield* Queue.tryTake(pages)]
 *   return `${first._tag}, then ${second._tag}`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => Some, then None
 * ```
 */
export const tryTake = <A>(self: Queue<A>): Effect.Effect<Option.Option<A>, QueueShutdownError> =>
  Effect.suspend(() => {
    const queue = implOf(self)
    const error = queue.takers.refuse()
    return error === undefined
      ? Effect.sync(() => (queue.state.canGet ? Option.some(queue.state.get()) : Option.none<A>()))
      : Effect.fail(error)
  })

/**
 * Reports the work on one item done, for {@link join}.
 *
 * @throws TaskDoneError if it is called more often than items were put.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>()
 *   yield* Queue.put(pages, "page")
 *   yield* Queue.take(pages)
 *   yield* Queue.taskDone(pages)
 *   const error = yield* Effect.flip(Queue.taskDone(pages))
 *   return error._tag
 * })
 * console.log(await VirtualTime.runPromise(program)) // => TaskDoneError
 * ```
 */
export const taskDone = <A>(self: Queue<A>): Effect.Effect<void, TaskDoneError> =>
  Effect.suspend(() => {
    const queue = implOf(self)
    return queue.state.taskDone() ? Effect.void : Effect.fail(new TaskDoneError({ queue: queue.name }))
  })

/**
 * Waits until every item that was put has been reported done.
 *
 * When interrupted: nothing is lost.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>()
 *   yield* Queue.put(pages, "page")
 *   const work = Effect.andThen(Queue.take(pages), Effect.sleep("1 second"))
 *   yield* Effect.forkChild(Effect.andThen(work, Queue.taskDone(pages)))
 *   yield* Queue.join(pages)
 *   return yield* VirtualTime.now
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1000
 * ```
 */
export const join = <A>(self: Queue<A>): Effect.Effect<void> => implOf(self).join

/**
 * Closes the queue: no item can be put any more, and all that wait for room, or for an item that will not come, fail with a
 * QueueShutdownError. What is inside can still be taken. Closing it again is harmless.
 *
 * @param options.immediate - also empties the queue; what it drops no longer counts as unfinished.
 * @returns the items that were dropped.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>()
 *   yield* Queue.put(pages, "left over")
 *   yield* Queue.shutdown(pages)
 *   const left = yield* Queue.take(pages)
 *   const error = yield* Effect.flip(Queue.take(pages))
 *   return `${left}, then ${error._tag}`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => left over, then QueueShutdownError
 * ```
 */
export const shutdown = <A>(
  self: Queue<A>,
  options?: { readonly immediate?: boolean }
): Effect.Effect<ReadonlyArray<A>> => Effect.sync(() => implOf(self).state.shutdown(options?.immediate === true))

/**
 * How many items are inside.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ capacity: 1 })
 *   yield* Queue.put(pages, "page")
 *   return yield* Queue.size(pages)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 1
 * ```
 */
export const size = <A>(self: Queue<A>): Effect.Effect<number> => Effect.sync(() => implOf(self).state.size)

/**
 * Tells whether nothing is inside.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ capacity: 1 })
 *   yield* Queue.put(pages, "page")
 *   return yield* Queue.isEmpty(pages)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => false
 * ```
 */
export const isEmpty = <A>(self: Queue<A>): Effect.Effect<boolean> => Effect.sync(() => implOf(self).state.isEmpty)

/**
 * Tells whether there is no room.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ capacity: 1 })
 *   yield* Queue.put(pages, "page")
 *   return yield* Queue.isFull(pages)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => true
 * ```
 */
export const isFull = <A>(self: Queue<A>): Effect.Effect<boolean> => Effect.sync(() => implOf(self).state.isFull)

/**
 * Tells whether it was shut down.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ capacity: 1 })
 *   yield* Queue.put(pages, "page")
 *   return yield* Queue.isShutdown(pages)
 * })
 * console.log(await VirtualTime.runPromise(program)) // => false
 * ```
 */
export const isShutdown = <A>(self: Queue<A>): Effect.Effect<boolean> =>
  Effect.sync(() => implOf(self).state.isShutdown)

/**
 * Its size, its unfinished work, and who waits.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Queue, VirtualTime } from "@skein/core"
 *
 * const program = Effect.gen(function* () {
 *   const pages = yield* Queue.make<string>({ name: "pages" })
 *   yield* Effect.forkChild(Queue.take(pages))
 *   yield* Effect.sleep("1 second")
 *   const { size, takers } = yield* Queue.statistics(pages)
 *   return `${size} inside, ${takers.length} waiting for one`
 * })
 * console.log(await VirtualTime.runPromise(program)) // => 0 inside, 1 waiting for one
 * ```
 */
export const statistics = <A>(self: Queue<A>): Effect.Effect<QueueStatistics> =>
  Effect.sync(() => {
    const { capacity, name, state } = implOf(self)
    return Object.freeze({
      name,
      size: state.size,
      capacity,
      unfinished: state.unfinished,
      isShutdown: state.isShutdown,
      takers: describeWaiters(state.getters),
      putters: describeWaiters(state.putters),
      joiners: describeWaiters(state.finished.waiters)
    })
  })
