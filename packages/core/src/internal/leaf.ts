import type * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import type * as Fiber from "effect/Fiber"

// The instances are effects by the prototype that is set below.
const Base = class {} as unknown as abstract new <A, E>() => Effect.Effect<A, E>

/** An effect as an object of a class: what it comes to is decided when a fiber runs it, and running it allocates nothing. */
export abstract class Leaf<out A, out E = never> extends Base<A, E> {
  abstract run(fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<A, E>
}

// Defined after the class, whose own prototype stands between the instances and this one.
Object.setPrototypeOf(
  Leaf.prototype,
  Effectable.Prototype<Leaf<unknown, unknown>>({
    label: "Skein",
    evaluate(fiber) {
      return this.run(fiber)
    }
  })
)
