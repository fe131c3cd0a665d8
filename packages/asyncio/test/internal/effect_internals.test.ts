import { Context, Effect, Fiber } from "effect"
import { SingleShotGen } from "effect/Utils"
import { describe, expect, it } from "vitest"

// Before the module under test is loaded, which completes it.
const hadThrow = "throw" in SingleShotGen.prototype
const internals = await import("../../src/internal/effect_internals.ts")

// What `@skein/asyncio` relies on and Effect does not promise. A test that fails here says what Effect has changed, and which part
// of src/internal/effect_internals.ts is to follow.
describe("Effect, in what we rely on", () => {
  it("steps an effect through an iterator without a throw of its own, which is completed here", () => {
    expect(hadThrow).toBe(false)
    const steps = Effect.succeed(1)[Symbol.iterator]() as Iterator<unknown, number>
    expect(steps).toBeInstanceOf(SingleShotGen)
    expect(steps.next().done).toBe(false)
    const error = new Error("thrown in")
    expect(() => steps.throw?.(error)).toThrow(error)
  })

  it("hands errors through yield* only since that was completed", () => {
    const caught = (function* () {
      try {
        yield* Effect.succeed(1)
      } catch (error) {
        return error
      }
      return undefined
    })()
    caught.next()
    const error = new Error("thrown in")
    expect(caught.throw(error)).toEqual({ done: true, value: error })
  })

  it("keeps the running fiber where Fiber.getCurrent, and we, find it", () => {
    expect(internals.currentFiber()).toBe(undefined)
    const seen = Effect.runSync(
      Effect.withFiber((fiber) => Effect.succeed([internals.currentFiber() === fiber, Fiber.getCurrent() === fiber]))
    )
    expect(seen).toEqual([true, true])
    const own = { [internals.FiberTypeId]: internals.fiberVariance } as unknown as Fiber.Fiber<unknown, unknown>
    expect(internals.swapCurrentFiber(own)).toBe(undefined)
    expect(Fiber.getCurrent()).toBe(own)
    expect(internals.swapCurrentFiber(undefined)).toBe(own)
  })

  it("takes for a fiber what has the fiber's property", () => {
    expect(Fiber.isFiber({ [internals.FiberTypeId]: internals.fiberVariance })).toBe(true)
    expect(Fiber.isFiber({})).toBe(false)
  })

  it("takes for an effect what has the effect's property", () => {
    for (const value of [Effect.void, Context.Service("x"), {}, () => 1, null, undefined, 1, "~effect/Effect"]) {
      expect(internals.isEffect(value)).toBe(Effect.isEffect(value))
    }
    expect(internals.isEffect(Effect.void)).toBe(true)
  })

  it("derives a fiber's cache from its context", () => {
    const [cache, context] = Effect.runSync(Effect.withFiber((fiber) => Effect.succeed([fiber.cache, fiber.context])))
    expect(internals.cacheOf(context)).toEqual(cache)
    expect(internals.cacheOf(Context.empty()).maxOpsBeforeYield).toBe(cache.maxOpsBeforeYield)
  })

  it("keeps a fiber's children in its set, and interrupts those that are left when it ends", async () => {
    const ended: Array<string> = []
    const forked = await Effect.runPromise(
      Effect.gen(function* () {
        const child = yield* Effect.forkChild(
          Effect.onInterrupt(Effect.never, () => Effect.sync(() => ended.push("interrupted")))
        )
        yield* Effect.yieldNow
        const parent = Fiber.getCurrent() as unknown as { children(): Set<unknown> }
        return parent.children().has(child)
      })
    )
    expect([forked, ended]).toEqual([true, ["interrupted"]])
  })

  it("leaves children alone that were handed over", async () => {
    const heir = { adopted: new Set<Fiber.Fiber<unknown, unknown>>(), children: () => heir.adopted }
    const child = await Effect.runPromise(
      Effect.ensuring(Effect.forkChild(Effect.never), internals.handOverChildren(heir))
    )
    expect(child.pollUnsafe()).toBe(undefined)
    expect([...heir.adopted]).toEqual([child])
    await Effect.runPromise(Fiber.interrupt(child))
    expect(heir.adopted.size).toBe(0)
  })
})
