// Every seeded bug, and within how many runs each strategy has found it, whatever the seed was. `undefined`: it does not find
// it. The page docs/proof.md shows this table.
import { exhaustive, pct, preemptionBounded, random, roundRobin, type Strategy } from "@skein/testing"
import { conditions } from "./conditions.ts"
import { barriers, events } from "./eventsAndBarriers.ts"
import { locks } from "./locks.ts"
import { queues } from "./queues.ts"
import { semaphores } from "./semaphores.ts"

/** The strategies, as the table's columns; those that draw lots are tried with several seeds. */
export const strategies = {
  random: [1, 2, 3, 4, 5].map((seed) => random({ seed })),
  pct: [1, 2, 3, 4, 5].map((seed) => pct({ seed, depth: 3 })),
  preemptionBounded: [preemptionBounded({ bound: 2 })],
  exhaustive: [exhaustive()],
  roundRobin: [roundRobin()]
} satisfies Record<string, ReadonlyArray<Strategy>>

/** A column of the table. */
export type StrategyName = keyof typeof strategies

type Within = Readonly<Record<StrategyName, number | undefined>>

const within = (
  random: number,
  pct: number,
  preemptionBounded: number,
  exhaustive: number,
  roundRobin: number | undefined
): Within => ({ random, pct, preemptionBounded, exhaustive, roundRobin })

const bounds: ReadonlyArray<Within> = [
  // Locks.
  within(100, 1000, 30, 30, 30),
  within(100, 300, 30, 10, 30),
  within(300, 300, 300, 300, undefined),
  // Semaphores.
  within(100, 300, 30, 10, 30),
  within(1, 10, 1, 1, undefined),
  within(1, 30, 1, 1, undefined),
  within(1, 10, 1, 1, 1),
  // Conditions.
  within(1, 10, 1, 1, 1),
  within(1, 100, 1, 1, 100),
  within(1, 10, 1, 1, 30),
  // Queues.
  within(1, 100, 1, 1, 30),
  within(1, 100, 1, 1, 30),
  within(100, 300, 100, 30, undefined),
  within(30, 10, 100, 10, undefined),
  // Events and barriers.
  within(1, 10, 1, 1, 1),
  within(10, 300, 100, 10, 1),
  within(1, 10, 1, 1, 1)
]

/** The bugs, each with its row of the table. */
export const bugs = [...locks, ...semaphores, ...conditions, ...queues, ...events, ...barriers].map((bug, index) => ({
  ...bug,
  within: bounds[index] as Within
}))
