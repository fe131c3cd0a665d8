/**
 * `with`: a block between an entry and an exit that do not wait.
 *
 * Follows CPython's `with` statement (PEP 343).
 */

import type { SwallowedBy } from "../async_with.ts"
import { TypeError } from "../builtins.ts"
import {
  type Body,
  Coroutine,
  CoroutineDefinition,
  isCoroutineLike,
  isGeneratorFunction,
  type ServicesOfStep
} from "../coroutines.ts"
import { pythonType } from "../internal/async_iteration.ts"
import { raisedDuring, typeOfError } from "../internal/raising.ts"

/** An object that can stand in a {@link with_}. */
export interface ContextManager<A, Swallows = unknown> {
  /** Called before the block; what it gives is handed to the block. */
  __enter__(): A
  /**
   * Called after the block, also after an error: then with the class of the error and the error itself, else with `undefined`.
   * If what it gives is true, the error is swallowed.
   */
  __exit__(exc_type: unknown, exc_value: unknown, traceback: unknown): Swallows
}

/** Whatever {@link with_} takes: a context manager, or an object that is disposed of, JavaScript's way. */
export type AnyContextManager = ContextManager<unknown> | Disposable

/** What a manager hands to the block. */
export type EnteredWith<M> = M extends { __enter__(): infer A } ? A : M

/** What managers hand to the block, in their order. */
export type EnteredWithAll<Ms extends ReadonlyArray<unknown>> = { -readonly [K in keyof Ms]: EnteredWith<Ms[K]> }

/** `undefined` if the exit of a manager says by its type that it swallows errors: if it gives a plain `boolean`. */
export type SwallowedWith<M> = M extends { __exit__(...args: never): infer S } ? SwallowedBy<S> : never

/** What {@link with_} gives: the result of a plain body, a coroutine for a generator function. */
export type WithResult<B, Swallowed> = [B] extends [never]
  ? Swallowed
  : B extends Generator<infer Y, infer A, never>
    ? Coroutine<A | Swallowed, ServicesOfStep<Y>>
    : B | Swallowed

const definition = new CoroutineDefinition("with_", () => undefined)

/**
 * `with manager as x: body`. Gives what the body returns, `undefined` if an error was swallowed.
 *
 * A plain function as the body runs at once. A generator function may await: then the whole is to be awaited, with `yield*`.
 * Several managers may stand before the body, which gets one argument for each; they are left in reverse order.
 *
 * When interrupted (with a generator function): the exits run with the `CancelledError`.
 *
 * @param args - the managers, and as the last one the body
 * @throws `TypeError` if one is not a context manager, or if a plain function returns something that was to be awaited
 *
 * @example
 * ```ts
 * import { suppress, with_ } from "@skein/asyncio/contextlib"
 * import { KeyError } from "@skein/asyncio/builtins"
 *
 * const found = with_(suppress(KeyError), () => {
 *   throw new KeyError("name")
 * })
 * console.log(found) // => undefined
 * ```
 */
export function with_<Ms extends readonly [AnyContextManager, ...ReadonlyArray<AnyContextManager>], B>(
  ...args: [...managers: Ms, body: (...values: EnteredWithAll<Ms>) => B]
): WithResult<B, SwallowedWith<Ms[number]>>
export function with_(...args: ReadonlyArray<unknown>): unknown {
  const body = args[args.length - 1]
  const managers = args.slice(0, -1)
  if (typeof body !== "function") throw new TypeError(`with_() takes a function as its body, got ${pythonType(body)}`)
  if (managers.length === 0) throw new TypeError("with_() takes at least one context manager before its body")
  return isGeneratorFunction(body)
    ? new Coroutine(definition, awaiting as never, undefined, [managers, 0, [], body])
    : atOnce(managers, 0, [], body as Block)
}

type Block = (...values: ReadonlyArray<unknown>) => unknown

const atOnce = (managers: ReadonlyArray<unknown>, index: number, values: Array<unknown>, body: Block): unknown => {
  if (index === managers.length) {
    const result = body(...values)
    if (isCoroutineLike(result) || result instanceof Promise) {
      throw new TypeError(
        `the body of with_() returned ${pythonType(result)}, which would run after the exit. ` +
          "Write the body as a generator function, function* (x) { ... }, and await the whole: yield* with_(...)"
      )
    }
    return result
  }
  const manager = asContextManager(managers[index])
  const value = manager.__enter__()
  let result: unknown
  try {
    result = atOnce(managers, index + 1, [...values, value], body)
  } catch (error) {
    exitAfter(manager, error)
    return undefined
  }
  manager.__exit__(undefined, undefined, undefined)
  return result
}

function* awaiting(
  managers: ReadonlyArray<unknown>,
  index: number,
  values: ReadonlyArray<unknown>,
  body: (...values: ReadonlyArray<unknown>) => Body
): Body {
  if (index === managers.length) return yield* body(...values)
  const manager = asContextManager(managers[index])
  const value = manager.__enter__()
  let result: unknown
  try {
    result = yield* awaiting(managers, index + 1, [...values, value], body)
  } catch (error) {
    exitAfter(manager, error)
    return undefined
  }
  manager.__exit__(undefined, undefined, undefined)
  return result
}

/** Leaves a block that ended with an error; throws unless the error is swallowed. */
const exitAfter = (manager: ContextManager<unknown>, error: unknown): void => {
  let swallowed: unknown
  try {
    swallowed = manager.__exit__(typeOfError(error), error, undefined)
  } catch (replacement) {
    throw raisedDuring(replacement, error)
  }
  if (!swallowed) throw error
}

/** True if a value has a method of that name. */
export const hasMethod = (value: unknown, key: PropertyKey): boolean =>
  value !== undefined && value !== null && typeof (value as Record<PropertyKey, unknown>)[key] === "function"

/** The protocol of what was given to {@link with_}. */
export const asContextManager = (manager: unknown): ContextManager<unknown> => {
  const missing = hasMethod(manager, "__exit__")
    ? hasMethod(manager, "__enter__")
      ? undefined
      : "__enter__"
    : "__exit__"
  if (missing === undefined) return manager as ContextManager<unknown>
  if (hasMethod(manager, Symbol.dispose)) return disposal(manager as Disposable)
  const asynchronous = hasMethod(manager, "__aenter__") && hasMethod(manager, "__aexit__")
  throw new TypeError(
    `'${pythonType(manager)}' object does not support the context manager protocol (missed ${missing} method)` +
      (asynchronous
        ? " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
        : typeof manager === "function"
          ? `: call it, ${manager.name || "f"}(...)`
          : "")
  )
}

const disposal = (disposable: Disposable): ContextManager<Disposable> => ({
  __enter__: () => disposable,
  __exit__: () => disposable[Symbol.dispose]()
})
