// The blocks that are handed to `async_with` and `async_for`: generator functions, since they await.

import { TypeError } from "../builtins.ts"
import { iscoroutinefunction } from "../coroutines.ts"
import { repr } from "./pyrepr.ts"

/** Throws unless `body` is a generator function (or a coroutine function); tells what to write instead. */
export const checkBody = (body: unknown, what: string, parameter: string): void => {
  if (iscoroutinefunction(body)) return
  const got = `${what}() takes its body as a generator function, function* (${parameter}) { ... }, got ${repr(body)}.`
  if (typeof body !== "function") throw new TypeError(got)
  if (body.constructor.name === "AsyncFunction") {
    throw new TypeError(`${got} Write function* for async function and yield* for await.`)
  }
  throw new TypeError(`${got} Write the star; an arrow function can not have one.`)
}
