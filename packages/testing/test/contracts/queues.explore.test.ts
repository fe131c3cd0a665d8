import { Queue, Task } from "@skein/core"
import { explorePromise, preemptionBounded, random } from "@skein/testing"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { describe, expect, it } from "vitest"
import { exploreAll, exploreRandom } from "./support/family.ts"
import { queueMembers, queueOperations } from "./support/queues.ts"

const { working, shuttingDown } = queueOperations

describe.each(queueMembers)("$name", (member) => {
  it("keeps its contract in every schedule of two strands with up to three operations", {
    timeout: 60_000
  }, async () => {
    const tally = await exploreAll(member, working, { strands: 2, longest: 3, most: 20_000, parts: 4 })
    expect(tally.cutOff).toBe(0)
  })

  it("keeps it in every schedule of three strands with up to two", { timeout: 60_000 }, async () => {
    const tally = await exploreAll(member, working, { strands: 3, longest: 2, most: 20_000, parts: 16 })
    expect(tally.cutOff).toBe(0)
  })

  it("keeps it when it is shut down", { timeout: 60_000 }, async () => {
    const tally = await exploreAll(member, shuttingDown, { strands: 3, longest: 2, most: 20_000, parts: 64 })
    expect(tally.cutOff).toBe(0)
  })

  it("keeps it in random schedules of five strands with six each", { timeout: 60_000 }, async () => {
    for (const operations of [working, shuttingDown]) {
      const tally = await exploreRandom(member, operations, { strands: 5, length: 6, programs: 10, runs: 20 })
      expect(tally.runs).toBe(400)
    }
  })
})

it("a taker that is cancelled while the queue is shut down ends as cancelled or as refused, in every case", async () => {
  const program = Effect.scoped(
    Effect.gen(function* () {
      const queue = yield* Queue.make<number>()
      const taker = yield* Task.spawn(Queue.take(queue), { name: "taker" })
      yield* Task.spawn(Queue.shutdown(queue), { name: "closer" })
      const canceller = yield* Task.spawn(Task.cancel(taker), { name: "canceller" })
      yield* Task.await(canceller)
      const exit = yield* Task.await(taker)
      return Exit.isFailure(exit) && !Cause.hasDies(exit.cause)
    })
  )
  const check = (isRight: boolean) => {
    if (!isRight) throw new Error("the taker shows a defect")
  }
  for (const strategy of [random(), preemptionBounded({ bound: 2 })]) {
    await explorePromise(program, { strategy, runs: 3000, check })
  }
})
