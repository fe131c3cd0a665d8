import { describe, expect, it } from "vitest"
import { TypeError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { after, inMain } from "./support/combining.ts"

describe("create_eager_task_factory", () => {
  it("makes tasks with a class or with a function, with and without a prototype", () =>
    inMain(function* () {
      class Mine extends asyncio.Task<asyncio.CoroutineLike> {}
      const loop = asyncio.get_running_loop()
      const makers: ReadonlyArray<Parameters<typeof asyncio.create_eager_task_factory>[0]> = [
        asyncio.Task,
        Mine,
        (coro, options) => new Mine(coro, options),
        function make(coro: asyncio.CoroutineLike, options: asyncio.TaskOptions & { loop: asyncio.EventLoop }) {
          return new Mine(coro, options)
        } as never
      ]
      const kinds: Array<boolean> = []
      for (const maker of makers) {
        loop.set_task_factory(asyncio.create_eager_task_factory(maker))
        const task = asyncio.create_task(after(0, "a"))
        kinds.push(task instanceof Mine)
        expect(yield* task).toBe("a")
      }
      expect(kinds).toEqual([false, true, true, true])
    }))

  it("refuses what cannot be called", () => {
    expect(() => asyncio.create_eager_task_factory(5 as never)).toThrow(
      new TypeError("a class of tasks, or a function that makes one, is expected, got 5")
    )
  })
})
