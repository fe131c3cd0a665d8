/**
 * Tests of concurrent programs in Vitest: on virtual time, checked for leaks, under many schedules.
 *
 * Everything that `@effect/vitest` exports is here too; its `it` has `it.virtual`, `it.asyncio` and `it.explore` besides.
 *
 * @see docs/testing-helpers.md
 */
import * as EffectVitest from "@effect/vitest"
import type * as Scope from "effect/Scope"
import type { TestAPI } from "vitest"
import { runAsyncio, runExplored, runExploredAsyncio, runVirtual } from "./running.ts"
import type {
  AsyncioTest,
  AsyncioTester,
  AsyncioTests,
  CheckOptions,
  ExploredAsyncioTest,
  ExploredOptions,
  ExploredTest,
  ExploredTester,
  VirtualTester
} from "./testers.ts"

export * from "@effect/vitest"
export type {
  AsyncioTest,
  AsyncioTester,
  AsyncioTests,
  CheckOptions,
  ExploredAsyncioTest,
  ExploredOptions,
  ExploredTest,
  ExploredTester,
  Values,
  VirtualTester
} from "./testers.ts"

/** The `it` of `@effect/vitest`, and tests on virtual time. */
export interface Methods<ExtraContext = object> extends EffectVitest.Vitest.Methods<never, ExtraContext> {
  /**
   * A test of a core program on virtual time, in a scope of its own. When every fiber is idle the clock jumps to the next timer;
   * if there is none, the test fails and prints who waits for whom, with the places where tasks were started. When it has ended,
   * what it has left behind makes it fail.
   *
   * @param name - what the test is called; its main task is called so too
   * @param self - makes the program; what it spawns needs no provided scope
   * @param options - those of Vitest, or a timeout in milliseconds of real time
   *
   * @example
   * ```ts no-run because Vitest runs it
   * import { Lock } from "@skein/core"
   * import { expect, it } from "@skein/testing/vitest"
   * import * as Effect from "effect/Effect"
   *
   * it.virtual("a lock is free again after its body", () =>
   *   Effect.gen(function* () {
   *     const lock = yield* Lock.make("db")
   *     yield* Lock.withLock(lock, Effect.sleep("1 hour"))
   *     expect(yield* Lock.isLocked(lock)).toBe(false)
   *   })
   * )
   * ```
   */
  readonly virtual: VirtualTester<ExtraContext>
  /**
   * A test of an asyncio program on a virtual event loop. If no task can ever run again, the test fails and prints who waits for
   * what. When it has ended, what it has left behind makes it fail, and the `steps` that it made are closed.
   *
   * @param name - what the test is called; its main task is called so too
   * @param self - a generator function, or any function that returns something which can be awaited
   * @param options - those of Vitest, or a timeout in milliseconds of real time
   *
   * @example
   * ```ts no-run because Vitest runs it
   * import * as asyncio from "@skein/asyncio"
   * import { expect, it } from "@skein/testing/vitest"
   *
   * it.asyncio("a queue hands on what was put", function* () {
   *   const queue = asyncio.Queue<number>()
   *   const consumer = asyncio.create_task(queue.get())
   *   yield* asyncio.sleep(3600)
   *   yield* queue.put(7)
   *   expect(yield* consumer).toBe(7)
   * })
   * ```
   */
  readonly asyncio: AsyncioTester<ExtraContext>
  /**
   * A test of a program that is run under many schedules: `explore` as a test. Each run is checked for leaks.
   *
   * @param name - what the test is called; the main task of each run is called so too
   * @param self - makes the program; called once
   * @param options - the strategy, the budget and what is to hold; Vitest's options
   *
   * @example
   * ```ts no-run because Vitest runs it
   * import { Lock, TaskGroup } from "@skein/core"
   * import { expect, it } from "@skein/testing/vitest"
   * import * as Effect from "effect/Effect"
   *
   * it.explore(
   *   "a lock keeps updates apart",
   *   () =>
   *     Effect.gen(function* () {
   *       const lock = yield* Lock.make()
   *       let counter = 0
   *       const increment = Effect.gen(function* () {
   *         const before = counter
   *         yield* Effect.yieldNow
   *         counter = before + 1
   *       })
   *       yield* TaskGroup.all([Lock.withLock(lock, increment), Lock.withLock(lock, increment)])
   *       return counter
   *     }),
   *   { check: (counter) => expect(counter).toBe(2) }
   * )
   * ```
   */
  readonly explore: ExploredTester<ExtraContext>
}

/**
 * The helpers for a test API of one's own, such as one that was extended with fixtures.
 *
 * @param it - the test API
 *
 * @example
 * ```ts no-run because Vitest runs it
 * import { expect, makeMethods, test } from "@skein/testing/vitest"
 * import * as Effect from "effect/Effect"
 *
 * const it = makeMethods(test.extend("config", { scope: "file" }, () => ({ port: 3000 })))
 *
 * it.virtual("reads the config", ({ config }) => Effect.sync(() => expect(config.port).toBe(3000)))
 * ```
 */
export const makeMethods = <ExtraContext>(it: TestAPI<ExtraContext>): Methods<ExtraContext> => {
  const base = EffectVitest.makeMethods(it)
  const own: Pick<Methods<ExtraContext>, "asyncio" | "explore" | "virtual"> = {
    virtual: Object.assign(virtualTester(base, {}), {
      with: (options: CheckOptions) => virtualTester(base, options)
    }),
    asyncio: Object.assign(asyncioTester(base, {}), {
      with: (options: CheckOptions) => asyncioTester(base, options)
    }),
    explore: exploredTester(base)
  }
  return new Proxy(base as Methods<ExtraContext>, {
    get: (target, property, receiver) => Reflect.get(Object.hasOwn(own, property) ? own : target, property, receiver)
  })
}

/** Vitest reads from a test function's source which fixtures it asks for. */
const asking = <F extends object>(source: object, f: F): F =>
  Object.defineProperty(f, "toString", { value: () => String(source) })

type Base<ExtraContext> = EffectVitest.Vitest.Methods<never, ExtraContext>

const virtualTester = <ExtraContext>(
  { live }: Base<ExtraContext>,
  checks: CheckOptions
): EffectVitest.Vitest.Tester<Scope.Scope, ExtraContext> => {
  type Tester = EffectVitest.Vitest.Tester<Scope.Scope, ExtraContext>
  type Test = EffectVitest.Vitest.Test<Scope.Scope, ExtraContext>
  const on =
    (test: Test): Test =>
    (name, self, options) =>
      test(
        name,
        asking(self, (context) => runVirtual(name, self(context), checks)),
        options
      )
  const each: Tester["each"] = (cases) => (name, self, options) =>
    live.each(cases)(
      name,
      asking(self, (value, context) => runVirtual(name, self(value, context), checks)),
      options
    )
  const prop: Tester["prop"] = (name, arbitraries, self, options) =>
    live.prop(name, arbitraries, (values, context) => runVirtual(name, self(values, context), checks), options)
  return Object.assign(on(live), {
    skip: on(live.skip),
    only: on(live.only),
    fails: on(live.fails),
    skipIf: (condition: unknown) => on(live.skipIf(condition)),
    runIf: (condition: unknown) => on(live.runIf(condition)),
    each,
    prop
  })
}

const asyncioTester = <ExtraContext>(
  { live }: Base<ExtraContext>,
  checks: CheckOptions
): AsyncioTests<ExtraContext> => {
  type Test = EffectVitest.Vitest.Test<Scope.Scope, ExtraContext>
  const on =
    (test: Test): AsyncioTest<ExtraContext> =>
    (name, self, options) =>
      test(
        name,
        asking(self, (context) => runAsyncio(name, () => self(context), checks)),
        options
      )
  const each: AsyncioTests<ExtraContext>["each"] = (cases) => (name, self, options) =>
    live.each(cases)(
      name,
      asking(self, (value, context) => runAsyncio(name, () => self(value, context), checks)),
      options
    )
  const prop: AsyncioTests<ExtraContext>["prop"] = (name, arbitraries, self, options) =>
    live.prop(name, arbitraries, (values, context) => runAsyncio(name, () => self(values, context), checks), options)
  return Object.assign(on(live), {
    skip: on(live.skip),
    only: on(live.only),
    fails: on(live.fails),
    skipIf: (condition: unknown) => on(live.skipIf(condition)),
    runIf: (condition: unknown) => on(live.runIf(condition)),
    each,
    prop
  })
}

const exploredTester = <ExtraContext>({ live }: Base<ExtraContext>): ExploredTester<ExtraContext> => {
  type Test = EffectVitest.Vitest.Test<Scope.Scope, ExtraContext>
  const core =
    (test: Test): ExploredTest<ExtraContext> =>
    (name, self, options) =>
      test(
        name,
        asking(self, (context) => runExplored(name, self(context), options ?? {})),
        options
      )
  const asyncio =
    (test: Test): ExploredAsyncioTest<ExtraContext> =>
    (name, self, options) =>
      test(
        name,
        asking(self, (context) =>
          runExploredAsyncio(name, () => self(context), (options ?? {}) as ExploredOptions<unknown>)
        ),
        options
      )
  return Object.assign(core(live), {
    skip: core(live.skip),
    only: core(live.only),
    fails: core(live.fails),
    asyncio: Object.assign(asyncio(live), {
      skip: asyncio(live.skip),
      only: asyncio(live.only),
      fails: asyncio(live.fails)
    })
  })
}

/** The `it` of `@effect/vitest` with `it.virtual`, `it.asyncio` and `it.explore`. */
export const it: Methods = makeMethods(EffectVitest.test)
