import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"

/** What an error class extends: Effect's own type for it has an `any`, which would show in our declarations. */
export type TaggedErrorConstructor<Tag extends string> = new <Fields extends Record<string, unknown>>(
  fields: { readonly [K in keyof Fields]: Fields[K] }
) => Cause.YieldableError & { readonly _tag: Tag } & Readonly<Fields>

/** Effect's `Data.TaggedError`. */
export const TaggedError = <Tag extends string>(tag: Tag): TaggedErrorConstructor<Tag> =>
  Data.TaggedError(tag) as TaggedErrorConstructor<Tag>
