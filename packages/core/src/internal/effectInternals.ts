// The one place of this package that relies on what Effect does not promise. Six facts are used; each has a test in
// test/internal/effectInternals.test.ts that fails on the day Effect changes it:
//
// 1. What runs an effect is its method `~effect/Effect/evaluate`. It returns the next step, or that the fiber waits.
// 2. What a fiber is to do after the effect that it runs now is its `_stack`. Whatever comes of that effect, each frame that it passes
//    on its way down has its method `~effect/Effect/ensureCont` called, interruptions included; a value goes to the first frame that
//    has a method `~effect/Effect/successCont`, which returns the next step.
// 3. `yieldWith` notes that the fiber waits, and returns what says so. The function that it is given is called when the wait is
//    over, or when the fiber is interrupted; in the second case the interruption then goes down the stack.
// 4. `evaluate` has a fiber that waits go on with an effect.
// 5. A fiber that ends takes itself out of the children of its `_parent`, before its observers hear of its end.
// 6. Of the effects, only an `Exit` has the `_tag` of one.
//
// By 2 to 4 a wait costs one object: the frame that it leaves on the stack is also what stands in line, and what the fiber goes on
// with. `Effect.callback` makes four closures and two objects for the same. By 5 a task hears of the end of its fiber without an
// observer, which takes three objects. Of tasks that live and wait there may be very many, and what they cost is, for the most
// part, that a collector copies what they keep.
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

type AnyFiber = Fiber.Fiber<unknown, unknown>
type AnyEffect = Effect.Effect<unknown, unknown>

/** `Exit.isExit`, for what is known to be an effect. It is asked at every step. */
export const isExit = (effect: Effect.Effect<unknown, unknown, unknown>): effect is Exit.Exit<unknown, unknown> => {
  const tag = (effect as { readonly _tag?: unknown } | undefined)?._tag
  return tag === "Success" || tag === "Failure"
}

/** What an effect is run by. */
export const evaluate = "~effect/Effect/evaluate"

/**
 * Has the running fiber begin an effect within the step that it is in; what is returned is the next step. For the `run` of a
 * leaf: nothing can come between what that has done and what the effect begins with.
 */
export const stepInto = <A, E>(fiber: AnyFiber, effect: Effect.Effect<A, E>): AnyEffect =>
  (effect as unknown as { [evaluate](fiber: AnyFiber): AnyEffect })[evaluate](fiber)

/** {@link stepInto} for what is an `Exit`; what is not becomes the next step. */
export const following = (fiber: AnyFiber, effect: AnyEffect): AnyEffect =>
  // What `suspend` returns is no object, and V8 takes long to find that it has no `_tag`.
  typeof effect === "object" && isExit(effect) ? stepInto(fiber, effect) : effect

/** What a {@link Frame} is told by that it has been passed. */
export const leaving = "~effect/Effect/ensureCont"

/** Something on a fiber's stack that is told when the fiber passes it, with a value, a failure or an interruption. */
export interface Frame {
  /** Must not throw. */
  [leaving](): void
}

/** What a {@link Continuation} is resumed by. */
export const resuming = "~effect/Effect/successCont"

/** Something on a fiber's stack that goes on with the value of what stood above it. */
export interface Continuation {
  /** Returns the next step. */
  [resuming](value: unknown): AnyEffect
}

/** What hears of the end of a fiber. */
export interface Parent {
  readonly _children: { delete(fiber: AnyFiber): void }
}

interface FiberInternals {
  readonly _stack: Array<unknown>
  _parent: Parent | undefined
  yieldWith(onContinue: () => void): AnyEffect
  evaluate(effect: AnyEffect): void
}

/** Whether the first fiber has been looked at: all are alike. */
let isChecked = false

const check = (fiber: AnyFiber): void => {
  const { _stack, evaluate: run, yieldWith } = fiber as unknown as Partial<FiberInternals>
  if (!(Array.isArray(_stack) && "_parent" in fiber && typeof run === "function" && typeof yieldWith === "function")) {
    throw new Error(
      "@skein/core does not know this version of Effect: its fibers are made in another way. " +
        "Use effect 4.1.0, or a version of @skein/core that is made for yours."
    )
  }
  isChecked = true
}

const internalsOf = (fiber: AnyFiber): FiberInternals => {
  if (!isChecked) check(fiber)
  return fiber as unknown as FiberInternals
}

/** Puts something on the running fiber's stack, below its next step. */
export const pushFrame = (fiber: AnyFiber, frame: Frame | Continuation): void => {
  internalsOf(fiber)._stack.push(frame)
}

const nothing = (): void => undefined

/** Has the running fiber wait, until {@link goOn} is called or it is interrupted. What is returned is its next step. */
export const suspend = (fiber: AnyFiber, frame: Frame): AnyEffect => {
  pushFrame(fiber, frame)
  return internalsOf(fiber).yieldWith(nothing)
}

/** Has a fiber that waits go on with an effect. Its frame is on top of the stack until that takes it away. */
export const goOn = (fiber: AnyFiber, effect: AnyEffect): void => internalsOf(fiber).evaluate(effect)

/** Takes the frame on top of the running fiber's stack away: the wait is over. */
export const leaveFrame = (fiber: AnyFiber): void => {
  internalsOf(fiber)._stack.pop()
}

/** What hears of the end of a fiber: another fiber, or what {@link adopt} was given. Tasks of asyncio are fibers without one. */
export const parentOf = (fiber: AnyFiber): object | undefined => (fiber as unknown as FiberInternals)._parent

/** Has `parent` hear of the end of a fiber that has no other parent. */
export const adopt = (fiber: AnyFiber, parent: Parent): void => {
  internalsOf(fiber)._parent = parent
}
