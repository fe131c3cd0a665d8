// Heap that stays in use after a million timers were set and cancelled, beside what they took while they were set.
//
//   node --expose-gc timers.ts

import * as asyncio from "@skein/asyncio"
import { FairScheduler, Task, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import { reportFigures, usedHeap } from "./harness.ts"

const TIMERS = 1_000_000

const ofAsyncio = asyncio.coroutine(function* ofAsyncio() {
  const loop = asyncio.get_running_loop()
  const nothing = () => undefined
  const start = usedHeap()
  let handles = Array.from({ length: TIMERS }, () => loop.call_later(3600, nothing))
  const full = usedHeap()
  for (const handle of handles) handle.cancel()
  handles = []
  yield* asyncio.sleep(0)
  return { peak: full - start, left: usedHeap() - start }
})

/** Sleeping tasks, a tenth of them at a time. */
const ofCore = Effect.fnUntraced(function* () {
  const start = usedHeap()
  let peak = 0
  for (let round = 0; round < 10; round++) {
    yield* TaskGroup.run((group) =>
      Effect.gen(function* () {
        const tasks: Array<Task.Task<void>> = []
        for (let i = 0; i < TIMERS / 10; i++) tasks.push(yield* group.spawn(Effect.sleep("1 hour")))
        yield* Effect.yieldNow
        peak = Math.max(peak, usedHeap() - start)
        for (const task of tasks) yield* Task.cancel(task)
      })
    )
  }
  return { peak, left: usedHeap() - start }
})

const asyncioFigures = await asyncio.run(ofAsyncio())
const coreFigures = await FairScheduler.runPromise(ofCore())
reportFigures({
  asyncio_peak: asyncioFigures.peak,
  asyncio_left: asyncioFigures.left,
  core_peak: coreFigures.peak,
  core_left: coreFigures.left
})
