/**
 * Small context managers, ready-made.
 *
 * Follows CPython's `contextlib.closing`, `aclosing`, `nullcontext` and `suppress`.
 */

import { BaseExceptionGroup } from "../builtins.ts"
import type { Awaitable } from "../ensure_future.ts"
import { type Callable, callable, callableAs } from "../internal/callable.ts"
import type { Matchable } from "../internal/exception_group.ts"

class ClosingClass<T extends { close(): unknown }> {
  /** What is closed at the end. */
  readonly thing: T

  constructor(thing: T) {
    this.thing = thing
  }

  __enter__(): T {
    return this.thing
  }

  __exit__(): undefined {
    this.thing.close()
    return undefined
  }
}

/**
 * Hands something to the block, and calls its `close()` at the end.
 *
 * @example
 * ```ts
 * import { closing, with_ } from "@skein/asyncio/contextlib"
 *
 * const file = { text: "hello", close: () => console.log("closed") }
 * console.log(with_(closing(file), ({ text }) => text))
 * // => closed
 * // => hello
 * ```
 */
export interface closing<T extends { close(): unknown }> extends ClosingClass<T> {}
/** The class {@link closing}, with and without `new`. */
export interface ClosingConstructor {
  new <T extends { close(): unknown }>(thing: T): closing<T>
  <T extends { close(): unknown }>(thing: T): closing<T>
  readonly prototype: closing<{ close(): unknown }>
}
export const closing: ClosingConstructor = callableAs<ClosingConstructor>(ClosingClass, "closing")

/** What {@link aclosing} closes. */
export interface Aclosable {
  /** Ends it; awaited. */
  aclose(): Awaitable<unknown, unknown>
}

/** The services that closing something asks for. */
type ServicesOfClose<T> = T extends { aclose(): Awaitable<unknown, infer R> } ? R : never

class AclosingClass<T extends Aclosable> {
  /** What is closed at the end. */
  readonly thing: T

  constructor(thing: T) {
    this.thing = thing
  }

  *__aenter__(): Generator<never, T, unknown> {
    return this.thing
  }

  __aexit__(): Awaitable<undefined, ServicesOfClose<T>> {
    return closeIt(this.thing) as Awaitable<undefined, ServicesOfClose<T>>
  }
}

function* closeIt(thing: Aclosable): Generator<unknown, undefined, never> {
  yield* thing.aclose() as Generator<unknown, unknown, never>
  return undefined
}

/**
 * Hands something to the block, and awaits its `aclose()` at the end: for asynchronous generators, whose clean-up then runs
 * where the block ends, and not some time later.
 *
 * When interrupted: in the block, it is closed all the same; while it is being closed, `CancelledError` is thrown into its clean-up.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { aclosing } from "@skein/asyncio/contextlib"
 *
 * const letters = asyncio.async_generator(function* letters() {
 *   try {
 *     for (const letter of "abc") yield letter
 *   } finally {
 *     console.log("closed")
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   yield* asyncio.async_with(aclosing(letters()), function* (all) {
 *     yield* asyncio.async_for(all, function* (letter) {
 *       console.log(letter)
 *       return asyncio.BREAK
 *     })
 *   })
 *   console.log("after")
 * })
 * await asyncio.run(main())
 * // => a
 * // => closed
 * // => after
 * ```
 */
export interface aclosing<T extends Aclosable> extends AclosingClass<T> {}
/** The class {@link aclosing}, with and without `new`. */
export interface AclosingConstructor {
  new <T extends Aclosable>(thing: T): aclosing<T>
  <T extends Aclosable>(thing: T): aclosing<T>
  readonly prototype: aclosing<Aclosable>
}
export const aclosing: AclosingConstructor = callableAs<AclosingConstructor>(AclosingClass, "aclosing")

class NullcontextClass<T = undefined> {
  /** What the block gets. */
  readonly enter_result: T

  constructor(enter_result?: T) {
    this.enter_result = enter_result as T
  }

  __enter__(): T {
    return this.enter_result
  }

  __exit__(): undefined {
    return undefined
  }

  *__aenter__(): Generator<never, T, unknown> {
    return this.enter_result
  }

  *__aexit__(): Generator<never, undefined, unknown> {
    return undefined
  }
}

/**
 * Does nothing: stands where a manager is needed and none is wanted, synchronous or asynchronous.
 *
 * @example
 * ```ts
 * import { closing, nullcontext, with_ } from "@skein/asyncio/contextlib"
 *
 * const file = { text: "hello", close: () => console.log("closed") }
 * const read = (ours: boolean) => with_(ours ? closing(file) : nullcontext(file), ({ text }) => text)
 * console.log(read(false)) // => hello
 * ```
 */
export interface nullcontext<T = undefined> extends NullcontextClass<T> {}
/** The class {@link nullcontext}, with and without `new`. */
export interface NullcontextConstructor {
  new (): nullcontext
  new <T>(enter_result: T): nullcontext<T>
  (): nullcontext
  <T>(enter_result: T): nullcontext<T>
  readonly prototype: nullcontext<unknown>
}
export const nullcontext: NullcontextConstructor = callableAs<NullcontextConstructor>(NullcontextClass, "nullcontext")

class SuppressClass {
  private readonly _exceptions: ReadonlyArray<Matchable>

  constructor(...exceptions: Array<Matchable>) {
    this._exceptions = exceptions
  }

  __enter__(): undefined {
    return undefined
  }

  /** True for the errors to swallow. Of an exception group the matching part is; the rest is thrown. */
  __exit__(_exctype: unknown, excinst: unknown, _exctb?: unknown): boolean {
    if (excinst === undefined || excinst === null) return false
    if (this._exceptions.some((Class) => excinst instanceof Class)) return true
    if (!(excinst instanceof BaseExceptionGroup)) return false
    const [, rest] = excinst.split(this._exceptions)
    if (rest === undefined) return true
    throw rest
  }
}

/**
 * Swallows exceptions of the given classes, also as parts of an exception group.
 *
 * @example
 * ```ts
 * import { KeyError } from "@skein/asyncio/builtins"
 * import { suppress, with_ } from "@skein/asyncio/contextlib"
 *
 * const found = with_(suppress(KeyError), () => {
 *   throw new KeyError("name")
 * })
 * console.log(found) // => undefined
 * ```
 */
export interface suppress extends SuppressClass {}
export const suppress: Callable<new (...exceptions: Array<Matchable>) => suppress> = callable(SuppressClass, "suppress")
