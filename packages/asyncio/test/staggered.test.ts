import { describe, expect, expectTypeOf, it } from "vitest"
import * as asyncio from "../src/index.ts"
import { after, deadlockOf, inMain } from "./support/combining.ts"

const { staggered_race } = asyncio.staggered

describe("staggered_race", () => {
  it("knows the type of the result", () =>
    inMain(function* () {
      const outcome = yield* staggered_race([() => after(9, "a"), () => after(1, "b")], 1)
      expectTypeOf(outcome).toEqualTypeOf<[string | undefined, number | undefined, Array<unknown>]>()
      expect(outcome.slice(0, 2)).toEqual(["b", 1])
    }))

  it("starts no attempt that is not needed", () =>
    inMain(function* () {
      const started: Array<string> = []
      const attempts = ["a", "b", "c"].map((name) => () => {
        started.push(name)
        return after(1, name)
      })
      expect(yield* staggered_race(attempts, 5)).toEqual(["a", 0, [undefined]])
      expect(started).toEqual(["a"])
    }))

  it("says which attempt succeeded although it had lost", () =>
    inMain(function* () {
      const stubborn = asyncio.coroutine(function* stubborn() {
        try {
          yield* asyncio.sleep(9)
        } catch {
          return "lost"
        }
        return "won"
      })
      try {
        yield* staggered_race([stubborn, () => after(1, "b")], 1)
        expect.unreachable()
      } catch (error) {
        expect((error as { exceptions: ReadonlyArray<Error> }).exceptions.map(String)).toEqual([
          "AssertionError: attempt 0 was cancelled, since attempt 1 has won, but returned a result"
        ])
      }
    }))

  it("a deadlock names the attempts it waits for", async () => {
    const [text] = await deadlockOf(function* () {
      yield* staggered_race([() => asyncio.get_running_loop().create_future()], null)
    })
    expect(text).toMatch(/waits for staggered_race: task "Task-\d+", task "Task-\d+"$/m)
  })
})
