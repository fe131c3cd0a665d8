import { afterEach, beforeEach, describe, expect, it } from "vitest"
import * as asyncio from "../../src/index.ts"
import { catch_warnings } from "../../src/warnings.ts"

const forgotten = asyncio.coroutine(function* forgotten() {})

/** Runs a plain function within a pass of a loop. */
const within = async (loop: asyncio.EventLoop, call: () => void) => {
  loop.call_soon(call)
  loop.call_soon(() => loop.stop())
  await loop.run_forever()
}

describe("coroutines that nobody awaited", () => {
  let warned: Array<string>
  let restore: () => void
  beforeEach(() => {
    warned = []
    restore = catch_warnings(({ category, message }) => warned.push(`${category}: ${message}`))
  })
  afterEach(() => restore())

  const warning = "RuntimeWarning: coroutine 'forgotten' was never awaited"

  it("are reported when the loop in whose passes they were made is closed, each of them", async () => {
    const loop = new asyncio.VirtualEventLoop()
    await within(loop, () => {
      void forgotten()
      void forgotten()
    })
    expect(warned).toEqual([])
    loop.close()
    expect(warned).toEqual([warning, warning])
  })

  it("are not reported when another loop is closed", async () => {
    const [one, two] = [new asyncio.VirtualEventLoop(), new asyncio.VirtualEventLoop()]
    let kept: asyncio.Coroutine<void> | undefined
    await within(one, () => {
      void forgotten()
    })
    await within(two, () => {
      kept = forgotten()
      void forgotten()
    })
    await within(one, () => void forgotten())
    two.close()
    expect(warned).toEqual([warning, warning])
    one.close()
    expect(warned).toHaveLength(4)
    // It was reported, and may still run: nothing is counted twice.
    await asyncio.run(kept as asyncio.Coroutine<void>)
    expect(warned).toHaveLength(4)
  })

  it("are not those that were awaited, made a task, run as an effect, or closed, in whatever loop", async () => {
    const [one, two] = [new asyncio.VirtualEventLoop(), new asyncio.VirtualEventLoop()]
    const made: Array<asyncio.Coroutine<void>> = []
    await within(one, () => {
      for (let n = 0; n < 4; n++) made.push(forgotten())
    })
    const [first, second, third, fourth] = made as [
      (typeof made)[0],
      (typeof made)[0],
      (typeof made)[0],
      (typeof made)[0]
    ]
    const main = asyncio.coroutine(function* main() {
      yield* first
      yield* asyncio.create_task(second)
      yield* third.pipe((effect) => effect)
    })
    await two.run_until_complete(main())
    fourth.close()
    one.close()
    two.close()
    expect(warned).toEqual([])
  })

  it("made outside of any loop are reported when the process has nothing left to do", () => {
    const before = process.listenerCount("beforeExit")
    const kept = forgotten()
    void forgotten()
    expect(process.listenerCount("beforeExit")).toBe(before + 1)
    kept.close()
    process.emit("beforeExit", 0)
    expect(warned).toEqual([warning])
    expect(process.listenerCount("beforeExit")).toBe(before)
  })

  it("made outside of any loop leave no listener once they have all begun", async () => {
    const before = process.listenerCount("beforeExit")
    await asyncio.run(forgotten())
    expect(process.listenerCount("beforeExit")).toBe(before)
  })

  it("of functions that were made on the fly are found among many", async () => {
    const loop = new asyncio.VirtualEventLoop()
    const main = asyncio.coroutine(function* main() {
      for (let n = 0; n < 3000; n++) {
        const made = asyncio.coroutine(function* () {
          return n
        })
        if (n % 1000 === 999) void made()
        else yield* made()
      }
    })
    await loop.run_until_complete(main())
    loop.close()
    expect(warned).toEqual(Array.from({ length: 3 }, () => "RuntimeWarning: coroutine '<anonymous>' was never awaited"))
  })
})
