import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { directCaller, hasToYield, Returned, Thrown, Yielded } from "./directCall.ts"
import { type Frame, following, isExit, pushFrame, stepInto } from "./effectInternals.ts"

// The instances are effects by the prototype that is set below.
const Base = class {} as unknown as abstract new <A, E>() => Effect.Effect<A, E>

/**
 * An effect as an object of a class: what it comes to is decided when a fiber runs it, and running it allocates nothing. An `Exit`
 * that it comes to goes to the fiber's continuation in the same step: nothing can come between, an interruption neither. (As the
 * fiber's next step it would not: a scheduler may make the fiber yield before that.)
 */
export abstract class Leaf<out A, out E = never> extends Base<A, E> {
  abstract run(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<A, E>
}

/** A leaf that is a direct call in a body of `Direct`. */
export abstract class Operation<out A, out E = never> extends Leaf<A, E> {
  /** What a direct call comes to: an `Exit`, or an effect that the fiber has to run. The fiber itself is left as it is. */
  call(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<A, E> {
    return this.run(fiber)
  }
}

// Defined after the classes, whose own prototypes stand between the instances and this one.
Object.setPrototypeOf(
  Leaf.prototype,
  Effectable.Prototype<Leaf<unknown, unknown>>({
    label: "Skein",
    evaluate(fiber) {
      return following(fiber, this.run(fiber))
    }
  })
)

/**
 * Has the running fiber begin an effect, with a frame below it that gives back what was taken for it: for the `run` of a leaf that
 * has just taken it.
 */
export const enterHolding = <A, E, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  frame: Frame,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E> => {
  pushFrame(fiber, frame)
  return stepInto(fiber, effect as Effect.Effect<A, E>) as Effect.Effect<A, E>
}

const iterateAsEffect = Leaf.prototype[Symbol.iterator]

// A direct call, on the same grounds as a call of a body of `Direct`. What it takes, the body has as soon as the call is over.
Operation.prototype[Symbol.iterator] = function (this: Operation<unknown, unknown>): never {
  const caller = directCaller()
  if (caller === undefined) return iterateAsEffect.call(this) as never
  if (hasToYield(caller)) return Effect.andThen(Effect.yieldNow, this)[Symbol.iterator]() as never
  let next: Effect.Effect<unknown, unknown>
  try {
    next = this.call(caller.fiber)
  } catch (defect) {
    return new Thrown(defect) as never
  }
  return (isExit(next) && Exit.isSuccess(next) ? new Returned(next.value) : new Yielded(next)) as never
}
