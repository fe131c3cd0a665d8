/**
 * Sleeping: `asyncio.sleep`.
 *
 * Follows CPython's `asyncio.tasks.sleep`.
 */

import type * as Effect from "effect/Effect"
import { ValueError } from "./builtins.ts"
import { BareYieldIterator, type Body, Coroutine, CoroutineDefinition } from "./coroutines.ts"
import { get_running_loop } from "./events.ts"
import type { Future } from "./futures.ts"
import { currentFiber } from "./internal/effect_internals.ts"
import { getSteppedFiber } from "./internal/running.ts"

const definition = new CoroutineDefinition("sleep", () => undefined)

/** A sleep that has not begun: a coroutine without a generator of its own where none is needed. */
class Sleep<A> extends Coroutine<A> {
  private readonly delay: number
  private readonly value: A

  constructor(delay: number, value: A) {
    super(definition, sleepFor as never, undefined, [delay, value])
    this.delay = delay
    this.value = value
  }

  override [Symbol.iterator](): Effect.EffectIterator<Effect.Effect<A, unknown, never>> {
    // `sleep(0)` is the most frequent await of all: its one suspension needs no generator.
    const stepped = getSteppedFiber()
    if (this.delay <= 0 && stepped !== undefined && stepped === currentFiber()) {
      this.close()
      return new BareYieldIterator(this.value) as unknown as Effect.EffectIterator<Effect.Effect<A, unknown, never>>
    }
    return super[Symbol.iterator]()
  }
}

function* sleepFor(delay: number, value: unknown): Body {
  if (delay <= 0) return yield* { [Symbol.iterator]: () => new BareYieldIterator(value) }
  if (Number.isNaN(delay)) throw new ValueError("Invalid delay: NaN (not a number)")
  const loop = get_running_loop()
  const future = loop.create_future<unknown>()
  const timer = loop.call_later(delay, setUnlessDone, future, value)
  try {
    return yield* future
  } finally {
    timer.cancel()
  }
}

const setUnlessDone = (future: Future<unknown>, value: unknown): void => {
  // The sleeper may have been cancelled in this very pass.
  if (!future.done()) future.set_result(value)
}

/**
 * Suspends the task that awaits it for a time; `sleep(0)` lets every other ready task run once.
 *
 * When interrupted: the timer is withdrawn; nothing is lost.
 *
 * @param delay - seconds; 0 or less only lets the others run
 * @param result - what the sleep gives
 * @throws `ValueError` if the delay is not a number
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   const loop = asyncio.get_running_loop()
 *   const began = loop.time()
 *   const greeting = yield* asyncio.sleep(3600, "good morning")
 *   return `${greeting} after ${loop.time() - began} s`
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => good morning after 3600 s
 * ```
 */
export function sleep(delay: number): Coroutine<undefined>
export function sleep<A>(delay: number, result: A): Coroutine<A>
export function sleep(delay: number, result?: unknown): Coroutine<unknown> {
  return new Sleep(delay, result)
}
