import * as Data from "effect/Data"

const inspect = Symbol.for("nodejs.util.inspect.custom")

/**
 * Effect's `Data.TaggedError`, but shown by Node (in `console.log`, and when nobody catches it) with its message and stack, as
 * any error is, and not as a record of its fields: our messages say what to do.
 */
export const TaggedError: typeof Data.TaggedError = (tag) => {
  const Base = Data.TaggedError(tag)
  Object.defineProperty(Base.prototype, inspect, {
    value(this: Error) {
      return this.stack ?? String(this)
    }
  })
  return Base
}
