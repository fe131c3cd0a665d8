import { describe, expect, expectTypeOf, it } from "vitest"
import { AttributeError, TypeError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { after, deadlockOf, inMain } from "./support/combining.ts"

const { create_task, wait } = asyncio

describe("wait", () => {
  it("98 gives two sets of what it was given, with its type, in its order", () =>
    inMain(function* () {
      const tasks = ["a", "b", "c", "d"].map((name, n) => create_task(after(4 - n, name), { name }))
      const [done, pending] = yield* wait(tasks, { timeout: 2.5 })
      expectTypeOf(done).toEqualTypeOf<Set<asyncio.Task<string>>>()
      expect([...done].map((task) => task.get_name())).toEqual(["c", "d"])
      expect([...pending].map((task) => task.get_name())).toEqual(["a", "b"])
    }))

  it("97 tells what is no future, and what to write instead", () =>
    inMain(function* () {
      const errorOf = function* (wrong: unknown) {
        try {
          yield* wait([wrong] as Array<asyncio.Future>)
        } catch (error) {
          return error
        }
        return undefined
      }
      const coroutine = after(1, 1)
      expect(yield* errorOf(coroutine)).toEqual(new TypeError("Passing coroutines is forbidden, use tasks explicitly."))
      coroutine.close()
      expect(yield* errorOf(5)).toBeInstanceOf(AttributeError)
      expect(String(yield* errorOf(5))).toBe(
        "AttributeError: 'int' object has no attribute 'add_done_callback': not a future: 5"
      )
      expect(String(yield* errorOf(Promise.resolve(1)))).toContain("hand it over with asyncio.wrap_future(promise)")
    }))

  it("leaves neither a timer nor a callback behind", async () => {
    const [, end] = await deadlockOf(function* () {
      const never = asyncio.get_running_loop().create_future()
      const soon = create_task(after(1, "a"))
      yield* wait([never, soon], { timeout: 1000, return_when: asyncio.FIRST_COMPLETED })
      expect(`${never}`).toBe("<Future pending>")
      yield* never
    })
    expect(end).toBe(1)
  })

  it("a deadlock names what it waits for", async () => {
    const [text] = await deadlockOf(function* () {
      const never = asyncio.get_running_loop().create_future()
      yield* wait([never, create_task(after(1, 1))])
    })
    expect(text).toMatch(
      /waits for wait\(ALL_COMPLETED\): <Future pending cb=\[_wait\.<locals>\._on_completion\(\)\]>$/m
    )
  })
})
