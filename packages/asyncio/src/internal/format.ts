// How a callback shows in a repr: its name and, in debug mode, its arguments. JavaScript does not tell where a function stands
// in its file, so there is no `at file:line`.

import { repr, reprlib_repr } from "./pyrepr.ts"

/** A callback with its arguments, as in `<Handle f(1, 2)>`; the arguments show in debug mode only. */
export const formatCallback = (callback: unknown, args: ReadonlyArray<unknown>, debug = false): string => {
  const name = typeof callback === "function" ? callback.name || "<lambda>" : repr(callback)
  return `${name}(${debug ? args.map(reprlib_repr).join(", ") : ""})`
}
