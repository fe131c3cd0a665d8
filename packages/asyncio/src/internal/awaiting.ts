import { TypeError } from "../builtins.ts"
import { adviceFor, type CustomAwaitable, isawaitable } from "../ensure_future.ts"
import { typeName } from "./pyrepr.ts"

/**
 * What awaiting something steps through: Python's `__await__()`.
 *
 * @throws `TypeError` if it cannot be awaited
 */
export const stepsOf = (awaitable: unknown): Iterator<unknown, unknown, unknown> => {
  if (!isawaitable(awaitable)) {
    throw new TypeError(`'${typeName(awaitable)}' object can't be awaited${adviceFor(awaitable)}`)
  }
  const custom = (awaitable as Partial<CustomAwaitable<unknown>>).__await__
  if (custom !== undefined) return custom.call(awaitable as never) as Iterator<unknown, unknown, unknown>
  return (awaitable as Iterable<unknown, unknown, unknown>)[Symbol.iterator]()
}
