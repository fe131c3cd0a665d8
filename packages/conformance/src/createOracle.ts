import { startNative } from "./native.ts"
import type { Oracle } from "./Oracle.ts"
import { startWasm } from "./wasm.ts"

export interface OracleOptions {
  /**
   * `"wasm"`: CPython 3.14 in WebAssembly. `"native"`: a Python of 3.13 or newer found on this machine. Default: `"wasm"`.
   */
  readonly backend?: "wasm" | "native"
  /** Keep a started WebAssembly interpreter under `node_modules/.cache`, to start faster next time. Default: `true`. */
  readonly snapshot?: boolean
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
