/**
 * Base classes of context managers.
 *
 * Follows CPython's `contextlib.AbstractContextManager` and its relatives.
 */

import type { AsyncContextManager } from "../async_with.ts"
import { async_with } from "../async_with.ts"
import { TypeError } from "../builtins.ts"
import {
  type AnnotatedBody,
  type Coroutine,
  type CoroutineLike,
  coroutine,
  iscoroutinefunction
} from "../coroutines.ts"
import type { Awaitable, ResultOf, ServicesOf } from "../ensure_future.ts"
import { repr } from "../internal/pyrepr.ts"
import { type ContextManager, with_ } from "./with.ts"

/**
 * A context manager whose entry gives itself, unless it says otherwise.
 *
 * @example
 * ```ts
 * import { AbstractContextManager, with_ } from "@skein/asyncio/contextlib"
 *
 * class Indented extends AbstractContextManager<Indented> {
 *   depth = 1
 *   __exit__() {
 *     this.depth = 0
 *   }
 * }
 * const block = new Indented()
 * console.log(with_(block, ({ depth }) => depth), block.depth) // => 1 0
 * ```
 */
export abstract class AbstractContextManager<A = unknown> implements ContextManager<A> {
  __enter__(): A {
    return this as unknown as A
  }

  abstract __exit__(exc_type: unknown, exc_value: unknown, traceback: unknown): unknown
}

/**
 * An asynchronous context manager whose entry gives itself, unless it says otherwise.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { AbstractAsyncContextManager } from "@skein/asyncio/contextlib"
 *
 * class Pool extends AbstractAsyncContextManager<Pool> {
 *   *__aexit__() {
 *     yield* asyncio.sleep(1)
 *   }
 *   readonly size = 3
 * }
 * const main = asyncio.coroutine(function* main() {
 *   return yield* asyncio.async_with(new Pool(), function* (pool) {
 *     return pool.size
 *   })
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 3
 * ```
 */
export abstract class AbstractAsyncContextManager<A = unknown, R = never> implements AsyncContextManager<A, R> {
  __aenter__(): Awaitable<A, R> {
    return itself(this as unknown as A)
  }

  abstract __aexit__(exc_type: unknown, exc_value: unknown, traceback: unknown): Awaitable<unknown, R>
}

function* itself<A>(value: A): Generator<never, A, unknown> {
  return value
}

/**
 * Base class of context managers that can also be wrapped around a function: `manager.__call__(func)` is a function that runs
 * `func` in a `with` block of the manager, at each call.
 *
 * @example
 * ```ts
 * import { ContextDecorator } from "@skein/asyncio/contextlib"
 *
 * class Traced extends ContextDecorator {
 *   __enter__() {
 *     console.log("enter")
 *   }
 *   __exit__() {
 *     console.log("exit")
 *   }
 * }
 * const double = new Traced().__call__((x: number) => 2 * x)
 * console.log(double(21))
 * // => enter
 * // => exit
 * // => 42
 * ```
 */
export abstract class ContextDecorator {
  /** What each call enters; the manager itself, unless it is good for one use only. */
  _recreate_cm(): ContextManager<unknown> {
    return this as unknown as ContextManager<unknown>
  }

  /** The wrapped function. Python's `@manager` before a function. */
  __call__<F extends (...args: never) => unknown>(func: F): F {
    if (typeof func !== "function") throw new TypeError(`a function was expected, got ${repr(func)}`)
    const recreate = () => this._recreate_cm()
    const inner = function (this: unknown, ...args: ReadonlyArray<unknown>): unknown {
      return with_(recreate(), () => func.apply(this, args as never))
    }
    Object.defineProperty(inner, "name", { value: func.name, configurable: true })
    return inner as unknown as F
  }
}

/**
 * Base class of asynchronous context managers that can also be wrapped around a coroutine function:
 * `manager.__call__(func)` is a coroutine function that runs `func` in an `async with` block of the manager, at each call.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { AsyncContextDecorator } from "@skein/asyncio/contextlib"
 *
 * class Traced extends AsyncContextDecorator {
 *   *__aenter__() {
 *     console.log("enter")
 *   }
 *   *__aexit__() {
 *     console.log("exit")
 *   }
 * }
 * const double = new Traced().__call__(function* double(x: number) {
 *   yield* asyncio.sleep(1)
 *   return 2 * x
 * })
 * console.log(await asyncio.run(double(21), { loop_factory: asyncio.VirtualEventLoop }))
 * // => enter
 * // => exit
 * // => 42
 * ```
 */
export abstract class AsyncContextDecorator {
  /** What each call enters; the manager itself, unless it is good for one use only. */
  _recreate_cm(): AsyncContextManager<unknown, unknown> {
    return this as unknown as AsyncContextManager<unknown, unknown>
  }

  /** The wrapped coroutine function. Python's `@manager` before an `async def`. */
  __call__<Args extends ReadonlyArray<unknown>, T extends CoroutineLike>(
    func: (...args: Args) => T
  ): (...args: Args) => Coroutine<ResultOf<T>, ServicesOf<T>> {
    if (!iscoroutinefunction(func)) {
      throw new TypeError(`a coroutine function was expected, got ${repr(func)}`)
    }
    const recreate = () => this._recreate_cm()
    const inner = coroutine(function* (this: unknown, ...args: Args) {
      const call = () => func.apply(this, args as never) as unknown as AnnotatedBody<unknown, unknown>
      return yield* async_with(recreate(), function* () {
        return yield* call()
      })
    })
    Object.defineProperty(inner, "name", { value: func.name, configurable: true })
    return inner as unknown as (...args: Args) => Coroutine<ResultOf<T>, ServicesOf<T>>
  }
}
