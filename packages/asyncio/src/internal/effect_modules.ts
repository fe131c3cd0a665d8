import type * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

/** The modules of Effect that a program needs once an effect that is not ours meets a coroutine. */
export interface EffectModules {
  readonly Cause: typeof Cause
  readonly Clock: typeof Clock
  readonly Duration: typeof Duration
  readonly Effect: typeof Effect
  readonly Exit: typeof Exit
  readonly Fiber: typeof Fiber
}
