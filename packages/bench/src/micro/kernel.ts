import {
  EventState,
  LockState,
  SemaphoreState,
  TimerHeap,
  type TimerNode,
  type WaitNode,
  WaitQueue
} from "@skein/core/kernel"
import type { Suite } from "./table.ts"

class Waiter implements WaitNode {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined
  isWaiting = true
  isCancelled = false

  wake(): void {
    this.isWaiting = false
  }
}

class Timer implements TimerNode {
  timerWhen = 0
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false
}

const N = 10_000
const waiters = Array.from({ length: N }, () => new Waiter())
const timers = Array.from({ length: N }, () => new Timer())

const wait = (waiter: Waiter): Waiter => {
  waiter.isWaiting = true
  return waiter
}

/** The kernel's machines, synchronous throughout. */
export const kernelSuite: Suite = {
  name: "@skein/core/kernel",
  micros: [
    {
      name: "WaitQueue: push and pop, 10,000 in line",
      operations: N,
      run: () => {
        const queue = new WaitQueue()
        for (const waiter of waiters) queue.push(wait(waiter))
        while (queue.pop() !== undefined);
      }
    },
    {
      name: "WaitQueue: push and remove from the middle",
      operations: N,
      run: () => {
        const queue = new WaitQueue()
        for (const waiter of waiters) queue.push(wait(waiter))
        for (let i = 0; i < N; i++) queue.remove(waiters[(i * 7919) % N] as Waiter)
      }
    },
    {
      name: "WaitQueue: push, wake in order, leave",
      operations: N,
      run: () => {
        const queue = new WaitQueue()
        for (const waiter of waiters) queue.push(wait(waiter))
        for (const waiter of waiters) {
          queue.wakeFirst()
          queue.remove(waiter)
        }
      }
    },
    {
      name: "TimerHeap: push and pop, 10,000 in the heap",
      operations: N,
      run: () => {
        const heap = new TimerHeap<Timer>()
        for (let i = 0; i < N; i++) {
          const timer = timers[i] as Timer
          timer.timerWhen = (i * 7919) % N
          heap.push(timer)
        }
        while (heap.pop() !== undefined);
      }
    },
    {
      name: "TimerHeap: push and cancel",
      operations: N,
      run: () => {
        const heap = new TimerHeap<Timer>()
        for (const timer of timers) {
          timer.timerCancelled = false
          heap.push(timer)
          timer.timerCancelled = true
          heap.noteCancelled(timer)
        }
        heap.clear()
        for (const timer of timers) timer.timerCancelled = false
      }
    },
    {
      name: "LockState: take and release",
      operations: N,
      run: () => {
        const lock = new LockState()
        for (let i = 0; i < N; i++) {
          lock.tryAcquire()
          lock.release()
        }
      }
    },
    {
      name: "SemaphoreState: take and release",
      operations: N,
      run: () => {
        const semaphore = new SemaphoreState(2)
        for (let i = 0; i < N; i++) {
          semaphore.tryAcquire()
          semaphore.release()
        }
      }
    },
    {
      name: "EventState: set and clear",
      operations: N,
      run: () => {
        const event = new EventState()
        for (let i = 0; i < N; i++) {
          event.set()
          event.clear()
        }
      }
    }
  ]
}
