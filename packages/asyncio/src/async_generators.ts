/**
 * Asynchronous generators: bodies that give values one by one and wait in between.
 *
 * Follows CPython's asynchronous generator objects (PEP 525).
 */

import type * as Effect from "effect/Effect"
import { GeneratorExit, RuntimeError, StopAsyncIteration, StopIteration, TypeError } from "./builtins.ts"
import {
  BareYield,
  type Body,
  Coroutine,
  CoroutineDefinition,
  isGeneratorFunction,
  type ServicesOfStep
} from "./coroutines.ts"
import { Future } from "./futures.ts"
import {
  type ClosableGenerator,
  generatorBegan,
  generatorEnded,
  type LiveGenerator
} from "./internal/asyncgen_hooks.ts"
import { currentFiber, isEffect } from "./internal/effect_internals.ts"
import type { IfPlain, Returning, ReturnOf } from "./internal/plain_functions.ts"
import { address, installRepr, repr } from "./internal/pyrepr.ts"
import { getSteppedFiber } from "./internal/running.ts"

/** What an asynchronous generator's body gives, out of all that it yields: what comes up from its awaits is left out. */
export type EmittedBy<Y> = Y extends Future<unknown, unknown> | Coroutine<unknown, unknown>
  ? Y
  : Y extends Effect.Effect<unknown, unknown, unknown> | BareYield
    ? never
    : Y

/**
 * What {@link async_generator} makes of a body. The type of what is sent in is known from an annotation of the body alone:
 * `function* (): Generator<number, void, string>`.
 */
export type AsyncGeneratorOf<G> =
  G extends Generator<infer Y, unknown, infer S>
    ? AsyncGenerator<EmittedBy<Y>, 0 extends 1 & S ? unknown : [S] extends [never] ? unknown : S, ServicesOfStep<Y>>
    : never

/** The body of an asynchronous generator as the driver sees it. */
type GeneratorBody = Generator<unknown, unknown, unknown>

/** True if what the body has yielded comes up from an await, false if it is a value that the body gives. */
const isAwait = (yielded: unknown): boolean => {
  if ((typeof yielded !== "object" || yielded === null) && typeof yielded !== "function") return false
  if (yielded instanceof Future) return yielded._awaited
  if (yielded instanceof BareYield) return true
  // An awaited coroutine hands its own generator over and never comes up itself.
  return isEffect(yielded) && !(yielded instanceof Coroutine)
}

type Mode = "asend" | "next" | "athrow" | "aclose"

/** What all generators of one function have in common. */
class GeneratorKind {
  readonly name: string
  private readonly definitions = new Map<Mode, CoroutineDefinition>()

  constructor(name: string) {
    this.name = name
  }

  definitionOf(mode: Mode): CoroutineDefinition {
    let definition = this.definitions.get(mode)
    if (definition === undefined) {
      definition = new CoroutineDefinition(mode, () => undefined, `coroutine method '${mode}' of '${this.name}'`)
      this.definitions.set(mode, definition)
    }
    return definition
  }
}

/** The inner half of an asynchronous generator. The loop holds it, so that a dropped generator can still be closed. */
class GeneratorCore implements LiveGenerator {
  readonly body: GeneratorBody
  readonly kind: GeneratorKind
  /** True from the beginning of a step (`asend`, `athrow`, `aclose`) to its end, suspensions included. */
  running = false
  /** True once `aclose` was begun, or a GeneratorExit has come out. */
  closed = false
  started = false
  ended = false
  _loop: LiveGenerator["_loop"] = undefined
  _registered = false
  /** False if whoever iterates sees to it that the generator ends: then nobody asks the garbage collector. */
  watched = true
  private object: AnyAsyncGenerator | WeakRef<AnyAsyncGenerator> | undefined = undefined
  private hooked = false

  constructor(body: GeneratorBody, kind: GeneratorKind) {
    this.body = body
    this.kind = kind
  }

  hook(object: AnyAsyncGenerator): void {
    if (this.hooked) return
    this.hooked = true
    const watched = generatorBegan(this, object, this.watched)
    this.object = watched ? new WeakRef(object) : object
  }

  end(): void {
    this.ended = true
    this.running = false
    generatorEnded(this)
  }

  _object(): ClosableGenerator {
    const object = this.object instanceof WeakRef ? this.object.deref() : this.object
    return object ?? new AsyncGenerator(this)
  }
}

/** What the internal form of `__anext__` gives at the end, where the public one throws `StopAsyncIteration`. */
export const END: unique symbol = Symbol("end of iteration")

const alreadyRunning = (mode: Mode): RuntimeError =>
  new RuntimeError(
    `${mode === "asend" || mode === "next" ? "anext" : mode}(): asynchronous generator is already running`
  )

/**
 * One step of a generator, from one value that it gives to the next: what `yield* generator.asend(x)` goes through. Written by
 * hand, so that a value which is there at once costs no generator of its own.
 */
class StepIterator {
  // The object and not its core: while a step is suspended, the generator must not count as dropped.
  private readonly generator: AnyAsyncGenerator
  private readonly mode: Mode
  private readonly value: unknown
  private begun = false

  constructor(generator: AnyAsyncGenerator, mode: Mode, value: unknown) {
    this.generator = generator
    this.mode = mode
    this.value = value
  }

  [Symbol.iterator](): this {
    return this
  }

  next(sent: unknown): IteratorResult<unknown, unknown> {
    return this.begun ? this.resume(false, sent) : this.begin()
  }

  throw(error: unknown): IteratorResult<unknown, unknown> {
    if (!this.begun) {
      this.begun = true
      if (this.generator._core.running) throw alreadyRunning(this.mode)
      this.generator._core.running = true
    }
    return this.resume(true, error)
  }

  private begin(): IteratorResult<unknown, unknown> {
    this.begun = true
    const { mode, value } = this
    const core = this.generator._core
    if (mode === "asend" || mode === "next") {
      if (core.running) throw alreadyRunning(mode)
      if (!core.started && value !== undefined && value !== null) {
        throw new TypeError("can't send non-None value to a just-started async generator")
      }
      core.running = true
      return this.resume(false, value)
    }
    if (core.ended) return { done: true, value: undefined }
    if (core.running) throw alreadyRunning(mode)
    if (core.closed) throw new StopAsyncIteration()
    core.running = true
    if (mode === "aclose") core.closed = true
    return this.resume(true, mode === "aclose" ? new GeneratorExit() : value)
  }

  private resume(throwing: boolean, value: unknown): IteratorResult<unknown, unknown> {
    const core = this.generator._core
    const thrownAtStart = throwing && !core.started
    core.started = true
    let result: IteratorResult<unknown, unknown>
    try {
      result = throwing ? core.body.throw(value) : core.body.next(value)
    } catch (error) {
      return this.failed(core, error, thrownAtStart)
    }
    if (result.done === true) return this.returned(core)
    if (isAwait(result.value)) return result
    core.running = false
    if (this.mode === "aclose") throw new RuntimeError("async generator ignored GeneratorExit")
    return { done: true, value: result.value }
  }

  private returned(core: GeneratorCore): IteratorResult<unknown, unknown> {
    core.end()
    if (this.mode === "aclose") return { done: true, value: undefined }
    if (this.mode === "next") return { done: true, value: END }
    throw new StopAsyncIteration()
  }

  private failed(core: GeneratorCore, error: unknown, thrownAtStart: boolean): IteratorResult<unknown, unknown> {
    core.end()
    // What is thrown into a body that had not begun comes out as it is: the body has not raised it.
    if (!thrownAtStart && (error instanceof StopAsyncIteration || error instanceof StopIteration)) {
      throw new RuntimeError(`async generator raised ${error.name}`, { cause: error })
    }
    if (error instanceof GeneratorExit || error instanceof StopAsyncIteration) {
      core.closed = true
      if (this.mode === "aclose") return { done: true, value: undefined }
    }
    throw error
  }
}

const noBody = function* (): Body<undefined> {
  return undefined
}

/** What `asend`, `athrow` and `aclose` return: the step when it is awaited, once. */
class AsyncGeneratorStep<A, R> extends Coroutine<A, R> {
  private readonly generator: AnyAsyncGenerator
  private readonly mode: Mode
  private readonly value: unknown
  private taken = false

  constructor(generator: AnyAsyncGenerator, mode: Mode, value: unknown) {
    super(generator._core.kind.definitionOf(mode), noBody as never, undefined, [])
    this.generator = generator
    this.mode = mode
    this.value = value
  }

  override [Symbol.iterator](): Effect.EffectIterator<Effect.Effect<A, unknown, R>> {
    const stepped = getSteppedFiber()
    if (stepped === undefined || stepped !== currentFiber()) return super[Symbol.iterator]()
    return this.steps() as unknown as Effect.EffectIterator<Effect.Effect<A, unknown, R>>
  }

  override _begin(): Body<A> {
    return delegate(this.steps()) as Body<A>
  }

  private steps(): Iterable<unknown, unknown> {
    if (this.taken) return reused(this.mode)
    this.taken = true
    this.close()
    return new StepIterator(this.generator, this.mode, this.value)
  }

  override get _typeWithoutName(): string {
    return `async_generator_${this.mode === "asend" ? "asend" : "athrow"}`
  }

  override __repr__(): string {
    return `<${this._typeWithoutName} object at ${address(this)}>`
  }
}

/** A task steps true generators only. */
function* delegate(steps: Iterable<unknown, unknown>): Body {
  return yield* steps
}

function* reused(mode: Mode): Body<never> {
  const what = mode === "asend" ? "__anext__()/asend()" : "aclose()/athrow()"
  throw new RuntimeError(`cannot reuse already awaited ${what}`)
}

type AnyAsyncGenerator = AsyncGenerator<unknown, never, unknown>

/**
 * What a call of an asynchronous generator function returns: values that come one by one, when they are asked for. `A` are the
 * values, `S` is what {@link AsyncGenerator.asend} sends in, `R` are the services that the body asks for.
 *
 * Its methods return coroutines: `yield* generator.asend(x)`.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const averages = asyncio.async_generator(function* averages(): Generator<number, void, number> {
 *   let [sum, count] = [0, 0]
 *   for (;;) {
 *     sum += yield count === 0 ? 0 : sum / count
 *     count++
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const mean = averages()
 *   yield* asyncio.anext(mean)
 *   yield* mean.asend(10)
 *   const result = yield* mean.asend(20)
 *   yield* mean.aclose()
 *   return result
 * })
 * console.log(await asyncio.run(main())) // => 15
 * ```
 */
export class AsyncGenerator<out A = unknown, in S = unknown, out R = never> implements ClosableGenerator {
  readonly _core: GeneratorCore

  /** @internal */
  constructor(core: GeneratorCore) {
    this._core = core
  }

  /** Itself. */
  __aiter__(): this {
    return this
  }

  /**
   * The next value. Throws `StopAsyncIteration` when there is none.
   *
   * When interrupted: as {@link AsyncGenerator.asend}.
   */
  __anext__(): Coroutine<A, R> {
    return this._step("asend", undefined)
  }

  /**
   * Sends a value in, as the result of the `yield` that the body stands at, and gives the next one that comes out.
   *
   * When interrupted: `CancelledError` is thrown into the body at its await. A body that does not catch it there has ended, and
   * gives no further values.
   *
   * @throws `StopAsyncIteration` if the body ends; `RuntimeError` if another step is under way; `TypeError` if a value other
   *   than `undefined` is sent to a body that has not begun
   */
  asend(value: S): Coroutine<A, R> {
    return this._step("asend", value)
  }

  /**
   * Throws an exception into the body, at the `yield` where it stands, and gives the next value that comes out; `undefined` if
   * the generator has ended already.
   *
   * When interrupted: as {@link AsyncGenerator.asend}.
   *
   * @throws the exception itself, unless the body catches it; otherwise as {@link AsyncGenerator.asend}
   */
  athrow(exception: unknown): Coroutine<A | undefined, R> {
    return this._step("athrow", typeof exception === "function" ? new (exception as new () => unknown)() : exception)
  }

  /**
   * Ends the body: throws `GeneratorExit` where it stands, so that its `finally` blocks run. Harmless if it has ended already.
   *
   * When interrupted: the clean-up is cancelled at its await, as any coroutine.
   *
   * @throws `RuntimeError` if another step is under way, or if the body gives another value instead of ending
   */
  aclose(): Coroutine<undefined, R> {
    return this._step("aclose", undefined)
  }

  private _step<B>(mode: Mode, value: unknown): Coroutine<B, R> {
    const generator = this as unknown as AnyAsyncGenerator
    this._core.hook(generator)
    return new AsyncGeneratorStep<B, R>(generator, mode, value)
  }

  /** `__anext__` for the loops of this package: gives {@link END} at the end, and makes no coroutine. */
  _next(): Iterable<unknown, A | typeof END> {
    const generator = this as unknown as AnyAsyncGenerator
    this._core.hook(generator)
    return new StepIterator(generator, "next", undefined) as unknown as Iterable<unknown, A | typeof END>
  }

  /** Leaves the care for its end to a context manager. */
  _unwatched(): this {
    this._core.watched = false
    return this
  }

  get __name__(): string {
    return this._core.kind.name
  }

  /** True while a step is under way. */
  get ag_running(): boolean {
    return this._core.running
  }

  __repr__(): string {
    return `<async_generator object ${this._core.kind.name} at ${address(this._core)}>`
  }
}
installRepr(AsyncGenerator)
// Not declared, so that the compiler finds the mistake first.
for (const [key, what] of [
  [Symbol.iterator, "can't be awaited"],
  [Symbol.asyncIterator, "can't be iterated outside of a coroutine"]
] as const) {
  Object.defineProperty(AsyncGenerator.prototype, key, {
    value(this: AnyAsyncGenerator) {
      throw new TypeError(
        `'async_generator' object ${what}: write yield* asyncio.async_for(${this.__name__}(...), function* (x) { ... })`
      )
    },
    writable: true,
    configurable: true
  })
}
// As CPython calls the type: its name stands in error messages.
Object.defineProperty(AsyncGenerator, "name", { value: "async_generator", configurable: true })

const generatorFunctions = new WeakSet<object>()

/** True for what {@link async_generator} returned. */
export const isAsyncGeneratorFunction = (value: unknown): boolean =>
  typeof value === "function" && generatorFunctions.has(value)

/**
 * Makes a generator function an asynchronous generator function: in its body a plain `yield x` gives a value, and `yield*`
 * awaits. A call returns an {@link AsyncGenerator}; nothing runs until the first value is asked for.
 *
 * Any value can be given, with one exception: an Effect (other than a coroutine, a future or a task) given by a plain `yield`
 * can not be told from one that is awaited, and is awaited. Put it into an object or an array.
 *
 * A generator that was begun and not finished is closed at the end of the run at the latest; `contextlib.aclosing` closes it
 * where its block ends.
 *
 * @param body - a generator function
 * @throws `TypeError` if it is given anything else
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const countdown = asyncio.async_generator(function* countdown(from: number) {
 *   for (let n = from; n > 0; n--) {
 *     yield n
 *     yield* asyncio.sleep(1)
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   const seen: Array<number> = []
 *   yield* asyncio.async_for(countdown(3), function* (n) {
 *     seen.push(n)
 *   })
 *   return seen
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => [ 3, 2, 1 ]
 * ```
 */
export function async_generator<F>(
  body: F & IfPlain<F, IfGenerator<ReturnOf<F>>>
): Returning<F, AsyncGeneratorOf<ReturnOf<F>>>
export function async_generator<Args extends ReadonlyArray<unknown>, G extends Generator>(
  body: (this: void, ...args: Args) => G
): (...args: Args) => AsyncGeneratorOf<G>
export function async_generator<This, Args extends ReadonlyArray<unknown>, G extends Generator>(
  body: (this: This, ...args: Args) => G
): (this: This, ...args: Args) => AsyncGeneratorOf<G>
export function async_generator(body: unknown): unknown {
  if (!isGeneratorFunction(body)) throw new TypeError(notAGeneratorFunction(body))
  const name = body.name || "<anonymous>"
  const kind = new GeneratorKind(name)
  const make = function (this: unknown, ...args: ReadonlyArray<unknown>): AnyAsyncGenerator {
    return new AsyncGenerator(new GeneratorCore(body.apply(this, args as never) as GeneratorBody, kind))
  }
  Object.defineProperty(make, "name", { value: name, configurable: true })
  Object.defineProperty(make, "length", { value: body.length, configurable: true })
  generatorFunctions.add(make)
  return make
}

/** `unknown` for a generator, else `never`. */
type IfGenerator<G> = G extends Generator<unknown, unknown, never> ? unknown : never

const notAGeneratorFunction = (given: unknown): string => {
  const got = `async_generator() takes a generator function (function* () { ... }), got ${repr(given)}.`
  if (typeof given !== "function") return got
  if (given.constructor.name === "AsyncGeneratorFunction") {
    return `${got} Write function* for async function*, and yield* for await.`
  }
  return `${got} Write the star: function* ${given.name}(...) { ... }.`
}
