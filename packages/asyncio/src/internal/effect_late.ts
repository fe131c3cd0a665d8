// What this package calls of Effect, loaded when it is first called: see docs/decisions/0008-start-up.md.
//
// The modules that run effects take Node longer to load than all else that a program of coroutines needs. Such a program never
// calls them; one that hands effects to coroutines has loaded them itself, and finds here what it has. It must be possible in
// the middle of a step, which no `import()` is.

import { createRequire } from "node:module"
import type { EffectModules } from "./effect_modules.ts"

const load = createRequire(import.meta.url)

let modules: EffectModules | undefined

/** The part of Effect that runs effects. */
export const effectModules = (): EffectModules => {
  modules ??= {
    Cause: load("effect/Cause"),
    Clock: load("effect/Clock"),
    Duration: load("effect/Duration"),
    Effect: load("effect/Effect"),
    Exit: load("effect/Exit"),
    Fiber: load("effect/Fiber")
  }
  return modules
}
