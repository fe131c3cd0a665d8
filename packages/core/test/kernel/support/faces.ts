// What a task can do with each primitive, twice: over the machines of the kernel, following their phases, and over plain
// arrays, following what the specification says and nothing else. Both must behave the same in every schedule.

import {
  BarrierState,
  ConditionState,
  EventState,
  FifoStore,
  LockState,
  QueueState,
  type SemaphoreState,
  WeightedSemaphoreState
} from "@skein/core/kernel"
import { Cell } from "./cell.ts"
import { Cancelled } from "./world.ts"

export type Doing<A = void> = Generator<Cell | undefined, A, void>

/** Misuse, or a primitive that refuses. */
export class Refused extends Error {}

const describeLine = (line: Iterable<unknown>): string =>
  Array.from(line, (node) => (node as Cell).status.charAt(0)).join("")

/** Takes a lock, however often that is cancelled meanwhile; then raises the last cancellation. */
function* insist(acquire: () => Doing): Doing {
  let cancelled: Cancelled | undefined
  for (;;) {
    try {
      yield* acquire()
      break
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error
      cancelled = error
    }
  }
  if (cancelled !== undefined) throw cancelled
}

// --- Lock ------------------------------------------------------------------------------------------------------------

export interface LockFace {
  acquire(): Doing
  release(): void
  readonly locked: boolean
  describe(): string
}

export class MachineLock implements LockFace {
  readonly state = new LockState()

  get locked(): boolean {
    return this.state.locked
  }

  *acquire(): Doing {
    if (this.state.tryAcquire()) return
    const cell = new Cell(0)
    this.state.enqueue(cell)
    try {
      yield cell
    } catch (error) {
      this.state.abandoned(cell)
      throw error
    }
    this.state.resumed(cell)
  }

  release(): void {
    if (!this.state.release()) throw new Refused("not locked")
  }

  describe(): string {
    return `${this.state.locked} ${describeLine(this.state.waiters)}`
  }
}

export class PlainLock implements LockFace {
  locked = false
  private line: Array<Cell> = [];

  *acquire(): Doing {
    if (!this.locked && this.line.every((cell) => cell.isCancelled)) {
      this.locked = true
      return
    }
    const cell = new Cell(0)
    this.line.push(cell)
    try {
      yield cell
    } catch (error) {
      this.line = this.line.filter((other) => other !== cell)
      if (!this.locked) this.wakeHead()
      throw error
    }
    this.line = this.line.filter((other) => other !== cell)
    this.locked = true
  }

  release(): void {
    if (!this.locked) throw new Refused("not locked")
    this.locked = false
    this.wakeHead()
  }

  describe(): string {
    return `${this.locked} ${describeLine(this.line)}`
  }

  private wakeHead(): void {
    if (this.line[0]?.isWaiting) this.line[0].wake()
  }
}

// --- Semaphore -------------------------------------------------------------------------------------------------------

export interface SemaphoreFace {
  acquire(weight: number): Doing
  release(weight: number): void
  /** Permits that are free and promised to nobody. */
  readonly value: number
  describe(): string
}

export class MachineSemaphore implements SemaphoreFace {
  readonly state: SemaphoreState | WeightedSemaphoreState

  constructor(state: SemaphoreState) {
    this.state = state
  }

  get value(): number {
    return this.state.value
  }

  *acquire(weight: number): Doing {
    const state = this.state
    if (state instanceof WeightedSemaphoreState ? state.tryAcquire(weight) : state.tryAcquire()) return
    const cell = new Cell(0, undefined, weight)
    state.enqueue(cell)
    try {
      yield cell
    } catch (error) {
      state.abandoned(cell)
      throw error
    }
    state.resumed(cell)
  }

  release(weight: number): void {
    const state = this.state
    if (!(state instanceof WeightedSemaphoreState ? state.release(weight) : state.release())) {
      throw new Refused("released too often")
    }
  }

  describe(): string {
    return `${this.state.value} ${this.state.locked} ${describeLine(this.state.waiters)}`
  }
}

export class PlainSemaphore implements SemaphoreFace {
  value: number
  private readonly bound: number
  private readonly isWeighted: boolean
  private line: Array<Cell> = []

  constructor(value: number, bound: number, isWeighted: boolean) {
    this.value = value
    this.bound = bound
    this.isWeighted = isWeighted
  }

  *acquire(weight: number): Doing {
    if (this.value >= weight && this.line.every((cell) => cell.isCancelled)) {
      this.value -= weight
      return
    }
    const cell = new Cell(0, undefined, weight)
    this.line.push(cell)
    try {
      yield cell
    } catch (error) {
      if (cell.status === "woken") this.value += weight
      throw error
    } finally {
      this.line = this.line.filter((other) => other !== cell)
      while (this.wakeNext()) {
        // Until nobody fits.
      }
    }
  }

  release(weight: number): void {
    if (this.value + weight > this.bound) throw new Refused("released too often")
    this.value += weight
    // One unit wakes one waiter; several units wake as many as fit.
    while (this.wakeNext() && this.isWeighted) {
      // Until nobody fits.
    }
  }

  describe(): string {
    const locked = this.value === 0 || this.line.some((cell) => !cell.isCancelled)
    return `${this.value} ${locked} ${describeLine(this.line)}`
  }

  private wakeNext(): boolean {
    const next = this.line.find((cell) => cell.isWaiting)
    if (next === undefined || next.weight > this.value) return false
    this.value -= next.weight
    next.wake()
    return true
  }
}

// --- Event -----------------------------------------------------------------------------------------------------------

export interface EventFace {
  wait(): Doing
  set(): void
  clear(): void
  describe(): string
}

export class MachineEvent implements EventFace {
  readonly state: EventState

  constructor(state: EventState = new EventState()) {
    this.state = state
  }

  *wait(): Doing {
    if (this.state.isSet) return
    const cell = new Cell(0)
    this.state.enqueue(cell)
    try {
      yield cell
    } finally {
      this.state.left(cell)
    }
  }

  set(): void {
    this.state.set()
  }

  clear(): void {
    this.state.clear()
  }

  describe(): string {
    return `${this.state.isSet} ${describeLine(this.state.waiters)}`
  }
}

export class PlainEvent implements EventFace {
  private isSet: boolean
  private line: Array<Cell> = []

  constructor(isSet = false) {
    this.isSet = isSet
  }

  *wait(): Doing {
    if (this.isSet) return
    const cell = new Cell(0)
    this.line.push(cell)
    try {
      yield cell
    } finally {
      this.line = this.line.filter((other) => other !== cell)
    }
  }

  set(): void {
    this.isSet = true
    for (const cell of this.line) if (cell.isWaiting) cell.wake()
  }

  clear(): void {
    this.isSet = false
  }

  describe(): string {
    return `${this.isSet} ${describeLine(this.line)}`
  }
}

// --- Condition -------------------------------------------------------------------------------------------------------

export interface ConditionFace {
  readonly lock: LockFace
  wait(): Doing
  notify(count: number): void
  notifyAll(): void
  describe(): string
}

export class MachineCondition implements ConditionFace {
  readonly lock = new MachineLock()
  readonly state = new ConditionState(this.lock.state);

  *wait(): Doing {
    const cell = new Cell(0)
    if (!this.state.startWait(cell)) throw new Refused("wait without the lock")
    try {
      try {
        yield cell
      } finally {
        this.state.left(cell)
        yield* insist(() => this.lock.acquire())
      }
    } catch (error) {
      this.state.passOn()
      throw error
    }
  }

  notify(count: number): void {
    if (!this.state.notify(count)) throw new Refused("notify without the lock")
  }

  notifyAll(): void {
    if (!this.state.notifyAll()) throw new Refused("notify without the lock")
  }

  describe(): string {
    return `${this.lock.describe()} | ${describeLine(this.state.waiters)}`
  }
}

export class PlainCondition implements ConditionFace {
  readonly lock = new PlainLock()
  private line: Array<Cell> = [];

  *wait(): Doing {
    if (!this.lock.locked) throw new Refused("wait without the lock")
    this.lock.release()
    const cell = new Cell(0)
    this.line.push(cell)
    try {
      try {
        yield cell
      } finally {
        this.line = this.line.filter((other) => other !== cell)
        yield* insist(() => this.lock.acquire())
      }
    } catch (error) {
      this.wake(1)
      throw error
    }
  }

  notify(count: number): void {
    if (!this.lock.locked) throw new Refused("notify without the lock")
    this.wake(count)
  }

  notifyAll(): void {
    this.notify(this.line.length)
  }

  describe(): string {
    return `${this.lock.describe()} | ${describeLine(this.line)}`
  }

  private wake(count: number): void {
    for (const cell of this.line.filter((one) => one.isWaiting).slice(0, count)) cell.wake()
  }
}

// --- Barrier ---------------------------------------------------------------------------------------------------------

/** A barrier over the machine; its rules are tested by what must hold, in every schedule. */
export class MachineBarrier {
  readonly condition = new MachineCondition()
  readonly state: BarrierState

  constructor(parties: number) {
    this.state = new BarrierState(parties, this.condition.state)
  }

  *wait(): Doing<number> {
    const { condition, state } = this
    yield* condition.lock.acquire()
    try {
      while (state.isBlocked) yield* condition.wait()
      if (state.isBroken) throw new Refused("barrier aborted")
      const index = state.arrive()
      try {
        while (state.isFilling) yield* condition.wait()
        if (state.isRefused) throw new Refused("abort or reset of barrier")
        return index
      } finally {
        state.leave()
      }
    } finally {
      condition.lock.release()
    }
  }

  *reset(): Doing {
    yield* this.condition.lock.acquire()
    this.state.reset()
    this.condition.lock.release()
  }

  *abort(): Doing {
    yield* this.condition.lock.acquire()
    this.state.abort()
    this.condition.lock.release()
  }
}

// --- Queue -----------------------------------------------------------------------------------------------------------

export interface QueueFace {
  put(item: number): Doing
  get(): Doing<number>
  taskDone(): void
  join(): Doing
  shutdown(immediate: boolean): ReadonlyArray<number>
  describe(): string
}

/** `isFair`: newcomers leave to the woken what they were woken for. Otherwise as in asyncio. */
export class MachineQueue implements QueueFace {
  readonly state: QueueState<number>
  private readonly isFair: boolean

  constructor(maxsize: number, isFair: boolean) {
    this.state = new QueueState(maxsize, new FifoStore<number>())
    this.isFair = isFair
  }

  *put(item: number): Doing {
    const state = this.state
    let mayPut = this.isFair ? state.canPut : !state.isFull
    while (!mayPut && !state.isShutdown) {
      const cell = new Cell(item)
      state.enqueuePutter(cell)
      try {
        yield cell
      } catch (error) {
        state.putterAbandoned(cell)
        throw error
      }
      state.putterResumed(cell)
      mayPut = !state.isFull
    }
    if (state.isShutdown) throw new Refused("shut down")
    state.put(item)
  }

  *get(): Doing<number> {
    const state = this.state
    let mayGet = this.isFair ? state.canGet : !state.isEmpty
    while (!mayGet) {
      if (state.isShutdown && state.isEmpty) throw new Refused("shut down")
      const cell = new Cell(0)
      state.enqueueGetter(cell)
      try {
        yield cell
      } catch (error) {
        state.getterAbandoned(cell)
        throw error
      }
      state.getterResumed(cell)
      mayGet = !state.isEmpty
    }
    return state.get()
  }

  taskDone(): void {
    if (!this.state.taskDone()) throw new Refused("done too often")
  }

  *join(): Doing {
    if (this.state.unfinished > 0) yield* new MachineEvent(this.state.finished).wait()
  }

  shutdown(immediate: boolean): ReadonlyArray<number> {
    return this.state.shutdown(immediate)
  }

  describe(): string {
    const { getters, putters, store, unfinished } = this.state
    return `[${[...store].join()}] ${describeLine(getters)}/${describeLine(putters)} ${unfinished}`
  }
}

export class PlainQueue implements QueueFace {
  private items: Array<number> = []
  private getters: Array<Cell> = []
  private putters: Array<Cell> = []
  private unfinished = 0
  private isShutdown = false
  private readonly finished = new PlainEvent(true)
  private readonly maxsize: number

  constructor(maxsize: number) {
    this.maxsize = maxsize
  }

  private get isFull(): boolean {
    return this.maxsize > 0 && this.items.length >= this.maxsize
  }

  *put(item: number): Doing {
    while (this.isFull && !this.isShutdown) {
      const cell = new Cell(item)
      this.putters.push(cell)
      try {
        yield cell
      } catch (error) {
        this.putters = this.putters.filter((other) => other !== cell)
        if (!this.isFull && cell.status === "woken") this.wakeNext(this.putters)
        throw error
      }
    }
    if (this.isShutdown) throw new Refused("shut down")
    this.items.push(item)
    this.unfinished++
    this.finished.clear()
    this.wakeNext(this.getters)
  }

  *get(): Doing<number> {
    while (this.items.length === 0) {
      if (this.isShutdown) throw new Refused("shut down")
      const cell = new Cell(0)
      this.getters.push(cell)
      try {
        yield cell
      } catch (error) {
        this.getters = this.getters.filter((other) => other !== cell)
        if (this.items.length > 0 && cell.status === "woken") this.wakeNext(this.getters)
        throw error
      }
    }
    const item = this.items.shift() as number
    this.wakeNext(this.putters)
    return item
  }

  taskDone(): void {
    if (this.unfinished === 0) throw new Refused("done too often")
    this.unfinished--
    if (this.unfinished === 0) this.finished.set()
  }

  *join(): Doing {
    if (this.unfinished > 0) yield* this.finished.wait()
  }

  shutdown(immediate: boolean): ReadonlyArray<number> {
    this.isShutdown = true
    const dropped = immediate ? this.items : []
    if (immediate) {
      this.unfinished = Math.max(0, this.unfinished - this.items.length)
      this.items = []
      if (this.unfinished === 0) this.finished.set()
    }
    for (const cell of [...this.getters, ...this.putters]) if (cell.isWaiting) cell.wake()
    this.getters = []
    this.putters = []
    return dropped
  }

  describe(): string {
    return `[${this.items.join()}] ${describeLine(this.getters)}/${describeLine(this.putters)} ${this.unfinished}`
  }

  private wakeNext(line: Array<Cell>): void {
    for (let cell = line.shift(); cell !== undefined; cell = line.shift()) {
      if (cell.isWaiting) {
        cell.wake()
        return
      }
    }
  }
}
