/**
 * Leak checks for asyncio programs: what is left when the main coroutine ends, before `asyncio.run` cancels it.
 */
import * as asyncio from "@skein/asyncio"
import { recordSpawnSites, type TaskNode, taskRegistry } from "@skein/core/kernel"
import { descendsFrom, HoldingWatch, ListenerWatch, taskLeak } from "../internal/leak.ts"
import { type Leak, LeakError } from "../LeakError.ts"
import type { LeakOptions } from "../leaks.ts"
import { takeStepsOf } from "./Steps.ts"

/** Turns that what is about to run gets, at most, before it counts as left behind. */
const SETTLING_TURNS = 16

/** Longer than the resolution of the virtual clock: it passes when everything is idle. */
const INSTANT = 1e-6

/**
 * Runs a program as a task, and throws if it has left something behind: tasks that are not done, callbacks that are set for later
 * (`call_later`, `call_at`), locks and permits of `@skein/core` that are still held, listeners. It also closes the `steps` that the
 * program made.
 *
 * `asyncio.run` cancels what is left without a word; this tells of it. When the program has ended, whatever was about to run gets
 * its turn before the check. A task that was cancelled and is just ending is no leak. Callbacks are seen on a virtual loop only;
 * locks of asyncio have no owner and cannot be seen to be held.
 *
 * @param program - any awaitable
 * @param options.name - the task's name; `main` if left out
 * @param options.listeners - objects whose listeners are compared, besides `process`
 * @returns what the program returns
 * @throws `LeakError` with all leaks, each by name, and with the place where it was started. If the program throws, its own
 *   exception is thrown, with the leaks as a note where it takes notes
 *
 * When interrupted: the program is cancelled, and the check is made when it has ended.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { LeakError, noLeaks } from "@skein/testing/asyncio"
 *
 * const main = asyncio.coroutine(function* main() {
 *   asyncio.create_task(asyncio.sleep(3600), { name: "forgotten" })
 *   yield* asyncio.sleep(1)
 * })
 * try {
 *   await asyncio.run(noLeaks(main()), { loop_factory: asyncio.VirtualEventLoop })
 * } catch (error) {
 *   if (!(error instanceof LeakError)) throw error
 *   console.log(error.leaks.map((leak) => leak.kind)) // => [ 'task' ]
 * }
 * ```
 */
export const noLeaks = <T extends asyncio.AnyAwaitable>(
  program: T,
  options?: LeakOptions
): asyncio.Coroutine<asyncio.ResultOf<T>, asyncio.ServicesOf<T>> =>
  checked(program, options) as asyncio.Coroutine<asyncio.ResultOf<T>, asyncio.ServicesOf<T>>

const checked = asyncio.coroutine(function* noLeaks(program: asyncio.AnyAwaitable, options: LeakOptions | undefined) {
  const watch = new Watch(options)
  try {
    const result: unknown = yield* watch.run(program)
    const leaks = yield* watch.settled()
    if (leaks.length > 0) throw new LeakError(leaks)
    for (const step of takeStepsOf(asyncio.get_running_loop())) step.close()
    return result
  } catch (error) {
    if (error instanceof LeakError) throw error
    const leaks = yield* watch.settled()
    if (leaks.length > 0 && takesNotes(error)) error.add_note(new LeakError(leaks).message)
    throw error
  } finally {
    watch.close()
  }
})

const takesNotes = (error: unknown): error is { add_note(note: string): void } =>
  typeof error === "object" && error !== null && "add_note" in error && typeof error.add_note === "function"

class Watch {
  private readonly options: LeakOptions | undefined
  private readonly loop = asyncio.get_running_loop()
  private readonly root = asyncio.current_task() as TaskNode | undefined
  private readonly holding = this.root === undefined ? undefined : new HoldingWatch(this.root)
  private readonly listeners: ListenerWatch
  private readonly timersBefore = new Set(this.timers())
  private readonly stopRecording = recordSpawnSites()

  constructor(options: LeakOptions | undefined) {
    this.options = options
    this.listeners = new ListenerWatch(options?.listeners ?? [])
  }

  run(program: asyncio.AnyAwaitable): asyncio.Task<unknown> {
    const coro = asyncio.iscoroutine(program) ? program : waitFor(program)
    return asyncio.create_task(coro as asyncio.Coroutine<unknown>, { name: this.options?.name ?? "main" })
  }

  *settled() {
    for (let turn = 1; ; turn++) {
      yield* asyncio.sleep(this.loop instanceof asyncio.VirtualEventLoop ? INSTANT : 0)
      const leaks = this.leaks()
      if (leaks.length === 0 || turn === SETTLING_TURNS) return leaks
    }
  }

  close(): void {
    this.stopRecording()
    this.holding?.close()
  }

  private timers(): ReadonlyArray<asyncio.TimerHandle> {
    return this.loop instanceof asyncio.VirtualEventLoop ? this.loop.pending_timers() : []
  }

  private leaks(): ReadonlyArray<Leak> {
    const { root } = this
    const tasks = root === undefined ? [] : [...taskRegistry].filter((node) => descendsFrom(node, root))
    const timers = this.timers().filter((timer) => !this.timersBefore.has(timer))
    return [
      ...tasks.map((node) => taskLeak(node)),
      ...timers.map(
        (timer): Leak => ({
          kind: "timer",
          what: `a callback is set for ${timer.when()} s of the loop's clock: ${String(timer)}`,
          spawnSite: undefined
        })
      ),
      ...(this.holding?.leaks() ?? []),
      ...this.listeners.leaks()
    ]
  }
}

function* waitFor(program: asyncio.AnyAwaitable) {
  return yield* program as asyncio.Future<unknown>
}
