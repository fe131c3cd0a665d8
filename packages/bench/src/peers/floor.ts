// The lowest price that promises can be had for: locks, timeouts and cancel tokens by hand, none of them safe to use. A yield
// is one microtask, which starves timers and I/O for as long as any task is ready.

import { main } from "../harness.ts"
import { Deque } from "./Deque.ts"
import { type Canceller, type Permits, promiseColumn } from "./promiseColumn.ts"

class HandOff implements Permits {
  private readonly waiters = new Deque<() => void>()
  private free: number

  constructor(free: number) {
    this.free = free
  }

  acquire(): Promise<void> | undefined {
    if (this.free === 0) return new Promise((resolve) => this.waiters.push(resolve))
    this.free--
    return undefined
  }

  release(): void {
    const waiter = this.waiters.shift()
    if (waiter === undefined) this.free++
    else waiter()
  }
}

const cancelled = new Error("cancelled")

class Token implements Canceller {
  private onCancel: (() => void) | undefined = undefined

  readonly cancel = (): void => this.onCancel?.()

  readonly wait = (waiters: Set<() => void>): Promise<void> =>
    new Promise((resolve, reject) => {
      waiters.add(resolve)
      this.onCancel = () => {
        waiters.delete(resolve)
        reject(cancelled)
      }
    })
}

await main(
  "floor",
  promiseColumn({
    yieldNow: () => undefined,
    lock: () => new HandOff(1),
    semaphore: (permits) => new HandOff(permits),
    timeout: (promise, ms) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("timeout")), ms)
        promise.then(
          (value) => {
            clearTimeout(timer)
            resolve(value)
          },
          (error: Error) => {
            clearTimeout(timer)
            reject(error)
          }
        )
      }),
    canceller: () => new Token(),
    isCancellation: (reason) => reason === cancelled
  })
)
