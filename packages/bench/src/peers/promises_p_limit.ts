// Promises with p-limit as the semaphore. It limits functions and has nothing to acquire, so only the rows `lock` and
// `semaphore` differ from the column `promises`.

import pLimit from "p-limit"
import { check, main, type Workload } from "../harness.ts"
import { promiseColumn } from "./promiseColumn.ts"
import { libraryParts } from "./promiseLibraries.ts"

const limited =
  (tasks: number, permits: number): Workload =>
  async () => {
    const rounds = 100
    const limit = pLimit(permits)
    let [inside, worst, count] = [0, 0, 0]
    const body = async () => {
      worst = Math.max(worst, ++inside)
      await libraryParts.yieldNow()
      inside--
      count++
    }
    const job = async () => {
      for (let i = 0; i < rounds; i++) await limit(body)
    }
    await Promise.all(Array.from({ length: tasks }, job))
    check(count === tasks * rounds && worst === permits, "permits")
  }

const column = promiseColumn(libraryParts)

await main("promises_p_limit", {
  ...column,
  workloads: { ...column.workloads, lock: limited(100, 1), semaphore: limited(1000, 10) }
})
