// The one place that relies on what Effect does not promise. Four facts are used; each has a test in
// test/internal/effect_internals.test.ts that fails on the day Effect changes it:
//
// 1. The iterator of an Effect (`Utils.SingleShotGen`) has `next` but no `throw`. JavaScript's `yield*` turns an error that is
//    thrown into such an iterator into a TypeError, so an Effect could not be awaited under `try/catch`. It is completed here
//    with a `throw` that rethrows, which is what a generator that yielded once would do. `Effect.gen` never calls it.
// 2. The fiber that runs now is a property of `globalThis`. A task is a fiber with a run loop of its own, which says so while
//    it steps. What makes an object a fiber is the property `~effect/Fiber`.
// 3. What makes an object an effect is the property `~effect/Effect`; asking for it needs nothing of Effect to be loaded.
// 4. A fiber keeps its children in the set that `children()` returns, and interrupts those that are left when it ends.

import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { SingleShotGen } from "effect/Utils"
import { effectModules } from "#effect"

const iteratorPrototype = SingleShotGen.prototype as unknown as { throw?: (error: unknown) => never }
iteratorPrototype.throw ??= (error: unknown): never => {
  throw error
}

type AnyFiber = Fiber.Fiber<unknown, unknown>

const slot = globalThis as unknown as { "~effect/Fiber/currentFiber": AnyFiber | undefined }

/** The fiber that is running now: what `Fiber.getCurrent()` returns. */
export const currentFiber = (): AnyFiber | undefined => slot["~effect/Fiber/currentFiber"]

/** Makes `fiber` the one that is running now, and returns the one that was. */
export const swapCurrentFiber = (fiber: AnyFiber | undefined): AnyFiber | undefined => {
  const previous = slot["~effect/Fiber/currentFiber"]
  slot["~effect/Fiber/currentFiber"] = fiber
  return previous
}

/** What `Effect.isEffect` tells. */
export const isEffect = (value: unknown): value is Effect.Effect<unknown, unknown, unknown> =>
  ((typeof value === "object" && value !== null) || typeof value === "function") && "~effect/Effect" in value

export const FiberTypeId = "~effect/Fiber" as const

export const fiberVariance: Fiber.Fiber.Variance<never, never> = {
  _A: (value: never) => value,
  _E: (error: never) => error
}

/** What a fiber with these services keeps at hand of them. */
export const cacheOf = (services: Context.Context<never>): Fiber.Fiber.Cache => {
  const { Effect } = effectModules()
  let cache: Fiber.Fiber.Cache | undefined
  Effect.runForkWith(services)(
    Effect.withFiber((fiber) => {
      cache = fiber.cache
      return Effect.void
    })
  )
  return cache as unknown as Fiber.Fiber.Cache
}

interface FiberWithChildren extends Fiber.Fiber<unknown, unknown> {
  readonly _children: Set<AnyFiber> | undefined
}

/**
 * Hands the children of the fiber that runs this effect over to another fiber, so that they live as long as that one.
 */
export const handOverChildren = (heir: { children(): Set<AnyFiber> }): Effect.Effect<void> => {
  const { Effect } = effectModules()
  return Effect.withFiber((fiber) => {
    const children = (fiber as FiberWithChildren)._children
    if (children !== undefined && children.size > 0) {
      const adopted = heir.children()
      for (const child of children) {
        adopted.add(child)
        // The child would take itself out of its first parent's set only.
        child.addObserver(() => adopted.delete(child))
      }
      children.clear()
    }
    return Effect.void
  })
}
