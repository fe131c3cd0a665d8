// The loop and its host: what has no twin in CPython under virtual time. All other statements on the loop are in
// packages/conformance/test/semantics.

import { afterEach, describe, expect, it, vi } from "vitest"
import { EventLoop } from "../src/base_events.ts"
import { RuntimeError, TypeError, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { hostTime, type TimeSource } from "../src/internal/time_source.ts"

/** A clock and a host that do only what a test tells them. */
const makeHost = () => {
  let now = 0
  let turn: (() => void) | undefined
  let wake: (() => void) | undefined
  const time: TimeSource = {
    now: () => now,
    resolution: 1e-9,
    isVirtual: false,
    defer: (requested) => {
      turn = requested
    },
    wait: (_when, requested) => {
      wake = requested
      return () => {
        wake = undefined
      }
    }
  }
  return {
    loop: new EventLoop({ time_source: time }),
    advance: (seconds: number) => {
      now += seconds
    },
    /** Lets the loop have the turn that it asked for. */
    turn: () => {
      const requested = turn
      turn = undefined
      requested?.()
      return requested !== undefined
    },
    wake: () => {
      const requested = wake
      wake = undefined
      requested?.()
      return requested !== undefined
    }
  }
}

describe("the loop and its host", () => {
  it("3 what the host brings runs before timers that have become due meanwhile", async () => {
    const { loop, turn, advance } = makeHost()
    const seen: Array<string> = []
    const running = loop.run_forever()
    turn()
    loop.call_later(1, () => seen.push("timer"))
    advance(2)
    loop.call_soon_threadsafe(() => seen.push("input"))
    turn()
    expect(seen).toEqual(["input", "timer"])
    loop.stop()
    turn()
    await running
  })

  it("13 a call from outside of its passes wakes an idle loop, once for all of them", async () => {
    const { loop, turn, wake } = makeHost()
    const seen: Array<number> = []
    const running = loop.run_forever()
    loop.call_later(10, () => undefined)
    turn()
    expect(turn()).toBe(false)
    for (let n = 0; n < 3; n++) loop.call_soon_threadsafe(() => seen.push(n))
    expect(wake()).toBe(false)
    expect(turn()).toBe(true)
    expect([seen, turn()]).toEqual([[0, 1, 2], false])
    loop.stop()
    turn()
    await running
  })

  it("11 cancelled timers are let go when more than 100 are scheduled and more than half are cancelled", () => {
    const loop = new asyncio.VirtualEventLoop()
    const timers = (loop as unknown as { _timers: { length: number } })._timers
    const handles = Array.from({ length: 200 }, (_, n) => loop.call_later(1000 + n, () => undefined))
    for (const handle of handles.slice(0, 100)) handle.cancel()
    expect(timers.length).toBe(200)
    handles[100]?.cancel()
    expect(timers.length).toBe(99)
    loop.close()
  })

  describe("on the host's clock", () => {
    afterEach(() => void vi.useRealTimers())

    it("12 never waits for longer than a day at a time", () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
      const woken: Array<number> = []
      hostTime.wait(hostTime.now() + 10 * 86_400, () => woken.push(hostTime.now()))
      vi.advanceTimersByTime(86_400_000 - 1)
      expect(woken).toHaveLength(0)
      vi.advanceTimersByTime(1)
      expect(woken).toHaveLength(1)
    })

    it("12 sleeps on after such a wait", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "performance"] })
      let ended = false
      const main = asyncio.coroutine(function* main() {
        yield* asyncio.sleep(3 * 86_400)
        ended = true
      })
      const running = asyncio.run(main())
      await vi.advanceTimersByTimeAsync(3 * 86_400_000 - 10)
      expect(ended).toBe(false)
      await vi.advanceTimersByTimeAsync(1000)
      expect(ended).toBe(true)
      await running
    })
  })

  it("gives the host its turn while tasks only yield to each other", async () => {
    let turns = 0
    let going = true
    const busy = asyncio.coroutine(function* busy() {
      while (going) yield* asyncio.sleep(0)
    })
    const turn = () => {
      if (++turns === 5) going = false
      else setImmediate(turn)
    }
    setImmediate(turn)
    await asyncio.run(busy())
    expect(turns).toBe(5)
  })

  it("runs two loops side by side, each in its own turns", async () => {
    const seen: Array<string> = []
    const steps = asyncio.coroutine(function* steps(name: string, loop: asyncio.EventLoop) {
      for (let n = 0; n < 2; n++) {
        seen.push(`${name} ${n}`)
        if (asyncio.get_running_loop() !== loop) throw new RuntimeError("another loop")
        yield* asyncio.sleep(0.001)
      }
    })
    const [one, two] = [new EventLoop(), new EventLoop()]
    await Promise.all([one.run_until_complete(steps("one", one)), two.run_until_complete(steps("two", two))])
    expect(seen.toSorted((a, b) => a.localeCompare(b))).toEqual(["one 0", "one 1", "two 0", "two 1"])
    one.close()
    two.close()
  })

  it("is a promise that rejects with the error of a callback that ends the run", async () => {
    const { SystemExit } = await import("../src/builtins.ts")
    const loop = new asyncio.VirtualEventLoop()
    loop.call_soon(() => {
      throw new SystemExit(3)
    })
    await expect(loop.run_forever()).rejects.toBeInstanceOf(SystemExit)
    expect(loop.is_running()).toBe(false)
    loop.close()
  })
})

describe("a program that can never go on", () => {
  it("ends with a report that names who waits for what", async () => {
    const waits = asyncio.coroutine(function* waits(event: asyncio.Event) {
      yield* event.wait()
    })
    const main = asyncio.coroutine(function* main() {
      const event = new asyncio.Event()
      const task = asyncio.create_task(waits(event), { name: "waiter" })
      yield* task
    })
    const error = await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop }).catch((caught) => caught)
    expect(error).toBeInstanceOf(asyncio.Deadlock)
    expect(error).toBeInstanceOf(RuntimeError)
    expect(error.message).toMatch(/waiter.*Event\.wait/s)
  })
})

describe("arguments", () => {
  const loop = new asyncio.VirtualEventLoop()

  it("of call_later and call_at that are no numbers are refused, with CPython's words", () => {
    expect(() => loop.call_later(undefined as never, () => undefined)).toThrow(new TypeError("delay must not be None"))
    expect(() => loop.call_at(undefined as never, () => undefined)).toThrow(new TypeError("when cannot be None"))
    expect(() => loop.call_later(Number.NaN, () => undefined)).toThrow(ValueError)
  })

  it("of set_task_factory that cannot be called are refused", () => {
    expect(() => loop.set_task_factory(5 as never)).toThrow(new TypeError("task factory must be a callable or None"))
    const factory: asyncio.TaskFactory = (given, coro, options) => new asyncio.Task(coro, { ...options, loop: given })
    loop.set_task_factory(factory)
    expect(loop.get_task_factory()).toBe(factory)
    loop.set_task_factory(undefined)
    expect(loop.get_task_factory()).toBe(undefined)
  })

  it("of a task factory are the loop, the coroutine and the options, and what it makes is the task", async () => {
    const seen: Array<unknown> = []
    const own = new asyncio.VirtualEventLoop()
    own.set_task_factory((given, coro, options) => {
      seen.push(given === own, (coro as asyncio.Coroutine).__name__, options.name)
      return new asyncio.Task(coro, { ...options, loop: given, name: "renamed" })
    })
    const child = asyncio.coroutine(function* child() {
      return asyncio.current_task()?.get_name()
    })
    const main = asyncio.coroutine(function* main() {
      return yield* asyncio.create_task(child(), { name: "given" })
    })
    expect(await own.run_until_complete(main())).toBe("renamed")
    expect(seen).toEqual([true, "main", undefined, true, "child", "given"])
    own.close()
  })
})

describe("debug mode", () => {
  const recording = () => {
    const records: Array<string> = []
    const handler = (record: asyncio.LogRecord) => void records.push(record.message)
    asyncio.logger.addHandler(handler)
    return { records, stop: () => asyncio.logger.removeHandler(handler) }
  }

  it("230 shows where a future, a task and a handle were made, and remembers at most ten frames", () => {
    const loop = new EventLoop({ debug: true })
    const future = loop.create_future()
    const handle = loop.call_soon(() => undefined)
    const here = /created at .*base_events\.test\.ts:\d+>$/
    expect(String(future)).toMatch(here)
    expect(String(handle)).toMatch(here)
    const deep = (n: number): asyncio.Future => (n === 0 ? loop.create_future() : deep(n - 1))
    const { source_traceback } = loop._source_context(deep(20)) as { source_traceback: string }
    expect(source_traceback.split("\n")).toHaveLength(10)
    expect(source_traceback).toMatch(/base_events\.test\.ts:\d+, in deep$/)
    future.cancel()
    loop.close()
  })

  it("230 the report of a lost exception says where its future was made", async () => {
    const { records, stop } = recording()
    const main = asyncio.coroutine(function* main() {
      asyncio.get_running_loop().create_future().set_exception(new ValueError("lost"))
    })
    await asyncio.run(main(), { debug: true })
    stop()
    expect(records).toHaveLength(1)
    expect(records[0]).toMatch(
      /^Future exception was never retrieved\nfuture: <Future finished exception=ValueError\('lost'\) created at/
    )
    expect(records[0]).toMatch(
      /\nsource_traceback: Object created at \(most recent call last\):\n.*base_events\.test\.ts/s
    )
  })

  it("230 an error that is reported from a callback says where that was scheduled", async () => {
    const { records, stop } = recording()
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      loop.call_soon(() => loop.call_exception_handler({ message: "m" }))
      yield* asyncio.sleep(0)
      loop.set_debug(false)
      loop.call_soon(() => loop.call_exception_handler({ message: "plain" }))
      yield* asyncio.sleep(0)
    })
    await asyncio.run(main(), { debug: true })
    stop()
    expect(records).toEqual([
      expect.stringMatching(
        /^m\nhandle_traceback: Handle created at \(most recent call last\):\n.*base_events\.test\.ts:\d+, in main$/s
      ),
      "plain"
    ])
  })

  it("231 the warning of a coroutine that was never awaited says where it was made", async () => {
    const { catch_warnings } = await import("../src/warnings.ts")
    const warned: Array<readonly [string, string | undefined]> = []
    const restore = catch_warnings(({ message, place }) => warned.push([message, place]))
    const forgotten = asyncio.coroutine(function* forgotten() {})
    const main = asyncio.coroutine(function* main() {
      void forgotten()
      forgotten().close()
    })
    await asyncio.run(main(), { debug: true })
    await asyncio.run(main(), { debug: false })
    restore()
    expect(warned).toHaveLength(2)
    const [[inDebug, place], [plain]] = warned as unknown as [[string, string], [string]]
    expect(inDebug).toMatch(
      /^coroutine 'forgotten' was never awaited\nCoroutine created at \(most recent call last\)\n.*base_events\.test\.ts:\d+, in main/s
    )
    expect(place).toMatch(/base_events\.test\.ts:\d+$/)
    expect(plain).toBe("coroutine 'forgotten' was never awaited")
  })

  it("is switched on by the environment, as the loop is made", () => {
    vi.stubEnv("ASYNCIO_DEBUG", "1")
    expect(new EventLoop().get_debug()).toBe(true)
    vi.stubEnv("ASYNCIO_DEBUG", "")
    vi.stubEnv("PYTHONASYNCIODEBUG", "1")
    expect(new EventLoop({ debug: false }).get_debug()).toBe(false)
    vi.unstubAllEnvs()
    expect(new EventLoop().get_debug()).toBe(false)
  })
})

describe("exceptions that nobody looked at", () => {
  it("42 are reported when the future is collected, if that is before the end", async () => {
    const { setFlagsFromString } = await import("node:v8")
    const { runInNewContext } = await import("node:vm")
    setFlagsFromString("--expose-gc")
    const collect = runInNewContext("gc") as () => void
    const reported: Array<string> = []
    const loop = new EventLoop()
    loop.set_exception_handler((_, context) => reported.push(`${context.message} ${String(context.future)}`))
    const main = asyncio.coroutine(function* main() {
      loop.create_future().set_exception(new ValueError("lost"))
      const kept = loop.create_future()
      kept.set_exception(new ValueError("kept"))
      for (let n = 0; n < 50 && reported.length === 0; n++) {
        yield* asyncio.sleep(0.001)
        collect()
      }
      kept.exception()
    })
    await loop.run_until_complete(main())
    expect(reported).toEqual(["Future exception was never retrieved <Future finished exception=ValueError('lost')>"])
    loop.close()
    expect(reported).toHaveLength(1)
  })
})
