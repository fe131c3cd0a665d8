// How a body of `Direct` and what it calls take turns.
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { type Continuation, isExit, pushFrame, resuming } from "./effectInternals.ts"

// Why a callee may go on inside its caller: a `Body` runs every effect that its generator yields and resumes it with the value, or
// drops it when an effect fails, as `Effect.gen` does. JavaScript's `yield*` hands the yields of an inner generator on to whoever
// steps the outer one. So services, failures, interruption, and what is dropped, are the same either way, provided that
//
// - whoever steps the caller is a `Body`, in this fiber, and not something that throws into generators: a body in another fiber's
//   run loop further down the stack is none of this one's;
// - what a callee throws does not meet a `try` of its caller, which it would not meet as an effect: it becomes a defect on
//   the spot, and the caller is dropped;
// - recursion of any depth stays possible: beyond `DEEPEST` levels a call is an effect again, and starts anew on an empty stack;
// - a fiber that only calls does not keep the thread: after as many calls as it may make operations, it yields once.

type Step = IteratorResult<Effect.Effect<unknown, unknown, unknown>, unknown>
type Steps = Generator<Effect.Effect<unknown, unknown, unknown>, unknown, unknown>
export type AnyBody = (...args: ReadonlyArray<unknown>) => Steps

/** Levels of calls on the stack. Coming back to the innermost body passes through all of them. */
const DEEPEST = 48

/** Invariant: how many bodies are on the stack, of all fibers. */
let depth = 0

/** The body that runs at this moment, if one does. */
let running: Body | undefined

const enter = (body: Body): Body | undefined => {
  const outer = running
  running = body
  return outer
}

/** A body that a fiber runs. On the fiber's stack while it waits for what it has yielded. */
export class Body implements Continuation {
  readonly fiber: Fiber.Fiber<unknown, unknown>
  /** How many direct calls it may still make before it has to yield. */
  callsLeft: number
  private readonly steps: Steps

  constructor(steps: Steps, fiber: Fiber.Fiber<unknown, unknown>) {
    this.steps = steps
    this.fiber = fiber
    this.callsLeft = fiber.cache.maxOpsBeforeYield
  }

  [resuming](value: unknown): Effect.Effect<unknown, unknown> {
    let given = value
    for (;;) {
      const step = this.next(given)
      if (step.done) return Effect.succeed(step.value)
      const effect = step.value as Effect.Effect<unknown, unknown>
      if (!isExit(effect)) {
        pushFrame(this.fiber, this)
        return effect
      }
      if (Exit.isFailure(effect)) return effect
      given = effect.value
    }
  }

  private next(value: unknown): Step {
    const outer = enter(this)
    depth++
    try {
      return this.steps.next(value)
    } finally {
      depth--
      running = outer
    }
  }
}

/** A callee that goes on inside its caller, beyond its first step. */
class Callee {
  private readonly steps: Steps
  private first: Step | undefined

  constructor(steps: Steps, first: Step) {
    this.steps = steps
    this.first = first
  }

  next(value: unknown): Step {
    const first = this.first
    if (first !== undefined) {
      this.first = undefined
      return first
    }
    depth++
    try {
      return this.steps.next(value)
    } catch (defect) {
      return { done: false, value: Effect.die(defect) }
    } finally {
      depth--
    }
  }
}

/** A callee that is done: an iterator, and the only step it makes. */
export class Returned implements IteratorReturnResult<unknown> {
  readonly done = true
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }

  next(): Step {
    return this
  }
}

/** A callee that is one effect, which the fiber has to run: an iterator, and the steps that it makes. */
export class Yielded {
  done: boolean | undefined = undefined
  value: unknown

  constructor(effect: Effect.Effect<unknown, unknown>) {
    this.value = effect
  }

  next(result: unknown): Step {
    if (this.done === undefined) this.done = false
    else {
      this.done = true
      this.value = result
    }
    return this as Step
  }
}

/** A callee that fails before it has made a step. */
export class Thrown {
  private readonly defect: unknown

  constructor(defect: unknown) {
    this.defect = defect
  }

  next(): Step {
    return { done: false, value: Effect.die(this.defect) }
  }
}

/** The body that asks for an iterator, if it is one of this fiber. */
export const directCaller = (): Body | undefined =>
  running !== undefined && running.fiber === Fiber.getCurrent() ? running : undefined

/** Counts a direct call. True if the fiber has to yield before it makes it. */
export const hasToYield = (caller: Body): boolean => {
  if (--caller.callsLeft >= 0) return false
  const { maxOpsBeforeYield, preventYield } = caller.fiber.cache
  caller.callsLeft = maxOpsBeforeYield
  return !preventYield
}

export interface Call extends Effect.Effect<unknown, unknown, unknown> {
  readonly body: AnyBody
  readonly args: ReadonlyArray<unknown>
}

/** Begins a body, without a receiver: its generator would keep the call and its arguments for as long as it waits. */
const stepsOf = ({ args, body }: Call): Steps => body(...args)

const callPrototype = Effectable.Prototype<Call>({
  label: "DirectCall",
  evaluate(fiber) {
    return new Body(stepsOf(this), fiber)[resuming](undefined)
  }
}) as unknown as { [Symbol.iterator]: (this: Call) => unknown }

const iterateAsEffect = callPrototype[Symbol.iterator]

callPrototype[Symbol.iterator] = function (this: Call): unknown {
  const caller = directCaller()
  if (caller === undefined || depth >= DEEPEST) return iterateAsEffect.call(this)
  if (hasToYield(caller)) return Effect.andThen(Effect.yieldNow, this)[Symbol.iterator]()
  depth++
  try {
    const steps = stepsOf(this)
    const first = steps.next()
    return first.done ? new Returned(first.value) : new Callee(steps, first)
  } catch (defect) {
    return new Thrown(defect)
  } finally {
    depth--
  }
}

/** A call of a function that was made with `Direct.fn`. */
export const Call = function (
  this: { body: AnyBody; args: ReadonlyArray<unknown> },
  body: AnyBody,
  args: ReadonlyArray<unknown>
) {
  this.body = body
  this.args = args
} as unknown as new (
  body: AnyBody,
  args: ReadonlyArray<unknown>
) => Call
Call.prototype = callPrototype
