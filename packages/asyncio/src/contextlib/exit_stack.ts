/**
 * Stacks of exits: for as many context managers as turn up while the program runs.
 *
 * Follows CPython's `contextlib.ExitStack` and `AsyncExitStack`.
 */

import type * as Effect from "effect/Effect"
import { type AnyAsyncContextManager, asManager, awaited, type Entered, type ServicesOfManager } from "../async_with.ts"
import { TypeError } from "../builtins.ts"
import { type Coroutine, coroutine } from "../coroutines.ts"
import type { Awaitable } from "../ensure_future.ts"
import { pythonType } from "../internal/async_iteration.ts"
import { type Callable, callable } from "../internal/callable.ts"
import { repr } from "../internal/pyrepr.ts"
import { raisedDuring, typeOfError } from "../internal/raising.ts"
import { type AnyContextManager, asContextManager, type EnteredWith, hasMethod } from "./with.ts"

/** The exit of a context manager, as a function of its own. */
export type Exit<Result = unknown> = (exc_type: unknown, exc_value: unknown, traceback: unknown) => Result

/** Something with the exit of a context manager. */
export interface WithExit {
  __exit__(exc_type: unknown, exc_value: unknown, traceback: unknown): unknown
}

/** Something with the exit of an asynchronous context manager. */
export interface WithAsyncExit {
  __aexit__(exc_type: unknown, exc_value: unknown, traceback: unknown): AnyAwaited
}

interface Entry {
  readonly sync: boolean
  readonly exit: Exit
}

type Details = readonly [exc_type: unknown, exc_value: unknown, traceback: unknown]

/** What is left of an unwinding: the error that is under way now, and how it came to be so. */
class Unwinding {
  private readonly received: boolean
  private current: { readonly error: unknown } | undefined
  private replaced = false
  private suppressed = false

  constructor(exc_value: unknown) {
    this.received = exc_value !== undefined && exc_value !== null
    this.current = this.received ? { error: exc_value } : undefined
  }

  get details(): Details {
    return this.current === undefined
      ? [undefined, undefined, undefined]
      : [typeOfError(this.current.error), this.current.error, undefined]
  }

  exited(result: unknown): void {
    if (this.current === undefined || !result) return
    this.suppressed = true
    this.replaced = false
    this.current = undefined
  }

  failed(error: unknown): void {
    raisedDuring(error, this.current?.error)
    this.current = { error }
    this.replaced = true
  }

  /** True if the error that was received is swallowed; throws if another one has taken its place. */
  outcome(): boolean {
    if (this.replaced && this.current !== undefined) throw this.current.error
    return this.received && this.suppressed
  }
}

/** What both kinds of stack have in common. */
abstract class BaseExitStack {
  protected _exits: Array<Entry> = []

  /**
   * Enters a context manager, whose exit will be called with the stack's.
   *
   * @returns what its entry gives
   * @throws `TypeError` if it is not a context manager
   */
  enter_context<M extends AnyContextManager>(cm: M): EnteredWith<M> {
    if (!isManager(cm, "__enter__", "__exit__", Symbol.dispose)) throw unsupported(cm, "context manager")
    const manager = asContextManager(cm)
    const value = manager.__enter__()
    this._exits.push({ sync: true, exit: (...details) => manager.__exit__(...details) })
    return value as EnteredWith<M>
  }

  /**
   * Adds an exit without an entry: that of a context manager, or a function that is called with what an `__exit__` is called
   * with, and may swallow the error.
   *
   * @returns what it was given
   */
  push<E extends Exit | WithExit>(exit: E): E {
    if (hasMethod(exit, "__exit__")) {
      const manager = exit as WithExit
      this._exits.push({ sync: true, exit: (...details) => manager.__exit__(...details) })
    } else {
      if (typeof exit !== "function")
        throw new TypeError(`an exit is a function or a context manager, got ${repr(exit)}`)
      this._exits.push({ sync: true, exit })
    }
    return exit
  }

  /**
   * Adds a call, which does not see the error and can not swallow it.
   *
   * @returns the callback
   */
  callback<Args extends ReadonlyArray<unknown>, F extends (...args: Args) => unknown>(
    callback: F & ((...args: Args) => unknown),
    ...args: Args
  ): F {
    if (typeof callback !== "function") throw new TypeError(`a function was expected, got ${repr(callback)}`)
    this._exits.push({
      sync: true,
      exit: () => {
        callback(...args)
      }
    })
    return callback
  }

  protected _move_to<S extends BaseExitStack>(stack: S): S {
    stack._exits = this._exits
    this._exits = []
    return stack
  }
}

const isManager = (value: unknown, enter: string, exit: string, dispose: symbol): boolean =>
  (hasMethod(value, enter) && hasMethod(value, exit)) || hasMethod(value, dispose)

const builtinTypes = new Set(
  "int float str bool list tuple dict set bytes NoneType function type generator coroutine async_generator".split(" ")
)

const unsupported = (value: unknown, protocol: string): Error => {
  const type = pythonType(value)
  const advice = typeof value === "function" ? `: call it, ${value.name || "f"}(...)` : ""
  return new TypeError(
    `'${builtinTypes.has(type) ? `builtins.${type}` : type}' object does not support the ${protocol} protocol${advice}`
  )
}

class ExitStackClass extends BaseExitStack {
  __enter__(): this {
    return this
  }

  /** Runs the exits, last in, first out. Each sees the error that the ones before it have left. */
  __exit__(_exc_type?: unknown, exc_value?: unknown, _traceback?: unknown): boolean | undefined {
    const unwinding = new Unwinding(exc_value)
    for (let entry = this._exits.pop(); entry !== undefined; entry = this._exits.pop()) {
      try {
        unwinding.exited(entry.exit(...unwinding.details))
      } catch (error) {
        unwinding.failed(error)
      }
    }
    return unwinding.outcome()
  }

  /** Runs the exits now. */
  close(): void {
    this.__exit__(undefined, undefined, undefined)
  }

  /** Moves all exits to a new stack, and returns it: they do not run when this one is left. */
  pop_all(): this {
    return this._move_to(new (this.constructor as new () => this)())
  }
}

/**
 * Context managers that are entered one by one in a block, and left together at its end, last in, first out.
 *
 * @example
 * ```ts
 * import { ExitStack, with_ } from "@skein/asyncio/contextlib"
 *
 * with_(ExitStack(), (stack) => {
 *   for (const name of ["a", "b"]) stack.callback((left: string) => console.log(`left ${left}`), name)
 *   console.log("body")
 * })
 * // => body
 * // => left b
 * // => left a
 * ```
 */
export interface ExitStack extends ExitStackClass {}
export const ExitStack: Callable<new () => ExitStack> = callable(ExitStackClass, "ExitStack")

class AsyncExitStackClass extends BaseExitStack {
  /**
   * Enters an asynchronous context manager, whose exit will be awaited with the stack's. See {@link AsyncExitStack}.
   *
   * When interrupted: the manager is not entered, and its exit does not run.
   *
   * @returns what the manager's entry gives
   * @throws `TypeError` if it is not an asynchronous context manager
   */
  enter_async_context<M extends AnyAsyncContextManager>(cm: M): Coroutine<Entered<M>, ServicesOfManager<M>> {
    return enterAsyncContext.call(this, cm) as Coroutine<Entered<M>, ServicesOfManager<M>>
  }

  /**
   * Adds an exit that is awaited: that of an asynchronous context manager, or a coroutine function that is called with what an
   * `__aexit__` is called with, and may swallow the error.
   *
   * @returns what it was given
   */
  push_async_exit<E extends Exit<AnyAwaited> | WithAsyncExit>(exit: E): E {
    if (hasMethod(exit, "__aexit__")) {
      const manager = exit as WithAsyncExit
      this._exits.push({ sync: false, exit: (...details) => manager.__aexit__(...details) })
    } else {
      if (typeof exit !== "function") {
        throw new TypeError(`an exit is a coroutine function or an asynchronous context manager, got ${repr(exit)}`)
      }
      this._exits.push({ sync: false, exit })
    }
    return exit
  }

  /**
   * Adds a call of a coroutine function, which is awaited, does not see the error and can not swallow it.
   *
   * @returns the callback
   */
  push_async_callback<Args extends ReadonlyArray<unknown>, F extends (...args: Args) => AnyAwaited>(
    callback: F & ((...args: Args) => AnyAwaited),
    ...args: Args
  ): F {
    if (typeof callback !== "function") throw new TypeError(`a coroutine function was expected, got ${repr(callback)}`)
    this._exits.push({ sync: false, exit: () => withoutResult(callback(...args)) })
    return callback
  }

  *__aenter__(): Generator<never, this, unknown> {
    return this
  }

  /** Runs the exits, last in, first out, and awaits those that are to be awaited. */
  *__aexit__(
    _exc_type?: unknown,
    exc_value?: unknown,
    _traceback?: unknown
  ): Generator<Effect.Effect<unknown, unknown>, boolean | undefined, unknown> {
    const unwinding = new Unwinding(exc_value)
    for (let entry = this._exits.pop(); entry !== undefined; entry = this._exits.pop()) {
      try {
        const result = entry.exit(...unwinding.details)
        unwinding.exited(
          entry.sync
            ? result
            : yield* awaited(result, "__aexit__") as Generator<Effect.Effect<unknown, unknown>, unknown, unknown>
        )
      } catch (error) {
        unwinding.failed(error)
      }
    }
    return unwinding.outcome()
  }

  /**
   * Runs the exits now. To be awaited.
   *
   * When interrupted: `CancelledError` is thrown into the exit that waits, and the other exits see it and run.
   */
  aclose(): Coroutine<undefined> {
    return aclose.call(this) as Coroutine<undefined>
  }

  /** Moves all exits to a new stack, and returns it: they do not run when this one is left. */
  pop_all(): this {
    return this._move_to(new (this.constructor as new () => this)())
  }

  _push_async(exit: Exit): void {
    this._exits.push({ sync: false, exit })
  }
}

type AnyAwaited = Awaitable<unknown, unknown>

function* withoutResult(awaitable: unknown): Generator<unknown, undefined, never> {
  yield* awaited(awaitable, "push_async_callback")
  return undefined
}

const enterAsyncContext = coroutine(function* enter_async_context(this: AsyncExitStackClass, cm: unknown) {
  if (!isManager(cm, "__aenter__", "__aexit__", Symbol.asyncDispose)) {
    throw unsupported(cm, "asynchronous context manager")
  }
  const manager = asManager(cm)
  const value = yield* awaited(manager.__aenter__(), "__aenter__")
  this._push_async((...details) => manager.__aexit__(...details))
  return value
})

const aclose = coroutine(function* aclose(this: AsyncExitStackClass) {
  yield* this.__aexit__(undefined, undefined, undefined)
  return undefined
})

/**
 * Context managers, synchronous and asynchronous, that are entered one by one in a block, and left together at its end, last
 * in, first out.
 *
 * When interrupted: `enter_async_context` has entered nothing; at the end of the block `CancelledError` is thrown into the exit
 * that waits, and the other exits see it and run.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { AsyncExitStack, asynccontextmanager } from "@skein/asyncio/contextlib"
 *
 * const open = asynccontextmanager(function* open(name: string) {
 *   yield* asyncio.sleep(1)
 *   try {
 *     yield name.toUpperCase()
 *   } finally {
 *     console.log(`closed ${name}`)
 *   }
 * })
 * const main = asyncio.coroutine(function* main() {
 *   yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
 *     for (const name of ["a", "b"]) console.log(yield* stack.enter_async_context(open(name)))
 *   })
 * })
 * await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })
 * // => A
 * // => B
 * // => closed b
 * // => closed a
 * ```
 */
export interface AsyncExitStack extends AsyncExitStackClass {}
export const AsyncExitStack: Callable<new () => AsyncExitStack> = callable(AsyncExitStackClass, "AsyncExitStack")
