// Stands between a task and its coroutine, and so sees each of its suspensions: whatever the coroutine awaits comes by here on its
// way to the task. It cancels with the means that any program has: `call_soon`, `add_done_callback` and `task.cancel()`.
import * as asyncio from "@skein/asyncio"
import type { CancelPoint } from "../CancelReport.ts"

/** When to cancel. */
export interface Cancellation {
  /** The number of the point, from 1; 0 only counts them. */
  readonly target: number
  /** Whether to cancel once more in the first wait of the clean-up. */
  readonly twice: boolean
}

type Steps = Generator<unknown, unknown, unknown>

/** Watches the life of one task, and cancels it at one point. */
export class CancelSpy {
  /** How many points the victim has come to. */
  points = 0
  /** Where it was cancelled; undefined as long as it has not been. */
  cancelledAt: string | undefined = undefined
  /** What it has waited for. */
  readonly trace: Array<string> = []
  private readonly how: Cancellation
  private victim: asyncio.Task | undefined = undefined
  private victimName = ""
  private isStopped = false
  private isCleaningUp = false

  constructor(how: Cancellation) {
    this.how = how
  }

  /** Makes the tasks of the program, and takes hold of the victim. */
  factory(victimName: string, inner: asyncio.TaskFactory | undefined): asyncio.TaskFactory {
    this.victimName = victimName
    return (loop, coro, options) => {
      const make = (coro: asyncio.CoroutineLike): asyncio.AnyFuture =>
        inner === undefined ? asyncio.Task(coro, { ...options, loop }) : inner(loop, coro, options)
      if (this.victim !== undefined || this.isStopped || String(options.name) !== victimName) return make(coro)
      let hasBegun = false
      const task = make(
        this.watch(coro, () => {
          hasBegun = true
        }) as asyncio.CoroutineLike
      ) as asyncio.Task
      this.victim = task
      task.add_done_callback(() => {
        // A coroutine that never ran is closed, as the task would have done.
        if (!hasBegun && coro instanceof asyncio.Coroutine) coro.close()
      })
      if (this.comesTo("before its first step")) task.cancel()
      return task
    }
  }

  /** The program is done: whatever the victim does from here on has no points. */
  stop(): void {
    this.isStopped = true
  }

  /** How the victim has ended. Throws if there was none, or if it has not come to its point. */
  ending(): CancelPoint["ended"] {
    const { victim } = this
    if (victim === undefined) {
      const advice = 'give "victim" the name that the program makes a task with'
      throw new Error(`No task called "${this.victimName}" was made; ${advice}.`)
    }
    if (this.how.target > 0 && this.cancelledAt === undefined) {
      const seen = `it has come to ${this.points} points this time`
      throw new Error(`The program is not deterministic: ${seen}, and to more when it ran first.`)
    }
    if (!victim.done() || victim.cancelled()) return "cancelled"
    return victim.exception() === undefined ? "succeeded" : "failed"
  }

  private *watch(coro: asyncio.CoroutineLike, begins: () => void): Steps {
    begins()
    const steps = (coro as Steps)[Symbol.iterator]()
    let step = steps.next()
    while (step.done !== true) {
      this.suspends(step.value)
      let sent: unknown
      try {
        sent = yield step.value
      } catch (error) {
        step = steps.throw(error)
        continue
      }
      step = steps.next(sent)
    }
    return step.value
  }

  /** The victim is about to wait for something. */
  private suspends(awaited: unknown): void {
    if (this.isStopped) return
    if (this.cancelledAt !== undefined) {
      if (!this.how.twice || this.isCleaningUp) return
      this.isCleaningUp = true
      this.cancelledAt += `, and again while it waited for ${describe(awaited)}`
      this.cancelSoon()
      return
    }
    const what = describe(awaited)
    if (this.comesTo(`while it waited for ${what}`)) this.cancelSoon()
    // Its own callback is not among the future's yet: this one comes first, when the future is done and the task has not run.
    else if (asyncio.isfuture(awaited) && this.comesTo(`woken from waiting for ${what}, before it ran`)) {
      awaited.add_done_callback(() => void this.victim?.cancel())
    }
    if (this.cancelledAt === undefined) this.trace.push(what)
  }

  private comesTo(where: string): boolean {
    if (++this.points !== this.how.target) return false
    this.cancelledAt = where
    return true
  }

  private cancelSoon(): void {
    asyncio.get_running_loop().call_soon(() => void this.victim?.cancel())
  }
}

const describe = (awaited: unknown): string => {
  if (asyncio.isfuture(awaited)) return awaited.describeWait()
  return awaited instanceof Object && "pipe" in awaited ? "an effect" : "the next pass of the loop"
}
