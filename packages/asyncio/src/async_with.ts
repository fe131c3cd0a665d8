/**
 * `async with`: a block between an entry and an exit, both of which may wait.
 *
 * Follows CPython's `async with` statement (PEP 492).
 */

import type * as Effect from "effect/Effect"
import { TypeError } from "./builtins.ts"
import { type Body, Coroutine, CoroutineDefinition, type ServicesOfStep } from "./coroutines.ts"
import { type Awaitable, isawaitable, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { pythonType } from "./internal/async_iteration.ts"
import { checkBody } from "./internal/bodies.ts"
import { raisedDuring, typeOfError } from "./internal/raising.ts"
import { wrap_future } from "./wrap_future.ts"

/** An object that can stand in an {@link async_with}. */
export interface AsyncContextManager<A, R = never> {
  /** Awaited before the block; what it gives is handed to the block. */
  __aenter__(): Awaitable<A, R>
  /**
   * Awaited after the block, also after an error or a cancellation: then with the class of the error and the error itself,
   * else with `undefined`. If what it gives is true, the error is swallowed.
   */
  __aexit__(exc_type: unknown, exc_value: unknown, traceback: unknown): Awaitable<unknown, R>
}

/** Whatever {@link async_with} takes: a context manager, or an object that is disposed of asynchronously, JavaScript's way. */
export type AnyAsyncContextManager = AsyncContextManager<unknown, unknown> | AsyncDisposable

/** What a manager hands to the block. */
export type Entered<M> = M extends { __aenter__(): Awaitable<infer A, unknown> } ? A : M

/** What managers hand to the block, in their order. */
export type EnteredAll<Ms extends ReadonlyArray<unknown>> = { -readonly [K in keyof Ms]: Entered<Ms[K]> }

/** The services that a manager's entry and exit ask for. */
export type ServicesOfManager<M> = M extends { __aenter__(): infer E; __aexit__(...args: never): infer X }
  ? ServicesOf<E> | ServicesOf<X>
  : never

/** `undefined` for what an exit gives that swallows errors; a `boolean | undefined` is taken not to. */
export type SwallowedBy<S> = [S] extends [boolean] ? ([S] extends [false] ? never : undefined) : never

/** `undefined` if the exit of a manager says by its type that it swallows errors: if it gives a plain `boolean`. */
export type SwallowedByManager<M> = M extends { __aexit__(...args: never): infer W } ? SwallowedBy<ResultOf<W>> : never

const definition = new CoroutineDefinition("async_with", () => undefined)

/**
 * `async with manager as x: body`. To be awaited; gives what the body returns.
 *
 * Several managers may stand before the body: they are entered in order and left in reverse order, and the body gets one
 * argument for each. An exit that gives something true swallows the error, and the whole gives `undefined`; an error of an exit
 * replaces the one that it was called with, which becomes its `__context__`.
 *
 * When interrupted: in an entry, nothing was entered and no exit runs; in the body, the exit runs to its end with the
 * `CancelledError`; in an exit, `CancelledError` is thrown into the exit.
 *
 * @param args - the managers, and as the last one the body: a generator function
 * @throws `TypeError` if one is not an asynchronous context manager, or if the body is not a generator function
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * class Connection {
 *   *__aenter__() {
 *     yield* asyncio.sleep(1)
 *     return "connected"
 *   }
 *   *__aexit__() {
 *     yield* asyncio.sleep(1)
 *   }
 * }
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.async_with(new Connection(), function* (state) {
 *     return `${state}, at ${asyncio.get_running_loop().time()}`
 *   })
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => connected, at 1
 * ```
 */
export function async_with<M extends AnyAsyncContextManager, Y, B>(
  manager: M,
  body: (value: Entered<M>) => Generator<Y, B, never>
): Coroutine<B | SwallowedByManager<M>, ServicesOfManager<M> | ServicesOfStep<Y>>
export function async_with<
  Ms extends readonly [AnyAsyncContextManager, ...ReadonlyArray<AnyAsyncContextManager>],
  Y,
  B
>(
  ...args: [...managers: Ms, body: (...values: EnteredAll<Ms>) => Generator<Y, B, never>]
): Coroutine<B | SwallowedByManager<Ms[number]>, ServicesOfManager<Ms[number]> | ServicesOfStep<Y>>
export function async_with(...args: ReadonlyArray<unknown>): Coroutine<unknown, unknown> {
  const body = args[args.length - 1]
  checkBody(body, "async_with", "x")
  if (args.length < 2) throw new TypeError("async_with() takes at least one context manager before its body")
  if (args.length === 2) return new Coroutine(definition, withOne as never, undefined, args)
  return new Coroutine(definition, withSeveral as never, undefined, [args.slice(0, -1), 0, [], body])
}

type Block = (...values: ReadonlyArray<unknown>) => Body

/** @internal */
export function* withOne(manager: unknown, block: Block): Body {
  const protocol = asManager(manager)
  const value = yield* awaited(protocol.__aenter__(), "__aenter__")
  let result: unknown
  try {
    result = yield* block(value)
  } catch (error) {
    let swallowed: unknown
    try {
      swallowed = yield* awaited(protocol.__aexit__(typeOfError(error), error, undefined), "__aexit__")
    } catch (replacement) {
      throw raisedDuring(replacement, error)
    }
    if (isTrue(swallowed)) return undefined
    throw error
  }
  yield* awaited(protocol.__aexit__(undefined, undefined, undefined), "__aexit__")
  return result
}

const withSeveral = function* (
  managers: ReadonlyArray<unknown>,
  index: number,
  values: ReadonlyArray<unknown>,
  block: Block
): Body {
  if (index === managers.length) return yield* block(...values)
  return yield* withOne(managers[index], (value) => withSeveral(managers, index + 1, [...values, value], block))
}

/** Python's `bool(x)`, for what an exit may give. */
const isTrue = (value: unknown): boolean => Boolean(value)

/**
 * The await of what a method of the protocol returned.
 *
 * @internal
 */
export const awaited = (awaitable: unknown, method: string): Body => {
  if (isawaitable(awaitable)) return awaitable as Body
  const advice =
    awaitable instanceof Promise
      ? `. Write it as a generator method, *${method}(...) { ... }, with yield* for await`
      : ""
  throw new TypeError(
    `'async with' received an object from ${method} that does not implement __await__: ${pythonType(awaitable)}${advice}`
  )
}

const has = (value: unknown, key: PropertyKey): boolean =>
  value !== undefined && value !== null && typeof (value as Record<PropertyKey, unknown>)[key] === "function"

/** @internal */
export const asManager = (manager: unknown): AsyncContextManager<unknown> => {
  const missing = has(manager, "__aexit__") ? (has(manager, "__aenter__") ? undefined : "__aenter__") : "__aexit__"
  if (missing === undefined) return manager as AsyncContextManager<unknown>
  if (has(manager, Symbol.asyncDispose)) return new Disposal(manager as AsyncDisposable)
  const synchronous = has(manager, "__enter__") && has(manager, "__exit__")
  throw new TypeError(
    `'${pythonType(manager)}' object does not support the asynchronous context manager protocol (missed ${missing} method)` +
      (synchronous ? " but it supports the context manager protocol. Did you mean to use 'with'?" : adviceFor(manager))
  )
}

const adviceFor = (given: unknown): string => {
  if (given instanceof Coroutine) return ": await it first, with yield*"
  if (typeof given === "function") return `: call it, ${given.name || "f"}(...)`
  if (given instanceof Promise) return ": await it first, with yield* asyncio.wrap_future(promise)"
  return ""
}

/** An object of JavaScript's own protocol: it is its own value, and is disposed of at the end. */
class Disposal implements AsyncContextManager<AsyncDisposable> {
  private readonly disposable: AsyncDisposable

  constructor(disposable: AsyncDisposable) {
    this.disposable = disposable
  }

  *__aenter__(): Generator<never, AsyncDisposable, unknown> {
    return this.disposable
  }

  *__aexit__(): Generator<Effect.Effect<unknown, unknown>, void, unknown> {
    yield* wrap_future(Promise.resolve(this.disposable[Symbol.asyncDispose]()))
  }
}
