import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import { ExplorationError, exhaustive, NotDeterministicError, pct, preemptionBounded, random } from "@skein/testing"
import { explore, replay } from "@skein/testing/asyncio"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { multinomial } from "../support/programs.ts"

/** One seat, two buyers; between the look and the purchase, each asks his bank. */
const sell = asyncio.coroutine(function* sell() {
  let seats = 1
  let sold = 0
  const buy = asyncio.coroutine(function* buy(patience: number) {
    for (let turn = 0; turn < patience; turn++) yield* asyncio.sleep(0)
    if (seats === 0) return
    yield* asyncio.sleep(0)
    seats--
    sold++
  })
  yield* asyncio.gather(buy(0), buy(1))
  return sold
})

const oneSold = (sold: number): void => {
  if (sold > 1) throw new Error(`one seat, sold ${sold} times`)
}

const interleave = (...turns: ReadonlyArray<number>) =>
  asyncio.coroutine(function* main() {
    let order = ""
    const strand = asyncio.coroutine(function* strand(letter: string, count: number) {
      for (let turn = 0; turn < count; turn++) {
        if (turn > 0) yield* asyncio.sleep(0)
        order += letter
      }
    })
    yield* asyncio.gather(...turns.map((count, index) => strand(String.fromCharCode(97 + index), count)))
    return order
  })

const failureOf = async (exploring: Promise<unknown>): Promise<ExplorationError> => {
  const error = await exploring.then(
    () => assert.fail("no failure was found"),
    (error: unknown) => error
  )
  assert.instanceOf(error, ExplorationError)
  return error as ExplorationError
}

describe("asyncio programs", () => {
  for (const strategy of [random(), pct(), preemptionBounded(), exhaustive()]) {
    it(`a check and an act with an await between are found by ${strategy.description}, with one switch`, async () => {
      oneSold(await asyncio.run(sell(), { loop_factory: asyncio.VirtualEventLoop }))
      const error = await failureOf(explore(sell, { strategy, check: oneSold }))
      assert.strictEqual(error.kind, "check")
      assert.strictEqual(error.schedule.decisions.length, 1)
      const again = await failureOf(replay(sell, error.token, { check: oneSold }))
      assert.deepStrictEqual(again.turns, error.turns)
    })
  }

  for (const turns of [
    [1, 1],
    [2, 2],
    [3, 2],
    [2, 2, 2]
  ]) {
    const ways = multinomial(...turns)
    it(`tasks with ${turns.join(", ")} steps have ${ways} interleavings, each run once`, async () => {
      const orders = new Set<string>()
      const report = await explore(interleave(...turns), {
        strategy: exhaustive(),
        check: (order) => void orders.add(order)
      })
      assert.strictEqual(orders.size, ways)
      assert.strictEqual(report.runs, ways)
      assert.strictEqual(report.distinct, ways)
      assert.isTrue(report.exhausted)
    })
  }

  it("without a switch, tasks run as in a plain loop", async () => {
    const plain = await asyncio.run(interleave(3, 1, 2)(), { loop_factory: asyncio.VirtualEventLoop })
    await explore(interleave(3, 1, 2), {
      strategy: preemptionBounded({ bound: 0 }),
      check: (order) => assert.strictEqual(order, plain)
    })
  })

  it("a task is never stopped between two awaits", async () => {
    const main = asyncio.coroutine(function* main() {
      let counter = 0
      const add = asyncio.coroutine(function* add() {
        const before = counter
        yield* plain()
        counter = before + 1
      })
      function* plain() {
        yield* already
      }
      const already = asyncio.Future<void>()
      already.set_result(undefined)
      yield* asyncio.gather(add(), add(), add())
      return counter
    })
    const report = await explore(main, {
      strategy: exhaustive(),
      check: (counter) => assert.strictEqual(counter, 3)
    })
    assert.isTrue(report.exhausted)
  })

  it("callbacks run in the order in which they were registered, under every schedule", async () => {
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      const calls: Array<number> = []
      const register = asyncio.coroutine(function* register() {
        for (let turn = 0; turn < 2; turn++) {
          loop.call_soon((number: number) => void calls.push(number), registered++)
          yield* asyncio.sleep(0)
        }
      })
      let registered = 0
      yield* asyncio.gather(register(), register())
      yield* asyncio.sleep(0)
      return calls
    })
    const report = await explore(main, {
      strategy: exhaustive(),
      check: (calls) => assert.deepStrictEqual(calls, [0, 1, 2, 3])
    })
    assert.isTrue(report.exhausted)
    assert.isAbove(report.distinct, 5)
  })

  it("a step does not overtake a callback that was registered before it became ready", async () => {
    const main = asyncio.coroutine(function* main() {
      let wasCalled = false
      asyncio.get_running_loop().call_soon(() => {
        wasCalled = true
      })
      const late = asyncio.create_task(
        (function* () {
          yield* asyncio.sleep(0)
          return wasCalled
        })()
      )
      yield* asyncio.gather(
        late,
        (function* () {
          yield* asyncio.sleep(0)
        })()
      )
      return late.result()
    })
    await explore(main, { strategy: exhaustive(), check: (wasCalled) => assert.isTrue(wasCalled) })
  })

  it("a deadlock is told with who waits for what", async () => {
    const main = asyncio.coroutine(function* main() {
      const locks = [asyncio.Lock(), asyncio.Lock()] as const
      const take = asyncio.coroutine(function* take(first: 0 | 1) {
        yield* locks[first].acquire()
        yield* asyncio.sleep(0)
        yield* locks[first === 0 ? 1 : 0].acquire()
        for (const lock of locks) lock.release()
      })
      const other = asyncio.coroutine(function* other() {
        yield* asyncio.sleep(0)
        yield* take(1)
      })
      yield* asyncio.gather(
        asyncio.create_task(take(0), { name: "first" }),
        asyncio.create_task(other(), { name: "second" })
      )
    })
    await asyncio.run(main(), { loop_factory: asyncio.VirtualEventLoop }).then(
      () => undefined,
      () => assert.fail("the stock order deadlocks as well")
    )
    const error = await failureOf(explore(main))
    assert.strictEqual(error.kind, "deadlock")
    assert.include(error.message, 'task "first" waits for')
    assert.include(error.message, 'task "second" waits for')
  })

  it("a task that never comes to an end is reported", async () => {
    const main = asyncio.coroutine(function* main() {
      for (;;) yield* asyncio.sleep(0)
    })
    const error = await failureOf(explore(main, { maxSteps: 100, shrinkRuns: 0 }))
    assert.strictEqual(error.kind, "did-not-end")
  })

  it("an exception is reported with its class, and only its like counts as the same while shrinking", async () => {
    const main = asyncio.coroutine(function* main() {
      const order = yield* interleave(2, 2)()
      if (order === "bbaa") throw new ValueError("the last first")
    })
    const error = await failureOf(explore(main, { strategy: random({ seed: 2 }) }))
    assert.instanceOf(error.cause, ValueError)
    assert.include(error.message, "the last first")
  })

  it("always is called after each step", async () => {
    let inside = 0
    const main = asyncio.coroutine(function* main() {
      inside = 0
      const enter = asyncio.coroutine(function* enter(patience: number) {
        for (let turn = 0; turn < patience; turn++) yield* asyncio.sleep(0)
        inside++
        yield* asyncio.sleep(0)
        inside--
      })
      yield* asyncio.gather(enter(0), enter(1))
    })
    const error = await failureOf(explore(main, { always: () => assert.isAtMost(inside, 1), strategy: exhaustive() }))
    assert.strictEqual(error.kind, "always")
    assert.strictEqual(error.schedule.decisions.length, 1)
  })

  it("with timers at any time, a timeout may come although the work is ready to go on", async () => {
    const main = asyncio.coroutine(function* main() {
      const work = asyncio.coroutine(function* work() {
        for (let turn = 0; turn < 3; turn++) yield* asyncio.sleep(0)
        return "done"
      })
      const helper = asyncio.create_task(work())
      return yield* asyncio.wait_for(helper, 1)
    })
    assert.isTrue((await explore(main, { strategy: exhaustive() })).exhausted)
    const error = await failureOf(explore(main, { strategy: exhaustive(), timers: "anytime" }))
    assert.include(error.message, "TimeoutError")
    await failureOf(replay(main, error.token))
  })

  it("fibers of effects that coroutines await are chosen among as well", async () => {
    const main = asyncio.coroutine(function* main() {
      let order = ""
      const note = (letter: string) =>
        Effect.andThen(
          Effect.yieldNow,
          Effect.sync(() => {
            order += letter
          })
        )
      const run = asyncio.coroutine(function* run(letter: string) {
        yield* note(letter)
      })
      yield* asyncio.gather(run("a"), run("b"))
      return order
    })
    const orders = new Set<string>()
    await explore(main, { strategy: exhaustive(), check: (order) => void orders.add(order) })
    assert.deepStrictEqual([...orders].sort(), ["ab", "ba"])
  })

  it("a program that keeps state from run to run is found out", async () => {
    let runs = 0
    const main = asyncio.coroutine(function* main() {
      const order = yield* interleave(2, 1 + (runs++ % 3))()
      if (order.startsWith("ab")) throw new ValueError(order)
    })
    const error = await explore(main).catch((error: unknown) => error)
    assert.instanceOf(error, NotDeterministicError)
  })

  it("tasks are called by their names, or by their coroutines", async () => {
    const main = asyncio.coroutine(function* main() {
      const work = asyncio.coroutine(function* work() {
        yield* asyncio.sleep(0)
      })
      yield* asyncio.gather(work(), asyncio.create_task(work(), { name: "named" }))
      throw new ValueError("so that it is shown")
    })
    const error = await failureOf(explore(main))
    assert.includeMembers([...error.turns], ["main", "work", "named"])
  })
})

describe("errors that nobody handles", () => {
  const main = asyncio.coroutine(function* main() {
    const lost = asyncio.coroutine(function* lost() {
      yield* asyncio.sleep(0)
      throw new ValueError("nobody awaits me")
    })
    const task = asyncio.create_task(lost())
    while (!task.done()) yield* asyncio.sleep(0)
  })

  it("are no failure by themselves", async () => {
    assert.strictEqual((await explore(main, { runs: 3 })).runs, 3)
  })

  it("fail the run, if asked for", async () => {
    const error = await failureOf(explore(main, { unhandled: "fail" }))
    assert.strictEqual(error.kind, "failure")
    assert.instanceOf(error.cause, ValueError)
    assert.include(error.message, "Task exception was never retrieved: ValueError: nobody awaits me")
    await failureOf(replay(main, error.token, { unhandled: "fail" }))
  })

  it("are shown beside what fails", async () => {
    const error = await failureOf(explore(main, { always: () => undefined, maxSteps: 2, shrinkRuns: 0 }))
    assert.strictEqual(error.kind, "did-not-end")
    const both = asyncio.coroutine(function* both() {
      yield* main()
      throw new ValueError("the program's own")
    })
    const { message } = await failureOf(explore(both))
    assert.include(message, "the program's own")
    assert.include(message, "nobody awaits me")
  })
})
