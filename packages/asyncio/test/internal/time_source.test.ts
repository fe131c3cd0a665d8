import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { afterEach, describe, expect, it, vi } from "vitest"
import * as asyncio from "../../src/index.ts"
import { effectTime, hostTime, makeVirtualTime } from "../../src/internal/time_source.ts"

describe("virtual time", () => {
  it("jumps to what is waited for, and never back", () => {
    const time = makeVirtualTime(5)
    expect(time.wait(7, () => undefined)).toBe(undefined)
    expect(time.now()).toBe(7)
    time.wait(6, () => undefined)
    expect(time.now()).toBe(7)
    time.advance(0.5)
    expect(time.now()).toBe(7.5)
  })
})

describe("the host's time", () => {
  afterEach(() => void vi.useRealTimers())

  it("wakes not before the moment, and not at all if that is withdrawn", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
    let woken = 0
    const began = hostTime.now()
    const wake = () => void woken++
    hostTime.wait(began + 0.0104, wake)
    const withdraw = hostTime.wait(began + 0.01, wake)
    withdraw?.()
    vi.advanceTimersByTime(10)
    expect(woken).toBe(0)
    vi.advanceTimersByTime(1)
    expect(woken).toBe(1)
    hostTime.wait(began - 5, wake)
    vi.advanceTimersByTime(1)
    expect(woken).toBe(2)
  })
})

describe("an Effect clock's time", () => {
  it("follows that clock, and wakes by it", async () => {
    const program = Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const [services, dispatcher] = yield* Effect.withFiber((fiber) =>
        Effect.succeed([fiber.context, fiber.currentDispatcher] as const)
      )
      const time = effectTime(clock, services, dispatcher)
      const woken: Array<string> = []
      time.wait(1.5, () => woken.push("first"))
      time.wait(1.5, () => woken.push("withdrawn"))?.()
      time.defer(() => woken.push("turn"))
      yield* TestClock.adjust(1499)
      const before = [...woken]
      yield* TestClock.adjust(1)
      return [before, woken, time.now(), time.isVirtual]
    })
    expect(await Effect.runPromise(Effect.provide(program, TestClock.layer()))).toEqual([
      ["turn"],
      ["turn", "first"],
      1.5,
      false
    ])
  })
})

describe("a loop's clock as Effect's", () => {
  it("tells the loop's time in every unit, and sleeps by its timers", async () => {
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.sleep(1.25)
      const told = [
        yield* Clock.currentTimeMillis,
        yield* Clock.currentTimeNanos,
        yield* Effect.clockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe())),
        yield* Effect.clockWith((clock) => Effect.succeed(clock.monotonicTimeNanosUnsafe()))
      ]
      yield* Effect.sleep(0)
      yield* Effect.sleep("750 millis")
      return [told, asyncio.get_running_loop().time()]
    })
    expect(await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })).toEqual([
      [1250, 1_250_000_000n, 1250, 1_250_000_000n],
      2
    ])
  })

  it("keeps no timer of a sleep that was interrupted", async () => {
    const main = asyncio.coroutine(function* main() {
      yield* Effect.result(Effect.timeout(Effect.sleep("1 hour"), "1 second"))
      return asyncio.get_running_loop().time()
    })
    const loop = new asyncio.VirtualEventLoop()
    expect(await loop.run_until_complete(main())).toBe(1)
    const live = (loop as unknown as { _timers: { length: number; cancelledCount: number } })._timers
    expect(live.length - live.cancelledCount).toBe(0)
    loop.close()
  })
})
