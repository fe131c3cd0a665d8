import type { Awaitable } from "@skein/asyncio"
import { VirtualTime } from "@skein/core"
import { recordSpawnSites } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { explore } from "../explore.ts"
import { type LeakOptions, noLeaks } from "../leaks.ts"
import type { CheckOptions, ExploredOptions } from "./testers.ts"

/** What is named after the test: its main task. */
const leakOptions = (name: string, { leaks }: CheckOptions): LeakOptions | undefined =>
  leaks === false ? undefined : { name, ...leaks }

const recorded = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(recordSpawnSites),
    () => effect,
    (stop) => Effect.sync(stop)
  )

const checked = <A, E>(name: string, program: Effect.Effect<A, E, Scope.Scope>, options: CheckOptions) => {
  const scoped = Effect.scoped(program)
  const leaks = leakOptions(name, options)
  return leaks === undefined ? recorded(scoped) : noLeaks(scoped, leaks)
}

/** A core program on virtual time. */
export const runVirtual = <A, E>(name: string, program: Effect.Effect<A, E, Scope.Scope>, options: CheckOptions) =>
  VirtualTime.run(checked(name, program, options))

/** A core program under many schedules. */
export const runExplored = <A, E>(
  name: string,
  program: Effect.Effect<A, E, Scope.Scope>,
  options: ExploredOptions<A>
) => explore(checked(name, program, options), options)

// What asyncio needs is loaded when a test needs it: the package may not be there.

/** An asyncio program on a virtual loop. */
export const runAsyncio = (name: string, program: () => Awaitable<unknown>, options: CheckOptions) =>
  recorded(
    Effect.promise(async () => {
      const [asyncio, { noLeaks }] = await Promise.all([import("@skein/asyncio"), import("../asyncio/index.ts")])
      const leaks = leakOptions(name, options)
      const main = leaks === undefined ? program() : noLeaks(program(), leaks)
      return asyncio.run(main, { loop_factory: asyncio.VirtualEventLoop })
    })
  )

/** An asyncio program under many schedules. */
export const runExploredAsyncio = (
  name: string,
  program: () => Awaitable<unknown>,
  options: ExploredOptions<unknown>
) =>
  Effect.promise(async () => {
    const { explore, noLeaks } = await import("../asyncio/index.ts")
    const leaks = leakOptions(name, options)
    return explore(leaks === undefined ? program : () => noLeaks(program(), leaks), options)
  })
