import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import { LeakError, type LeakOptions, noLeaks, StepError, steps } from "@skein/testing/asyncio"
import { describe, expect, it } from "vitest"

const virtual = { loop_factory: asyncio.VirtualEventLoop }

const leaksOf = async (program: asyncio.Awaitable<unknown>, options?: LeakOptions) => {
  try {
    await asyncio.run(noLeaks(program, options), virtual)
    return []
  } catch (error) {
    if (!(error instanceof LeakError)) throw error
    return error.leaks.map(({ kind, what, spawnSite }) => {
      const text = `${kind}: ${what.replace(/0x[0-9a-f]+/g, "0x")}`
      return spawnSite === undefined ? text : `${text} at ${spawnSite.replace(/^.*\/|\d+$/g, "")}`
    })
  }
}

describe("noLeaks names what is left behind", () => {
  it("a task that waits, with what it waits for and where it was made", async () => {
    function* main() {
      const lock = asyncio.Lock()
      yield* lock.acquire()
      void asyncio.create_task(lock.acquire(), { name: "worker" })
      yield* asyncio.sleep(1)
    }
    expect(await leaksOf(main())).toEqual([
      expect.stringMatching(/^task: task "worker" waits for .*Lock.* at leaks.test.ts:$/)
    ])
  })

  it("a callback that is set for later", async () => {
    function* main() {
      asyncio.get_running_loop().call_later(60, function ring() {})
      yield* asyncio.sleep(1)
    }
    expect(await leaksOf(main())).toEqual([expect.stringMatching(/^timer: a callback is set for 60 s .*ring/)])
  })

  it("a listener", async () => {
    function* main() {
      process.on("skein-test" as "exit", function late() {})
      yield* asyncio.sleep(0)
    }
    expect(await leaksOf(main())).toEqual([
      'listener: process still has the function late as a listener for "skein-test"'
    ])
    process.removeAllListeners("skein-test")
  })
})

describe("noLeaks lets pass", () => {
  it("tasks that were awaited, timeouts that were not reached, callbacks that were cancelled", async () => {
    function* main() {
      yield* asyncio.gather(asyncio.sleep(1), asyncio.sleep(2))
      yield* asyncio.wait_for(asyncio.sleep(1), 60)
      asyncio
        .get_running_loop()
        .call_later(60, () => undefined)
        .cancel()
    }
    expect(await leaksOf(main())).toEqual([])
  })

  it("a task that was cancelled and is about to clean up", async () => {
    function* slow() {
      try {
        yield* asyncio.sleep(60)
      } finally {
        yield* asyncio.sleep(0)
      }
    }
    function* main() {
      const task = asyncio.create_task(slow())
      yield* asyncio.sleep(1)
      task.cancel()
    }
    expect(await leaksOf(main())).toEqual([])
  })
})

describe("noLeaks", () => {
  it("hands on the result, and the program's exception with the leaks as a note", async () => {
    expect(await asyncio.run(noLeaks(asyncio.sleep(1, "done")), virtual)).toBe("done")
    function* main() {
      void asyncio.create_task(asyncio.sleep(60), { name: "forgotten" })
      yield* asyncio.sleep(1)
      throw new ValueError("its own")
    }
    const error = await asyncio.run(noLeaks(main()), virtual).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ValueError)
    expect((error as ValueError).__notes__?.join()).toContain('task "forgotten"')
  })

  it("closes the steps that the program made", async () => {
    function* main() {
      const step = steps()
      step(1)
      yield* asyncio.sleep(0)
    }
    await expect(asyncio.run(noLeaks(main()), virtual)).rejects.toThrow("step.finish(2) would be next")
  })
})

describe("steps", () => {
  it("throws where a step is out of order, naming the task", async () => {
    function* main() {
      const step = steps()
      step(1)
      yield* asyncio.create_task(
        (function* () {
          step(3)
          yield* asyncio.sleep(0)
        })(),
        { name: "eager" }
      )
    }
    const error: unknown = await asyncio.run(main(), virtual).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StepError)
    expect(String(error)).toContain('step 2 was to be next, and task "eager" reached step 3')
  })

  it("counts outside of a loop as well, and is closed by hand there", () => {
    const step = steps()
    step(1)
    expect(() => step.close()).toThrow("step.finish(2) would be next")
    const other = steps()
    other.finish(1)
    other.close()
  })
})
