import * as asyncio from "@skein/asyncio"
import { describe, expect, it } from "vitest"

describe("VirtualEventLoop.pending_timers", () => {
  it("gives the handles that are set for later and not cancelled, in order of time", async () => {
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop() as asyncio.VirtualEventLoop
      const late = loop.call_later(20, () => undefined)
      const early = loop.call_later(10, () => undefined)
      loop.call_later(5, () => undefined).cancel()
      expect(loop.pending_timers()).toEqual([early, late])
      yield* asyncio.sleep(15)
      expect(loop.pending_timers()).toEqual([late])
    })
    await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })
  })

  it("has none for tasks that sleep: those are tasks", async () => {
    const main = asyncio.coroutine(function* main() {
      const sleeper = asyncio.create_task(asyncio.sleep(10))
      yield* asyncio.sleep(0)
      expect((asyncio.get_running_loop() as asyncio.VirtualEventLoop).pending_timers()).toEqual([])
      yield* sleeper
    })
    await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })
  })
})
