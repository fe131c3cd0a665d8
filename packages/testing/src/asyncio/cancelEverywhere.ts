/**
 * Cancels an asyncio program at every point of its life, one point a run, and sees that it holds.
 */
import * as asyncio from "@skein/asyncio"
import { CancelEverywhereError, type CancelPoint, CancelReport } from "../CancelReport.ts"
import { type Cancellation, CancelSpy } from "../internal/cancelSpy.ts"
import type { LeakOptions } from "../leaks.ts"
import { noLeaks } from "./leaks.ts"

export { CancelEverywhereError, type CancelPoint, CancelReport } from "../CancelReport.ts"

/** What is cancelled, and what is to hold afterwards. */
export interface CancelCase {
  /** The program. It runs as a task called `program`. */
  readonly program: asyncio.Awaitable<unknown>
  /** The name that the task which is cancelled was made with: the first one that is called so. The program itself if left out. */
  readonly victim?: string | undefined
  /** Called, and awaited, with the program's task when that is done: throws if something is not right. */
  readonly invariant?:
    | ((program: asyncio.Task) => asyncio.Awaitable<unknown>)
    | ((program: asyncio.Task) => void)
    | undefined
  /** Whether the program may throw when its victim is cancelled; if not (the default), an exception counts. */
  readonly mayFail?: boolean | undefined
}

/** How a program is cancelled everywhere. */
export interface CancelOptions {
  /** Cancels it once more at each point, in the first wait of its clean-up. */
  readonly twice?: boolean | undefined
  /** What the leak check after each run looks at; `false` leaves the check out. */
  readonly leaks?: LeakOptions | false | undefined
}

/**
 * Runs a program on a virtual event loop, first without cancelling it, and then once for each point at which `task.cancel()` can
 * come: before its first step, in each wait, and after it was woken from one and before it ran. After each run the invariant must
 * hold, nothing may be left behind, the program must not have thrown anything but its `CancelledError`, and nobody may wait for
 * ever.
 *
 * @param setup - makes the program and what is to hold, anew for each run: a generator function, or any function that returns a
 *   {@link CancelCase}
 * @param options.twice - cancels it once more, in the first wait of its clean-up
 * @param options.leaks - what the leak check looks at; false leaves it out
 * @returns a promise of how many points there were, and what became of the victim at each
 * @throws `CancelEverywhereError` at the first point at which the program does not hold
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { cancelEverywhere } from "@skein/testing/asyncio"
 *
 * const report = await cancelEverywhere(function* () {
 *   const lock = asyncio.Lock()
 *   const program = asyncio.coroutine(function* () {
 *     yield* asyncio.async_with(lock, function* () {
 *       yield* asyncio.sleep(1)
 *     })
 *   })
 *   const invariant = () => {
 *     if (lock.locked()) throw new Error("the lock is held by nobody")
 *   }
 *   return { program: program(), invariant }
 * })
 * console.log(report.points.length) // => 3
 * ```
 */
export const cancelEverywhere = async (
  setup: () => CancelCase | asyncio.Awaitable<CancelCase>,
  options?: CancelOptions
): Promise<CancelReport> => {
  const plain = await attempt(setup, options, { target: 0, twice: false, of: 0 })
  const of = plain.spy.points
  const points: Array<CancelPoint> = []
  for (let target = 1; target <= of; target++) {
    for (const twice of options?.twice === true ? [false, true] : [false]) {
      const { spy, ended } = await attempt(setup, options, { target, twice, of })
      points.push({ where: spy.cancelledAt as string, ended })
    }
  }
  return new CancelReport(points)
}

interface Attempt {
  readonly spy: CancelSpy
  readonly ended: CancelPoint["ended"]
}

const attempt = async (
  setup: () => CancelCase | asyncio.Awaitable<CancelCase>,
  options: CancelOptions | undefined,
  how: Cancellation & { readonly of: number }
): Promise<Attempt> => {
  const spy = new CancelSpy(how)
  try {
    const body = supervise(setup, spy)
    const leaks = options?.leaks
    const main = leaks === false ? body : noLeaks(body, leaks)
    const ended = await asyncio.run(main, { loop_factory: asyncio.VirtualEventLoop })
    return { spy, ended }
  } catch (error) {
    const where = spy.cancelledAt ?? "a point that it does not come to"
    throw new CancelEverywhereError({ point: how.target, of: how.of, where }, spy.trace, error)
  }
}

const supervise = asyncio.coroutine(function* supervise(
  setup: () => CancelCase | asyncio.Awaitable<CancelCase>,
  spy: CancelSpy
) {
  const loop = asyncio.get_running_loop()
  const made = setup()
  const it = "program" in made ? made : yield* made as asyncio.Future<CancelCase>
  const before = loop.get_task_factory()
  loop.set_task_factory(spy.factory(it.victim ?? "program", before))
  const task = asyncio.create_task(awaiting(it.program), { name: "program" }) as asyncio.Task
  yield* asyncio.wait([task])
  loop.set_task_factory(before)
  spy.stop()
  if (!task.cancelled()) {
    const error = task.exception()
    if (error !== undefined && error !== null && it.mayFail !== true) throw error
  }
  const ended = spy.ending()
  const checked: unknown = it.invariant?.(task)
  if (asyncio.isawaitable(checked)) yield* checked as asyncio.Future<unknown>
  return ended
})

function* awaiting(program: asyncio.Awaitable<unknown>) {
  return yield* program as asyncio.Future<unknown>
}
