import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { describe, expect, expectTypeOf, it } from "vitest"
import { ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { after, deadlockOf, inMain, type Unit, type unitName } from "./support/combining.ts"

const { shield } = asyncio

describe("shield", () => {
  it("keeps the type and the services", () =>
    inMain(function* () {
      const outer = shield(after(1, 7))
      expectTypeOf(outer).toEqualTypeOf<asyncio.Future<number>>()
      expectTypeOf<ReturnType<typeof shield<ReturnType<typeof unitName>>>>().toEqualTypeOf<
        asyncio.Future<string, Unit>
      >()
      expect(yield* outer).toBe(7)
    }))

  it("interrupting a fiber that waits leaves the shielded one running", () =>
    inMain(function* () {
      const inner = asyncio.create_task(after(5, "inner"))
      const fiber = yield* Effect.forkChild(shield(inner))
      yield* asyncio.sleep(1)
      yield* Fiber.interrupt(fiber)
      expect(asyncio.get_running_loop().time()).toBe(1)
      expect(yield* inner).toBe("inner")
    }))

  it("leaves no callback behind on an inner that outlives it", () =>
    inMain(function* () {
      const inner = asyncio.get_running_loop().create_future()
      for (let n = 0; n < 3; n++) {
        shield(inner).cancel()
        yield* asyncio.sleep(0)
      }
      expect(`${inner}`).toMatch(/^<Future pending cb=\[_log_on_exception\(\)[^,]*\]>$/)
    }))

  it("an error in the pass in which the outer was cancelled has no taker, and counts as never retrieved", async () => {
    const log: Array<string> = []
    const onLog = (record: asyncio.LogRecord) => void log.push(record.message.split("\n")[0] as string)
    asyncio.logger.addHandler(onLog)
    try {
      await inMain(function* () {
        const inner = asyncio.get_running_loop().create_future()
        shield(inner).cancel()
        inner.set_exception(new ValueError("lost"))
        yield* asyncio.sleep(1)
      })
    } finally {
      asyncio.logger.removeHandler(onLog)
    }
    expect(log).toEqual(["Future exception was never retrieved"])
  })

  it("a deadlock names what is shielded", async () => {
    const [text] = await deadlockOf(function* () {
      yield* shield(asyncio.get_running_loop().create_future())
    })
    expect(text).toMatch(/waits for shield\(<Future pending cb=\[shield\.<locals>\._inner_done_callback\(\)\]>\)$/m)
  })

  it("122 an inner coroutine that nobody holds runs on after the outer was cancelled: its loop holds it", async () => {
    const seen: Array<string> = []
    const inner = asyncio.coroutine(function* inner() {
      yield* asyncio.sleep(2)
      seen.push("inner ended")
    })
    const main = asyncio.coroutine(function* main() {
      asyncio.shield(inner()).cancel()
      yield* asyncio.sleep(3)
    })
    await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop })
    expect(seen).toEqual(["inner ended"])
  })
})
