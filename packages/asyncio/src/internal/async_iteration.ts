// What can stand behind `async for`: Python's protocol first, then what JavaScript and Effect have for the same purpose. The
// loops of this package see all of them as a source, which says END where the protocol throws StopAsyncIteration.

import type * as Stream from "effect/Stream"
import { AsyncGenerator, END } from "../async_generators.ts"
import { StopAsyncIteration, TypeError } from "../builtins.ts"
import { Coroutine, isGenerator } from "../coroutines.ts"
import { type AnyAwaitable, type Awaitable, isawaitable, type ResultOf, type ServicesOf } from "../ensure_future.ts"
import { wrap_future } from "../wrap_future.ts"
import { stepsOf } from "./awaiting.ts"
import { typeName } from "./pyrepr.ts"

/** An object that gives values one by one, Python's way. */
export interface AsyncIteratorLike<A, R = never> {
  /** An awaitable of the next value, which throws `StopAsyncIteration` at the end. */
  __anext__(): Awaitable<A, R>
}

/** An object that can be iterated asynchronously, Python's way. */
export interface AsyncIterableLike<A, R = never> {
  __aiter__(): AsyncIteratorLike<A, R>
}

/** Whatever {@link async_for} takes: asyncio's own iterables, the asynchronous iterables of JavaScript, streams of Effect. */
export type AnyAsyncIterable<A, R = never> = AsyncIterableLike<A, R> | AsyncIterable<A> | Stream.Stream<A, unknown, R>

/** The values of an asynchronous iterable. */
export type ItemOf<I> = I extends { __aiter__(): { __anext__(): infer N } }
  ? ResultOf<N>
  : I extends AsyncIterable<infer A>
    ? A
    : I extends Stream.Stream<infer A, unknown, unknown>
      ? A
      : never

/** The services that an asynchronous iterable asks for. */
export type ServicesOfIterable<I> = I extends { __aiter__(): { __anext__(): infer N } }
  ? ServicesOf<N>
  : I extends Stream.Stream<unknown, unknown, infer R>
    ? R
    : never

/** What `yield*` takes for an awaitable: itself, unless it goes by `__await__` alone. */
export const steppable = (awaitable: AnyAwaitable): Iterable<unknown, unknown> =>
  "__await__" in awaitable ? { [Symbol.iterator]: () => stepsOf(awaitable) } : (awaitable as Iterable<unknown, unknown>)

/** Where the values come from. */
export interface Source<A> {
  next(): Iterable<unknown, A | typeof END>
  /** What is to be awaited when the loop is left before the end: by an error, a cancellation, or BREAK. */
  leave?(): Iterable<unknown, unknown>
}

/** The name of the type as CPython would write it. */
export const pythonType = (value: unknown): string => (value instanceof Coroutine ? "coroutine" : typeName(value))

const hasMethod = <K extends PropertyKey>(value: unknown, key: K): value is Record<K, () => unknown> =>
  ((typeof value === "object" && value !== null) || typeof value === "function") &&
  typeof (value as Record<PropertyKey, unknown>)[key] === "function"

const isStream = (value: unknown): value is Stream.Stream<unknown, unknown> =>
  typeof value === "object" && value !== null && "~effect/Stream" in value

/** The source for an iterable. */
export const sourceOf = <A>(iterable: unknown): Source<A> => {
  if (iterable instanceof AsyncGenerator) return new GeneratorSource(iterable)
  if (hasMethod(iterable, "__aiter__")) {
    const iterator = iterable.__aiter__()
    if (iterator instanceof AsyncGenerator) return new GeneratorSource(iterator)
    if (!hasMethod(iterator, "__anext__")) {
      throw new TypeError(
        `'async for' received an object from __aiter__ that does not implement __anext__: ${pythonType(iterator)}`
      )
    }
    return new ProtocolSource(iterator as AsyncIteratorLike<A>)
  }
  if (hasMethod(iterable, Symbol.asyncIterator)) {
    return new HostSource((iterable as unknown as AsyncIterable<A>)[Symbol.asyncIterator]())
  }
  if (isStream(iterable)) return new StreamSource(iterable as Stream.Stream<A, unknown>)
  throw new TypeError(
    `'async for' requires an object with __aiter__ method, got ${pythonType(iterable)}${adviceFor(iterable)}`
  )
}

const adviceFor = (given: unknown): string => {
  if (given instanceof Coroutine) return ""
  if (isGenerator(given)) return ": make its function an asyncio.async_generator(function* () { ... })"
  if (typeof given === "function") return `: call it, ${given.name || "f"}(...)`
  if (given instanceof Promise) return ": await it first, with yield* asyncio.wrap_future(promise)"
  const iterable = typeof given === "string" || hasMethod(given, Symbol.iterator)
  return iterable ? ": iterate it with a plain for (const x of ...)" : ""
}

class GeneratorSource<A> implements Source<A> {
  private readonly generator: AsyncGenerator<A>

  constructor(generator: unknown) {
    this.generator = generator as AsyncGenerator<A>
  }

  next(): Iterable<unknown, A | typeof END> {
    return this.generator._next()
  }
}

class ProtocolSource<A> implements Source<A> {
  private readonly iterator: AsyncIteratorLike<A>

  constructor(iterator: AsyncIteratorLike<A>) {
    this.iterator = iterator
  }

  *next(): Generator<unknown, A | typeof END, unknown> {
    const awaitable: unknown = this.iterator.__anext__()
    if (!isawaitable(awaitable)) {
      throw new TypeError(`'async for' received an invalid object from __anext__: ${pythonType(awaitable)}`, {
        cause: new TypeError(`'${pythonType(awaitable)}' object can't be awaited`)
      })
    }
    try {
      return (yield* steppable(awaitable)) as A
    } catch (error) {
      if (error instanceof StopAsyncIteration) return END
      throw error
    }
  }
}

/** JavaScript's own asynchronous iterators: their promises are awaited, and leaving early calls their `return()`. */
class HostSource<A> implements Source<A> {
  private readonly iterator: AsyncIterator<A>
  private state: "ready" | "busy" | "ended" = "ready"

  constructor(iterator: AsyncIterator<A>) {
    this.iterator = iterator
  }

  *next(): Generator<unknown, A | typeof END, unknown> {
    this.state = "busy"
    const promise = this.iterator.next().then(
      (result) => {
        this.state = result.done === true ? "ended" : "ready"
        return result
      },
      (error: unknown) => {
        this.state = "ended"
        throw error
      }
    )
    const result = yield* wrap_future(promise)
    return result.done === true ? END : result.value
  }

  *leave(): Generator<unknown, void, unknown> {
    if (this.state === "ended") return
    const returned = this.iterator.return?.()
    if (returned === undefined) return
    // After a cancelled wait the iterator may be busy for long with what nobody wants any more: it is told, not awaited.
    if (this.state === "busy") returned.then(undefined, () => undefined)
    else yield* wrap_future(returned)
  }
}

/** A stream of Effect. Its module is loaded when the first one is met: most programs have none. */
class StreamSource<A> implements Source<A> {
  private readonly stream: Stream.Stream<A, unknown>
  private source: Source<A> | undefined = undefined

  constructor(stream: Stream.Stream<A, unknown>) {
    this.stream = stream
  }

  *next(): Generator<unknown, A | typeof END, unknown> {
    if (this.source === undefined) {
      const { streamSource } = yield* wrap_future(import("./stream_source.ts"))
      this.source = yield* streamSource(this.stream)
    }
    return yield* this.source.next() as Generator<unknown, A | typeof END, unknown>
  }

  *leave(): Generator<unknown, void, unknown> {
    if (this.source?.leave !== undefined) yield* this.source.leave() as Generator<unknown, void, unknown>
  }
}
