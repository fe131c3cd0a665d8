// Every waiting operation of core.
import type { Scenario } from "../support/core.ts"
import { conditionScenarios, lockScenarios, semaphoreScenarios } from "./locks.ts"
import { queueOperations, signalScenarios } from "./signals.ts"
import { groupScenarios, taskScenarios } from "./tasks.ts"
import { timeScenarios } from "./time.ts"

export const coreScenarios: ReadonlyArray<Scenario> = [
  ...lockScenarios,
  ...semaphoreScenarios,
  ...conditionScenarios,
  ...signalScenarios,
  ...queueOperations,
  ...taskScenarios,
  ...groupScenarios,
  ...timeScenarios
]
