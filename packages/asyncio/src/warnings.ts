/**
 * Warnings: a category, a text, a place.
 *
 * Follows Python's `warnings` module in what asyncio uses of it. They go to `process.emitWarning`, so that Node's own options
 * (`--no-warnings`, `--trace-warnings`) apply to them.
 */

/** A warning as its receiver gets it. */
export interface WarningRecord {
  /** The class's name, such as `RuntimeWarning`. */
  readonly category: string
  /** What it warns of. */
  readonly message: string
  /** `file:line`, where known. */
  readonly place: string | undefined
}

/** Takes warnings instead of standard error. */
export type ShowWarning = (record: WarningRecord) => void

const showOnProcess: ShowWarning = ({ category, message, place }) => {
  process.emitWarning(place === undefined ? message : `${message}\n    at ${place}`, category)
}

let show: ShowWarning = showOnProcess

/**
 * Issues a warning.
 *
 * @param category - a warning class, such as `RuntimeWarning`
 * @param place - `file:line` of what it is about, where known
 *
 * @example
 * ```ts
 * import { RuntimeWarning } from "@skein/asyncio/builtins"
 * import { catch_warnings, warn } from "@skein/asyncio/warnings"
 *
 * const restore = catch_warnings(({ category, message }) => console.log(`${category}: ${message}`))
 * warn(RuntimeWarning, "that was close") // => RuntimeWarning: that was close
 * restore()
 * ```
 */
export const warn = (category: { readonly name: string }, message: string, place?: string): void =>
  show({ category: category.name, message, place })

/**
 * Lets `receiver` have the warnings from now on.
 *
 * @returns a function that undoes this
 *
 * @example
 * ```ts
 * import { RuntimeWarning } from "@skein/asyncio/builtins"
 * import { catch_warnings, warn } from "@skein/asyncio/warnings"
 *
 * const restore = catch_warnings((record) => console.log(record.category, record.message))
 * warn(RuntimeWarning, "look out") // => RuntimeWarning look out
 * restore()
 * ```
 */
export const catch_warnings = (receiver: ShowWarning): (() => void) => {
  const previous = show
  show = receiver
  return () => {
    show = previous
  }
}
