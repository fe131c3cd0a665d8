import * as Context from "effect/Context"
import * as asyncio from "../../src/index.ts"

/** A service for tests of what combinators do to the services of what they combine. */
export class Unit extends Context.Service<Unit, { readonly name: string }>()("test/Unit") {}

/** A coroutine that asks for {@link Unit}, and takes a second. */
export const unitName = asyncio.coroutine(function* unitName() {
  yield* asyncio.sleep(1)
  return (yield* Unit).name
})

/** Sleeps, and gives the value. */
export const after = asyncio.coroutine(function* after<T>(delay: number, value: T) {
  yield* asyncio.sleep(delay)
  return value
})

/** Runs a program on virtual time. */
export const run = <T extends asyncio.Awaitable<unknown>>(main: T): Promise<asyncio.ResultOf<T>> =>
  asyncio.run(main, { loop_factory: asyncio.VirtualEventLoop })

/** Runs the body of a program on virtual time. */
export const inMain = async <A>(body: () => Generator<unknown, A, never>): Promise<A> => {
  let result: A | undefined
  const main = asyncio.coroutine(function* main() {
    result = yield* body() as Generator<never, A, unknown>
  })
  await run(main())
  return result as A
}

/** Calls something with a coroutine that is not to be awaited. */
export const refused = (call: (coroutine: asyncio.Coroutine<number>) => unknown): (() => void) => {
  const coroutine = after(1, 1)
  return () => {
    try {
      call(coroutine)
    } finally {
      coroutine.close()
    }
  }
}

/** The text of the error with which a program ends that can never go on, and the time at which it ends. */
export const deadlockOf = async (
  body: () => Generator<unknown, unknown, never>
): Promise<readonly [string, number]> => {
  let end = 0
  const main = asyncio.coroutine(function* main() {
    try {
      yield* body() as Generator<never, unknown, unknown>
    } finally {
      end = asyncio.get_running_loop().time()
    }
  })
  try {
    await run(main())
  } catch (error) {
    if (error instanceof asyncio.Deadlock) return [error.message, end]
    throw error
  }
  throw new Error("the program ended")
}
