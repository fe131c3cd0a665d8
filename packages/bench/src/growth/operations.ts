// Cost of one operation by number of tasks, for one program of operations. Each line of output is one operation.
//
//   node --expose-gc PROGRAM [--only spawn,park] [--sizes 1000,10000]
//
// What counts is the processor time of the event loop's thread, garbage collection on that thread included: what the loop would
// take on a quiet machine, whatever other processes do meanwhile, and with no price for sleeping.

import { parseArgs } from "node:util"
import { median } from "../median.ts"
import { threadTime } from "../threadTime.ts"

/** Counts the thread's processor time between `start` and `stop`. */
export interface Stopwatch {
  start(): void
  stop(): void
}

/** Runs an operation with `n` tasks; what is to be counted lies between `start` and `stop`. */
export type Operation = (n: number, stopwatch: Stopwatch) => Promise<void>

/** What is measured, and in which order. */
export const operationNames = ["spawn", "park", "wake", "cancel", "timers", "semaphore", "group"] as const
export type OperationName = (typeof operationNames)[number]

/** What the operations are, in words. */
export const operationsExplained: Readonly<Record<OperationName, string>> = {
  spawn: "start a task that returns at once, and collect its result",
  park: "start a task that waits for an event, until all wait",
  wake: "set the event that so many tasks wait for, until all have ended",
  cancel: "cancel so many waiting tasks, until all outcomes are known",
  timers: "start a task that sleeps 1 to 10 ms, until all have woken",
  semaphore: "with so many tasks in line for 10 permits, each of which yields while it has one: let them all through",
  group: "start a child of one task group, and leave the group"
}

/** So many operations make one batch, so that small sizes are timed as long as large ones. */
const BATCH = 200_000
/** Batches of each size; the middle one counts. */
const BATCHES = 3
const WARM_UP = 300_000

const counter = (): Stopwatch & { readonly milliseconds: () => number } => {
  let [total, began] = [0, 0]
  return {
    start: () => {
      began = threadTime()
    },
    stop: () => {
      total += threadTime() - began
    },
    milliseconds: () => total
  }
}

/** Nanoseconds for one operation: a batch of runs, their garbage included. */
const measureBatch = async (operation: Operation, size: number, total: number): Promise<number> => {
  const stopwatch = counter()
  const runs = Math.max(1, Math.round(total / size))
  for (let run = 0; run < runs; run++) await operation(size, stopwatch)
  return (stopwatch.milliseconds() * 1e6) / (runs * size)
}

/** Measures what the command line asks for. */
export const measureGrowth = async (
  column: string,
  operations: Readonly<Record<OperationName, Operation>>
): Promise<void> => {
  const { values } = parseArgs({
    options: { only: { type: "string" }, sizes: { type: "string", default: "1000,10000,100000,1000000" } }
  })
  const chosen = values.only?.split(",") ?? operationNames
  for (const name of operationNames) {
    if (!chosen.includes(name)) continue
    const operation = operations[name]
    await measureBatch(operation, 1000, WARM_UP)
    const points: Array<{ size: number; nanoseconds: number }> = []
    for (const size of values.sizes.split(",").map(Number)) {
      const batches: Array<number> = []
      for (let batch = 0; batch < BATCHES; batch++) {
        globalThis.gc?.()
        batches.push(await measureBatch(operation, size, BATCH))
      }
      points.push({ size, nanoseconds: Math.round(median(batches)) })
    }
    console.log(JSON.stringify({ column, operation: name, points }))
  }
}
