// What comes out when several awaitables are awaited at once, or one under a condition.

import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { run } from "./support/services.ts"

const number = asyncio.coroutine(function* number(n: number) {
  yield* asyncio.sleep(n)
  return n
})
const text = asyncio.coroutine(function* text(t: string) {
  yield* asyncio.sleep(1)
  return t
})
function* flag() {
  yield* asyncio.sleep(1)
  return true
}

describe("gather", () => {
  it("gives a tuple of the results, in the order of the arguments", async () => {
    const main = asyncio.coroutine(function* main() {
      const results = yield* asyncio.gather(number(1), text("t"), flag(), Effect.succeed("e" as const))
      expectTypeOf(results).toEqualTypeOf<[number, string, boolean, "e"]>()
      const [first, second] = results
      expectTypeOf(first).toEqualTypeOf<number>()
      expectTypeOf(second).toEqualTypeOf<string>()
      return results
    })
    expect(await run(main())).toEqual([1, "t", true, "e"])
  })

  it("gives an array for a spread array, and a tuple with a rest for both", async () => {
    const main = asyncio.coroutine(function* main() {
      const numbers = yield* asyncio.gather(...[1, 2, 3].map((n) => number(n)))
      expectTypeOf(numbers).toEqualTypeOf<Array<number>>()
      const mixed = yield* asyncio.gather(text("t"), ...[4].map((n) => number(n)))
      expectTypeOf(mixed).toEqualTypeOf<[string, ...Array<number>]>()
      return [numbers, mixed]
    })
    expect(await run(main())).toEqual([
      [1, 2, 3],
      ["t", 4]
    ])
  })

  it("gives results or errors with return_exceptions", async () => {
    const main = asyncio.coroutine(function* main() {
      const results = yield* asyncio.gather(number(1), text("t"), { return_exceptions: true })
      expectTypeOf(results).toEqualTypeOf<[number | Error, string | Error]>()
      const spread = yield* asyncio.gather(...[1, 2].map((n) => number(n)), { return_exceptions: true })
      expectTypeOf(spread).toEqualTypeOf<Array<number | Error>>()
      const plain = yield* asyncio.gather(number(1), { return_exceptions: false })
      expectTypeOf(plain).toEqualTypeOf<[number]>()
      const maybe = yield* asyncio.gather(number(1), { return_exceptions: plain.length > 0 })
      expectTypeOf(maybe).toEqualTypeOf<[number | Error]>()
      return [...results, ...spread, ...plain, ...maybe]
    })
    expect(await run(main())).toEqual([1, "t", 1, 2, 1, 1])
  })

  it("of nothing gives an empty tuple", async () => {
    const main = asyncio.coroutine(function* main() {
      const nothing = yield* asyncio.gather()
      expectTypeOf(nothing).toEqualTypeOf<[]>()
      return nothing
    })
    expect(await run(main())).toEqual([])
  })
})

describe("tasks", () => {
  it("create_task gives a Task of the result, for coroutines and bare generators", async () => {
    const main = asyncio.coroutine(function* main() {
      const one = asyncio.create_task(number(1), { name: "one" })
      expectTypeOf(one).toEqualTypeOf<asyncio.Task<number>>()
      const two = asyncio.create_task(flag())
      expectTypeOf(two).toEqualTypeOf<asyncio.Task<boolean>>()
      const inLoop = asyncio.get_running_loop().create_task(text("t"))
      expectTypeOf(inLoop).toEqualTypeOf<asyncio.Task<string>>()
      const made = asyncio.Task(number(2))
      expectTypeOf(made).toEqualTypeOf<asyncio.Task<number>>()
      yield* made
      expectTypeOf(made.result()).toEqualTypeOf<number>()
      expectTypeOf(made.exception()).toEqualTypeOf<unknown>()
      one.add_done_callback((done) => expectTypeOf(done.result()).toEqualTypeOf<number>())
      const current = asyncio.current_task()
      expectTypeOf(current).toEqualTypeOf<asyncio.Task | undefined>()
      return [yield* one, yield* two, yield* inLoop, made.result(), current?.get_name().startsWith("Task-")]
    })
    expect(await run(main())).toEqual([1, true, "t", 2, true])
  })

  it("may be kept in a variable of the public type", async () => {
    const main = asyncio.coroutine(function* main() {
      let last: asyncio.Task<number> | undefined
      for (const n of [1, 2]) last = asyncio.create_task(number(n))
      const futures: Array<asyncio.Future> = [
        asyncio.create_task(text("t")),
        asyncio.get_running_loop().create_future()
      ]
      futures[1]?.cancel()
      yield* asyncio.wait(futures)
      return last === undefined ? 0 : yield* last
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<number>>()
    expect(await run(main())).toBe(2)
  })

  it("TaskGroup: the group is the block's value, its tasks have their results' types", async () => {
    const main = asyncio.coroutine(function* main() {
      const tasks = yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
        expectTypeOf(group).toEqualTypeOf<asyncio.TaskGroup>()
        return [group.create_task(number(1)), group.create_task(text("t"))] as const
      })
      expectTypeOf(tasks).toEqualTypeOf<readonly [asyncio.Task<number>, asyncio.Task<string>]>()
      return tasks.map((task) => task.result())
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<Array<string | number>>>()
    expect(await run(main())).toEqual([1, "t"])
  })
})

describe("waiting", () => {
  it("wait gives two sets of what it was given", async () => {
    const main = asyncio.coroutine(function* main() {
      const tasks = [asyncio.create_task(number(1)), asyncio.create_task(number(9))]
      const [done, pending] = yield* asyncio.wait(tasks, { timeout: 5, return_when: asyncio.ALL_COMPLETED })
      expectTypeOf(done).toEqualTypeOf<Set<asyncio.Task<number>>>()
      expectTypeOf(pending).toEqualTypeOf<Set<asyncio.Task<number>>>()
      const ofTwoKinds = yield* asyncio.wait([asyncio.create_task(number(1)), asyncio.create_task(text("t"))])
      expectTypeOf(ofTwoKinds[0]).toEqualTypeOf<Set<asyncio.Task<number> | asyncio.Task<string>>>()
      for (const task of pending) task.cancel()
      return [...done].map((task) => task.result())
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<Array<number>>>()
    expect(await run(main())).toEqual([1])
  })

  it("wait_for and shield give what the awaitable gives", async () => {
    const main = asyncio.coroutine(function* main() {
      const timed = yield* asyncio.wait_for(text("t"), 5)
      expectTypeOf(timed).toEqualTypeOf<string>()
      const generator = yield* asyncio.wait_for(flag(), { timeout: undefined })
      expectTypeOf(generator).toEqualTypeOf<boolean>()
      const shielded = asyncio.shield(number(1))
      expectTypeOf(shielded).toExtend<asyncio.Future<number>>()
      return [timed, generator, yield* shielded] as const
    })
    const result = await run(main())
    expectTypeOf(result).toEqualTypeOf<readonly [string, boolean, number]>()
    expect(result).toEqual(["t", true, 1])
  })

  it("as_completed gives coroutines of the results; iterated asynchronously, the tasks", async () => {
    const main = asyncio.coroutine(function* main() {
      const results: Array<number | string> = []
      for (const next of asyncio.as_completed([number(2), text("t")])) {
        const result = yield* next
        expectTypeOf(result).toEqualTypeOf<number | string>()
        results.push(result)
      }
      const mine = asyncio.create_task(number(3))
      yield* asyncio.async_for(asyncio.as_completed([mine]), function* (task) {
        expectTypeOf(task).toEqualTypeOf<asyncio.Task<number>>()
        results.push(task.result())
      })
      return results
    })
    expect(await run(main())).toEqual(["t", 2, 3])
  })

  it("staggered_race gives the winner's result and index, and the errors", async () => {
    const main = asyncio.coroutine(function* main() {
      const outcome = yield* asyncio.staggered.staggered_race([() => number(1), () => number(2)], 5)
      expectTypeOf(outcome).toEqualTypeOf<
        [winner_result: number | undefined, winner_index: number | undefined, exceptions: Array<unknown>]
      >()
      return outcome
    })
    expect(await run(main())).toEqual([1, 0, [undefined]])
  })

  it("timeout is the value of its block", async () => {
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.async_with(asyncio.timeout(5), function* (deadline) {
        expectTypeOf(deadline).toEqualTypeOf<asyncio.Timeout>()
        expectTypeOf(deadline.when()).toEqualTypeOf<number | undefined>()
        return [yield* number(1), deadline.when()] as const
      })
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<readonly [number, number | undefined]>>()
    expect(await run(main())).toEqual([1, 5])
  })
})

describe("telling what something is", () => {
  it("isfuture, iscoroutine and isawaitable narrow a type that is known, and make an unknown one usable", async () => {
    const main = asyncio.coroutine(function* main() {
      const either = [number(1), 5, asyncio.create_task(text("t"))] as const
      const seen: Array<unknown> = []
      for (const thing of either) {
        if (asyncio.iscoroutine(thing)) {
          expectTypeOf(thing).toEqualTypeOf<asyncio.Coroutine<number>>()
          seen.push(yield* thing)
        } else if (asyncio.isfuture(thing)) {
          expectTypeOf(thing).toEqualTypeOf<asyncio.Task<string>>()
          seen.push(yield* thing)
        } else {
          expectTypeOf(thing).toEqualTypeOf<5>()
          seen.push(thing)
        }
      }
      // Nothing is known of the services that these ask for.
      const hidden: unknown = number(2)
      if (asyncio.isawaitable(hidden)) seen.push(yield* asyncio.ensure_future(hidden))
      const future: unknown = asyncio.create_task(number(3))
      if (asyncio.isfuture(future)) seen.push(yield* future)
      const coro: unknown = number(4)
      if (asyncio.iscoroutine(coro)) seen.push(yield* asyncio.create_task(coro))
      return seen
    })
    expectTypeOf(main()).toEqualTypeOf<asyncio.Coroutine<Array<unknown>>>()
    expect(await run(main())).toEqual([1, 5, "t", 2, 3, 4])
  })
})

describe("errors", () => {
  it("are unknown where they are caught, and narrowed by their class", async () => {
    const main = asyncio.coroutine(function* main() {
      try {
        yield* Effect.fail(new ValueError("v"))
      } catch (error) {
        expectTypeOf(error).toEqualTypeOf<unknown>()
        if (error instanceof ValueError) {
          expectTypeOf(error).toEqualTypeOf<ValueError>()
          expectTypeOf(error.args).toEqualTypeOf<ReadonlyArray<unknown>>()
          return error.message
        }
      }
      return "nothing"
    })
    expect(await run(main())).toBe("v")
  })
})
