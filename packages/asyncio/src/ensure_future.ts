/**
 * What can be awaited, and the future for it.
 *
 * Follows CPython's `asyncio.ensure_future`.
 */

import type * as Effect from "effect/Effect"
import type { EventLoop } from "./base_events.ts"
import { TypeError, ValueError } from "./builtins.ts"
import {
  Coroutine,
  CoroutineDefinition,
  type CoroutineLike,
  isCoroutineLike,
  type ServicesOfStep,
  type Step
} from "./coroutines.ts"
import { get_event_loop } from "./events.ts"
import { type AnyFuture, type IfUnknown, isfuture } from "./futures.ts"
import { isEffect } from "./internal/effect_internals.ts"
import { repr } from "./internal/pyrepr.ts"
import type * as Public from "./public_classes.ts"

/**
 * An object of one's own that can be awaited. Its `__await__` returns the iterator to step through; `[Symbol.iterator]`, which
 * is what `yield*` asks for, returns the same.
 */
export interface CustomAwaitable<A, R = unknown> {
  __await__(): Iterator<Step<R>, A, unknown>
  [Symbol.iterator](): Iterator<Step<R>, A, unknown>
}

/** Whatever can be awaited: a coroutine, a future or task, any Effect, a bare generator, or an object with `__await__`. */
export type AnyAwaitable =
  | Effect.Effect<unknown, unknown, unknown>
  | Generator<unknown, unknown, never>
  | CustomAwaitable<unknown>

/** An awaitable that gives an `A` and asks for the services `R`. */
export type Awaitable<A, R = never> =
  | Effect.Effect<A, unknown, R>
  | Generator<Step<R>, A, unknown>
  | CustomAwaitable<A, R>

/** What an awaitable gives. */
export type ResultOf<T> =
  T extends Effect.Effect<infer A, unknown, unknown>
    ? A
    : T extends Generator<unknown, infer A, never>
      ? A
      : T extends CustomAwaitable<infer A>
        ? A
        : never

/** The services that an awaitable asks for. */
export type ServicesOf<T> =
  T extends Effect.Effect<unknown, unknown, infer R>
    ? R
    : T extends Generator<infer Y, unknown, never>
      ? ServicesOfStep<Y>
      : T extends { __await__(): Iterator<infer Y, unknown, never> }
        ? ServicesOfStep<Y>
        : never

/** An awaitable whose services are all provided; anything else is a type error that names what is missing. */
export type Provided<T> = [ServicesOf<T>] extends [never] ? T : Effect.Effect<ResultOf<T>, unknown, never>

/**
 * Tells whether it can be awaited.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * console.log(asyncio.isawaitable(asyncio.sleep(1)), asyncio.isawaitable(5)) // => true false
 * ```
 */
export function isawaitable<T>(value: T & IfUnknown<T>): value is T & IfUnknown<T> & Awaitable<unknown>
export function isawaitable(value: unknown): value is AnyAwaitable
export function isawaitable(value: unknown): boolean {
  return isCoroutineLike(value) || isEffect(value) || isCustom(value)
}

const isCustom = (value: unknown): value is CustomAwaitable<unknown> =>
  typeof value === "object" && value !== null && "__await__" in value && typeof value.__await__ === "function"

/**
 * The future for an awaitable: itself if it is one, a new task otherwise.
 *
 * When interrupted (the wait for it): it is cancelled, and a task is awaited.
 *
 * @param options.loop - the loop to make the task in; the running one if left out
 * @throws `TypeError` if it cannot be awaited, `ValueError` if the future belongs to another loop than the given one
 *
 * @returns a task for a coroutine or any other awaitable; the future itself if it is one
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const task = asyncio.ensure_future(asyncio.sleep(1, "slept"))
 *   return [asyncio.ensure_future(task) === task, yield* task]
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ true, 'slept' ]
 * ```
 */
export const ensure_future = <T extends AnyAwaitable>(
  coro_or_future: T,
  options?: { readonly loop?: EventLoop | undefined }
): T extends AnyFuture ? T : Public.Future<ResultOf<T>, ServicesOf<T>> => {
  type Result = T extends AnyFuture ? T : Public.Future<ResultOf<T>, ServicesOf<T>>
  if (isfuture(coro_or_future)) {
    if (options?.loop !== undefined && coro_or_future.get_loop() !== options.loop) {
      throw new ValueError("The future belongs to a different loop than the one specified as the loop argument")
    }
    return coro_or_future as unknown as Result
  }
  const coro = asCoroutine(coro_or_future)
  const loop = options?.loop ?? get_event_loop()
  return loop.create_task(coro) as unknown as Result
}

/** The coroutine for an awaitable that is not a future. */
export const asCoroutine = (awaitable: unknown): CoroutineLike => {
  if (isCoroutineLike(awaitable)) return awaitable
  if (isEffect(awaitable)) return wrapped(awaitable as Effect.Effect<unknown, unknown, never>)
  if (isCustom(awaitable)) return wrapped({ [Symbol.iterator]: () => awaitable.__await__() })
  throw new TypeError(`An asyncio.Future, a coroutine or an awaitable is required${adviceFor(awaitable)}`)
}

interface Steppable {
  [Symbol.iterator](): Iterator<unknown, unknown, never>
}

let definition: CoroutineDefinition | undefined

/** A coroutine, named as in CPython: the task that is made of it shows it. */
const wrapped = (awaitable: Steppable): CoroutineLike => {
  definition ??= new CoroutineDefinition("_wrap_awaitable", () => undefined)
  return new Coroutine(definition, stepThrough as never, undefined, [awaitable])
}

function* stepThrough(awaitable: Steppable): Generator<unknown, unknown, never> {
  return yield* awaitable
}

/** What to write instead, for the mistakes that only JavaScript has. */
export const adviceFor = (given: unknown): string => {
  if (typeof given === "function") return `, got ${repr(given)}: call it, ${given.name || "f"}(...)`
  if (given instanceof Promise) return ", got a promise: hand it over with asyncio.wrap_future(promise)"
  return ""
}

export const isCoroutineObject = (value: unknown): value is Coroutine<unknown, unknown> => value instanceof Coroutine
