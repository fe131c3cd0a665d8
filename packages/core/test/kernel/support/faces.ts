// What a task can do with each primitive. `machines.ts` does it over the machines of the kernel, `plain.ts` over plain arrays;
// both must behave the same in every schedule.

import type { Cell } from "./cell.ts"
import { Cancelled } from "./world.ts"

export type Doing<A = void> = Generator<Cell | undefined, A, void>

/** Misuse, or a primitive that refuses. */
export class Refused extends Error {}

export const describeLine = (line: Iterable<unknown>): string =>
  Array.from(line, (node) => (node as Cell).status.charAt(0)).join("")

/** Takes a lock, however often that is cancelled meanwhile; then raises the last cancellation. */
export function* insist(acquire: () => Doing): Doing {
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

export interface LockFace {
  acquire(): Doing
  release(): void
  readonly locked: boolean
  describe(): string
}

export interface SemaphoreFace {
  acquire(weight: number): Doing
  release(weight: number): void
  /** Permits that are free and promised to nobody. */
  readonly value: number
  describe(): string
}

export interface EventFace {
  wait(): Doing
  set(): void
  clear(): void
  describe(): string
}

export interface ConditionFace {
  readonly lock: LockFace
  wait(): Doing
  notify(count: number): void
  notifyAll(): void
  describe(): string
}

export interface QueueFace {
  put(item: number): Doing
  get(): Doing<number>
  taskDone(): void
  join(): Doing
  shutdown(immediate: boolean): ReadonlyArray<number>
  describe(): string
}
