// The task registry's share of `spawn_gather`. With `--without`, adding and removing do nothing but keep a task's own flag, so
// two processes, one with and one without, differ by the registry alone.
//
//   node --expose-gc registry.ts asyncio|core [--without]

import { parseArgs } from "node:util"
import * as asyncio from "@skein/asyncio"
import { FairScheduler, TaskGroup } from "@skein/core"
import { type TaskNode, TaskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import { check } from "../harness.ts"
import { median } from "../median.ts"
import { threadTime } from "../threadTime.ts"
import { reportFigures } from "./harness.ts"

const { positionals, values } = parseArgs({ allowPositionals: true, options: { without: { type: "boolean" } } })

if (values.without === true) {
  TaskRegistry.prototype.add = (node: TaskNode) => {
    node.taskIsLive = true
  }
  TaskRegistry.prototype.remove = (node: TaskNode) => {
    node.taskIsLive = false
  }
}

const TASKS = 100_000
const numbers = Array.from({ length: TASKS }, (_, i) => i)

const noop = asyncio.coroutine(function* noop(i: number) {
  return i
})

const gathering = asyncio.coroutine(function* gathering() {
  const results = yield* asyncio.gather(...numbers.map((i) => asyncio.create_task(noop(i))))
  check(results.length === TASKS, "gather")
})

const effect = Effect.fnUntraced(function* (i: number) {
  return i
})

const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  asyncio: () => asyncio.run(gathering()),
  core: () => FairScheduler.runPromise(TaskGroup.all(numbers.map(effect)))
}

const program = programs[positionals[0] ?? ""]
if (program === undefined) throw new Error(`registry.ts takes asyncio or core, got ${positionals[0]}`)

for (let run = 0; run < 6; run++) await program()
const times: Array<number> = []
for (let run = 0; run < 9; run++) {
  globalThis.gc?.()
  const began = threadTime()
  await program()
  times.push(threadTime() - began)
}
reportFigures({ ms: median(times) })
