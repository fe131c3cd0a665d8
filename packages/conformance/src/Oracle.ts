/**
 * Real CPython as a judge: what does an asyncio program do, in which order, and what does it print?
 *
 * Two interpreters answer behind one interface. The WebAssembly build of CPython 3.14 runs in this thread and needs
 * nothing but the package `pyodide`; it is the judge. A native Python of 3.13 or newer also knows sockets, threads and
 * the real clock. Programs run under virtual time: a program that sleeps for hours is answered in milliseconds.
 */
import type { Answer, RunOptions } from "./Answer.ts"
import { startNative } from "./native.ts"
import { startWasm } from "./wasm.ts"

export interface OracleOptions {
  /**
   * `"wasm"`: CPython 3.14 in WebAssembly. `"native"`: a Python of 3.13 or newer found on this machine. Default: `"wasm"`.
   */
  readonly backend?: "wasm" | "native"
  /** Keep a started WebAssembly interpreter under `node_modules/.cache`, to start faster next time. Default: `true`. */
  readonly snapshot?: boolean
}

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

/**
 * Starts a CPython. Rejects with `OracleError` where none can start; callers then fall back on recordings.
 *
 * @example
 * ```ts
 * import { createOracle } from "@skein/conformance"
 *
 * const oracle = await createOracle()
 * oracle.run("import asyncio\nasyncio.run(asyncio.sleep(5))").time // => 5
 * ```
 */
export const createOracle = async (options: OracleOptions = {}): Promise<Oracle> =>
  options.backend === "native" ? startNative() : startWasm({ snapshot: options.snapshot ?? true })

let shared: Promise<Oracle> | undefined

/** The one oracle of this thread (the WebAssembly one), started on first use. */
export const sharedOracle = (): Promise<Oracle> => {
  shared ??= createOracle()
  return shared
}
