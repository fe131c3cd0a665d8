import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"

const inspect = Symbol.for("nodejs.util.inspect.custom")

/**
 * Effect's `Data.TaggedError`, but shown by Node (in `console.log`, and when nobody catches it) with its message and stack, as
 * any error is, and not as a record of its fields: our messages say what to do.
 */
export const TaggedError = <Tag extends string>(tag: Tag): TaggedErrorConstructor<Tag> => {
  const Base = Data.TaggedError(tag)
  Object.defineProperty(Base.prototype, inspect, {
    value(this: Error) {
      return this.stack ?? String(this)
    }
  })
  return Base as TaggedErrorConstructor<Tag>
}

/** What an error class extends: `class BrokenError extends TaggedError("BrokenError")<{ readonly what: string }> {}`. */
export type TaggedErrorConstructor<Tag extends string> = new <Fields extends Record<string, unknown>>(
  fields: { readonly [K in keyof Fields]: Fields[K] }
) => Cause.YieldableError & { readonly _tag: Tag } & Readonly<Fields>
