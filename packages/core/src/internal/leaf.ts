import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { directCaller, hasToYield, Returned, Thrown } from "./directCall.ts"

// The instances are effects by the prototype that is set below.
const Base = class {} as unknown as abstract new <A, E>() => Effect.Effect<A, E>

/**
 * An effect as an object of a class: what it comes to is decided when a fiber runs it, and running it allocates nothing. An `Exit`
 * that it comes to goes to the fiber's continuation in the same step: nothing can come between, an interruption neither.
 */
export abstract class Leaf<out A, out E = never> extends Base<A, E> {
  abstract run(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<A, E>
}

// What Effect runs an effect by. It is not public, and test/internal/leaf.test.ts fails on the day it changes. Without it an
// `Exit` would be the fiber's next step, and a scheduler may make the fiber yield before that.
const evaluate = "~effect/Effect/evaluate"

type Evaluated = { [evaluate](fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<unknown, unknown> }

const leafPrototype = Effectable.Prototype<Leaf<unknown, unknown>>({
  label: "Skein",
  evaluate(fiber) {
    const next = this.run(fiber)
    return Exit.isExit(next) ? (next as unknown as Evaluated)[evaluate](fiber) : next
  }
}) as unknown as { [Symbol.iterator]: (this: Leaf<unknown, unknown>) => unknown }

const iterateAsEffect = leafPrototype[Symbol.iterator]

// In a body of `Direct` a leaf is a direct call, on the same grounds as a call of such a body. What it takes, the body has as soon
// as the call is over.
leafPrototype[Symbol.iterator] = function (this: Leaf<unknown, unknown>): unknown {
  const caller = directCaller()
  if (caller === undefined) return iterateAsEffect.call(this)
  if (hasToYield(caller)) return Effect.andThen(Effect.yieldNow, this)[Symbol.iterator]()
  let next: Effect.Effect<unknown, unknown>
  try {
    next = this.run(caller.fiber)
  } catch (defect) {
    return new Thrown(defect)
  }
  return Exit.isExit(next) && Exit.isSuccess(next) ? new Returned(next.value) : next[Symbol.iterator]()
}

// Defined after the class, whose own prototype stands between the instances and this one.
Object.setPrototypeOf(Leaf.prototype, leafPrototype)
