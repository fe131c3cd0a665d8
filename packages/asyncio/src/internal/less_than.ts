// Python's `<`, which orders the items of a PriorityQueue. JavaScript's own compares anything with anything (`[10] < [9]` is
// true, by their texts), so a queue of tuples would come out in a wrong order without a word.

import { TypeError } from "../builtins.ts"
import { typeName } from "./pyrepr.ts"

/** A value with an order of its own. */
export interface Ordered {
  __lt__(other: unknown): boolean
}

/**
 * Tells whether `left < right` in Python: numbers (booleans among them) by value, strings by code point, arrays and bytes item by
 * item, objects by their `__lt__` or their `valueOf`.
 *
 * @throws `TypeError` if the two have no order
 */
export const lessThan = (left: unknown, right: unknown): boolean => {
  if (typeof left === "number" && typeof right === "number") return left < right
  if (typeof left === "string" && typeof right === "string") return comesBefore(left, right)
  if (isNumeric(left) && isNumeric(right)) return left < right
  if (isSequence(left) && isSequence(right)) return isSequenceLess(left, right)
  if (hasMethod(left, "__lt__")) {
    const answer: unknown = left.__lt__(right)
    if (answer !== undefined) return Boolean(answer)
  }
  if (hasMethod(right, "__gt__")) {
    const answer: unknown = right.__gt__(left)
    if (answer !== undefined) return Boolean(answer)
  }
  if (hasValue(left) && hasValue(right) && left.constructor === right.constructor) {
    return lessThan(left.valueOf(), right.valueOf())
  }
  throw new TypeError(`'<' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`)
}

const isNumeric = (value: unknown): value is number | bigint | boolean =>
  typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"

/** By code points, as Python does; JavaScript's `<` goes by UTF-16 units, where "\u{1F600}" comes before "\uFF00". */
const comesBefore = (left: string, right: string): boolean => {
  const length = Math.min(left.length, right.length)
  let index = 0
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index++
  if (index === length) return left.length < right.length
  const a = left.charCodeAt(index)
  const b = right.charCodeAt(index)
  // A surrogate stands for a code point above all that have one unit.
  if (isSurrogate(a) !== isSurrogate(b)) return isSurrogate(b)
  return a < b
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

type Sequence = ReadonlyArray<unknown> | Uint8Array

const isSequence = (value: unknown): value is Sequence => Array.isArray(value) || value instanceof Uint8Array

const isSequenceLess = (left: Sequence, right: Sequence): boolean => {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    if (!isEqual(left[index], right[index])) return lessThan(left[index], right[index])
  }
  return left.length < right.length
}

const isEqual = (left: unknown, right: unknown): boolean => {
  if (left === right) return true
  // 1, 1n and true are equal in Python.
  if (isNumeric(left) && isNumeric(right)) return !(left < right) && !(left > right)
  if (isSequence(left) && isSequence(right)) {
    if (left.length !== right.length) return false
    for (let index = 0; index < left.length; index++) if (!isEqual(left[index], right[index])) return false
    return true
  }
  if (hasMethod(left, "__eq__")) return Boolean(left.__eq__(right))
  return hasValue(left) && hasValue(right) && isEqual(left.valueOf(), right.valueOf())
}

const hasMethod = <Name extends string>(
  value: unknown,
  name: Name
): value is { readonly [K in Name]: (other: unknown) => unknown } =>
  typeof value === "object" && value !== null && typeof (value as Record<Name, unknown>)[name] === "function"

/** A wrapper of something with an order, such as a Date. */
const hasValue = (value: unknown): value is object =>
  typeof value === "object" && value !== null && value.valueOf() !== value
