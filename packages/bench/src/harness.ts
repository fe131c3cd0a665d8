// Times workloads and prints one line of JSON for each, so that a runner can put columns of several programs side by side.
//
//   node --expose-gc PROGRAM [--only w1,w2] [--list] [--name NAME] [--budget MS] [--warm MS] [--reps MIN]

import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { median } from "./median.ts"
import { workloads as rows, type WorkloadName } from "./workloads.ts"

/** One run of a workload, which checks its own result. */
export interface Workload {
  (): Promise<void>
  /** The workload is run at one `scale`-th of its size, and its time is multiplied by `scale`. */
  readonly scale?: number
}

/** Parks `n` tasks; `release` lets them end. */
export type Park = (n: number) => Promise<{ readonly release: () => Promise<void> }>

/** Fails the workload unless `condition` holds. */
export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`benchmark check failed: ${what}`)
}

/** 0 + 1 + ... + (n - 1). */
export const triangle = (n: number): number => (n * (n - 1)) / 2

const collect = (): void => {
  globalThis.gc?.()
  globalThis.gc?.()
}

const residentBytes = (): number => {
  try {
    return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096
  } catch {
    return process.memoryUsage().rss
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 50))

interface Memory {
  readonly bytes_rss: number
  readonly bytes_heap: number
  readonly ops: number
}

/** Bytes per parked task. */
const measureMemory = async (park: Park, n = 100_000): Promise<Memory> => {
  await (await park(1_000)).release()
  // V8's young generation is grown to its full size first, so that it is not charged to the tasks.
  let keep: Array<object> = []
  for (let i = 0; i < 3_000_000; i++) {
    keep.push({ i })
    if (keep.length > 200_000) keep = []
  }
  keep = []
  await settle()
  collect()
  await settle()
  collect()
  const before = { rss: residentBytes(), heap: process.memoryUsage().heapUsed }
  const parked = await park(n)
  collect()
  await settle()
  collect()
  const after = { rss: residentBytes(), heap: process.memoryUsage().heapUsed }
  await parked.release()
  return {
    bytes_rss: Math.round((after.rss - before.rss) / n),
    bytes_heap: Math.round((after.heap - before.heap) / n),
    ops: n
  }
}

interface Timing {
  readonly ms_best: number
  readonly ms_median: number
  readonly reps: number
  readonly scaled?: number
}

interface Limits {
  /** Milliseconds of timed runs after which no further one is begun. */
  readonly budget: number
  /** Milliseconds of warm-up runs. */
  readonly warm: number
  /** Timed runs at the least; 0 leaves it to the length of the first run. */
  readonly reps: number
}

const measureTime = async (workload: Workload, limits: Limits): Promise<Timing> => {
  const once = async (): Promise<number> => {
    const began = performance.now()
    await workload()
    return performance.now() - began
  }
  const first = await once()
  for (let spent = first, runs = 1; spent < limits.warm && runs < 20; runs++) spent += await once()
  const least = limits.reps || (first > 8000 ? 1 : first > 1500 ? 2 : 3)
  const times: Array<number> = []
  for (let total = 0; times.length < least || (total < limits.budget && times.length < 25); ) {
    collect()
    const time = await once()
    times.push(time)
    total += time
  }
  const scale = workload.scale ?? 1
  return {
    ms_best: Math.min(...times) * scale,
    ms_median: median(times) * scale,
    reps: times.length,
    ...(scale !== 1 && { scaled: scale })
  }
}

/** What a program measures: workloads by name, `startup` and `mem_parked` among them; a text is the reason to skip one. */
export interface Column {
  readonly workloads: Readonly<Record<string, Workload | string>>
  readonly startup: Workload
  readonly park: Park
  /** How many tasks `mem_parked` parks; 100,000 if left out. */
  readonly parked?: number
}

/** Runs what the command line asks for. */
export const main = async (column: string, { workloads, startup, park, parked }: Column): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      name: { type: "string" },
      list: { type: "boolean" },
      budget: { type: "string", default: "500" },
      warm: { type: "string", default: "250" },
      reps: { type: "string", default: "0" }
    }
  })
  const known = [...Object.keys(workloads), "mem_parked", "startup"]
  if (values.list === true) {
    console.log(known.join("\n"))
    return
  }
  const limits = { budget: Number(values.budget), warm: Number(values.warm), reps: Number(values.reps) }
  for (const name of values.only === undefined ? known : values.only.split(",")) {
    const line: Record<string, unknown> = { impl: values.name ?? column, workload: name }
    try {
      const workload = workloads[name]
      if (name === "startup") {
        await startup()
        line.ok = true
      } else if (name === "mem_parked") Object.assign(line, await measureMemory(park, parked))
      else if (workload === undefined) line.skip = "not implemented"
      else if (typeof workload === "string") line.skip = workload
      else Object.assign(line, await measureTime(workload, limits), { ops: rows[name as WorkloadName].operations })
    } catch (error) {
      line.error =
        error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 4).join(" | ") : `${error}`
      process.exitCode = 1
    }
    console.log(JSON.stringify(line))
  }
}
