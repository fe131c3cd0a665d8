/**
 * Effectful functions that call each other as directly as plain functions do.
 *
 * A call of a function made with `Effect.fn` is an effect of its own, also where it is yielded at once: the fiber leaves the
 * caller, runs the callee, and comes back. A function made with {@link fn} is an effect as well, wherever one is asked for;
 * but yielded in the body of another such function, its body simply goes on inside, as with `await` in JavaScript.
 */
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Fiber from "effect/Fiber"

// Why a callee may go on inside its caller: `Effect.gen` runs every effect that its generator yields and resumes it with the
// value, or drops it when an effect fails. JavaScript's `yield*` hands the yields of an inner generator on to whoever steps the
// outer one. So services, failures, interruption, and what is dropped, are the same either way, provided that
//
// - whoever steps the caller is `Effect.gen`, in this fiber, and not something that throws into generators: only the bodies
//   that `Body` steps are known to be stepped so, and a body in another fiber's run loop further down the stack is not;
// - what a callee throws does not meet a `try` of its caller, which it would not meet as an effect: it becomes a defect on
//   the spot, and the caller is dropped;
// - recursion of any depth stays possible: beyond `DEEPEST` levels a call is an effect again, and starts anew on an empty stack;
// - a fiber that only calls does not keep the thread: after as many calls as it may make operations, it yields once.

type Step = IteratorResult<Effect.Effect<unknown, unknown, unknown>, unknown>
type Steps = Generator<Effect.Effect<unknown, unknown, unknown>, unknown, unknown>
type AnyBody = (...args: ReadonlyArray<unknown>) => Steps

/** Levels of calls on the stack. Coming back to the innermost body passes through all of them. */
const DEEPEST = 48

/** Invariant: how many bodies are on the stack, of all fibers. */
let depth = 0

/** The body that runs now, if one does. */
let running: Body | undefined

const enter = (body: Body): Body | undefined => {
  const outer = running
  running = body
  return outer
}

/** Steps a body for `Effect.gen`. */
class Body {
  readonly fiber: Fiber.Fiber<unknown, unknown>
  /** How many direct calls it may still make before it has to yield. */
  callsLeft: number
  private readonly steps: Steps
  private first: Step | undefined = undefined

  constructor(steps: Steps, fiber: Fiber.Fiber<unknown, unknown>) {
    this.steps = steps
    this.fiber = fiber
    this.callsLeft = fiber.cache.maxOpsBeforeYield
  }

  /** The first step, made ahead of time: most calls have no other. {@link next} gives it once more if it is not the last. */
  begin(): Step {
    const first = this.next(undefined)
    this.first = first
    return first
  }

  next(value: unknown): Step {
    const first = this.first
    if (first !== undefined) {
      this.first = undefined
      return first
    }
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
class Returned implements IteratorReturnResult<unknown> {
  readonly done = true
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }

  next(): Step {
    return this
  }
}

/** A callee that fails before it has made a step. */
class Thrown {
  private readonly defect: unknown

  constructor(defect: unknown) {
    this.defect = defect
  }

  next(): Step {
    return { done: false, value: Effect.die(this.defect) }
  }
}

interface Call extends Effect.Effect<unknown, unknown, unknown> {
  readonly body: AnyBody
  readonly args: ReadonlyArray<unknown>
}

const callPrototype = Effectable.Prototype<Call>({
  label: "DirectCall",
  evaluate(fiber) {
    const body = new Body(this.body(...this.args), fiber)
    const first = body.begin()
    return first.done
      ? Effect.succeed(first.value)
      : Effect.gen(() => body as unknown as Generator<never, unknown, never>)
  }
}) as unknown as { [Symbol.iterator]: (this: Call) => unknown }

const iterateAsEffect = callPrototype[Symbol.iterator]

callPrototype[Symbol.iterator] = function (this: Call): unknown {
  const caller = running
  if (caller === undefined || depth >= DEEPEST || caller.fiber !== Fiber.getCurrent()) return iterateAsEffect.call(this)
  if (--caller.callsLeft < 0) {
    caller.callsLeft = caller.fiber.cache.maxOpsBeforeYield
    if (!caller.fiber.cache.preventYield) return Effect.andThen(Effect.yieldNow, this)[Symbol.iterator]()
  }
  depth++
  try {
    const steps = this.body(...this.args)
    const first = steps.next()
    return first.done ? new Returned(first.value) : new Callee(steps, first)
  } catch (defect) {
    return new Thrown(defect)
  } finally {
    depth--
  }
}

const CallImpl = function (
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
CallImpl.prototype = callPrototype

// Not `Effect.Error` and `Effect.Services`: through these, which take a union apart, TypeScript does not infer.
type ErrorOf<Eff> = [Eff] extends [never]
  ? never
  : [Eff] extends [Effect.Effect<infer _A, infer E, infer _R>]
    ? E
    : never
type ServicesOf<Eff> = [Eff] extends [never]
  ? never
  : [Eff] extends [Effect.Effect<infer _A, infer _E, infer R>]
    ? R
    : never

/**
 * Makes an effectful function of a generator function, as `Effect.fnUntraced` does, whose calls from the body of another such
 * function are direct: `yield* f(x)` there costs little more than a call of a generator function.
 *
 * What it returns is an effect like any other: it can be piped, retried, forked, and run more than once. In all of these, and
 * yielded in `Effect.gen`, it behaves and costs as with `Effect.fnUntraced`. It has no span; put `Effect.withSpan` around a
 * call that shall have one.
 *
 * A defect that a body throws passes by the `try` of its callers, as everywhere in Effect: catch it with `Effect.catchDefect`.
 * A direct call that neither waits nor yields an effect is no point at which the fiber can be interrupted.
 *
 * @param body - what the function does. It yields effects with `yield*`.
 *
 * When interrupted: as the effects in its body. A body that is left does not go on; put `Effect.ensuring` around what has to be
 * cleaned up after.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Direct } from "@skein/core"
 *
 * const half = Direct.fn(function* (n: number) {
 *   return n % 2 === 0 ? n / 2 : yield* Effect.fail(`${n} is odd`)
 * })
 * const quarter = Direct.fn(function* (n: number) {
 *   return yield* half(yield* half(n))
 * })
 * console.log(Effect.runSync(quarter(12))) // => 3
 * console.log(Effect.runSync(Effect.flip(quarter(6)))) // => 3 is odd
 * ```
 */
export const fn =
  <Eff extends Effect.Effect<unknown, unknown, unknown>, A, Args extends Array<unknown>>(
    body: (...args: Args) => Generator<Eff, A, never>
  ): ((...args: Args) => Effect.Effect<A, ErrorOf<Eff>, ServicesOf<Eff>>) =>
  (...args) =>
    new CallImpl(body as unknown as AnyBody, args) as never

/**
 * Makes an effect of a generator function, as `Effect.gen` does, in whose body calls of functions made with {@link fn} are
 * direct.
 *
 * @param body - what the effect does. It yields effects with `yield*`.
 *
 * When interrupted: as the effects in its body.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Direct } from "@skein/core"
 *
 * const square = Direct.fn(function* (n: number) {
 *   return n * n
 * })
 * const program = Direct.gen(function* () {
 *   let sum = 0
 *   for (let n = 1; n <= 3; n++) sum += yield* square(n)
 *   return sum
 * })
 * console.log(Effect.runSync(program)) // => 14
 * ```
 */
export const gen = <Eff extends Effect.Effect<unknown, unknown, unknown>, A>(
  body: () => Generator<Eff, A, never>
): Effect.Effect<A, ErrorOf<Eff>, ServicesOf<Eff>> => fn(body)()
