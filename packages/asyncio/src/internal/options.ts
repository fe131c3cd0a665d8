// Python's keyword arguments are a last options object here. Where positional arguments of any kind come before it, it has to
// be told from them: it is an object whose one key is `context`, holding a context.

import { Context } from "./context.ts"
import { TypeError } from "./exceptions_base.ts"

export interface CallOptions {
  readonly context: Context
}

/** Splits the trailing `{ context }` off a list of arguments, if it is there. */
export const splitOptions = (args: ReadonlyArray<unknown>): [ReadonlyArray<unknown>, CallOptions | undefined] => {
  const last = args[args.length - 1]
  if (typeof last === "object" && last !== null && "context" in last && last.context instanceof Context) {
    const keys = Object.keys(last)
    if (keys.length === 1) return [args.slice(0, -1), last as CallOptions]
  }
  return [args, undefined]
}

/**
 * Splits a trailing options object off a list of awaitables: a plain object whose keys are all among `names`. Awaitables are
 * never plain objects, so nothing else can be taken for it.
 */
export const splitTrailingOptions = <Options extends object>(
  args: ReadonlyArray<unknown>,
  names: ReadonlyArray<string>
): [ReadonlyArray<unknown>, Options | undefined] => {
  const last = args[args.length - 1]
  if (typeof last !== "object" || last === null || Object.getPrototypeOf(last) !== Object.prototype) {
    return [args, undefined]
  }
  const unknown = Object.keys(last).find((key) => !names.includes(key))
  if (unknown !== undefined) throw new TypeError(`got an unexpected keyword argument '${unknown}'`)
  return [args.slice(0, -1), last as Options]
}
