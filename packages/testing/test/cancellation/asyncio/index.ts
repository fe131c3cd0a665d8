// Every waiting operation of asyncio.
import type { Scenario } from "../support/asyncio.ts"
import { iterationScenarios } from "./iteration.ts"
import { lockScenarios } from "./locks.ts"
import { queueScenarios } from "./queues.ts"
import { taskScenarios } from "./tasks.ts"

export const asyncioScenarios: ReadonlyArray<Scenario> = [
  ...lockScenarios,
  ...queueScenarios,
  ...taskScenarios,
  ...iterationScenarios
]
