// What a good engineer reaches for on npm: async-mutex, p-timeout, one `AbortController` for each task; a yield is a turn of the
// host's loop, so that I/O and timers run in between.

import { Mutex, Semaphore } from "async-mutex"
import pTimeout from "p-timeout"
import type { Parts, Permits } from "./promiseColumn.ts"

const waitAbortable = (waiters: Set<() => void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    const abort = () => {
      waiters.delete(wake)
      reject(signal.reason as Error)
    }
    const wake = () => {
      signal.removeEventListener("abort", abort)
      resolve()
    }
    waiters.add(wake)
    signal.addEventListener("abort", abort, { once: true })
  })

/** Parts from npm's usual packages. */
export const libraryParts: Parts = {
  yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  lock: () => new Mutex(),
  semaphore: (permits): Permits => new Semaphore(permits),
  timeout: (promise, milliseconds) => pTimeout(promise, { milliseconds }),
  canceller: () => {
    const controller = new AbortController()
    return { cancel: () => controller.abort(), wait: (waiters) => waitAbortable(waiters, controller.signal) }
  },
  isCancellation: (reason) => reason instanceof DOMException && reason.name === "AbortError"
}
