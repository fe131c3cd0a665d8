/**
 * `async for`, `aiter` and `anext`.
 *
 * Follows CPython's `async for` statement (PEP 492) and the built-in functions of those names.
 */

import { END } from "./async_generators.ts"
import { StopAsyncIteration, TypeError } from "./builtins.ts"
import { type Body, Coroutine, CoroutineDefinition, type ServicesOfStep, type Step } from "./coroutines.ts"
import { type AnyAwaitable, isawaitable, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import {
  type AnyAsyncIterable,
  type AsyncIteratorLike,
  type ItemOf,
  pythonType,
  type ServicesOfIterable,
  type Source,
  sourceOf,
  steppable
} from "./internal/async_iteration.ts"
import { checkBody } from "./internal/bodies.ts"
import { installRepr } from "./internal/pyrepr.ts"

export type {
  AnyAsyncIterable,
  AsyncIterableLike,
  AsyncIteratorLike,
  ItemOf,
  ServicesOfIterable
} from "./internal/async_iteration.ts"

/** What the body of an {@link async_for} returns to leave the loop. */
export const BREAK: unique symbol = Symbol("asyncio.BREAK")

/** The body of an {@link async_for}: a generator function of the item, which awaits with `yield*` and returns nothing or {@link BREAK}. */
// biome-ignore lint/suspicious/noConfusingVoidType: most bodies return nothing at all
export type LoopBody<A, Y> = (value: A) => Generator<Y, typeof BREAK | void, never>

const definition = new CoroutineDefinition("async_for", () => undefined)

/**
 * `async for value in iterable: body`. To be awaited.
 *
 * `return` in the body goes on with the next value, `return asyncio.BREAK` leaves the loop. As in Python, leaving the loop does
 * not close an asynchronous generator: `contextlib.aclosing` does. Iterators of JavaScript have their `return()` called, and
 * streams of Effect their scope closed, when the loop is left before its end.
 *
 * When interrupted: `CancelledError` is thrown where the loop waits: in the iterator or in the body.
 *
 * @param iterable - an asynchronous generator, an object with `__aiter__`, an asynchronous iterable of JavaScript, or a stream
 *   of Effect
 * @param body - a generator function that takes the value
 * @param options.orelse - runs when the values are exhausted, and not when the loop was left: Python's `else`
 * @throws `TypeError` if it can not be iterated asynchronously, or if the body is not a generator function
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const numbers = asyncio.async_generator(function* numbers() {
 *   for (let n = 1; ; n++) {
 *     yield* asyncio.sleep(1)
 *     yield n
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   let sum = 0
 *   yield* asyncio.async_for(numbers(), function* (n) {
 *     sum += n
 *     if (n === 4) return asyncio.BREAK
 *   })
 *   return sum
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 10
 * ```
 */
export const async_for = <I extends AnyAsyncIterable<unknown, unknown>, Y extends Step, Y2 extends Step = never>(
  iterable: I,
  body: LoopBody<ItemOf<I>, Y>,
  options?: { readonly orelse?: (() => Generator<Y2, unknown, never>) | undefined }
): Coroutine<undefined, ServicesOfIterable<I> | ServicesOfStep<Y> | ServicesOfStep<Y2>> => {
  checkBody(body, "async_for", "x")
  if (options?.orelse !== undefined) checkBody(options.orelse, "async_for", "")
  return new Coroutine(definition, loopOver as never, undefined, [iterable, body, options?.orelse])
}

function* loopOver<A>(
  iterable: unknown,
  body: LoopBody<A, unknown>,
  orelse: (() => Body) | undefined
): Body<undefined> {
  const source = sourceOf<A>(iterable)
  if (source.leave === undefined) {
    if ((yield* iterate(source, body)) === BREAK) return undefined
  } else if ((yield* iterateAndLeave(source, body)) === BREAK) return undefined
  if (orelse !== undefined) yield* orelse()
  return undefined
}

function* iterate<A>(source: Source<A>, body: LoopBody<A, unknown>): Body<typeof BREAK | undefined> {
  for (;;) {
    const value = yield* source.next() as Body<A | typeof END>
    if (value === END) return undefined
    if ((yield* body(value as A) as Body) === BREAK) return BREAK
  }
}

function* iterateAndLeave<A>(source: Source<A>, body: LoopBody<A, unknown>): Body<typeof BREAK | undefined> {
  let exhausted = false
  try {
    const how = yield* iterate(source, body)
    exhausted = how !== BREAK
    return how
  } finally {
    if (!exhausted) yield* (source as Required<Source<A>>).leave() as Body
  }
}

/** An asynchronous iterator that can stand in an {@link async_for} itself. */
export interface AsyncIterableIterator<A, R = never> extends AsyncIteratorLike<A, R> {
  __aiter__(): AsyncIterableIterator<A, R>
}

/**
 * The asynchronous iterator of an asynchronous iterable: an object whose `__anext__()` gives the values.
 *
 * @throws `TypeError` if it can not be iterated asynchronously
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const ticks = asyncio.async_generator(function* ticks() {
 *   for (let n = 0; ; n++) {
 *     yield* asyncio.sleep(1)
 *     yield n
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const it = asyncio.aiter(ticks())
 *   return [yield* asyncio.anext(it), yield* asyncio.anext(it)]
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 0, 1 ]
 * ```
 */
export function aiter<It>(iterable: { __aiter__(): It }): It
export function aiter<I extends AnyAsyncIterable<unknown, unknown>>(
  iterable: I
): AsyncIterableIterator<ItemOf<I>, ServicesOfIterable<I>>
export function aiter(iterable: unknown): unknown {
  if (typeof iterable === "object" && iterable !== null && "__aiter__" in iterable) {
    const iterator = (iterable as { __aiter__(): unknown }).__aiter__()
    if (hasAnext(iterator)) return iterator
    throw new TypeError(`aiter() returned not an async iterator of type '${pythonType(iterator)}'`)
  }
  if (isForeign(iterable)) return new SourceIterator(sourceOf(iterable))
  throw new TypeError(`'${pythonType(iterable)}' object is not an async iterable`)
}

const hasAnext = (value: unknown): value is AsyncIteratorLike<unknown, unknown> =>
  typeof value === "object" && value !== null && "__anext__" in value && typeof value.__anext__ === "function"

const isForeign = (value: unknown): boolean =>
  typeof value === "object" && value !== null && (Symbol.asyncIterator in value || "~effect/Stream" in value)

const anextDefinition = new CoroutineDefinition("anext", () => undefined)

/** What is iterated by other means than Python's protocol, dressed in it. */
class SourceIterator<A> {
  private readonly source: Source<A>

  constructor(source: Source<A>) {
    this.source = source
  }

  __aiter__(): this {
    return this
  }

  __anext__(): Coroutine<A> {
    return new Coroutine<A>(anextDefinition, nextOrStop as never, undefined, [this.source])
  }

  __repr__(): string {
    return "<async_iterator object>"
  }
}
installRepr(SourceIterator)

function* nextOrStop<A>(source: Source<A>): Body<A> {
  const value = yield* source.next() as Body<A | typeof END>
  if (value === END) throw new StopAsyncIteration()
  return value as A
}

/**
 * The next value of an asynchronous iterator. To be awaited.
 *
 * When interrupted: `CancelledError` is thrown where the iterator waits.
 *
 * @param iterator - an object with `__anext__`, such as an asynchronous generator
 * @param default_value - what it gives at the end
 * @throws `StopAsyncIteration` at the end, if there is no default; `TypeError` if it is not an asynchronous iterator
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const once = asyncio.async_generator(function* once() {
 *   yield "only"
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const it = once()
 *   return [yield* asyncio.anext(it), yield* asyncio.anext(it, "nothing")]
 * })
 * console.log(await asyncio.run(main())) // => [ 'only', 'nothing' ]
 * ```
 */
export function anext<N>(iterator: { __anext__(): N }): Coroutine<ResultOf<N>, ServicesOf<N>>
export function anext<N, D>(iterator: { __anext__(): N }, default_value: D): Coroutine<ResultOf<N> | D, ServicesOf<N>>
export function anext(iterator: unknown, ...defaults: ReadonlyArray<unknown>): unknown {
  if (!hasAnext(iterator)) throw new TypeError(`'${pythonType(iterator)}' object is not an async iterator`)
  const awaitable: unknown = iterator.__anext__()
  if (!isawaitable(awaitable)) throw new TypeError(`'${pythonType(awaitable)}' object can't be awaited`)
  if (defaults.length === 0 && awaitable instanceof Coroutine) return awaitable
  return new Coroutine(anextDefinition, anextBody as never, undefined, [awaitable, defaults])
}

function* anextBody(awaitable: AnyAwaitable, defaults: ReadonlyArray<unknown>): Body {
  try {
    return yield* steppable(awaitable) as Body
  } catch (error) {
    if (defaults.length > 0 && error instanceof StopAsyncIteration) return defaults[0]
    throw error
  }
}
