// 201 (SIGINT), and that a program leaves nothing behind. The other statements on runners are compared with CPython in
// packages/conformance/test/semantics/runners.test.ts.

import { describe, expect, it } from "vitest"
import { KeyboardInterrupt } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { runProcess } from "./support/process.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }

describe("a run inside a run", () => {
  it("198 is refused in CPython's words, with a note on what to do instead", async () => {
    const inner = asyncio.coroutine(function* inner() {})
    const main = asyncio.coroutine(function* main() {
      yield* asyncio.wrap_future(asyncio.run(inner()))
    })
    const error = await asyncio.run(main(), virtual).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      name: "RuntimeError",
      message: "asyncio.run() cannot be called from a running event loop",
      __notes__: [expect.stringContaining("with yield*")]
    })
  })

  it("199 a function or a promise is refused with what to write instead", async () => {
    const main = asyncio.coroutine(function* main() {})
    await expect(asyncio.run(main as never)).rejects.toThrow(/call it, main\(\.\.\.\)/)
    await expect(asyncio.run(Promise.resolve() as never)).rejects.toThrow(/wrap_future\(promise\)/)
  })
})

describe("SIGINT", () => {
  /** Raises it as the operating system would. */
  const interrupt = () => void process.emit("SIGINT")

  it("201 the first one cancels the main task; if that ends cancelled, run raises KeyboardInterrupt", async () => {
    const seen: Array<unknown> = []
    const main = asyncio.coroutine(function* main() {
      asyncio.get_running_loop().call_later(1, interrupt)
      try {
        yield* asyncio.sleep(10)
      } catch (error) {
        seen.push((error as Error).name, asyncio.current_task()?.cancelling())
        throw error
      } finally {
        yield* asyncio.sleep(1)
        seen.push(asyncio.get_running_loop().time())
      }
    })
    await expect(asyncio.run(main(), virtual)).rejects.toBeInstanceOf(KeyboardInterrupt)
    expect(seen).toEqual(["CancelledError", 1, 2])
    expect(process.listenerCount("SIGINT")).toBe(0)
  })

  it("201 a task that swallows it lets run return its value", async () => {
    const main = asyncio.coroutine(function* main() {
      asyncio.get_running_loop().call_soon(interrupt)
      try {
        yield* asyncio.sleep(10)
      } catch {
        return "swallowed"
      }
      return "slept"
    })
    expect(await asyncio.run(main(), virtual)).toBe("swallowed")
  })

  it("201 a task that was also cancelled by somebody else ends with CancelledError", async () => {
    const main = asyncio.coroutine(function* main() {
      const task = asyncio.current_task()
      asyncio.get_running_loop().call_soon(() => {
        interrupt()
        task?.cancel("other")
      })
      yield* asyncio.sleep(10)
    })
    await expect(asyncio.run(main(), virtual)).rejects.toBeInstanceOf(asyncio.CancelledError)
  })

  it("201 the second one raises KeyboardInterrupt at once; what is left is cleaned up", async () => {
    const seen: Array<string> = []
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      loop.call_later(1, interrupt)
      loop.call_later(2, interrupt)
      try {
        for (;;) {
          try {
            yield* asyncio.sleep(1000)
          } catch {
            seen.push(`refused at ${loop.time()}`)
          }
          if (loop.time() >= 2) return
        }
      } finally {
        seen.push(`ended at ${loop.time()}`)
      }
    })
    await expect(asyncio.run(main(), virtual)).rejects.toBeInstanceOf(KeyboardInterrupt)
    expect(seen).toEqual(["refused at 1", "refused at 2", "ended at 2"])
  })

  it("201 is left to others where they have a handler for it", async () => {
    let others = 0
    const own = () => {
      others++
    }
    process.on("SIGINT", own)
    try {
      const main = asyncio.coroutine(function* main() {
        interrupt()
        yield* asyncio.sleep(1)
        return "done"
      })
      expect(await asyncio.run(main(), virtual)).toBe("done")
      expect(others).toBe(1)
    } finally {
      process.removeListener("SIGINT", own)
    }
  })

  it("201 from the operating system, in a process of its own", async () => {
    const ended = await runProcess(
      `
      import * as asyncio from "@skein/asyncio"
      function* main() {
        console.log("ready")
        try {
          yield* asyncio.sleep(3600)
        } finally {
          yield* asyncio.sleep(0.01)
          console.log("cleaned up")
        }
      }
      await asyncio.run(main()).catch((error) => console.log(error.name))
      `,
      (line, signal) => line === "ready" && signal("SIGINT")
    )
    expect(ended).toEqual({ code: 0, signal: null, stdout: "ready\ncleaned up\nKeyboardInterrupt\n", stderr: "" })
  })
})

describe("a program that ends", () => {
  it("leaves nothing behind that keeps the process alive, or that listens", async () => {
    const ended = await runProcess(`
      import * as asyncio from "@skein/asyncio"
      const left = asyncio.coroutine(function* left() { yield* asyncio.sleep(3600) })
      const main = asyncio.coroutine(function* main() {
        const loop = asyncio.get_running_loop()
        loop.call_later(3600, () => undefined)
        void asyncio.create_task(left())
        yield* asyncio.gather(asyncio.sleep(0.001), asyncio.sleep(0.002))
        return "done"
      })
      const count = () => process.eventNames().map((name) => [name, process.listenerCount(name)]).flat().join()
      const before = count()
      console.log(await asyncio.run(main()))
      console.log(count() === before, process.getActiveResourcesInfo().filter((name) => name === "Timeout" || name === "Immediate"))
    `)
    expect(ended).toEqual({ code: 0, signal: null, stdout: "done\ntrue []\n", stderr: "" })
  })

  it("that can never go on is told of its deadlock, on the real clock too, and ends", async () => {
    const ended = await runProcess(`
      import * as asyncio from "@skein/asyncio"
      const wait = asyncio.coroutine(function* wait(lock) {
        yield* lock.acquire()
        yield* lock.acquire()
      })
      await asyncio.run(wait(new asyncio.Lock())).catch((error) => console.log(error.name, error.message))
    `)
    expect(ended.stdout).toMatch(/^Deadlock nothing is ready and nothing is scheduled/)
    expect(ended.stdout).toContain("Task-1")
    expect(ended.stdout).toMatch(/Lock/)
    expect([ended.code, ended.stderr]).toEqual([0, ""])
  })

  it("hears of coroutines that nobody awaited, also of those made outside of any loop", async () => {
    const ended = await runProcess(`
      import * as asyncio from "@skein/asyncio"
      import { catch_warnings } from "@skein/asyncio/warnings"
      catch_warnings(({ category, message }) => console.log(category, message))
      const inside = asyncio.coroutine(function* inside() {})
      const outside = asyncio.coroutine(function* outside() {})
      const main = asyncio.coroutine(function* main() { inside() })
      outside()
      const later = outside()
      await asyncio.run(main())
      console.log("ended")
      await asyncio.run(later)
    `)
    expect(ended.stdout.split("\n")).toEqual([
      "RuntimeWarning coroutine 'inside' was never awaited",
      "ended",
      "RuntimeWarning coroutine 'outside' was never awaited",
      ""
    ])
  })

  it("shows such warnings as the host does, with the place", async () => {
    const ended = await runProcess(`
      import * as asyncio from "@skein/asyncio"
      const forgotten = asyncio.coroutine(function* forgotten() {})
      forgotten()
    `)
    expect(ended.stderr).toMatch(/RuntimeWarning: coroutine 'forgotten' was never awaited/)
  })
})
