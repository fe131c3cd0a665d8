/**
 * Steps a coroutine from one suspension to the next: CPython's `Task.__step`, and where a coroutine meets Effect.
 *
 * - An Effect that the coroutine awaits (a *leaf*) runs in a fiber of Effect's own, so that cancelling the task can interrupt
 *   just that effect and throw `CancelledError` where the coroutine stands, which it may catch. What ends at once does not
 *   suspend.
 * - A coroutine that such an effect runs in turn, in the leaf's own fiber (`yield* inner().pipe(Effect.provide(layer))`), is
 *   awaited by the same task: it becomes the innermost *frame*, and is what the task steps and cancels from then on.
 */

import { AsyncResource } from "node:async_hooks"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { effectModules } from "#effect"
import type { EventLoop } from "../base_events.ts"
import { RuntimeError } from "../builtins.ts"
import { BareYield, type Body, Coroutine, type CoroutineLike, isGenerator } from "../coroutines.ts"
import { adviceFor } from "../ensure_future.ts"
import type { Runnable } from "../events.ts"
import { CancelledError } from "../exceptions.ts"
import { type AnyFuture, type DoneListener, EffectFuture, errorOf, Future, MUST_CANCEL } from "../futures.ts"
import type { Task } from "../tasks.ts"
import {
  contextForTask,
  restoreContext,
  swapContext,
  swapContextHolder,
  type Context as VariableContext
} from "./context.ts"
import { handOverChildren, isEffect, swapCurrentFiber } from "./effect_internals.ts"
import { repr } from "./pyrepr.ts"
import { swapSteppedFiber } from "./running.ts"
import { giveBack } from "./suspension.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** Lets a fiber of Effect's own go on that waits for a coroutine. */
export type Resume = (exit: Exit.Exit<unknown, unknown>) => void

/** The task on whose behalf a fiber runs: the one that awaits the effect. */
export const CurrentTask: Context.Reference<Task<unknown, unknown> | undefined> = Context.Reference(
  "@skein/asyncio/CurrentTask",
  { defaultValue: (): Task<unknown, unknown> | undefined => undefined }
)

const noDestroyHook = { requireManualDestroy: true }

/** An effect that a coroutine awaits. */
class Leaf {
  fiber: AnyFiber | undefined = undefined
  exit: Exit.Exit<unknown, unknown> | undefined = undefined
  /** What the task waits for, once it had to. */
  future: EffectFuture | undefined = undefined
}

/** A frame that waits for the leaf in which the frames within it run. */
interface Frame {
  readonly gen: Body
  readonly services: Context.Context<never>
  resume: Resume | undefined
  readonly leaf: Leaf
  readonly outer: Frame | undefined
}

/** An error that is to be thrown into the coroutine at its next step. */
interface Pending {
  readonly error: unknown
}

/** What few tasks have, made when the first of it comes up. Every task is smaller for it, and smaller is faster. */
class Extras {
  pending: Pending | undefined = undefined
  /** The fiber of Effect's own that waits for the innermost frame. */
  resume: Resume | undefined = undefined
  /** The effect that the innermost frame awaits. */
  leaf: Leaf | undefined = undefined
  /** The frame around the innermost one. */
  outer: Frame | undefined = undefined
  /** The fibers that the coroutine's effects forked. */
  children: Set<AnyFiber> | undefined = undefined
  /** The listeners of those who watch the task as a fiber. */
  observers: Map<unknown, DoneListener> | undefined = undefined
}

/**
 * A future that drives a coroutine: the part of a task that the loop calls. The task decides what an end means.
 */
export abstract class Driver<A, R> extends Future<A, R> implements Runnable, DoneListener {
  declare readonly _cancelled: false
  /** The future that the coroutine is suspended on. */
  _fut_waiter: AnyFuture | undefined = undefined
  protected _coro: CoroutineLike | undefined
  /** A context that other tasks may have too, until it is asked for by {@link ownContextOf}. */
  _context: VariableContext
  protected readonly _async_resource = new AsyncResource("skein.asyncio.Task", noDestroyHook)
  /** When the pass began in which the task suspended, as the loop has it. */
  protected _waiting_since = 0
  /** The generator of the innermost frame, once it has suspended. */
  protected _gen: Body | undefined = undefined
  /** The services of the innermost frame. */
  protected _services: Context.Context<never>
  protected _extras: Extras | undefined = undefined

  constructor(
    coro: CoroutineLike,
    options?: { readonly loop?: EventLoop | undefined; readonly context?: VariableContext | undefined }
  ) {
    super(options)
    this._coro = coro
    this._context = options?.context ?? contextForTask()
    this._services = this._loop._services
  }

  /** The outermost coroutine returned. */
  protected abstract _return(value: unknown): void

  /** An error left the outermost coroutine. */
  protected abstract _fail(error: unknown): void

  /** A step has ended, and somebody of Effect's own waits for the end of the coroutine. */
  protected abstract _tellHost(): void

  /** The fibers that the coroutine's effects forked, and that live as long as the task. */
  abstract children(): Set<AnyFiber>

  /** True if `CancelledError` is to be thrown at the next step. */
  protected get _must_cancel(): boolean {
    return this._has(MUST_CANCEL)
  }

  protected set _must_cancel(on: boolean) {
    this._turn(MUST_CANCEL, on)
  }

  protected _get_extras(): Extras {
    this._extras ??= new Extras()
    return this._extras
  }

  // --- Steps --------------------------------------------------------------------------------------------------------

  /** The future that the task waits for is done: queues the next step. */
  _future_done(): void {
    this._loop._enqueue(this)
  }

  _run(): void {
    // What AsyncLocalStorage held where the task was made, it holds in the task.
    this._async_resource.runInAsyncScope(stepOf, undefined, this)
  }

  _step(): void {
    const loop = this._loop
    const previousTask = loop._current_task
    const previousContext = swapContext(this._context)
    const previousHolder = swapContextHolder(this)
    loop._current_task = this as unknown as Task<unknown, unknown>
    try {
      if (this._gen === undefined) this._start()
      else this._wake()
    } finally {
      loop._current_task = previousTask
      swapContextHolder(previousHolder)
      restoreContext(previousContext)
      if (this._extras !== undefined) this._tellHost()
    }
  }

  protected _start(): void {
    const coro = this._coro as CoroutineLike
    const gen = coro instanceof Coroutine ? coro._begin() : (coro as Body)
    if (this._must_cancel) {
      this._must_cancel = false
      this._advance(gen, true, this._make_cancelled_error())
    } else this._advance(gen, false, undefined)
  }

  protected _wake(): void {
    const waiter = this._fut_waiter
    const extras = this._extras
    this._fut_waiter = undefined
    let throwing = false
    let value: unknown
    if (waiter !== undefined) {
      if (waiter._succeeded) value = waiter instanceof EffectFuture ? waiter.result() : undefined
      else {
        throwing = true
        value = waiter._error()
      }
    } else if (extras?.pending !== undefined) {
      throwing = true
      value = extras.pending.error
      extras.pending = undefined
    }
    if (this._must_cancel) {
      this._must_cancel = false
      if (!throwing || !(value instanceof CancelledError)) {
        throwing = true
        value = this._make_cancelled_error()
      }
    }
    if (extras?.leaf?.future !== undefined && extras.leaf.future === waiter) extras.leaf = undefined
    this._advance(this._gen as Body, throwing, value)
  }

  /** Runs the coroutine from one suspension to the next, or to its end. */
  protected _advance(innermost: Body, throwing: boolean, value: unknown): void {
    for (let gen = innermost; ; gen = this._gen as Body) {
      const previousFiber = swapCurrentFiber(this as unknown as AnyFiber)
      const previousStepped = swapSteppedFiber(this as unknown as AnyFiber)
      let result: IteratorResult<unknown, unknown>
      let exit: Exit.Exit<unknown, unknown> | undefined
      try {
        result = throwing ? generatorThrow.call(gen, value) : generatorNext.call(gen, value)
      } catch (error) {
        swapSteppedFiber(previousStepped)
        swapCurrentFiber(previousFiber)
        if (this._extras?.outer === undefined) return this._fail(error)
        const { Exit } = effectModules()
        exit = this._leaveFrame(error instanceof CancelledError ? Exit.interrupt() : Exit.fail(error))
        if (exit === undefined && !this._entersFrame(gen)) return
        ;[throwing, value] = outcomeOf(exit)
        continue
      }
      swapSteppedFiber(previousStepped)
      swapCurrentFiber(previousFiber)
      if (result.done === true) {
        if (this._extras?.outer === undefined) return this._return(result.value)
        exit = this._leaveFrame(effectModules().Exit.succeed(result.value))
      } else {
        // Only here: a task that ends in its first step is spared the store, which costs more the older the task is.
        if (this._gen === undefined) this._gen = gen
        const yielded = result.value
        if (yielded instanceof Future) {
          giveBack(result)
          return this._wait(yielded)
        }
        if (yielded instanceof BareYield || yielded === undefined || yielded === null) {
          this._loop._enqueue(this)
          return
        }
        if (!isEffect(yielded) || yielded instanceof Coroutine) {
          return this._throw_later(badYield(yielded, this))
        }
        exit = this._runLeaf(yielded as Effect.Effect<unknown, unknown, never>)
      }
      if (exit === undefined && !this._entersFrame(gen)) return
      ;[throwing, value] = outcomeOf(exit)
    }
  }

  /** True if an effect has just begun a frame, which is then to be stepped; otherwise the task has to wait for the effect. */
  protected _entersFrame(gen: Body): boolean {
    const leaf = this._extras?.leaf
    if (leaf === undefined) return this._gen !== gen
    if (leaf.exit === undefined) this._waitForLeaf(leaf)
    return false
  }

  /** Suspends the task until `future` is done. */
  protected _wait(future: AnyFuture): void {
    if (!future._awaited) return this._throw_later(yieldedWithoutStar(future, this))
    future._awaited = false
    if (future._loop !== this._loop) {
      return this._throw_later(
        new RuntimeError(`Task ${repr(this)} got Future ${repr(future)} attached to a different loop`)
      )
    }
    if (future === (this as AnyFuture)) {
      return this._throw_later(new RuntimeError(`Task cannot await on itself: ${repr(this)}`))
    }
    future._add_listener(this)
    this._suspend(future)
  }

  protected _suspend(future: AnyFuture): void {
    this._fut_waiter = future
    this._waiting_since = this._loop._pass_began
    if (this._must_cancel && future.cancel(this._cancel_message)) this._must_cancel = false
  }

  protected _throw_later(error: unknown): void {
    this._get_extras().pending = { error }
    this._loop._enqueue(this)
  }

  // --- Effects ------------------------------------------------------------------------------------------------------

  /** Starts an effect that the innermost frame awaits. Returns its exit if it ends, or frames within it end, at once. */
  protected _runLeaf(effect: Effect.Effect<unknown, unknown, never>): Exit.Exit<unknown, unknown> | undefined {
    const { Effect, Exit } = effectModules()
    if (Exit.isExit(effect)) return effect
    const leaf = new Leaf()
    const extras = this._get_extras()
    extras.leaf = leaf
    const fiber = Effect.runForkWith(
      Context.add(this._services, CurrentTask, this as unknown as Task<unknown, unknown>)
    )(
      Effect.withFiber((fiber) => {
        leaf.fiber = fiber
        return Effect.ensuring(effect, handOverChildren(this))
      })
    )
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) {
      extras.leaf = undefined
      return exit
    }
    this._loop._effects_in_flight++
    fiber.addObserver((exit) => {
      this._loop._effects_in_flight--
      leaf.exit = exit
      leaf.future?._settle(exit)
    })
    return undefined
  }

  protected _waitForLeaf(leaf: Leaf): void {
    leaf.future ??= new EffectFuture(this._loop, () => (leaf.fiber as AnyFiber).interruptUnsafe())
    leaf.future._add_listener(this)
    this._suspend(leaf.future)
  }

  /** True if a coroutine that `fiber` runs is awaited by this task: the fiber is that of the effect which the task awaits. */
  _canNest(fiber: AnyFiber): boolean {
    return this._extras?.leaf?.fiber === fiber
  }

  /** Makes a coroutine that the awaited effect runs the innermost frame. */
  _nest(gen: Body, resume: Resume): void {
    const extras = this._get_extras()
    const leaf = extras.leaf as Leaf
    extras.outer = {
      gen: this._gen as Body,
      services: this._services,
      resume: extras.resume,
      leaf,
      outer: extras.outer
    }
    this._gen = gen
    this._services = (leaf.fiber as AnyFiber).context
    extras.resume = resume
    extras.leaf = undefined
    if (this._fut_waiter !== undefined) {
      // The effect had suspended the task; now it has come to the coroutine, which the task is to step.
      this._fut_waiter._remove_listener(this)
      this._fut_waiter = undefined
      // Nobody waits for this future any more; should the effect still be in flight afterwards, it gets another.
      leaf.future = undefined
      this._loop._enqueue(this)
    }
  }

  /** The innermost frame has ended: lets the effect that ran it go on. Returns the effect's exit if that ends it. */
  protected _leaveFrame(exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> | undefined {
    const extras = this._get_extras()
    const { gen, services, resume, leaf, outer } = extras.outer as Frame
    const go = extras.resume as Resume
    this._gen = gen
    this._services = services
    extras.resume = resume
    extras.leaf = leaf
    extras.outer = outer
    go(exit)
    if (leaf.exit === undefined) return undefined
    extras.leaf = undefined
    return leaf.exit
  }

  /**
   * What the fiber of a frame does when it is interrupted: throws `CancelledError` into the coroutine and waits until its
   * `catch` and `finally` blocks have run. A coroutine that has ended as cancelled comes by here too: nothing is left to do.
   */
  _unwind(resume: Resume): Effect.Effect<void> {
    const { Effect } = effectModules()
    return Effect.callback<void>((ended) => {
      if (this._replaceResume(resume, () => ended(Effect.void))) this.cancel()
      else ended(Effect.void)
    })
  }

  /** Has the end of a frame told to somebody else. Returns false if the frame has ended already. */
  protected _replaceResume(resume: Resume, replacement: Resume): boolean {
    const extras = this._extras
    if (extras === undefined) return false
    if (extras.resume === resume) {
      extras.resume = replacement
      return true
    }
    for (let frame = extras.outer; frame !== undefined; frame = frame.outer) {
      if (frame.resume !== resume) continue
      frame.resume = replacement
      return true
    }
    return false
  }
}
void Object.defineProperty(Driver.prototype, "_cancelled", { value: false })

// Each generator function's generators have a hidden class of their own. Called by name, `next` would be looked up anew for
// each, and the engine would throw its code away whenever one of those classes is collected.
const generatorPrototype = Object.getPrototypeOf(function* () {}.prototype) as Body
// oxlint-disable-next-line typescript/unbound-method -- they are called with `.call` only
const { next: generatorNext, throw: generatorThrow } = generatorPrototype

const stepOf = (driver: Driver<unknown, unknown>): void => driver._step()

/** What to hand to the generator next: a value, or an error to throw. */
const outcomeOf = (exit: Exit.Exit<unknown, unknown> | undefined): [boolean, unknown] => {
  if (exit === undefined) return [false, undefined]
  return exit._tag === "Success" ? [false, exit.value] : [true, errorOf(exit.cause)]
}

const yieldedWithoutStar = (future: AnyFuture, task: AnyFuture): RuntimeError =>
  new RuntimeError(`yield was used instead of yield from in task ${repr(task)} with ${repr(future)}`)

const badYield = (yielded: unknown, task: AnyFuture): RuntimeError => {
  if (isGenerator(yielded)) {
    return new RuntimeError(
      `yield was used instead of yield from for generator in task ${repr(task)} with ${repr(yielded)}`
    )
  }
  const advice = yielded instanceof Coroutine ? ": write yield* for yield" : adviceFor(yielded)
  return new RuntimeError(`Task got bad yield: ${repr(yielded)}${advice}`)
}
