/**
 * Attempts that start one after the other until one succeeds: CPython's module `asyncio.staggered`.
 *
 * Follows CPython 3.14's `asyncio.staggered`.
 */

import type { EventLoop } from "./base_events.ts"
import { AssertionError, ExceptionGroup, KeyboardInterrupt, SystemExit, TimeoutError } from "./builtins.ts"
import { type Body, Coroutine, CoroutineDefinition } from "./coroutines.ts"
import type { AnyAwaitable, ResultOf, ServicesOf } from "./ensure_future.ts"
import { get_running_loop } from "./events.ts"
import { CancelledError } from "./exceptions.ts"
import type { Future } from "./futures.ts"
import { stepsOf } from "./internal/awaiting.ts"
import { DescribedFuture, describePending } from "./internal/described_future.ts"
import { DoneRelay } from "./internal/done_relay.ts"
import { type Steps, stepThrough } from "./internal/operation.ts"
import { Event } from "./locks.ts"
import type { Task } from "./tasks.ts"
import { wait_for } from "./wait_for.ts"

/** Options of {@link staggered_race}. */
export interface StaggeredRaceOptions {
  /** The loop to make the attempts' tasks in; the running one if left out. */
  readonly loop?: EventLoop | undefined
}

/** The winner's result, its index, and the error of each attempt that was started (`undefined` for the winner's). */
export type StaggeredRaceResult<A> = [
  winner_result: A | undefined,
  winner_index: number | undefined,
  exceptions: Array<unknown>
]

const raceDefinition = new CoroutineDefinition("staggered_race", () => undefined)
const attemptDefinition = new CoroutineDefinition("staggered_race.<locals>.run_one_coro", () => undefined)

/**
 * Starts attempts one after the other: the next one `delay` seconds after the one before it, or as soon as that one fails. The
 * first that succeeds wins; the others are cancelled and awaited.
 *
 * When interrupted: the attempts are cancelled and awaited.
 *
 * @param coro_fns - functions that make the attempts; only those that are started are called
 * @param delay - seconds; `undefined`: an attempt starts only when the one before it has failed
 * @returns the winner's result and index (both `undefined` if none has won), and the error of each attempt that was started, in
 *   their order; the winner's is `undefined`, that of a cancelled one a `CancelledError`
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const connect = (host: string, seconds: number) =>
 *   asyncio.coroutine(function* connect() {
 *     yield* asyncio.sleep(seconds)
 *     return host
 *   })
 * const main = asyncio.coroutine(function* main() {
 *   const attempts = [connect("slow.example", 60), connect("fast.example", 1)]
 *   const [host, index] = yield* asyncio.staggered.staggered_race(attempts, 0.25)
 *   return `${host}, attempt ${index}, after ${asyncio.get_running_loop().time()} s`
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop }))
 * // => fast.example, attempt 1, after 1.25 s
 * ```
 */
export const staggered_race = <T extends AnyAwaitable>(
  coro_fns: Iterable<() => T>,
  delay: number | null | undefined,
  options?: StaggeredRaceOptions
): Coroutine<StaggeredRaceResult<ResultOf<T>>, ServicesOf<T>> =>
  new Coroutine(raceDefinition, race as never, undefined, [coro_fns, delay ?? undefined, options?.loop])

function race(attempts: Iterable<() => AnyAwaitable>, delay: number | undefined, loop: EventLoop | undefined) {
  return new Race(loop ?? get_running_loop(), attempts, delay).run()
}

class Race {
  private readonly loop: EventLoop
  private readonly attempts: Iterator<() => AnyAwaitable>
  private readonly delay: number | undefined
  private readonly running = new Set<Task<unknown, unknown>>()
  private readonly relay: DoneRelay
  private allDone: Future<void> | undefined = undefined
  private result: unknown = undefined
  private winner: number | undefined = undefined
  private readonly exceptions: Array<unknown> = []
  /** Errors that left an attempt's task itself: of the iterable, for example. */
  private readonly unhandled: Array<unknown> = []

  constructor(loop: EventLoop, attempts: Iterable<() => AnyAwaitable>, delay: number | undefined) {
    this.loop = loop
    this.attempts = attempts[Symbol.iterator]()
    this.delay = delay
    this.relay = new DoneRelay(loop, "staggered_race.<locals>.task_done()", (task) => {
      this.taskDone(task as Task<unknown, unknown>)
    })
  }

  *run(): Body<StaggeredRaceResult<unknown>> {
    this.start(undefined)
    let cancellation: CancelledError | undefined
    while (this.running.size > 0) {
      this.allDone = new DescribedFuture<void>(this.loop, () => `staggered_race: ${describePending(this.running)}`)
      try {
        yield* this.allDone
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
        cancellation = error
        for (const task of this.running) task.cancel(error.args[0])
      }
      this.allDone = undefined
    }
    if (this.unhandled.length > 0) {
      throw new ExceptionGroup("staggered race failed", this.unhandled as ReadonlyArray<Error>)
    }
    if (cancellation !== undefined) throw cancellation
    return [this.result, this.winner, this.exceptions]
  }

  /** Starts the task of the next attempt. */
  private start(previousFailed: Event | undefined): void {
    const registered = new Event()
    const coroutine = new Coroutine(attemptDefinition, attempt as never, this, [registered, previousFailed])
    const task = this.loop.create_task(coroutine) as Task<unknown, unknown>
    this.running.add(task)
    task._add_listener(this.relay)
    registered.set()
  }

  *_attempt(registered: Event, previousFailed: Event | undefined): Body<void> {
    // An eager task has to wait until it is among the running ones.
    yield* registered.wait()
    if (previousFailed !== undefined) {
      try {
        yield* wait_for(previousFailed.wait(), this.delay)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
      }
    }
    const next = this.attempts.next()
    if (next.done === true) return
    const index = this.exceptions.length
    const failed = new Event()
    this.start(failed)
    this.exceptions.push(undefined)
    let result: unknown
    try {
      result = yield* stepThrough(stepsOf(next.value()) as Steps<unknown>)
    } catch (error) {
      if (error instanceof SystemExit || error instanceof KeyboardInterrupt) throw error
      this.exceptions[index] = error
      failed.set()
      return
    }
    if (this.winner !== undefined) {
      throw new AssertionError(
        `attempt ${index} was cancelled, since attempt ${this.winner} has won, but returned a result`
      )
    }
    this.winner = index
    this.result = result
    const current = this.loop._current_task
    for (const task of this.running) if (task !== current) task.cancel()
  }

  private taskDone(task: Task<unknown, unknown>): void {
    this.running.delete(task)
    if (this.running.size === 0 && this.allDone?.done() === false) this.allDone.set_result(undefined)
    if (task._failed) this.unhandled.push(task.exception())
  }
}

function attempt(this: Race, registered: Event, previousFailed: Event | undefined): Body<void> {
  return this._attempt(registered, previousFailed)
}
