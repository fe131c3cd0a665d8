/**
 * Test cases that await: `unittest.IsolatedAsyncioTestCase`.
 *
 * Follows CPython's `unittest.async_case`. What finds and reports tests is the business of a test runner: this class runs one
 * test, with all that belongs around it.
 */

import { asManager, awaited } from "./async_with.ts"
import { ExceptionGroup, TypeError } from "./builtins.ts"
import { isCoroutineLike } from "./coroutines.ts"
import type { Context } from "./internal/context.ts"
import { copy_context } from "./internal/context.ts"
import { repr } from "./internal/pyrepr.ts"
import { type LoopFactory, Runner } from "./runners.ts"

/** A function of a test case that may await: what it returns is run if it is a coroutine. */
type MaybeAsync = (...args: ReadonlyArray<never>) => unknown

/**
 * A test case whose parts may await. All parts of one test run in one loop, in debug mode, and in one context; each in a task of
 * its own.
 *
 * Methods whose names begin with `test` are the tests; they may be generator methods. The order is `setUp`, `asyncSetUp`, the
 * test, `asyncTearDown`, `tearDown`, and the clean-ups, last added first. After a failure in one of the first two, the test and
 * what follows it up to the clean-ups are left out.
 *
 * @example
 * ```ts
 * import * as asyncio from "@skein/asyncio"
 * import { IsolatedAsyncioTestCase } from "@skein/asyncio/unittest"
 *
 * class QueueTest extends IsolatedAsyncioTestCase {
 *   override loop_factory = asyncio.VirtualEventLoop
 *   queue = asyncio.Queue<number>()
 *   override *asyncSetUp() {
 *     yield* this.queue.put(7)
 *   }
 *   *test_get() {
 *     if ((yield* this.queue.get()) !== 7) throw new Error("not 7")
 *   }
 * }
 * console.log(QueueTest.test_names()) // => [ 'test_get' ]
 * for (const name of QueueTest.test_names()) await new QueueTest(name).run()
 * ```
 */
export class IsolatedAsyncioTestCase {
  /** Makes the loop of a test; the usual one if left out. */
  loop_factory: LoopFactory | undefined = undefined
  private readonly methodName: string
  private readonly cleanups: Array<() => unknown> = []
  private readonly context: Context = copy_context()
  private runner: Runner | undefined = undefined

  /** @param methodName - the test to run, by name */
  constructor(methodName = "runTest") {
    this.methodName = methodName
  }

  /**
   * The names of the tests of a class, those of its ancestors included: for handing them to a test runner.
   *
   * @returns the names, in alphabetical order, as Python's loader has them
   */
  static test_names(): ReadonlyArray<string> {
    const names = new Set<string>()
    // biome-ignore lint/complexity/noThisInStatic: the class that it is called on, which is a subclass
    for (let proto: object | null = this.prototype; proto !== null; proto = Object.getPrototypeOf(proto)) {
      for (const name of Object.getOwnPropertyNames(proto)) if (name.startsWith("test")) names.add(name)
    }
    return [...names].sort()
  }

  /** Called before each test; must not await. */
  setUp(): void {}

  /** Awaited before each test, after `setUp`. */
  asyncSetUp(): unknown {
    return undefined
  }

  /** Awaited after each test, whatever became of it. */
  asyncTearDown(): unknown {
    return undefined
  }

  /** Called after each test, after `asyncTearDown`; must not await. */
  tearDown(): void {}

  /** Has a function called after the test with these arguments, after all that was added later. */
  addCleanup<Args extends ReadonlyArray<unknown>>(func: (...args: Args) => unknown, ...args: Args): void {
    this.cleanups.push(() => func(...args))
  }

  /** {@link addCleanup} for a function that returns a coroutine, which is awaited. */
  addAsyncCleanup<Args extends ReadonlyArray<unknown>>(func: (...args: Args) => unknown, ...args: Args): void {
    this.addCleanup(func, ...args)
  }

  /**
   * Enters an asynchronous context manager, whose exit becomes a clean-up. To be awaited in the test.
   *
   * When interrupted: in the entry, nothing was entered.
   *
   * @returns what the manager gives
   */
  *enterAsyncContext(manager: unknown): Generator<never, unknown, never> {
    const protocol = asManager(manager)
    const value = yield* awaited(protocol.__aenter__(), "__aenter__") as Generator<never, unknown, never>
    this.addAsyncCleanup(() => protocol.__aexit__(undefined, undefined, undefined))
    return value
  }

  /**
   * Runs the test, with all that belongs around it.
   *
   * @returns a promise that is rejected with the error of what failed, or with an `ExceptionGroup` if several parts did
   * @throws `TypeError` if there is no such test
   */
  async run(): Promise<void> {
    const test = (this as unknown as Record<string, unknown>)[this.methodName]
    if (typeof test !== "function") throw new TypeError(`no such test method in ${repr(this)}: ${this.methodName}`)
    const runner = new Runner({ debug: true, loop_factory: this.loop_factory })
    this.runner = runner
    const errors: Array<Error> = []
    const attempt = async (part: () => unknown): Promise<boolean> => {
      try {
        await part()
        return true
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error), { cause: error }))
        return false
      }
    }
    try {
      const ready = await attempt(async () => {
        this.context.run(() => this.setUp())
        await this.call(() => this.asyncSetUp())
      })
      if (ready) {
        await attempt(() => this.call(() => (test as MaybeAsync).call(this)))
        await attempt(async () => {
          await this.call(() => this.asyncTearDown())
          this.context.run(() => this.tearDown())
        })
      }
      for (let cleanup = this.cleanups.pop(); cleanup !== undefined; cleanup = this.cleanups.pop()) {
        const last = cleanup
        await attempt(() => this.call(last))
      }
    } finally {
      await runner.close()
      this.runner = undefined
    }
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1) throw new ExceptionGroup(`several parts of ${this.methodName} failed`, errors)
  }

  /** Calls a function in the test's context, and awaits what it returns, in a task of its own, if that is a coroutine. */
  private async call(func: () => unknown): Promise<void> {
    const result = this.context.run(func)
    if (isCoroutineLike(result)) await (this.runner as Runner).run(result as never, { context: this.context })
  }
}
