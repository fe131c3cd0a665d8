/**
 * How Python would print a value: `repr`, `reprlib.repr` and number formatting.
 *
 * asyncio's messages are full of reprs (`<Future finished result='x'>`), so the rules live here once. JavaScript's values are
 * printed as the Python value that a port would have in their place: arrays as lists, frozen arrays as tuples, Map and plain
 * objects as dicts, `undefined` and `null` as None.
 */
import { isCallableClass } from "./callable.ts"
import { intOrFloatRepr } from "./pyfloat.ts"

export { floatRepr, format_float } from "./pyfloat.ts"

const inspectCustom = Symbol.for("nodejs.util.inspect.custom")

/** An object that knows its own Python representation. */
export interface Representable {
  __repr__(): string
}

const addresses = new WeakMap<object, string>()
let nextAddress = 0x7f00_0000_1000

/** The object's address as Python would print it, `0x7f0000001040`: made up, but the same for the object's whole life. */
export const address = (value: object): string => {
  let text = addresses.get(value)
  if (text === undefined) {
    text = `0x${nextAddress.toString(16)}`
    nextAddress += 0x40
    addresses.set(value, text)
  }
  return text
}

/** The default representation of an object: `<Name object at 0x...>`. */
export const defaultRepr = (value: object): string => `<${classNameOf(value)} object at ${address(value)}>`

/**
 * Lets `String(x)`, template strings and Node's `console.log` show `x.__repr__()`.
 *
 * Call it once per class, with the class itself; subclasses inherit it and may override `__repr__` alone.
 */
export const installRepr = (Class: { readonly prototype: Representable }): void => {
  for (const key of ["toString", inspectCustom] as const) {
    Object.defineProperty(Class.prototype, key, {
      value(this: Representable) {
        return this.__repr__()
      },
      writable: true,
      configurable: true
    })
  }
}

/** The name of the class that made the object. */
export const classNameOf = (value: object): string => {
  const constructor: unknown = value.constructor
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "object"
}

/** The name of the value's type in Python's words, as error messages show it: `int`, `str`, `NoneType`, `Coroutine`. */
export const typeName = (value: unknown): string => {
  switch (typeof value) {
    case "undefined":
      return "NoneType"
    case "boolean":
      return "bool"
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? "int" : "float"
    case "bigint":
      return "int"
    case "string":
      return "str"
    case "symbol":
      return "symbol"
    case "function":
      return isClass(value) ? "type" : "function"
    default:
      if (value === null) return "NoneType"
      if (Array.isArray(value)) return Object.isFrozen(value) ? "tuple" : "list"
      if (value instanceof Map || isPlainObject(value)) return "dict"
      if (value instanceof Set) return "set"
      if (value instanceof Uint8Array) return "bytes"
      return isGenerator(value) ? "generator" : classNameOf(value as object)
  }
}

/**
 * Prints a value as Python's `repr` would print the corresponding Python value.
 *
 * An object's own `__repr__` is used first, then a `toString` other than `Object`'s.
 *
 * @example
 * ```ts
 * import { repr } from "@skein/asyncio/builtins"
 *
 * repr(["it's", 1, 1.5, true, undefined, { a: 1 }]) // => `["it's", 1, 1.5, True, None, {'a': 1}]`
 * ```
 */
export const repr = (value: unknown): string => reprOf(value, [])

const reprOf = (value: unknown, parents: ReadonlyArray<object>): string => {
  switch (typeof value) {
    case "undefined":
      return "None"
    case "boolean":
      return value ? "True" : "False"
    case "number":
      return intOrFloatRepr(value)
    case "string":
      return stringRepr(value)
    case "function":
      return functionRepr(value)
    case "object":
      return value === null ? "None" : objectRepr(value, parents)
    default:
      return String(value)
  }
}

const objectRepr = (value: object, parents: ReadonlyArray<object>): string => {
  if (hasRepr(value)) return value.__repr__()
  const array = Array.isArray(value)
  const set = value instanceof Set
  const dict = !array && !set && (value instanceof Map || (isPlainObject(value) && !printsItself(value)))
  if (array || set || dict) {
    // Python marks the place where a container holds itself.
    if (parents.includes(value))
      return array ? (Object.isFrozen(value) ? "(...)" : "[...]") : set ? "set(...)" : "{...}"
    const below = [...parents, value]
    if (array) {
      const items = Array.from(value, (item) => reprOf(item, below))
      if (!Object.isFrozen(value)) return `[${items.join(", ")}]`
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`
    }
    if (set) return value.size === 0 ? "set()" : `{${Array.from(value, (item) => reprOf(item, below)).join(", ")}}`
    return `{${entriesOf(value)
      .map(([key, item]) => `${reprOf(key, below)}: ${reprOf(item, below)}`)
      .join(", ")}}`
  }
  if (value instanceof Uint8Array) return bytesRepr(value)
  if (value instanceof Error) return `${value.name}(${value.message === "" ? "" : stringRepr(value.message)})`
  if (isGenerator(value)) return `<generator object at ${address(value)}>`
  // oxlint-disable-next-line typescript/unbound-method -- compared, never called
  if (typeof value.toString === "function" && value.toString !== Object.prototype.toString) return String(value)
  return defaultRepr(value)
}

const hasRepr = (value: object): value is Representable =>
  "__repr__" in value && typeof value.__repr__ === "function" && !Object.is(value, value.constructor?.prototype)

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const printsItself = (value: object): boolean =>
  Object.hasOwn(value, "toString") && typeof value.toString === "function"

const isGenerator = (value: unknown): boolean => Object.prototype.toString.call(value) === "[object Generator]"

const entriesOf = (dict: object): Array<[unknown, unknown]> =>
  dict instanceof Map ? Array.from(dict as Map<unknown, unknown>) : Object.entries(dict)

const isClass = (value: object): boolean =>
  isCallableClass(value) || /^class\b/.test(Function.prototype.toString.call(value))

const functionRepr = (value: { readonly name: string }): string =>
  isClass(value) ? `<class '${value.name}'>` : `<function ${value.name || "<lambda>"} at ${address(value)}>`

const escapes: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }

// What `str.isprintable` refuses: the categories "other" and "separator", but for the plain space.
const unprintable = /[\p{C}\p{Z}\\]/u

const stringRepr = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  if (quote === "'" ? !text.includes("'") && isPlainAscii(text) : isPlainAscii(text)) return quote + text + quote
  let out = quote
  for (const char of text) {
    if (char === quote) out += `\\${char}`
    else if (char === " " || !unprintable.test(char)) out += char
    else out += escapes[char] ?? escapeCodePoint(char.codePointAt(0) as number)
  }
  return out + quote
}

// The whole of the common case in one test: no escape is ever needed in it (quotes are looked at apart).
const isPlainAscii = (text: string): boolean => /^[ !"#$%&'()*+,\-./0-9:;<=>?@A-Z[\]^_`a-z{|}~]*$/.test(text)

const escapeCodePoint = (code: number): string =>
  code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0")

const bytesRepr = (bytes: Uint8Array): string => {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'"
  let out = `b${quote}`
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    if (char === quote) out += `\\${char}`
    else out += escapes[char] ?? (byte < 0x20 || byte > 0x7e ? `\\x${hex(byte, 2)}` : char)
  }
  return out + quote
}

// The limits of Python's `reprlib.Repr`.
const maxLevel = 6
const maxItems = 6
const maxDict = 4
const maxString = 30
const maxInt = 40
const maxOther = 30

/**
 * Python's `reprlib.repr`: `repr` cut to a readable size, as in `<Future finished result='xxxxxxxxxxxx...xxxxxxxxxxxxx'>`.
 *
 * Strings and other objects are cut in the middle to 30 characters, integers to 40, lists and sets after 6 entries, dicts after
 * 4, nesting after 6 levels. Dict keys and set items are sorted where they can be compared.
 *
 * @example
 * ```ts
 * import { reprlib_repr } from "./pyrepr.ts"
 *
 * reprlib_repr([1, 2, 3, 4, 5, 6, 7]) // => "[1, 2, 3, 4, 5, 6, ...]"
 * ```
 */
export const reprlib_repr = (value: unknown): string => shortRepr(value, maxLevel)

const shortRepr = (value: unknown, level: number): string => {
  if (typeof value === "string") return shortString(value)
  if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value)))
    return cut(repr(value), maxInt)
  if (typeof value === "object" && value !== null && !hasRepr(value)) {
    if (Array.isArray(value)) {
      return Object.isFrozen(value)
        ? shortItems(value, "(", value.length === 1 ? ",)" : ")", level)
        : shortItems(value, "[", "]", level)
    }
    if (value instanceof Set)
      return value.size === 0 ? "set()" : shortItems(sorted(Array.from(value as Set<unknown>)), "{", "}", level)
    if (value instanceof Map || isPlainObject(value)) return shortDict(entriesOf(value), level)
  }
  return shortInstance(value)
}

const shortInstance = (value: unknown): string => {
  let text: string
  try {
    text = repr(value)
  } catch {
    // As in Python: a repr that fails must not hide the message that it is a part of.
    return typeof value === "object" && value !== null
      ? `<${classNameOf(value)} instance at ${address(value)}>`
      : `<${typeof value} instance>`
  }
  return cut(text, maxOther)
}

const shortItems = (items: ReadonlyArray<unknown>, open: string, close: string, level: number): string => {
  if (items.length === 0) return open + close
  if (level <= 0) return `${open}...${close}`
  const parts = items.slice(0, maxItems).map((item) => shortRepr(item, level - 1))
  if (items.length > maxItems) parts.push("...")
  return open + parts.join(", ") + close
}

const shortDict = (entries: ReadonlyArray<[unknown, unknown]>, level: number): string => {
  if (entries.length === 0) return "{}"
  if (level <= 0) return "{...}"
  const values = new Map(entries)
  const parts = sorted([...values.keys()])
    .slice(0, maxDict)
    .map((key) => `${shortRepr(key, level - 1)}: ${shortRepr(values.get(key), level - 1)}`)
  if (entries.length > maxDict) parts.push("...")
  return `{${parts.join(", ")}}`
}

const shortString = (text: string): string => {
  // Python counts code points, not UTF-16 units; of a long text only the ends are ever shown.
  const ends = text.length <= 4 * maxString ? text : text.slice(0, 2 * maxString) + text.slice(-2 * maxString)
  const chars = Array.from(ends)
  const whole = repr(chars.slice(0, maxString).join(""))
  if (Array.from(whole).length <= maxString) return whole
  const head = Math.floor((maxString - 3) / 2)
  const tail = maxString - 3 - head
  // A short text whose escapes make it long gives a negative index here, which counts from the end in Python as well.
  const shown = repr([...chars.slice(0, head), ...chars.slice(chars.length - tail)].join(""))
  return cut(shown, 0, head, tail)
}

const cut = (
  text: string,
  max: number,
  head: number = Math.floor((max - 3) / 2),
  tail: number = max - 3 - head
): string => {
  const chars = Array.from(text)
  if (chars.length <= max) return text
  return `${chars.slice(0, head).join("")}...${chars.slice(chars.length - tail).join("")}`
}

const sorted = (items: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  if (items.every((item) => typeof item === "string")) return items.toSorted(compareText)
  if (items.every((item) => typeof item === "number" || typeof item === "bigint")) return items.toSorted(compare)
  return items
}

const compare = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : a > b ? 1 : 0)

// By code point, as Python compares: by UTF-16 unit an emoji would come before U+E000.
const compareText = (a: string, b: string): number => {
  const left = Array.from(a)
  const right = Array.from(b)
  const at = left.findIndex((char, index) => char !== right[index])
  if (at === -1) return left.length - right.length
  const other = right[at]
  return other === undefined ? 1 : (left[at]?.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
}
