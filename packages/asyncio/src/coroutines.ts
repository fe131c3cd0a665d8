/**
 * Coroutines: generators that wait with `yield*`, wrapped so that they are Effects too.
 *
 * Follows CPython's coroutine objects and `asyncio.coroutines`, with one deliberate difference: a coroutine can be run more
 * than once, so that `Effect.retry` and its kin work on it.
 */

import type * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import { TypeError } from "./builtins.ts"
import type { IfUnknown } from "./futures.ts"
import { currentFiber } from "./internal/effect_internals.ts"
import { awaitInEffect } from "./internal/hosting.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import { CoroutineDefinition, type Origin } from "./internal/never_awaited.ts"
import type { IfPlain, Returning, ReturnOf } from "./internal/plain_functions.ts"
import { address, installRepr, repr } from "./internal/pyrepr.ts"
import { getSteppedFiber } from "./internal/running.ts"
import { callerSite } from "./internal/source_site.ts"

export { CoroutineDefinition } from "./internal/never_awaited.ts"

/** What tells an effect that was awaited from a coroutine, a future or a task that stands behind a `yield` without its star. */
interface AwaitedWithStar {
  readonly _definition?: never
  readonly _loop?: never
}

/**
 * What comes up from a coroutine's awaits: the effect behind a `yield*` that asks for the services `R`, or a bare `yield`. What a
 * plain `yield` in the place of `yield*` hands over (a coroutine, a future, a generator, a promise) is not among it.
 */
export type Step<R = unknown> = (Effect.Effect<unknown, unknown, R> & AwaitedWithStar) | BareYield | undefined | null

/** The services that the effects among `Y` ask for; where `any` hides what is awaited, nothing is known of them. */
export type ServicesOfStep<Y> = 0 extends 1 & Y ? never : Y extends Effect.Effect<unknown, unknown, infer R> ? R : never

/**
 * The type to annotate a generator function with that is a coroutine's body, where TypeScript cannot infer it: in recursion.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const sum = asyncio.coroutine(function* sum(n: number): asyncio.Body<number> {
 *   yield* asyncio.sleep(0)
 *   return n === 0 ? 0 : n + (yield* sum(n - 1))
 * })
 * console.log(await asyncio.run(sum(4))) // => 10
 * ```
 */
export type AnnotatedBody<A = unknown, R = never> = Generator<Step<R>, A, unknown>

/** One suspension without anything to wait for: what `sleep(0)` makes. */
export class BareYield {
  /** @internal */
  readonly _bare_yield = true
}

// Both are read only, by the driver and by `yield*`: one of each is enough.
const bareYield: IteratorYieldResult<BareYield> = { done: false, value: new BareYield() }
const endedWithNothing: IteratorReturnResult<never> = { done: true, value: undefined as never }

/** Steps of one bare yield and then a value. */
export class BareYieldIterator<A> implements Iterator<BareYield, A, unknown> {
  private readonly value: A
  private yielded = false

  constructor(value: A) {
    this.value = value
  }

  next(): IteratorResult<BareYield, A> {
    if (this.yielded) return this.value === undefined ? endedWithNothing : { done: true, value: this.value }
    this.yielded = true
    return bareYield
  }

  throw(error: unknown): IteratorResult<BareYield, A> {
    throw error
  }
}

/** The generator that a coroutine's body is. */
export type Body<A = unknown> = Generator<unknown, A, unknown>

/**
 * A call of a coroutine function that has not run: lazy, as in Python. Awaited with `yield*`, made a task, or run as an
 * Effect (anything may be thrown, hence the error type `unknown`; `R` are the services that the body asks for).
 *
 * When interrupted (as an Effect): `CancelledError` is thrown at its await point, and its `catch` and `finally` blocks run to
 * the end before the interruption is complete.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const greet = asyncio.coroutine(function* greet(name: string) {
 *   yield* asyncio.sleep(1)
 *   return `hello ${name}`
 * })
 * const waiting: asyncio.Coroutine<string> = greet("world")
 * console.log(await asyncio.run(waiting, { loop_factory: asyncio.VirtualEventLoop })) // => hello world
 * ```
 */
export class Coroutine<A = unknown, R = never> extends Effectable.Class<A, unknown, R> {
  readonly _definition: CoroutineDefinition
  private readonly _body: (...args: ReadonlyArray<never>) => Generator<unknown, A, never>
  private readonly _self: unknown
  /** The arguments; or the only one, unless that is a list itself. Most calls have one, and a list of it would be two objects. */
  private readonly _args: unknown
  /** Where it was made, until it begins. */
  _origin: Origin | undefined

  /** @internal */
  constructor(
    definition: CoroutineDefinition,
    body: (...args: ReadonlyArray<never>) => Generator<unknown, A, never>,
    self: unknown,
    args: ReadonlyArray<unknown>
  ) {
    super()
    this._definition = definition
    this._body = body
    this._self = self
    this._args = args.length === 1 && !Array.isArray(args[0]) ? args[0] : args
    this._origin = definition.noteMade(this)
  }

  /**
   * Inside another coroutine: the raw generator, so that JavaScript's own `yield*` delegates to it. Anywhere else (in
   * `Effect.gen`): this coroutine as one effect, since `Effect.gen` never throws into its generator.
   */
  override [Symbol.iterator](): Effect.EffectIterator<Effect.Effect<A, unknown, R>> {
    const stepped = getSteppedFiber()
    if (stepped !== undefined && stepped === currentFiber()) {
      return this._begin() as unknown as Effect.EffectIterator<Effect.Effect<A, unknown, R>>
    }
    return super[Symbol.iterator]()
  }

  /** A fresh run of the body. */
  _begin(): Body<A> {
    this.close()
    const [body, args] = [this._body as (...args: ReadonlyArray<unknown>) => Body<A>, this._args]
    return Array.isArray(args) ? body.apply(this._self, args) : body.call(this._self, args)
  }

  /** Declares that the coroutine will not be awaited, and that this is no mistake. */
  close(): void {
    const origin = this._origin
    if (origin === undefined) return
    this._origin = undefined
    this._definition.noteBegun(this, origin)
  }

  /** The run of the coroutine as a plain effect: in the loop of the fiber that runs it, or in a loop of its own. */
  asEffect(): Effect.Effect<A, unknown, R> {
    return awaitInEffect(this)
  }

  /** CPython's type of those that have no name there. */
  get _typeWithoutName(): string | undefined {
    return undefined
  }

  get __name__(): string {
    return this._definition.name
  }

  __repr__(): string {
    return `<coroutine object ${this._definition.name} at ${address(this)}>`
  }
}
installRepr(Coroutine)
keepShape(() => new BareYieldIterator(undefined))
keepShape(() => {
  const never = new Coroutine(new CoroutineDefinition("never", () => undefined), function* () {}, undefined, [])
  never.close()
  return never
})

/** Something that can be made a task: a coroutine, or a bare generator, which is a coroutine that runs once. */
export type CoroutineLike<A = unknown, R = unknown> = Coroutine<A, R> | Generator<unknown, A, never>

const GeneratorFunction = Object.getPrototypeOf(function* () {}) as object
const generatorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())) as object

/** True for generator objects. */
export const isGenerator = (value: unknown): value is Generator<unknown, unknown, never> =>
  typeof value === "object" && value !== null && Object.prototype.isPrototypeOf.call(generatorPrototype, value)

/** True for generator functions. */
export const isGeneratorFunction = (
  value: unknown
): value is (...args: ReadonlyArray<never>) => Generator<unknown, unknown, never> =>
  typeof value === "function" && Object.prototype.isPrototypeOf.call(GeneratorFunction, value)

export const isCoroutineLike = (value: unknown): value is CoroutineLike =>
  value instanceof Coroutine || isGenerator(value)

/** The coroutine for a generator. */
export type CoroutineOf<G> = G extends Generator<infer Y, infer A, never> ? Coroutine<A, ServicesOfStep<Y>> : never

/** The coroutine function for a body that has no type parameters. */
export type CoroutineFunction<F> = Returning<F, CoroutineOf<ReturnOf<F>>>

/** `unknown` for a generator whose awaits have their star, else `never`; what it awaits may be hidden behind `unknown`. */
export type IfStarred<G> =
  G extends Generator<infer Y, unknown, never>
    ? unknown extends Y
      ? unknown
      : [Y] extends [Step]
        ? unknown
        : never
    : never

/** Shared, so that a call without arguments keeps no list of its own. */
const noArguments: ReadonlyArray<never> = []

const coroutineFunctions = new WeakMap<object, CoroutineDefinition>()

/**
 * Makes a generator function a coroutine function: calling it gives a {@link Coroutine}.
 *
 * Name the inner function: its name is what reprs, warnings and the task tree show.
 *
 * @param body - a generator function; in it, `yield*` awaits coroutines, futures, tasks and any Effect
 * @throws `TypeError` if it is given anything else, and tells what to write instead
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const double = asyncio.coroutine(function* double(x: number) {
 *   yield* asyncio.sleep(0)
 *   return 2 * x
 * })
 * console.log(await asyncio.run(double(21))) // => 42
 * ```
 */
export function coroutine<F>(body: F & IfPlain<F, IfStarred<ReturnOf<F>>>): CoroutineFunction<F>
export function coroutine<Args extends ReadonlyArray<unknown>, Y extends Step, A>(
  body: (this: void, ...args: Args) => Generator<Y, A, never>
): (...args: Args) => Coroutine<A, ServicesOfStep<Y>>
export function coroutine<This, Args extends ReadonlyArray<unknown>, Y extends Step, A>(
  body: (this: This, ...args: Args) => Generator<Y, A, never>
): (this: This, ...args: Args) => Coroutine<A, ServicesOfStep<Y>>
export function coroutine(body: unknown): unknown {
  if (!isGeneratorFunction(body)) throw new TypeError(notAGeneratorFunction(body))
  const definition = new CoroutineDefinition(body.name || "<anonymous>", callerSite)
  const make = function (this: unknown, ...args: ReadonlyArray<unknown>): Coroutine {
    return new Coroutine(definition, body, this, args.length === 0 ? noArguments : args)
  }
  Object.defineProperty(make, "name", { value: definition.name, configurable: true })
  Object.defineProperty(make, "length", { value: body.length, configurable: true })
  coroutineFunctions.set(make, definition)
  return make
}

const notAGeneratorFunction = (given: unknown): string => {
  const got = `coroutine() takes a generator function (function* () { ... }), got ${repr(given)}.`
  if (typeof given !== "function") return got
  if (given.constructor.name === "AsyncFunction")
    return `${got} Write function* for async function and yield* for await.`
  return `${got} Write the star: function* ${given.name}(...) { ... }.`
}

/**
 * Tells whether something is a coroutine: what a coroutine function returned, or a bare generator.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const answer = asyncio.coroutine(function* answer() {
 *   return 42
 * })
 * const made = answer()
 * console.log(asyncio.iscoroutine(made), asyncio.iscoroutine(answer)) // => true false
 * made.close()
 * ```
 */
export function iscoroutine<T>(obj: T & IfUnknown<T>): obj is T & IfUnknown<T> & CoroutineLike<unknown, never>
export function iscoroutine(obj: unknown): obj is CoroutineLike
export function iscoroutine(obj: unknown): boolean {
  return isCoroutineLike(obj)
}

/**
 * Tells whether calling something gives a coroutine: {@link coroutine} made it, or it is a bare generator function.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const answer = asyncio.coroutine(function* answer() {
 *   return 42
 * })
 * console.log(asyncio.iscoroutinefunction(answer), asyncio.iscoroutinefunction(() => 42)) // => true false
 * ```
 */
export const iscoroutinefunction = (func: unknown): boolean =>
  (typeof func === "function" && coroutineFunctions.has(func)) || isGeneratorFunction(func)
