/**
 * Sleeping: `asyncio.sleep`.
 *
 * Follows CPython's `asyncio.tasks.sleep`.
 */

import type * as Effect from "effect/Effect"
import type { EventLoop, Timer } from "./base_events.ts"
import { RuntimeError, ValueError } from "./builtins.ts"
import { BareYieldIterator, type Body, Coroutine, CoroutineDefinition } from "./coroutines.ts"
import { get_running_loop } from "./events.ts"
import { Future, SUSPENDED } from "./futures.ts"
import { currentFiber } from "./internal/effect_internals.ts"
import { keepShape } from "./internal/keep_shapes.ts"
import type { Steps } from "./internal/operation.ts"
import { format_float } from "./internal/pyrepr.ts"
import { getSteppedFiber } from "./internal/running.ts"
import { suspendOn } from "./internal/suspension.ts"

const definition = new CoroutineDefinition("sleep", () => undefined)

/** The future of a sleep, which is its own timer and its own steps: sleeping tasks come by the hundred thousand. */
class SleepFuture<A> extends Future<A> implements Timer, Steps<A> {
  readonly timerWhen: number
  timerSequence = 0
  timerScheduled = false
  private readonly value: A

  constructor(loop: EventLoop, delay: number, value: A) {
    super({ loop })
    this.timerWhen = loop.time() + delay
    this.value = value
    loop._schedule(this)
  }

  /** True for a sleeper that was cancelled: also in the very pass in which the timer was due. */
  get _cancelled(): boolean {
    return this.cancelled()
  }

  get timerCancelled(): boolean {
    return this.cancelled()
  }

  _run(): void {
    if (!this.done()) this._set_result(this.value)
  }

  next(): IteratorResult<unknown, A> {
    if (this.done()) return { done: true, value: this.result() }
    if (this._has(SUSPENDED)) throw new RuntimeError("await wasn't used with future")
    this._turn(SUSPENDED, true)
    return suspendOn(this)
  }

  throw(error: unknown): never {
    throw error
  }

  override cancel(msg?: unknown): boolean {
    if (!super.cancel(msg)) return false
    this._loop._timer_cancelled(this)
    return true
  }

  override describeWait(): string {
    return `sleep until ${format_float(this.timerWhen, 3)}`
  }
}

// In reprs it is the future that it is in CPython.
Object.defineProperty(SleepFuture, "name", { value: "Future" })

const noArguments: ReadonlyArray<never> = []

type SleepIterator<A> = Effect.EffectIterator<Effect.Effect<A, unknown, never>>

/** A sleep that has not begun: a coroutine that needs no generator when a coroutine awaits it. */
class Sleep<A> extends Coroutine<A> {
  private readonly delay: number
  private readonly value: A

  constructor(delay: number, value: A) {
    super(definition, sleepFor as never, undefined, noArguments)
    this.delay = delay
    this.value = value
  }

  override _begin(): Body<A> {
    this.close()
    return sleepFor(this.delay, this.value)
  }

  override [Symbol.iterator](): SleepIterator<A> {
    const stepped = getSteppedFiber()
    if (stepped === undefined || stepped !== currentFiber()) return super[Symbol.iterator]()
    this.close()
    return begin(this.delay, this.value)
  }
}

const begin = <A>(delay: number, value: A): SleepIterator<A> => {
  if (delay <= 0) return new BareYieldIterator(value) as unknown as SleepIterator<A>
  if (Number.isNaN(delay)) throw new ValueError("Invalid delay: NaN (not a number)")
  return new SleepFuture(get_running_loop(), delay, value) as unknown as SleepIterator<A>
}

function* sleepFor<A>(delay: number, value: A): Body<A> {
  return yield* { [Symbol.iterator]: () => begin(delay, value) }
}

keepShape((loop) => new SleepFuture(loop, 0.5, undefined))
keepShape(() => {
  const sleeping = new Sleep(0.5, undefined)
  sleeping.close()
  return sleeping
})

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
