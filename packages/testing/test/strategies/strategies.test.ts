import { assert, describe, it } from "@effect/vitest"
import {
  ExplorationError,
  exhaustive,
  explore,
  explorePromise,
  inOrder,
  type Plan,
  pct,
  preemptionBounded,
  type ReadyStrand,
  random,
  roundRobin,
  type Strategy
} from "@skein/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { interleave, lostUpdate, multinomial } from "../support/programs.ts"

/** All results of a program under a strategy, with how often each came. */
const resultsOf = async (program: Effect.Effect<string>, strategy: Strategy, runs?: number) => {
  const results = new Map<string, number>()
  const report = await explorePromise(program, {
    strategy,
    runs,
    check: (result) => void results.set(result, (results.get(result) ?? 0) + 1)
  })
  return { results, report }
}

describe("exhaustive", () => {
  for (const turns of [
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 4],
    [1, 5],
    [2, 2, 2],
    [1, 1, 1, 1],
    [3, 2, 1]
  ]) {
    const ways = multinomial(...turns)
    it(`strands with ${turns.join(", ")} turns have ${ways} interleavings, each run once`, async () => {
      const { results, report } = await resultsOf(interleave(...turns), exhaustive())
      assert.strictEqual(results.size, ways)
      assert.isTrue([...results.values()].every((times) => times === 1))
      assert.strictEqual(report.runs, ways)
      assert.strictEqual(report.distinct, ways)
      assert.isTrue(report.exhausted)
    })
  }

  it("with one preemption, a strand of n steps can be interrupted before each of them but the first", async () => {
    const note = (order: Array<string>, letter: string) => Effect.sync(() => void order.push(letter))
    const program = Effect.gen(function* () {
      const order: Array<string> = []
      const steps = (letters: string) =>
        Effect.gen(function* () {
          yield* Effect.yieldNow
          for (const letter of letters) yield* note(order, letter)
        })
      const one = yield* Effect.forkChild(steps("abc"))
      const two = yield* Effect.forkChild(steps("x"))
      yield* Effect.andThen(Fiber.await(one), Fiber.await(two))
      return order.join("")
    })
    const { results } = await resultsOf(program, exhaustive({ preemptions: 1 }))
    assert.deepStrictEqual([...results.keys()].sort(), ["abcx", "abxc", "axbc", "xabc"])
  })

  it("stops at the number of runs, and says that it has not seen all", async () => {
    const { report } = await resultsOf(interleave(4, 4), exhaustive(), 69)
    assert.isFalse(report.exhausted)
    assert.isTrue((await resultsOf(interleave(4, 4), exhaustive(), 70)).report.exhausted)
  })

  it("a state that was seen before is not gone into again", async () => {
    let counter = 0
    const program = Effect.gen(function* () {
      counter = 0
      const add = Effect.gen(function* () {
        for (let turn = 0; turn < 4; turn++) {
          yield* Effect.yieldNow
          counter++
        }
      })
      yield* Effect.all([add, add], { concurrency: "unbounded" })
      return String(counter)
    })
    const plain = await resultsOf(program, exhaustive())
    const pruned = await resultsOf(program, exhaustive({ state: () => counter }))
    assert.strictEqual(plain.report.runs, 70)
    // A grid of 5 x 5 states, each of which is entered by two ways, one of them for nothing.
    assert.isAtMost(pruned.report.runs, 20)
    assert.isTrue(pruned.report.exhausted)
  })

  it("states are told apart by how far each strand is, whatever else is equal", async () => {
    const { results } = await resultsOf(interleave(2, 2), exhaustive({ state: () => 0 }))
    // The order is part of the state here, and was not said to be: this is what the option asks of its user.
    assert.isBelow(results.size, 6)
  })
})

const strandsReady = (count: number): ReadonlyArray<ReadyStrand> =>
  Array.from({ length: count }, (_, strandId) => ({
    strand: { strandId, strandLineage: `.${strandId}`, steps: 0, describeStrand: () => `strand ${strandId}` },
    cause: "wake"
  }))

describe("preemptionBounded", () => {
  it("runs every schedule with at most so many switches once, fewest first", () => {
    // A run of three points, with two, three and two candidates.
    const candidates = [2, 3, 2]
    const search = preemptionBounded({ bound: 2 }).begin()
    const schedules: Array<string> = []
    for (let plan = search.next(); plan !== undefined; plan = search.next()) {
      schedules.push(candidates.map((count) => plan?.pick(strandsReady(count), undefined)).join(""))
      search.ended?.({ points: candidates.length, candidates })
    }
    const none = ["000"]
    const one = ["100", "010", "020", "001"]
    const two = ["110", "120", "101", "011", "021"]
    assert.deepStrictEqual(schedules, [...none, ...one, ...two])
  })

  it("says so when all of them were run", async () => {
    const { report } = await resultsOf(interleave(1, 1), preemptionBounded({ bound: 50 }))
    assert.isTrue(report.exhausted)
    assert.isAtMost(report.distinct, report.runs)
  })

  it("finds a failure with as few switches as any", async () => {
    const rare = Effect.flatMap(interleave(3, 3), (order) => (order === "bbbaaa" ? Effect.fail(order) : Effect.void))
    const error = await Effect.runPromise(
      Effect.flip(explore(rare, { strategy: preemptionBounded({ bound: 5 }), shrinkRuns: 0 }))
    )
    assert.instanceOf(error, ExplorationError)
    assert.strictEqual((error as ExplorationError).schedule.decisions.length, 3)
  })
})

describe("random", () => {
  it("sees every interleaving of a small program, and the same ones for the same seed", async () => {
    const { results, report } = await resultsOf(interleave(3, 3), random({ seed: 5, preemption: 0 }))
    assert.strictEqual(results.size, 20)
    assert.strictEqual(report.seed, 5)
    const again = await resultsOf(interleave(3, 3), random({ seed: 5, preemption: 0 }))
    assert.deepStrictEqual([...again.results], [...results])
    const other = await resultsOf(interleave(3, 3), random({ seed: 6, preemption: 0 }))
    assert.notDeepEqual([...other.results], [...results])
  })

  it("begins with the order of arrival", async () => {
    const { results } = await resultsOf(interleave(2, 2), random(), 1)
    assert.deepStrictEqual([...results.keys()], ["abab"])
  })
})

describe("pct", () => {
  // The bug needs two orderings among n strands in k points: a run finds it with a probability of 1 / (n * k) at least.
  it("finds a bug of depth 2 at least as often as its bound promises", async () => {
    const program = Effect.suspend(() => {
      let isOpen = true
      let found = false
      const use = Effect.gen(function* () {
        for (let turn = 0; turn < 6; turn++) yield* Effect.void
        const before = yield* Effect.sync(() => isOpen)
        if (before) {
          yield* Effect.sync(() => {
            found ||= !isOpen
          })
        }
      })
      const close = Effect.sync(() => {
        isOpen = false
      })
      return Effect.gen(function* () {
        const user = yield* Effect.forkChild(use)
        const closer = yield* Effect.forkChild(close)
        yield* Effect.andThen(Fiber.await(user), Fiber.await(closer))
        return found ? "found" : "not found"
      })
    })
    const runs = 2000
    let most = 0
    const counting: Strategy = {
      ...pct(),
      begin() {
        const search = pct().begin()
        return {
          next: () => search.next(),
          ended(facts) {
            most = Math.max(most, facts.points)
            search.ended?.(facts)
          }
        }
      }
    }
    const { results, report } = await resultsOf(program, counting, runs)
    const bound = runs / (report.strands * most)
    assert.isAtLeast(results.get("found") ?? 0, bound)
  })

  it("a strand that waits by yielding does not keep the others from what it waits for", async () => {
    const program = Effect.gen(function* () {
      let isReady = false
      const poll = Effect.gen(function* () {
        while (!isReady) yield* Effect.yieldNow
      })
      const make = Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => {
          isReady = true
        })
      )
      yield* Effect.all([poll, poll, make], { concurrency: "unbounded" })
      return "ready"
    })
    const { report } = await resultsOf(program, pct({ depth: 3 }), 300)
    assert.isBelow(report.longest, 30)
  })

  it("at depth 1, one strand after the other runs as far as it can", async () => {
    const { results } = await resultsOf(interleaveByWaiting, pct({ depth: 1 }), 200)
    assert.deepStrictEqual([...results.keys()].sort(), ["aabb", "bbaa"])
  })
})

/** Two strands of two steps each that never yield by themselves. */
const interleaveByWaiting = Effect.gen(function* () {
  let order = ""
  const steps = (letter: string) =>
    Effect.gen(function* () {
      yield* Effect.sleep("1 second")
      for (let step = 0; step < 2; step++) {
        yield* Effect.sync(() => {
          order += letter
        })
      }
    })
  const one = yield* Effect.forkChild(steps("a"))
  const two = yield* Effect.forkChild(steps("b"))
  yield* Effect.andThen(Fiber.await(one), Fiber.await(two))
  return order
})

describe("roundRobin", () => {
  it("with a quantum of one step, strands take turns step by step; with a long one, they run in order", async () => {
    const short = await resultsOf(interleaveByWaiting, roundRobin({ quantum: 1 }))
    const long = await resultsOf(interleaveByWaiting, roundRobin({ quantum: 100 }))
    assert.strictEqual(short.report.runs, 1)
    assert.deepStrictEqual([...long.results.keys()], ["aabb"])
    assert.deepStrictEqual([...short.results.keys()], ["abab"])
  })

  it("takes another quantum in each run", async () => {
    const { results, report } = await resultsOf(interleaveByWaiting, roundRobin())
    assert.strictEqual(report.runs, 32)
    assert.isAbove(results.size, 1)
  })
})

describe("strategies of one's own", () => {
  const lastFirst: Plan = { pick: (ready) => ready.length - 1 }
  const own = (plan: Plan): Strategy => {
    let runs = 0
    return { description: "own", defaultRuns: 5, begin: () => ({ next: () => (runs++ === 0 ? plan : undefined) }) }
  }

  it("say who goes on, and when all is seen", async () => {
    const { results, report } = await resultsOf(interleave(2, 2), own(lastFirst))
    assert.deepStrictEqual([...results.keys()], ["bbaa"])
    assert.isTrue(report.exhausted)
  })

  it("see the strands with their names, steps, and why they are ready", async () => {
    const seen: Array<string> = []
    const plan: Plan = {
      pick: (ready) => {
        seen.push(ready.map(({ strand, cause }) => `${strand.describeStrand()} ${cause}`).join(", "))
        return 0
      }
    }
    await resultsOf(interleave(1, 1), own(plan))
    assert.deepStrictEqual(seen, ["fiber 1 yield, fiber 2 yield"])
  })

  it("a choice out of range is an error of the strategy, not of the program", async () => {
    const exit = await Effect.runPromiseExit(explore(interleave(1, 1), { strategy: own({ pick: () => 9 }) }))
    assert.include(String(exit), "The strategy chose 9 where it had the choices 0 to 1.")
  })

  it("inOrder is the program as it runs by itself", async () => {
    assert.deepStrictEqual([...(await resultsOf(interleave(3, 1), own(inOrder))).results.keys()], ["abaa"])
    assert.strictEqual((await explorePromise(lostUpdate, { strategy: own(inOrder) })).longest, 1)
  })
})

describe("settings that make no sense", () => {
  for (const [make, message] of [
    [() => random({ preemption: 2 }), "random: preemption is a probability, from 0 to 1; got 2."],
    [() => roundRobin({ quantum: 0 }), "roundRobin: quantum is a whole number of steps, 1 or more; got 0."],
    [() => pct({ depth: 0.5 }), "pct: depth is a whole number, 1 or more; got 0.5."],
    [
      () => preemptionBounded({ bound: -1 }),
      "preemptionBounded: bound is a whole number of switches, 0 or more; got -1."
    ],
    [() => exhaustive({ preemptions: -1 }), "exhaustive: preemptions is a whole number, 0 or more; got -1."]
  ] as const) {
    it(message, () => assert.throws(make, RangeError, message))
  }
})
