import { describe, expect, it } from "vitest"
import * as asyncio from "../../src/index.ts"
import { giveBack, suspendOn } from "../../src/internal/suspension.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }

describe("what an await hands up", () => {
  it("serves the next await once it was given back, and keeps no future alive until then", () => {
    const loop = new asyncio.VirtualEventLoop()
    const [one, other] = [loop.create_future(), loop.create_future()]
    const first = suspendOn(one)
    expect([first.done, first.value === one, one._awaited]).toEqual([false, true, true])
    giveBack(first)
    expect(first.value).toBe(undefined)
    const second = suspendOn(other)
    expect([second === first, second.value === other]).toEqual([true, true])
    loop.close()
  })

  it("is left alone if a body made it itself", () => {
    const own = { done: false, value: 1 } as const
    giveBack(own)
    expect(own.value).toBe(1)
  })

  it("stays with whoever steps a coroutine by hand, whatever others await meanwhile", async () => {
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      const futures = [loop.create_future(), loop.create_future()]
      const waits = futures.map((future) => future[Symbol.iterator]())
      const results = waits.map((wait) => wait.next())
      yield* asyncio.sleep(1)
      yield* asyncio.create_task(asyncio.sleep(1))
      return results.map((result, index) => [result.done, result.value === futures[index]])
    })
    expect(await asyncio.run(main(), virtual)).toEqual([
      [false, true],
      [false, true]
    ])
  })

  it("may be handed on by a body that steps another by hand", async () => {
    const inner = asyncio.coroutine(function* inner() {
      yield* asyncio.sleep(1)
      yield* asyncio.sleep(2)
      return "slept"
    })
    const traced = function* (steps: Iterator<unknown, string, undefined>): Generator<unknown, string, undefined> {
      let result = steps.next()
      while (result.done !== true) {
        yield result.value
        result = steps.next()
      }
      return result.value
    }
    const main = asyncio.coroutine(function* main() {
      const steps = inner()[Symbol.iterator]() as unknown as Iterator<unknown, string, undefined>
      const slept = yield* traced(steps) as asyncio.Body<string>
      return [slept, asyncio.get_running_loop().time()]
    })
    expect(await asyncio.run(main(), virtual)).toEqual(["slept", 3])
  })
})
