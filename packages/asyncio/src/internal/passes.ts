/**
 * The passes of an event loop, and the host's turns in between: CPython's `_run_once`, where the host is Node.
 *
 * A pass runs what was ready when it began; due timers join before it. Passes are made back to back until the host is due its
 * turn. A loop that is idle asks the host for the one thing that it needs, the first timer, and for nothing else: it keeps no
 * process alive that has nothing to wait for.
 */

import { TimerHeap, type TimerNode } from "@skein/core/kernel"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import type { EventLoop } from "../base_events.ts"
import { RuntimeError } from "../builtins.ts"
import type { Runnable } from "../events.ts"
import { logger } from "../log.ts"
import { repr } from "./pyrepr.ts"
import { swapRunningLoop } from "./running.ts"
import type { TimeSource } from "./time_source.ts"

/** What the loop runs at a certain time: a {@link TimerHandle}, or something lighter of the library's own. */
export interface Timer extends Runnable, TimerNode {}

/**
 * How long the loop makes passes before the host gets its turn, in milliseconds. A turn of the host costs about a
 * microsecond; a task that only yields must not hold up its sockets for longer than this.
 */
const TURN_BUDGET = 0.1

/** Quiet turns of the host before a virtual clock jumps while an effect is in flight: enough for settled promises to react. */
const QUIET_TURNS = 2

/** Told when a run ends. */
interface Finish {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** The ready queue, the timers and the turns of an event loop. */
export abstract class Passes implements Scheduler.Scheduler {
  /** Tells Effect that fibers of this loop do not run inside the call that starts them. */
  readonly executionMode = "async"
  /** Seconds from which a callback counts as slow, in debug mode. */
  slow_callback_duration = 0.1
  _debug: boolean
  /** Effects in flight that were started by tasks of this loop. */
  _effects_in_flight = 0
  /** Promises of the host that futures of this loop wait for: a virtual clock stands still meanwhile. */
  _host_waits = 0
  /** How many passes were made. */
  _passes = 0
  /**
   * When the pass that is running began, in whole milliseconds since the loop was made; good enough to say since when a task waits.
   * Whole, since each task keeps one: V8 would give each a fraction in an object of its own.
   */
  _pass_began = 0
  /** When the loop was made, in milliseconds of its clock. */
  readonly _made_at: number
  protected readonly _time: TimeSource
  protected _ready: Array<Runnable> = []
  protected readonly _timers = new TimerHeap<Timer>()
  protected _running = false
  protected _stopping = false
  protected _closed = false
  protected _in_turn = false
  protected _turn_requested = false
  protected _withdraw_wait: (() => void) | undefined = undefined
  protected _waits_until = Number.POSITIVE_INFINITY
  protected _quiet_turns = 0
  protected _finish: Finish | undefined = undefined
  protected _on_exhausted: (() => void) | undefined = undefined
  /** True if a virtual clock may jump although a promise of the host is waited for. */
  protected _clock_freed = false
  /** What the loop runs now; in debug mode only. */
  protected _current_handle: Runnable | undefined = undefined

  constructor(time: TimeSource, debug: boolean) {
    this._time = time
    this._made_at = time.now() * 1000
    this._debug = debug
  }

  /** The error for a loop that nothing can ever wake again. */
  protected abstract _deadlock(): RuntimeError

  /** Called after each pass. */
  protected abstract _pass_ended(): void

  /** Has a timer run in a pass from its time on. */
  _schedule(timer: Timer): void {
    this._timers.push(timer)
    if (!this._in_turn && this._running && timer.timerWhen < this._waits_until) this._request_turn()
  }

  /** Puts something at the end of the ready queue. */
  _enqueue(runnable: Runnable): void {
    this._ready.push(runnable)
    if (!this._in_turn && this._running) this._request_turn()
  }

  /** Told by a timer that it has just been cancelled. */
  _timer_cancelled(timer: Timer): void {
    this._timers.noteCancelled(timer)
  }

  // --- Effect's scheduler -------------------------------------------------------------------------------------------

  /** A coroutine is never pre-empted; a foreign effect yields after Effect's usual number of operations. */
  shouldYield(fiber: Fiber.Fiber<unknown, unknown>): boolean {
    return fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
  }

  /** What Effect hands the turns of its fibers to: they go into the loop's ready queue. */
  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return {
      scheduleTask: (task) => {
        // An effect's finalizers may outlive the loop by a turn: they go on in the host's own queue.
        if (this._closed) setImmediate(task)
        else this._enqueue(new FiberTurn(task))
      },
      flush: () => {
        throw new RuntimeError("This event loop runs asynchronously: Effect.runSync can not wait for it.")
      }
    }
  }

  // --- Running ------------------------------------------------------------------------------------------------------

  protected _begin_run(finish: Finish): void {
    this._running = true
    this._finish = finish
    this._request_turn()
  }

  /** Ends {@link run_forever} after the pass that is running; a stopped loop that is started again makes one pass. */
  stop(): void {
    this._stopping = true
    if (!this._in_turn && this._running) this._request_turn()
  }

  /** Drops what is queued, for good. */
  protected _drop_all(): void {
    this._closed = true
    this._ready = []
    this._timers.clear()
  }

  // --- The host's side ----------------------------------------------------------------------------------------------

  protected _request_turn(): void {
    if (this._turn_requested) return
    this._withdraw()
    this._turn_requested = true
    this._time.defer(this._turn)
  }

  /** Takes back what the loop asked of the host while it was idle. */
  protected _withdraw(): void {
    this._waits_until = Number.POSITIVE_INFINITY
    if (this._withdraw_wait !== undefined) {
      this._withdraw_wait()
      this._withdraw_wait = undefined
    }
    if (this._on_exhausted !== undefined) {
      process.removeListener("beforeExit", this._on_exhausted)
      this._on_exhausted = undefined
    }
  }

  protected readonly _turn = (): void => {
    this._turn_requested = false
    if (!this._running) return
    this._withdraw()
    const previousLoop = swapRunningLoop(this as unknown as EventLoop)
    this._in_turn = true
    let failure: { readonly error: unknown } | undefined
    let ended = false
    try {
      ended = this._make_passes()
    } catch (error) {
      failure = { error }
    } finally {
      this._in_turn = false
      swapRunningLoop(previousLoop)
    }
    if (failure !== undefined || ended) this._end_run(failure)
  }

  protected _end_run(failure: { readonly error: unknown } | undefined): void {
    this._withdraw()
    this._running = false
    this._stopping = false
    const finish = this._finish as NonNullable<typeof this._finish>
    this._finish = undefined
    if (failure === undefined) finish.resolve()
    else finish.reject(failure.error)
  }

  /** Makes passes until the loop stops (true), or until it is the host's turn. */
  protected _make_passes(): boolean {
    const began = performance.now()
    for (;;) {
      if (this._ready.length === 0 && !this._stopping && !this._pass_time()) return false
      this._run_once()
      if (this._stopping) return true
      if (performance.now() - began >= TURN_BUDGET) {
        // Not at once when idle: `_pass_time` will ask for just what it needs.
        if (this._ready.length > 0) {
          this._request_turn()
          return false
        }
      }
    }
  }

  /**
   * Nothing is ready: waits for the first timer. Returns true if the next pass can begin at once, false if the host has been
   * asked to come back.
   */
  protected _pass_time(): boolean {
    const timer = this._timers.peek()
    if (timer !== undefined && timer.timerWhen < this._time.now() + this._time.resolution) return true
    if (this._time.isVirtual) {
      if (this._host_waits > 0 && !this._clock_freed) {
        // A promise of the host holds the clock, unless the host has nothing left to do: then only the loop itself can settle
        // it, as one that `to_promise` made.
        return this._when_host_exhausted(() => {
          this._clock_freed = true
          this._turn()
        })
      }
      if (this._effects_in_flight > 0 && this._quiet_turns < QUIET_TURNS) {
        this._quiet_turns++
        this._request_turn()
        return false
      }
    }
    this._quiet_turns = 0
    if (timer !== undefined) {
      this._waits_until = timer.timerWhen
      this._withdraw_wait = this._time.wait(timer.timerWhen, () => {
        this._withdraw_wait = undefined
        this._turn()
      })
      return this._withdraw_wait === undefined
    }
    if (this._time.isVirtual && this._effects_in_flight === 0) throw this._deadlock()
    // Without a timer the loop keeps nothing of the host alive. If nothing else does, nobody will ever wake it.
    return this._when_host_exhausted(() => this._end_run({ error: this._deadlock() }))
  }

  /** Waits for whatever comes, and calls `then` if nothing can come any more: the process is about to end. */
  protected _when_host_exhausted(then: () => void): false {
    this._on_exhausted = () => {
      this._withdraw()
      then()
    }
    process.once("beforeExit", this._on_exhausted)
    return false
  }

  /** Begins a pass: due timers join. Returns what it is to run. */
  protected _begin_pass(): Array<Runnable> {
    this._passes++
    const now = this._time.now()
    this._pass_began = Math.floor(now * 1000 - this._made_at)
    if (this._timers.length > 0) {
      const limit = now + this._time.resolution
      for (let timer = this._timers.popBefore(limit); timer !== undefined; timer = this._timers.popBefore(limit)) {
        this._ready.push(timer)
      }
    }
    this._quiet_turns = 0
    this._clock_freed = false
    const batch = this._ready
    this._ready = []
    return batch
  }

  protected _run_once(): void {
    const batch = this._begin_pass()
    let index = 0
    try {
      if (this._debug) {
        for (; index < batch.length; index++) this._run_timed(batch[index] as Runnable)
      } else {
        for (; index < batch.length; index++) {
          const runnable = batch[index] as Runnable
          if (!runnable._cancelled) runnable._run()
        }
      }
    } catch (error) {
      // What this pass has not run stays first in line.
      this._ready = batch.slice(index + 1).concat(this._ready)
      throw error
    }
    this._pass_ended()
  }

  protected _run_timed(runnable: Runnable): void {
    if (runnable._cancelled) return
    const began = this._time.now()
    this._current_handle = runnable
    try {
      runnable._run()
    } finally {
      this._current_handle = undefined
    }
    const took = this._time.now() - began
    if (took >= this.slow_callback_duration) {
      logger.warning(`Executing ${repr(runnable)} took ${took.toFixed(3)} seconds`)
    }
  }
}

/** A fiber's turn, queued by Effect through the {@link Scheduler.Scheduler} that the loop is. */
class FiberTurn implements Runnable {
  readonly _cancelled = false
  private readonly task: () => void

  constructor(task: () => void) {
    this.task = task
  }

  _run(): void {
    this.task()
  }
}
