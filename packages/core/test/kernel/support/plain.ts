// Faces over plain arrays, following what the specification says and nothing else.

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
