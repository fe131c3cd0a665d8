/**
 * `async with`: a block between an entry and an exit, both of which may wait.
 *
 * Follows CPython's `async with` statement (PEP 492).
 */

import type * as Effect from "effect/Effect"
import { TypeError } from "./builtins.ts"
import { Coroutine, type Body as CoroutineBody, type ServicesOfStep, type Step } from "./coroutines.ts"
import { type Awaitable, isawaitable, type ResultOf, type ServicesOf } from "./ensure_future.ts"
import { pythonType, steppable } from "./internal/async_iteration.ts"
import { checkBody } from "./internal/bodies.ts"
import { Operation, OperationDefinition, type Steps } from "./internal/operation.ts"
import { type ManagerSteps, WithSteps } from "./internal/with_steps.ts"
import { ownSteps } from "./locks/acquirable.ts"
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
export function async_with<M extends AnyAsyncContextManager, Y extends Step, B>(
  manager: M,
  body: (value: Entered<M>) => Generator<Y, B, never>
): Coroutine<B | SwallowedByManager<M>, ServicesOfManager<M> | ServicesOfStep<Y>>
export function async_with<
  Ms extends readonly [AnyAsyncContextManager, ...ReadonlyArray<AnyAsyncContextManager>],
  Y extends Step,
  B
>(
  ...args: [...managers: Ms, body: (...values: EnteredAll<Ms>) => Generator<Y, B, never>]
): Coroutine<B | SwallowedByManager<Ms[number]>, ServicesOfManager<Ms[number]> | ServicesOfStep<Y>>
export function async_with(...args: ReadonlyArray<unknown>): Coroutine<unknown, unknown> {
  const body = args[args.length - 1]
  checkBody(body, "async_with", "x")
  if (args.length < 2) throw new TypeError("async_with() takes at least one context manager before its body")
  shareBodyPrototype(body)
  return new Operation(definition, args, body as Body)
}

type Body = (...values: ReadonlyArray<unknown>) => Steps<unknown>

const definition = new OperationDefinition<ReadonlyArray<unknown>, Body, unknown>("async_with", (args, body) =>
  args.length === 2 ? new WithSteps(stepsOf(args[0]), body) : within(args.slice(0, -1), 0, [], body)
)

/** The steps over the managers from `index` on, around the body. */
const within = (
  managers: ReadonlyArray<unknown>,
  index: number,
  values: ReadonlyArray<unknown>,
  body: Body
): Steps<unknown> =>
  index === managers.length
    ? body(...values)
    : new WithSteps(stepsOf(managers[index]), (value) => within(managers, index + 1, [...values, value], body))

const stepsOf = (manager: unknown): ManagerSteps => ownSteps(manager) ?? new ProtocolSteps(asManager(manager))

/** A manager by its two methods, whatever they return. */
class ProtocolSteps implements ManagerSteps {
  private readonly manager: AsyncContextManager<unknown>

  constructor(manager: AsyncContextManager<unknown>) {
    this.manager = manager
  }

  _enter_steps(): Steps<unknown> {
    return awaited(this.manager.__aenter__(), "__aenter__")[Symbol.iterator]()
  }

  _exit_steps(exc_type: unknown, exc_value: unknown): Steps<unknown> {
    return awaited(this.manager.__aexit__(exc_type, exc_value, undefined), "__aexit__")[Symbol.iterator]()
  }
}

const bodyPrototype: object = Object.getPrototypeOf(function* () {}).prototype as object

/**
 * A body is mostly a generator function written on the spot, made anew each time round. V8 then makes a prototype object for
 * each, at its first call, which nobody ever looks at; with one given, the call costs a third less (measured: 100,000
 * bodies).
 */
const shareBodyPrototype = (body: unknown): void => {
  ;(body as { prototype: object }).prototype = bodyPrototype
}

/**
 * The await of what a method of the protocol returned.
 *
 * @internal
 */
export const awaited = (awaitable: unknown, method: string): CoroutineBody => {
  if (isawaitable(awaitable)) return steppable(awaitable) as CoroutineBody
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
