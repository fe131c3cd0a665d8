// What this package calls of Effect, where modules are loaded in the usual way: under bundlers, in browsers, and in our own
// tests. Plain Node takes effect_late.ts in its place (see "imports" in package.json).

import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { EffectModules } from "./effect_modules.ts"

const modules: EffectModules = { Cause, Clock, Duration, Effect, Exit, Fiber }

/** The part of Effect that runs effects. */
export const effectModules = (): EffectModules => modules
