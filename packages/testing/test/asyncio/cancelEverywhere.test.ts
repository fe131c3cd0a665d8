import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import { type CancelEverywhereError, type CancelOptions, cancelEverywhere } from "@skein/testing/asyncio"
import { describe, expect, it } from "vitest"

type Setup = Parameters<typeof cancelEverywhere>[0]

const errorOf = async (setup: Setup, options?: CancelOptions): Promise<CancelEverywhereError> => {
  const report = await cancelEverywhere(setup, options).catch((error: unknown) => error)
  expect(report).toBeInstanceOf(Error)
  return report as CancelEverywhereError
}

/** The victim waits for a lock that another task holds for a second. */
const contended = (victim: (lock: asyncio.Lock) => asyncio.Coroutine<unknown>) => (): ReturnType<Setup> => {
  const lock = asyncio.Lock()
  function* hold() {
    yield* lock.acquire()
    yield* asyncio.sleep(1)
    lock.release()
  }
  function* main() {
    const holder = asyncio.create_task(hold(), { name: "holder" })
    yield* asyncio.sleep(0)
    const task = asyncio.create_task(victim(lock), { name: "victim" })
    yield* asyncio.wait([holder, task])
  }
  return { program: main(), victim: "victim", invariant: () => asyncio.wait_for(lock.acquire(), 60) }
}

describe("cancelEverywhere finds", () => {
  it("a lock that is left held", async () => {
    const error = await errorOf(
      contended(
        asyncio.coroutine(function* (lock: asyncio.Lock) {
          yield* lock.acquire()
          yield* asyncio.sleep(1)
          lock.release()
        })
      )
    )
    expect(error.message).toMatch(/cancelled at point 4 of 5: while it waited for/)
    expect(error.message).toContain("TimeoutError")
  })

  it("a permit that is lost when cancellation meets the waking", async () => {
    const error = await errorOf(() => {
      let permits = 0
      const waiters: Array<asyncio.Future<void>> = []
      function* take() {
        if (permits > 0) permits--
        else {
          const turn = asyncio.get_running_loop().create_future<void>()
          waiters.push(turn)
          yield* turn
        }
      }
      function* main() {
        const task = asyncio.create_task(take(), { name: "victim" })
        yield* asyncio.sleep(1)
        const waiter = waiters.find((turn) => !turn.done())
        if (waiter === undefined) permits++
        else waiter.set_result(undefined)
        yield* asyncio.wait([task])
        if (task.cancelled()) {
          if (permits !== 1) throw new ValueError("the permit is lost")
        }
      }
      return { program: main(), victim: "victim" }
    })
    expect(error.message).toMatch(/cancelled at point 3 of 3: woken from waiting for .*, before it ran/)
    expect(error.message).toContain("the permit is lost")
  })

  it("a task that is left running", async () => {
    const error = await errorOf(() => {
      function* main() {
        const child = asyncio.create_task(asyncio.sleep(100), { name: "child" })
        yield* asyncio.sleep(1)
        yield* child
      }
      return { program: main() }
    })
    expect(error.message).toMatch(/task "child" .*\(started at .*cancelEverywhere\.test\.ts:\d+\)/)
  })

  it("a timer that is left", async () => {
    const error = await errorOf(() => {
      function* main() {
        const handle = asyncio.get_running_loop().call_later(60, () => undefined)
        yield* asyncio.sleep(1)
        handle.cancel()
      }
      return { program: main() }
    })
    expect(error.message).toContain("a callback is set for 60 s")
  })

  it("clean-up that a second cancellation breaks off", async () => {
    let open = 0
    const setup: Setup = () => {
      open = 0
      function* main() {
        open++
        try {
          yield* asyncio.sleep(1)
        } finally {
          yield* asyncio.sleep(1)
          open--
        }
      }
      const invariant = () => {
        if (open !== 0) throw new ValueError("left open")
      }
      return { program: main(), invariant }
    }
    const single = await errorOf(setup)
    expect(single.message).toMatch(/point 4 of 5: while it waited for/)
    const error = await errorOf(setup, { twice: true })
    expect(error.message).toMatch(/point 2 of 5: .*, and again while it waited for/)
  })

  it("an exception that replaces the cancellation", async () => {
    const error = await errorOf(() => {
      function* main() {
        try {
          yield* asyncio.sleep(1)
        } finally {
          yield* failing()
        }
      }
      function* failing() {
        if (asyncio.current_task()?.cancelling() === 1) throw new ValueError("disk is full")
        yield* asyncio.sleep(0)
      }
      return { program: main() }
    })
    expect(error.message).toContain("disk is full")
  })

  it("a program that fails without being cancelled, and a victim that does not exist", async () => {
    function* main(): Generator<never, void, never> {
      throw new ValueError("always")
    }
    expect((await errorOf(() => ({ program: main() }))).message).toContain("even when nobody cancels it")
    const nobody = await errorOf(() => ({ program: asyncio.sleep(0), victim: "nobody" }))
    expect(nobody.message).toContain('No task called "nobody" was made')
  })
})

describe("cancelEverywhere lets pass", () => {
  const correct = contended(
    asyncio.coroutine(function* (lock: asyncio.Lock) {
      yield* asyncio.async_with(lock, function* () {
        yield* asyncio.sleep(1)
      })
    })
  )

  it("a lock that is given back, at every point, and reports them", async () => {
    const report = await cancelEverywhere(correct)
    expect(
      report.points.map(({ where, ended }) => `${where.replace(/waiting for .*, b|waited for .*/, "... b")}: ${ended}`)
    ).toEqual([
      "before its first step: cancelled",
      "while it ... b: cancelled",
      "woken from ... before it ran: cancelled",
      "while it ... b: cancelled",
      "woken from ... before it ran: cancelled"
    ])
    expect(String(report)).toContain("cancelled at 5 points: 5 times it ended as cancelled")
  })

  it("the same when it is cancelled twice", async () => {
    expect((await cancelEverywhere(correct, { twice: true })).points).toHaveLength(10)
  })

  it("a setup that is a coroutine, and a program that refuses to be cancelled", async () => {
    const report = await cancelEverywhere(function* () {
      const queue = asyncio.Queue<number>()
      yield* queue.put(1)
      function* main() {
        try {
          yield* asyncio.sleep(1)
        } catch (error) {
          if (!(error instanceof asyncio.CancelledError)) throw error
        }
        return yield* queue.get()
      }
      return { program: main(), invariant: (task) => void task.done() }
    })
    expect(report.points.map(({ ended }) => ended)).toEqual(["cancelled", "succeeded", "succeeded"])
  })

  it("an exception that may be", async () => {
    const setup = () => {
      function* main() {
        yield* asyncio.create_task(asyncio.sleep(1), { name: "victim" })
      }
      return { program: main(), victim: "victim", mayFail: true }
    }
    expect((await cancelEverywhere(setup)).points.length).toBeGreaterThan(1)
  })
})
