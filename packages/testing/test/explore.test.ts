import { assert, describe, it } from "@effect/vitest"
import { Lock, Task, VirtualTime } from "@skein/core"
import {
  ExplorationError,
  exhaustive,
  explore,
  explorePromise,
  NotDeterministicError,
  pct,
  preemptionBounded,
  Report,
  random,
  readToken,
  replay,
  replayPromise,
  roundRobin
} from "@skein/testing"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { crossed, interleave, lostUpdate } from "./support/programs.ts"

const isTwo = (counter: number): void => {
  if (counter !== 2) throw new Error(`an update is lost: the counter is ${counter}`)
}

const failureOf = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<ExplorationError> =>
  Effect.map(Effect.flip(effect), (error) => {
    if (!(error instanceof ExplorationError)) throw error
    return error
  }).pipe(Effect.orDie)

const strategies = [random(), roundRobin(), preemptionBounded(), pct(), exhaustive({ preemptions: 1 })]

describe("what only some schedules show", () => {
  it.effect("the order of arrival alone never loses an update", () =>
    Effect.gen(function* () {
      const report = yield* explore(lostUpdate, { strategy: preemptionBounded({ bound: 0 }), check: isTwo })
      assert.strictEqual(report.runs, 1)
      isTwo(yield* VirtualTime.run(lostUpdate))
    })
  )

  for (const strategy of strategies) {
    it.effect(`a lost update is found by ${strategy.description}, with one switch`, () =>
      Effect.gen(function* () {
        const error = yield* failureOf(explore(lostUpdate, { strategy, check: isTwo }))
        assert.strictEqual(error.kind, "check")
        assert.strictEqual(error.schedule.decisions.length, 1)
        assert.isAtMost(error.run, 100)
        assert.include(error.message, "an update is lost: the counter is 1")
      })
    )
  }

  it.effect("two tasks that take two locks in opposite order deadlock, and are named with what they hold", () =>
    Effect.gen(function* () {
      const error = yield* failureOf(explore(crossed(["writer", 0, 1], ["reader", 1, 0])))
      assert.strictEqual(error.kind, "deadlock")
      assert.instanceOf(error.cause, VirtualTime.DeadlockError)
      assert.include(error.message, 'task "writer" waits for Lock "L1" held by task "reader", holds Lock "L0"')
      assert.include(error.message, 'task "reader" waits for Lock "L0" held by task "writer", holds Lock "L1"')
    })
  )

  it.effect(
    "three philosophers who all take the left fork first starve; if one takes the right one first, none does",
    () =>
      Effect.gen(function* () {
        const error = yield* failureOf(
          explore(crossed(["Ada", 0, 1], ["Bob", 1, 2], ["Cyd", 2, 0]), { strategy: exhaustive() })
        )
        assert.strictEqual(error.kind, "deadlock")
        for (const name of ["Ada", "Bob", "Cyd"]) assert.include(error.message, `task "${name}" waits for`)
        const report = yield* explore(crossed(["Ada", 0, 1], ["Bob", 1, 2], ["Cyd", 0, 2]), { strategy: exhaustive() })
        assert.isTrue(report.exhausted)
        assert.isAbove(report.distinct, 100)
      })
  )

  it.effect("a flag that is checked, and set only after the work, lets the work be done twice", () => {
    const once = (claimsFirst: boolean) =>
      Effect.gen(function* () {
        let isReady = false
        let made = 0
        const get = Effect.gen(function* () {
          if (isReady) return
          if (claimsFirst) isReady = true
          yield* Effect.yieldNow
          made++
          isReady = true
        })
        const first = yield* Effect.forkChild(get)
        const second = yield* Effect.forkChild(Effect.andThen(Effect.yieldNow, get))
        yield* Fiber.await(first)
        yield* Fiber.await(second)
        return made
      })
    const check = (made: number) => assert.strictEqual(made, 1)
    return Effect.gen(function* () {
      check(yield* VirtualTime.run(once(false)))
      const error = yield* failureOf(explore(once(false), { strategy: exhaustive(), check }))
      assert.strictEqual(error.schedule.decisions.length, 1)
      const report = yield* explore(once(true), { strategy: exhaustive(), check })
      assert.isTrue(report.exhausted)
    })
  })

  it.effect("a fiber that runs inside the step that started it can be made to yield to its parent", () =>
    Effect.gen(function* () {
      const seen = new Set<string>()
      const program = Effect.gen(function* () {
        let order = ""
        const note = (letter: string) =>
          Effect.sync(() => {
            order += letter
          })
        const child = yield* Effect.forkChild(Effect.andThen(note("a"), note("b")), { startImmediately: true })
        yield* note("m")
        yield* Fiber.join(child)
        return order
      })
      yield* explore(program, { strategy: preemptionBounded({ bound: 1 }), check: (order) => void seen.add(order) })
      assert.deepStrictEqual(
        [...seen].sort(),
        ["abm", "amb", "mab"].filter((order) => seen.has(order))
      )
      assert.include([...seen], "amb")
    })
  )
})

describe("what is to hold", () => {
  it.effect("an invariant that is broken for the length of one turn is found by always, not by check", () => {
    let held = 0
    const program = Effect.gen(function* () {
      held = 0
      const enter = Effect.gen(function* () {
        held++
        yield* Effect.yieldNow
        held--
      })
      const first = yield* Effect.forkChild(enter)
      const second = yield* Effect.forkChild(Effect.andThen(Effect.yieldNow, enter))
      yield* Fiber.await(first)
      yield* Fiber.await(second)
      return held
    })
    const always = () => assert.isAtMost(held, 1)
    const check = (left: number) => assert.strictEqual(left, 0)
    return Effect.gen(function* () {
      assert.isTrue((yield* explore(program, { strategy: exhaustive(), check })).exhausted)
      const error = yield* failureOf(explore(program, { strategy: exhaustive(), check, always }))
      assert.strictEqual(error.kind, "always")
      assert.strictEqual(error.schedule.decisions.length, 1)
    })
  })

  it.effect("a check may be an effect, with services of its own", () =>
    Effect.gen(function* () {
      const error = yield* failureOf(explore(Effect.succeed(1), { runs: 1, check: (one) => Effect.fail(`got ${one}`) }))
      assert.strictEqual(error.kind, "check")
      assert.strictEqual(error.cause, "got 1")
    })
  )

  it.effect("what is checked after a run is checked after failed runs as well, in order", () =>
    Effect.gen(function* () {
      const calls: Array<string> = []
      const hooks = [() => void calls.push("first"), () => Effect.sync(() => calls.push("second"))]
      yield* explore(Effect.void, { runs: 2, strategy: roundRobin({ quantum: 1 }), after: hooks })
      assert.deepStrictEqual(calls, ["first", "second"])
      const failing = yield* failureOf(explore(Effect.fail("no"), { runs: 1, shrinkRuns: 0, after: hooks }))
      assert.strictEqual(failing.kind, "failure")
      assert.isAbove(calls.length, 2)
      const left = yield* failureOf(explore(Effect.void, { after: [() => Effect.fail("left behind")] }))
      assert.strictEqual(left.kind, "after")
    })
  )

  it.effect("a run with too many turns did not end; its clean-up is run", () =>
    Effect.gen(function* () {
      let cleanedUp = 0
      const spin = Effect.ensuring(
        Effect.forever(Effect.yieldNow),
        Effect.sync(() => cleanedUp++)
      )
      const error = yield* failureOf(explore(spin, { maxSteps: 100, shrinkRuns: 0 }))
      assert.strictEqual(error.kind, "did-not-end")
      assert.include(error.message, "more than 100 turns")
      assert.isAtLeast(cleanedUp, 1)
    })
  )

  it.effect("a run that cannot be interrupted is left where it is", () =>
    Effect.gen(function* () {
      const spin = Effect.uninterruptible(Effect.forever(Effect.yieldNow))
      const error = yield* failureOf(explore(spin, { maxSteps: 50, shrinkRuns: 0 }))
      assert.strictEqual(error.kind, "did-not-end")
    })
  )

  it.effect("failures of several kinds in one program are kept apart while one of them is shrunk", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const order = yield* interleave(2, 2)
        if (order === "abab") return
        if (order === "baba") return yield* Effect.die(new RangeError("the rare one"))
        if (order.startsWith("ab")) return yield* Effect.fail("the common one")
      })
      const error = yield* failureOf(explore(program, { strategy: random({ seed: 3 }) }))
      const again = yield* failureOf(replay(program, error.token))
      assert.deepStrictEqual(again.cause, error.cause)
    })
  )
})

describe("time and the host", () => {
  const race = Effect.gen(function* () {
    let slow = "not yet"
    const worker = yield* Effect.forkChild(
      Effect.gen(function* () {
        for (let turn = 0; turn < 3; turn++) yield* Effect.yieldNow
        slow = "done"
      })
    )
    yield* Effect.sleep("1 second")
    yield* Effect.sync(() => assert.strictEqual(slow, "done"))
    yield* Fiber.join(worker)
  })

  it.effect("the clock moves when all is idle; with timers at any time, before that as well", () =>
    Effect.gen(function* () {
      const idle = yield* explore(race, { strategy: exhaustive() })
      assert.isTrue(idle.exhausted)
      const error = yield* failureOf(explore(race, { strategy: exhaustive(), timers: "anytime" }))
      assert.strictEqual(error.schedule.decisions.length, 1)
      assert.strictEqual(readToken(error.token).timers, "anytime")
      const again = yield* failureOf(replay(race, error.token))
      assert.deepStrictEqual(again.turns, error.turns)
    })
  )

  it.effect("at any time, no timer fires early, and the clock never goes back", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const fired: Array<readonly [set: number, now: number]> = []
        const sleepers = [3, 1, 2].map((millis) =>
          Effect.gen(function* () {
            yield* Effect.sleep(millis)
            fired.push([millis, yield* VirtualTime.now])
          })
        )
        yield* Effect.all([interleave(2), ...sleepers], { concurrency: "unbounded" })
        return fired
      })
      const report = yield* explore(program, {
        strategy: exhaustive(),
        timers: "anytime",
        check: (fired) => {
          for (const [set, now] of fired) assert.isAtLeast(now, set)
          const times = fired.map(([, now]) => now)
          assert.deepStrictEqual(
            times,
            times.toSorted((one, other) => one - other)
          )
        }
      })
      assert.isTrue(report.exhausted)
      assert.isAbove(report.distinct, 5)
    })
  )

  it.effect("promises settle before the clock moves, under every schedule", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const one = yield* Effect.forkChild(Effect.promise(() => Promise.resolve().then(() => 1)))
        const two = yield* Effect.forkChild(Effect.as(Effect.sleep("1 hour"), 2))
        return [yield* Fiber.join(one), yield* VirtualTime.now, yield* Fiber.join(two)]
      })
      const report = yield* explore(program, {
        runs: 50,
        check: (seen) => assert.deepStrictEqual(seen, [1, 0, 2])
      })
      assert.strictEqual(report.runs, 50)
    })
  )

  it.effect("a run on virtual time inside of the program is explored with it", () =>
    Effect.gen(function* () {
      const report = yield* explore(VirtualTime.run(interleave(2, 2)), { strategy: exhaustive() })
      assert.strictEqual(report.distinct, 6)
    })
  )

  it.effect("a program that draws lots is found out", () =>
    Effect.gen(function* () {
      let runs = 0
      const program = Effect.gen(function* () {
        yield* interleave(2, ++runs % 3)
        return yield* Effect.fail("no")
      })
      const error = yield* Effect.flip(explore(program))
      assert.instanceOf(error, NotDeterministicError)
      assert.include(error.message, "Math.random")
      const other = Effect.suspend(() => interleave(...Array.from({ length: 2 + (runs++ % 2) }, () => 1)))
      const systematic = yield* Effect.flip(explore(other, { strategy: exhaustive() }))
      assert.instanceOf(systematic, NotDeterministicError)
    })
  )

  it.effect("interrupting an exploration interrupts the run in progress, and awaits its clean-up", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      let cleanedUp = false
      const program = Effect.onInterrupt(
        Effect.andThen(
          Deferred.succeed(started, undefined),
          Effect.promise(() => new Promise<void>(() => undefined))
        ),
        () =>
          Effect.sync(() => {
            cleanedUp = true
          })
      )
      // A promise keeps the clock for two turns of the host only, so this fiber is interrupted from within the run's first step.
      const exploring = yield* Effect.forkChild(explore(program))
      yield* Deferred.await(started)
      const exit = yield* Fiber.interrupt(exploring).pipe(Effect.andThen(Fiber.await(exploring)))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause))
      assert.isTrue(cleanedUp)
    })
  )
})

describe("reports", () => {
  it("prints as one line", async () => {
    const report = await explorePromise(interleave(2, 2), { strategy: exhaustive() })
    assert.instanceOf(report, Report)
    assert.strictEqual(
      String(report),
      "6 runs, 6 distinct schedules (all), up to 5 turns of 3 strands, exhaustive(preemptions: 0): no failure"
    )
  })

  it("the default is random, 1,000 runs; runs and within bound it", async () => {
    assert.strictEqual((await explorePromise(interleave(1, 1))).runs, 1000)
    assert.strictEqual((await explorePromise(interleave(1, 1), { runs: 7 })).runs, 7)
    assert.strictEqual((await explorePromise(interleave(1, 1), { within: 0 })).runs, 0)
  })

  it("a failure prints what failed, the turns with the switch, and the line that repeats it", async () => {
    const program = crossed(["writer", 0, 1], ["reader", 1, 0])
    const error = await Effect.runPromise(failureOf(explore(program)))
    const lines = error.message.split("\n")
    assert.match(lines[0] as string, /^The program can deadlock \(run \d+ of random\(seed: 1, preemption: 0.1\)\)$/)
    assert.strictEqual(lines.at(-1), `  replay(program, "${error.token}")`)
    assert.isAtMost(error.token.length, 20)
  })

  it("the clean-up after a deadlock is no part of the schedule", async () => {
    const error = await Effect.runPromise(failureOf(explore(crossed(["writer", 0, 1], ["reader", 1, 0]))))
    assert.strictEqual(error.turns[0], "main")
    assert.notInclude(error.turns.slice(1), "main")
  })

  it("the same options give the same failure", async () => {
    const seen = [1, 2].map(() => Effect.runPromise(failureOf(explore(lostUpdate, { check: isTwo, strategy: pct() }))))
    const [one, two] = await Promise.all(seen)
    assert.strictEqual(one?.message, two?.message)
  })

  it("tasks are called by their names, and their own fibers after them", async () => {
    const program = Effect.scoped(
      Effect.gen(function* () {
        const lock = yield* Lock.make("L")
        const helper = Effect.andThen(Effect.yieldNow, Lock.withLock(lock, Effect.yieldNow))
        const task = yield* Task.spawn(
          Effect.flatMap(Effect.forkChild(helper), (fiber) => Fiber.join(fiber)),
          { name: "writer" }
        )
        yield* Task.join(task)
        return yield* Effect.fail("so that it is shown")
      })
    )
    const error = await Effect.runPromise(failureOf(explore(program)))
    assert.strictEqual(error.schedule.decisions.length, 0)
    assert.deepStrictEqual(error.turns.slice(0, 3), ["main", "writer", "fiber 2 of writer"])
  })
})

describe("replay", () => {
  it("repeats a failure, turn by turn", async () => {
    const error = await Effect.runPromise(failureOf(explore(lostUpdate, { check: isTwo })))
    const again = await Effect.runPromise(failureOf(replay(lostUpdate, error.token, { check: isTwo })))
    assert.deepStrictEqual(again.turns, error.turns)
    assert.strictEqual(again.token, error.token)
    assert.strictEqual(again.kind, error.kind)
    assert.strictEqual(again.strategy, "replay")
  })

  it("returns the result of a program that does not fail under the schedule", async () => {
    const error = await Effect.runPromise(failureOf(explore(lostUpdate, { check: isTwo })))
    assert.strictEqual(await replayPromise(lostUpdate, error.token), 1)
  })

  it("a token of another program is refused, and says so", async () => {
    const error = await Effect.runPromise(failureOf(explore(lostUpdate, { check: isTwo })))
    const other = await Effect.runPromise(Effect.flip(replay(interleave(3, 3), error.token)))
    assert.strictEqual(other._tag, "ReplayError")
    assert.match(other.message, /does not fit this program: its schedule has \d+ points, this run had \d+/)
  })
})
