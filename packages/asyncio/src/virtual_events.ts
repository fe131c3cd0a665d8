/**
 * An event loop on virtual time.
 *
 * Follows no module of CPython: asyncio has no such loop.
 */

import { EventLoop, type EventLoopOptions } from "./base_events.ts"
import { makeVirtualTime } from "./internal/time_source.ts"

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

  constructor(options?: Omit<EventLoopOptions, "time_source">) {
    const time = makeVirtualTime()
    super({ ...options, time_source: time })
    this._advance = (seconds) => time.advance(seconds)
  }

  /**
   * Moves the clock on without letting anything run: what a blocking call would do to it.
   *
   * @param seconds - how far; less than 0 counts as 0
   */
  block(seconds: number): void {
    this._advance(Math.max(0, seconds))
  }
}
