// Faces over the machines of the kernel, following their phases.

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
import {
  type ConditionFace,
  type Doing,
  describeLine,
  type EventFace,
  insist,
  type LockFace,
  type QueueFace,
  Refused,
  type SemaphoreFace
} from "./faces.ts"

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
      state.putterResumed()
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
      state.getterResumed()
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
