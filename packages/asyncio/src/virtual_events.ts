/**
 * An event loop on virtual time.
 *
 * Follows no module of CPython: asyncio has no such loop.
 */

import type { Chooser } from "@skein/core/kernel"
import type * as Scheduler from "effect/Scheduler"
import { EventLoop, type EventLoopOptions } from "./base_events.ts"
import { TimerHandle } from "./events.ts"
import { ChoosingQueue } from "./internal/choosing_queue.ts"
import { makeVirtualTime } from "./internal/time_source.ts"
import type * as Public from "./public_classes.ts"

/** Options of a {@link VirtualEventLoop}. */
export interface VirtualEventLoopOptions extends Omit<EventLoopOptions, "time_source"> {
  /**
   * Says which task goes on where several could, instead of the order of arrival. Callbacks keep their order. `@skein/testing`
   * explores schedules with it.
   */
  readonly chooser?: Chooser | undefined
}

/** Passes before the host gets its turn: counted, and not timed, so that a run meets the host's promises at the same points. */
const PASSES_PER_TURN = 128

/**
 * An event loop whose clock stands still while anything can run and jumps to the next timer when nothing can: hours of
 * sleeping take milliseconds, in the same order every time. It starts at 0.
 *
 * Real I/O does not belong into it: an effect that is in flight gets two turns of the host before the clock jumps, and a
 * promise that was brought in by `wrap_future` holds the clock.
 *
 * A program that can never go on ends at once, with a {@link Deadlock} that names who waits for what.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   yield* asyncio.sleep(36_000)
 *   return asyncio.get_running_loop().time()
 * })
 * console.log(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })) // => 36000
 * ```
 */
export class VirtualEventLoop extends EventLoop {
  private readonly _advance: (seconds: number) => void
  private readonly _choosing: ChoosingQueue | undefined

  /** @param options - those of a loop; `chooser` says who goes on where several tasks could */
  constructor(options?: VirtualEventLoopOptions) {
    const time = makeVirtualTime()
    super({ ...options, time_source: time })
    this._advance = (seconds) => time.advance(seconds)
    this._choosing =
      options?.chooser === undefined
        ? undefined
        : new ChoosingQueue(options.chooser, {
            arrived: () => this._ready,
            run: (runnable) => (this._debug ? this._run_timed(runnable) : runnable._run()),
            nextTimer: () => this._timers.peek(),
            fireTimer: () => {
              const timer = this._timers.pop()
              if (timer === undefined) return
              time.advance(Math.max(0, timer.timerWhen - time.now()))
              timer._run()
            }
          })
  }

  /**
   * Moves the clock on without letting anything run: what a blocking call would do to it.
   *
   * @param seconds - how far; less than 0 counts as 0
   */
  block(seconds: number): void {
    this._advance(Math.max(0, seconds))
  }

  /**
   * The callbacks that were handed to the loop for a later time and are not cancelled, in order of time. For tests which look
   * for what was left behind.
   */
  pending_timers(): ReadonlyArray<Public.TimerHandle> {
    const handles = [...this._timers].filter((timer) => timer instanceof TimerHandle)
    return handles.sort((one, other) => one.timerWhen - other.timerWhen || one.timerSequence - other.timerSequence)
  }

  override makeDispatcher(): Scheduler.SchedulerDispatcher {
    const plain = super.makeDispatcher()
    if (this._choosing === undefined || this._closed) return plain
    return this._choosing.makeDispatcher(
      (turn) => {
        if (this._closed) plain.scheduleTask(() => turn._run(), 0)
        else this._enqueue(turn)
      },
      () => plain.flush()
    )
  }

  protected override _make_passes(): boolean {
    for (let passes = 0; passes < PASSES_PER_TURN; passes++) {
      if (this._ready.length === 0 && !this._stopping && !this._pass_time()) return false
      this._run_once()
      if (this._stopping) return true
    }
    this._request_turn()
    return false
  }

  protected override _run_once(): void {
    if (this._choosing === undefined) return super._run_once()
    const batch = this._begin_pass()
    try {
      this._choosing.runPass(batch)
    } catch (error) {
      // What this pass has not run stays first in line.
      this._ready = batch.concat(this._ready)
      throw error
    }
    this._pass_ended()
  }
}
