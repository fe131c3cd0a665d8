import { Worker } from "node:worker_threads"

// Slot 0: number of the running program, 0 when none runs. Slot 1: its patience in milliseconds.
const thread = `
const { workerData: { state, interrupt } } = require("node:worker_threads")
for (;;) {
  Atomics.wait(state, 0, 0)
  const program = Atomics.load(state, 0)
  if (program === 0) continue
  if (Atomics.wait(state, 0, program, Atomics.load(state, 1)) === "timed-out") {
    interrupt[0] = 2
    Atomics.wait(state, 0, program, 250)
  }
}`

/**
 * Raises `KeyboardInterrupt` in an interpreter that shares this thread, when a program runs longer than it may. A program
 * that spins keeps the thread's own timers from firing, so that only another thread can tell.
 */
export class Watchdog {
  /** The byte that the interpreter looks at between instructions. */
  readonly interrupt = new Uint8Array(new SharedArrayBuffer(1))
  readonly #state = new Int32Array(new SharedArrayBuffer(8))
  #started = false
  #programs = 0

  /** Runs `program`, and interrupts it after `seconds`. */
  guard<A>(seconds: number, program: () => A): A {
    this.#start()
    this.interrupt[0] = 0
    Atomics.store(this.#state, 1, Math.max(1, seconds * 1000))
    Atomics.store(this.#state, 0, ++this.#programs)
    Atomics.notify(this.#state, 0)
    try {
      return program()
    } finally {
      Atomics.store(this.#state, 0, 0)
      Atomics.notify(this.#state, 0)
    }
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    new Worker(thread, { eval: true, workerData: { state: this.#state, interrupt: this.interrupt } }).unref()
  }
}
