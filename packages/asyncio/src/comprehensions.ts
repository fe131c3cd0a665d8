/**
 * Comprehensions with `async for` or `await` in them.
 *
 * Follows CPython's asynchronous comprehensions (PEP 530).
 */

import { END } from "./async_generators.ts"
import { TypeError } from "./builtins.ts"
import { type Body, Coroutine, CoroutineDefinition, isGenerator, type ServicesOfStep } from "./coroutines.ts"
import {
  type AnyAsyncIterable,
  type ItemOf,
  type ServicesOfIterable,
  type Source,
  sourceOf
} from "./internal/async_iteration.ts"
import { repr } from "./internal/pyrepr.ts"

/** What a comprehension iterates: what `async_for` takes, and plain iterables, since `value` and `where` may await. */
export type ComprehensionSource = AnyAsyncIterable<unknown, unknown> | Iterable<unknown>

/** The values that a comprehension iterates. */
export type SourceItem<I> = [ItemOf<I>] extends [never] ? (I extends Iterable<infer A> ? A : never) : ItemOf<I>

/** What a function of a comprehension gives: for a generator function, what it returns. */
export type Given<T> = T extends Generator<unknown, infer V, never> ? V : T

/** The services that a function of a comprehension asks for, if it is a generator function. */
export type ServicesOfGiven<T> = T extends Generator<infer Y, unknown, never> ? ServicesOfStep<Y> : never

/** Options of {@link comprehension} and its kin. */
export interface ComprehensionOptions<A, W> {
  /** Which values are taken: Python's `if`. May be a generator function. */
  readonly where?: ((value: A) => W) | undefined
}

const definition = new CoroutineDefinition("comprehension", () => undefined)

/**
 * `[value(x) async for x in iterable if where(x)]`. To be awaited; gives an array.
 *
 * `value` and `where` may be generator functions, which await. Without `value`, the values themselves are taken.
 *
 * When interrupted: `CancelledError` is thrown where it waits; what was collected is dropped.
 *
 * @param iterable - what `async_for` takes, or a plain iterable
 * @param value - what stands in the list for each value
 * @param options.where - which values are taken
 * @throws `TypeError` if it can not be iterated
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const ticks = asyncio.async_generator(function* ticks(count: number) {
 *   for (let n = 0; n < count; n++) {
 *     yield* asyncio.sleep(1)
 *     yield n
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.comprehension(ticks(6), (n) => n * n, { where: (n) => n % 2 === 0 })
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 0, 4, 16 ]
 * ```
 */
export function comprehension<I extends ComprehensionSource>(
  iterable: I
): Coroutine<Array<SourceItem<I>>, ServicesOfIterable<I>>
export function comprehension<I extends ComprehensionSource, T, W = never>(
  iterable: I,
  value: (value: SourceItem<I>) => T,
  options?: ComprehensionOptions<SourceItem<I>, W>
): Coroutine<Array<Given<T>>, ServicesOfIterable<I> | ServicesOfGiven<T> | ServicesOfGiven<W>>
export function comprehension<I extends ComprehensionSource, W>(
  iterable: I,
  value: undefined,
  options: ComprehensionOptions<SourceItem<I>, W>
): Coroutine<Array<SourceItem<I>>, ServicesOfIterable<I> | ServicesOfGiven<W>>
export function comprehension(...args: ReadonlyArray<unknown>): Coroutine<Array<unknown>, unknown> {
  return collecting("comprehension", args, collectList) as Coroutine<Array<unknown>>
}

/**
 * `{value(x) async for x in iterable if where(x)}`. To be awaited; gives a `Set`. Otherwise as {@link comprehension}.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.set_comprehension(["a", "B", "b"], function* (name) {
 *     yield* asyncio.sleep(1)
 *     return name.toLowerCase()
 *   })
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => Set(2) { 'a', 'b' }
 * ```
 */
export function set_comprehension<I extends ComprehensionSource>(
  iterable: I
): Coroutine<Set<SourceItem<I>>, ServicesOfIterable<I>>
export function set_comprehension<I extends ComprehensionSource, T, W = never>(
  iterable: I,
  value: (value: SourceItem<I>) => T,
  options?: ComprehensionOptions<SourceItem<I>, W>
): Coroutine<Set<Given<T>>, ServicesOfIterable<I> | ServicesOfGiven<T> | ServicesOfGiven<W>>
export function set_comprehension(...args: ReadonlyArray<unknown>): Coroutine<Set<unknown>, unknown> {
  return collecting("set_comprehension", args, collectSet) as Coroutine<Set<unknown>>
}

/** The key type and the value type of an entry. */
export type KeyOf<T> = Given<T> extends readonly [infer K, unknown] ? K : never
export type ValueOf<T> = Given<T> extends readonly [unknown, infer V] ? V : never

/**
 * `{key: value async for x in iterable if where(x)}`. To be awaited; gives a `Map`. Otherwise as {@link comprehension}.
 *
 * @param entry - gives `[key, value]`
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.dict_comprehension(["ab", "c"], (word) => [word, word.length])
 * })
 * console.log(await asyncio.run(main())) // => Map(2) { 'ab' => 2, 'c' => 1 }
 * ```
 */
export function dict_comprehension<
  I extends ComprehensionSource,
  T extends readonly [unknown, unknown] | Generator<unknown, readonly [unknown, unknown], never>,
  W = never
>(
  iterable: I,
  entry: (value: SourceItem<I>) => T,
  options?: ComprehensionOptions<SourceItem<I>, W>
): Coroutine<Map<KeyOf<T>, ValueOf<T>>, ServicesOfIterable<I> | ServicesOfGiven<T> | ServicesOfGiven<W>>
export function dict_comprehension(...args: ReadonlyArray<unknown>): Coroutine<Map<never, never>, unknown> {
  if (typeof args[1] !== "function") {
    throw new TypeError(`dict_comprehension() takes a function that gives [key, value], got ${repr(args[1])}`)
  }
  return collecting("dict_comprehension", args, collectDict) as Coroutine<Map<never, never>>
}

type Collect = (take: (add: (value: unknown) => void) => Body<void>) => Body

const collectList: Collect = function* (take) {
  const list: Array<unknown> = []
  yield* take((value) => list.push(value))
  return list
}

const collectSet: Collect = function* (take) {
  const set = new Set<unknown>()
  yield* take((value) => set.add(value))
  return set
}

const collectDict: Collect = function* (take) {
  const dict = new Map<unknown, unknown>()
  yield* take((entry) => {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw new TypeError(`dict_comprehension() wants [key, value] for each value, got ${repr(entry)}`)
    }
    dict.set(entry[0], entry[1])
  })
  return dict
}

const collecting = (name: string, args: ReadonlyArray<unknown>, collect: Collect): Coroutine<unknown, unknown> => {
  const [iterable, value, options] = args as [unknown, Select | undefined, { readonly where?: Select } | undefined]
  for (const [what, given] of [["value", value] as const, ["where", options?.where] as const]) {
    if (given !== undefined && typeof given !== "function") {
      throw new TypeError(`${name}() takes a function as ${what}, got ${repr(given)}`)
    }
  }
  return new Coroutine(definition, collect as never, undefined, [
    (add: (value: unknown) => void) => takeFrom(iterable, value, options?.where, add)
  ])
}

type Select = (value: unknown) => unknown

function* takeFrom(
  iterable: unknown,
  value: Select | undefined,
  where: Select | undefined,
  add: (value: unknown) => void
): Body<void> {
  const source = isPlainIterable(iterable) ? new PlainSource(iterable) : sourceOf<unknown>(iterable)
  let exhausted = false
  try {
    for (;;) {
      const item = yield* source.next() as Body
      if (item === END) {
        exhausted = true
        return
      }
      const wanted = where === undefined || (yield* given(where(item)))
      if (!wanted) continue
      add(value === undefined ? item : yield* given(value(item)))
    }
  } finally {
    if (!exhausted && source.leave !== undefined) yield* source.leave() as Body
  }
}

/** What a function has given: what it returned in the end, if it was a generator function. */
function* given(result: unknown): Body {
  return isGenerator(result) ? yield* result as Body : result
}

// A generator object is iterable too, but in asyncio it is a coroutine.
const isPlainIterable = (value: unknown): value is Iterable<unknown> =>
  (typeof value === "object" || typeof value === "string") &&
  value !== null &&
  typeof (value as Iterable<unknown>)[Symbol.iterator] === "function" &&
  !("__aiter__" in Object(value)) &&
  !isGenerator(value) &&
  !(value instanceof Coroutine)

class PlainSource implements Source<unknown> {
  private readonly iterator: Iterator<unknown>

  constructor(iterable: Iterable<unknown>) {
    this.iterator = iterable[Symbol.iterator]()
  }

  *next(): Generator<never, unknown, unknown> {
    const result = this.iterator.next()
    return result.done === true ? END : result.value
  }

  *leave(): Generator<never, void, unknown> {
    this.iterator.return?.()
  }
}
