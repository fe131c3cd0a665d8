/** What the tests of `it.virtual`, `it.asyncio` and `it.explore` look like. */
import type { Vitest } from "@effect/vitest"
import type { Awaitable, ResultOf } from "@skein/asyncio"
import type * as Arbitrary from "effect/Arbitrary"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { TestContext, TestOptions } from "vitest"
import type { LeakOptions } from "../leaks.ts"
import type { ExploreOptions } from "../options.ts"

/** What is looked for when a test has ended. */
export interface CheckOptions {
  /** What the leak check looks at; `false` leaves the check out. */
  readonly leaks?: LeakOptions | false | undefined
}

/** Registers tests of core programs: the members are those of `it.effect`. */
export interface VirtualTester<ExtraContext = object> extends Vitest.Tester<Scope.Scope, ExtraContext> {
  /** The same, with other checks: `it.virtual.with({ leaks: false })("name", ...)`. */
  readonly with: (options: CheckOptions) => Vitest.Tester<Scope.Scope, ExtraContext>
}

/** Registers a test of an asyncio program. */
export type AsyncioTest<ExtraContext = object> = (
  name: string,
  self: (context: TestContext & ExtraContext) => Awaitable<unknown>,
  options?: number | TestOptions
) => void

/** Registers tests of asyncio programs: the members are those of `it.effect`. */
export interface AsyncioTests<ExtraContext = object> extends AsyncioTest<ExtraContext> {
  /** Registers the test, and does not run it. */
  readonly skip: AsyncioTest<ExtraContext>
  /** Runs no other test of the file. */
  readonly only: AsyncioTest<ExtraContext>
  /** The test is to fail. */
  readonly fails: AsyncioTest<ExtraContext>
  /** Skips the test if the condition holds. */
  readonly skipIf: (condition: unknown) => AsyncioTest<ExtraContext>
  /** Skips the test unless the condition holds. */
  readonly runIf: (condition: unknown) => AsyncioTest<ExtraContext>
  /** One test for each case. */
  readonly each: <T>(
    cases: ReadonlyArray<T>
  ) => (
    name: string,
    self: (value: T, context: TestContext & ExtraContext) => Awaitable<unknown>,
    options?: number | TestOptions
  ) => void
  /** A property: the program runs in a loop of its own for each of many values. */
  readonly prop: <const Arbs extends Vitest.Arbitraries>(
    name: string,
    arbitraries: Arbs,
    self: (values: Values<Arbs>, context: TestContext) => Awaitable<unknown>,
    options?: number | (TestOptions & { readonly arbitrary?: Arbitrary.CheckOptions })
  ) => void
}

/** {@link AsyncioTests}, and other checks. */
export interface AsyncioTester<ExtraContext = object> extends AsyncioTests<ExtraContext> {
  /** The same, with other checks: `it.asyncio.with({ leaks: false })("name", ...)`. */
  readonly with: (options: CheckOptions) => AsyncioTests<ExtraContext>
}

/** The values that a property is given, from where they come from. */
export type Values<Arbs> = {
  [K in keyof Arbs]: Arbs[K] extends Schema.Schema<infer A>
    ? A
    : Arbs[K] extends Arbitrary.Arbitrary<infer A>
      ? A
      : never
}

/** Options of a test that is explored: Vitest's, those of `explore`, and what is looked for when a run has ended. */
export type ExploredOptions<A> = TestOptions & ExploreOptions<A> & CheckOptions

/** Registers a test of a core program that is run under many schedules. */
export type ExploredTest<ExtraContext = object> = <A, E>(
  name: string,
  self: (context: TestContext & ExtraContext) => Effect.Effect<A, E, Scope.Scope>,
  options?: ExploredOptions<NoInfer<A>>
) => void

/** Registers a test of an asyncio program that is run under many schedules. */
export type ExploredAsyncioTest<ExtraContext = object> = <T extends Awaitable<unknown>>(
  name: string,
  self: (context: TestContext & ExtraContext) => T,
  options?: ExploredOptions<NoInfer<ResultOf<T>>>
) => void

/** Registers tests of core programs that are run under many schedules. */
export interface ExploredTester<ExtraContext = object> extends ExploredTest<ExtraContext> {
  /** Registers the test, and does not run it. */
  readonly skip: ExploredTest<ExtraContext>
  /** Runs no other test of the file. */
  readonly only: ExploredTest<ExtraContext>
  /** The test is to fail. */
  readonly fails: ExploredTest<ExtraContext>
  /** The same for an asyncio program. */
  readonly asyncio: ExploredAsyncioTest<ExtraContext> & {
    /** Registers the test, and does not run it. */
    readonly skip: ExploredAsyncioTest<ExtraContext>
    /** Runs no other test of the file. */
    readonly only: ExploredAsyncioTest<ExtraContext>
    /** The test is to fail. */
    readonly fails: ExploredAsyncioTest<ExtraContext>
  }
}
