/**
 * Context managers written as generators: what stands before the `yield` is the entry, what stands after it the exit.
 *
 * Follows CPython's `contextlib.contextmanager` and `asynccontextmanager`.
 */

import {
  type AsyncGenerator,
  async_generator,
  type EmittedBy,
  END,
  isAsyncGeneratorFunction
} from "../async_generators.ts"
import { GeneratorExit, RuntimeError, StopAsyncIteration, StopIteration, TypeError } from "../builtins.ts"
import { isGeneratorFunction, type ServicesOfStep } from "../coroutines.ts"
import type { Awaitable } from "../ensure_future.ts"
import type { IfPlain, Returning, ReturnOf } from "../internal/plain_functions.ts"
import { repr } from "../internal/pyrepr.ts"
import { raisedDuring } from "../internal/raising.ts"
import { AsyncContextDecorator, ContextDecorator } from "./abstract.ts"

type SyncBody = Generator<unknown, unknown, never>

/**
 * What a function made by {@link contextmanager} returns: good for one `with`.
 *
 * @example
 * ```ts
 * import { contextmanager, with_ } from "@skein/asyncio/contextlib"
 *
 * const answer = contextmanager(function* answer() {
 *   yield 42
 * })
 * const manager = answer()
 * console.log(with_(manager, (n) => n)) // => 42
 * ```
 */
export class GeneratorContextManager<A> extends ContextDecorator {
  private readonly _make: () => SyncBody
  private readonly _gen: SyncBody

  /** @internal */
  constructor(make: () => SyncBody) {
    super()
    this._make = make
    this._gen = make()
  }

  /** As a decorator, each call has a manager of its own. */
  override _recreate_cm(): GeneratorContextManager<A> {
    return new GeneratorContextManager<A>(this._make)
  }

  __enter__(): A {
    const result = this._next()
    if (result.done === true) throw new RuntimeError("generator didn't yield")
    return result.value as A
  }

  __exit__(exc_type: unknown, exc_value: unknown, _traceback?: unknown): boolean | undefined {
    if (isNone(exc_type) && isNone(exc_value)) {
      if (this._next().done === true) return false
      return this._didNotStop("generator didn't stop", undefined)
    }
    const error = exc_value ?? new (exc_type as new () => unknown)()
    try {
      if (this._gen.throw(error).done === true) return true
    } catch (raised) {
      if (raised === error) return false
      // A StopIteration thrown into a generator comes back wrapped in Python; here only if the body wraps it.
      if (raised instanceof RuntimeError && error instanceof StopIteration && raised.cause === error) return false
      throw raisedDuring(wrapStopIteration(raised), error)
    }
    return this._didNotStop("generator didn't stop after throw()", error)
  }

  private _next(): IteratorResult<unknown, unknown> {
    try {
      return this._gen.next()
    } catch (raised) {
      throw wrapStopIteration(raised)
    }
  }

  private _didNotStop(message: string, handled: unknown): never {
    const error = raisedDuring(new RuntimeError(message), handled)
    try {
      closeGenerator(this._gen)
    } catch (raised) {
      throw raisedDuring(raised, error)
    }
    throw error
  }
}

/** As Python's generators do, so that nobody takes it for their end (PEP 479). */
const wrapStopIteration = (raised: unknown): unknown =>
  raised instanceof StopIteration ? new RuntimeError("generator raised StopIteration", { cause: raised }) : raised

const isNone = (value: unknown): boolean => value === undefined || value === null

const closeGenerator = (gen: SyncBody): void => {
  try {
    if (gen.throw(new GeneratorExit()).done === true) return
  } catch (raised) {
    if (raised instanceof GeneratorExit || raised instanceof StopIteration) return
    throw raised
  }
  throw new RuntimeError("generator ignored GeneratorExit")
}

/**
 * Makes a context manager function from a generator function that yields once: its value goes to the block, and an error of
 * the block is thrown at the `yield`. If the generator ends all the same, the error is swallowed.
 *
 * @param func - a generator function
 * @throws `TypeError` if it is given anything else
 *
 * @example
 * ```ts
 * import { contextmanager, with_ } from "@skein/asyncio/contextlib"
 *
 * const tag = contextmanager(function* tag(name: string) {
 *   console.log(`<${name}>`)
 *   try {
 *     yield name.toUpperCase()
 *   } finally {
 *     console.log(`</${name}>`)
 *   }
 * })
 * with_(tag("p"), (upper) => console.log(upper))
 * // => <p>
 * // => P
 * // => </p>
 * ```
 */
export function contextmanager<F>(
  func: F & IfPlain<F, IfGenerator<ReturnOf<F>>>
): Returning<F, GeneratorContextManager<YieldedBy<ReturnOf<F>>>>
export function contextmanager<Args extends ReadonlyArray<unknown>, A>(
  func: (this: void, ...args: Args) => Generator<A, unknown, never>
): (...args: Args) => GeneratorContextManager<A>
export function contextmanager<This, Args extends ReadonlyArray<unknown>, A>(
  func: (this: This, ...args: Args) => Generator<A, unknown, never>
): (this: This, ...args: Args) => GeneratorContextManager<A>
export function contextmanager(func: unknown): unknown {
  checkGeneratorFunction("contextmanager", func)
  const body = func as (...args: ReadonlyArray<unknown>) => SyncBody
  const helper = function (this: unknown, ...args: ReadonlyArray<unknown>): GeneratorContextManager<unknown> {
    return new GeneratorContextManager(() => body.apply(this, args as never))
  }
  Object.defineProperty(helper, "name", { value: body.name, configurable: true })
  return helper
}

/** `unknown` for a generator, else `never`. */
type IfGenerator<G> = G extends Generator<unknown, unknown, never> ? unknown : never

/** What a generator yields. */
type YieldedBy<G> = G extends Generator<infer A, unknown, never> ? A : never

/**
 * What a function made by {@link asynccontextmanager} returns: good for one `async with`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { asynccontextmanager } from "@skein/asyncio/contextlib"
 *
 * const answer = asynccontextmanager(function* answer() {
 *   yield* asyncio.sleep(1)
 *   yield 42
 * })
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.async_with(answer(), function* (n) {
 *     return n
 *   })
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 42
 * ```
 */
export class AsyncGeneratorContextManager<A, R = never> extends AsyncContextDecorator {
  private readonly _make: () => AsyncGenerator<A, never, R>
  private readonly _gen: AsyncGenerator<A, never, R>

  /** @internal */
  constructor(make: () => AsyncGenerator<A, never, R>) {
    super()
    this._make = make
    this._gen = make()._unwatched()
  }

  /** As a decorator, each call has a manager of its own. */
  override _recreate_cm(): AsyncGeneratorContextManager<A, R> {
    return new AsyncGeneratorContextManager<A, R>(this._make)
  }

  __aenter__(): Awaitable<A, R> {
    return enter(this._gen as AnyGenerator) as Awaitable<A, R>
  }

  __aexit__(exc_type: unknown, exc_value: unknown, _traceback?: unknown): Awaitable<boolean | undefined, R> {
    const gen = this._gen as AnyGenerator
    const exit =
      isNone(exc_type) && isNone(exc_value)
        ? exitQuietly(gen)
        : exitWith(gen, exc_value ?? new (exc_type as new () => unknown)())
    return exit as Awaitable<boolean | undefined, R>
  }
}

type AnyGenerator = AsyncGenerator<unknown, never, never>

function* enter(gen: AnyGenerator): Generator<unknown, unknown, never> {
  const value = yield* gen._next()
  if (value === END) throw new RuntimeError("generator didn't yield")
  return value
}

function* exitQuietly(gen: AnyGenerator): Generator<unknown, boolean, never> {
  if ((yield* gen._next()) === END) return false
  return yield* didNotStop(gen, "generator didn't stop", undefined)
}

function* exitWith(gen: AnyGenerator, error: unknown): Generator<unknown, boolean, never> {
  try {
    yield* gen.athrow(error)
  } catch (raised) {
    if (raised === error) return false
    if (raised instanceof StopAsyncIteration) return true
    if (
      raised instanceof RuntimeError &&
      (error instanceof StopIteration || error instanceof StopAsyncIteration) &&
      raised.cause === error
    ) {
      return false
    }
    throw raisedDuring(raised, error)
  }
  return yield* didNotStop(gen, "generator didn't stop after athrow()", error)
}

function* didNotStop(gen: AnyGenerator, message: string, handled: unknown): Generator<unknown, never, never> {
  const error = raisedDuring(new RuntimeError(message), handled)
  try {
    yield* gen.aclose()
  } catch (raised) {
    throw raisedDuring(raised, error)
  }
  throw error
}

/**
 * Makes an asynchronous context manager function from the body of an asynchronous generator that gives one value, by a plain
 * `yield`; `yield*` awaits, before it and after it. The value goes to the block, and an error of the block is thrown at the
 * `yield`. If the body ends all the same, the error is swallowed.
 *
 * When interrupted: `CancelledError` is thrown where the body waits, or at the `yield` if the block does. Nothing was entered if
 * it had not come to its `yield`.
 *
 * @param func - a generator function, as for `async_generator`, or an asynchronous generator function
 * @throws `TypeError` if it is given anything else
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { asynccontextmanager } from "@skein/asyncio/contextlib"
 *
 * const connection = asynccontextmanager(function* connection(host: string) {
 *   yield* asyncio.sleep(1)
 *   try {
 *     yield `connected to ${host}`
 *   } finally {
 *     yield* asyncio.sleep(1)
 *     console.log("disconnected")
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   yield* asyncio.async_with(connection("example"), function* (state) {
 *     console.log(state)
 *   })
 * })
 * await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })
 * // => connected to example
 * // => disconnected
 * ```
 */
export function asynccontextmanager<F>(
  func: F & IfPlain<F, IfOneValue<ReturnOf<F>>>
): Returning<F, AsyncManagerOf<ReturnOf<F>>>
export function asynccontextmanager<Args extends ReadonlyArray<unknown>, G extends OneValue>(
  func: (this: void, ...args: Args) => G
): (...args: Args) => AsyncManagerOf<G>
export function asynccontextmanager<This, Args extends ReadonlyArray<unknown>, G extends OneValue>(
  func: (this: This, ...args: Args) => G
): (this: This, ...args: Args) => AsyncManagerOf<G>
export function asynccontextmanager(func: unknown): unknown {
  if (!isAsyncGeneratorFunction(func)) checkGeneratorFunction("asynccontextmanager", func)
  const body = func as (...args: ReadonlyArray<unknown>) => unknown
  const make = (isGeneratorFunction(func) ? async_generator(func as never) : func) as typeof body
  const helper = function (this: unknown, ...args: ReadonlyArray<unknown>): unknown {
    return new AsyncGeneratorContextManager(() => make.apply(this, args as never) as AnyGenerator)
  }
  Object.defineProperty(helper, "name", { value: body.name, configurable: true })
  return helper
}

/** What the function behind an {@link asynccontextmanager} returns. */
type OneValue = Generator<unknown, unknown, never> | AsyncGenerator<unknown, never, unknown>

/** `unknown` for a generator of either kind, else `never`. */
type IfOneValue<G> = G extends OneValue ? unknown : never

/** The manager for a generator of either kind. */
export type AsyncManagerOf<G> =
  G extends AsyncGenerator<infer A, never, infer R>
    ? AsyncGeneratorContextManager<A, R>
    : G extends Generator<infer Y, unknown, never>
      ? AsyncGeneratorContextManager<EmittedBy<Y>, ServicesOfStep<Y>>
      : never

const checkGeneratorFunction = (what: string, given: unknown): void => {
  if (isGeneratorFunction(given)) return
  const got = `${what}() takes a generator function (function* () { ... yield value ... }), got ${repr(given)}.`
  if (typeof given !== "function") throw new TypeError(got)
  if (given.constructor.name === "AsyncGeneratorFunction") {
    throw new TypeError(`${got} Write function* for async function*, and yield* for await.`)
  }
  throw new TypeError(`${got} Write the star: function* ${given.name}(...) { ... }.`)
}
