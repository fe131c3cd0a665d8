/**
 * Real CPython as a judge: what does an asyncio program do, in which order, and what does it print?
 *
 * Two interpreters answer behind one interface. The WebAssembly build of CPython 3.14 runs in this thread and needs
 * nothing but the package `pyodide`; it is the judge. A native Python of 3.13 or newer also knows sockets, threads and
 * the real clock. Programs run under virtual time: a program that sleeps for hours is answered in milliseconds.
 */
import type { Answer, RunOptions } from "./Answer.ts"

export interface Oracle {
  readonly backend: "wasm" | "native"
  /**
   * Runs one Python program to its end, at once, and says what it did. The program is a normal script that calls
   * `asyncio.run(...)`; top-level `await` works too. An exception in the program is part of the answer.
   *
   * Throws `OracleError` when the interpreter itself fails or is asked for what it does not have.
   */
  run(source: string, options?: RunOptions): Answer
}
