import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"
import { randomOf } from "../support/scripts.ts"
import { playAll, pythonOf, randomPlan } from "../support/trees.ts"

const BATCHES = Number(process.env.SKEIN_RANDOM_BATCHES ?? 10)
const PLANS_A_BATCH = 12

describe("random trees of combinators, cancelled at random moments, do in each pass what they do in CPython", () => {
  it.each(Array.from({ length: BATCHES }, (_, seed) => seed))("seed %i", async (seed) => {
    const random = randomOf(seed)
    const plans = Array.from({ length: PLANS_A_BATCH }, () => randomPlan(random))
    await expectSame(pythonOf(plans), (tools) => playAll(plans, tools), {
      passes: true,
      // What nobody retrieved or awaited is reported when it is collected: at different moments.
      ignore: ["log", "warnings"]
    })
  })
})
