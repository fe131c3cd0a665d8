import * as asyncio from "@skein/asyncio"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S04",
  title: "What await suspends",
  notice:
    "Awaiting gives way only where something has to wait: not for a coroutine that never waits, not for a task that " +
    "has ended, and never in the middle of a computation.",
  kind: "twin",
  async run(print) {
    const ticker = asyncio.coroutine(function* ticker() {
      for (const n of [1, 2, 3, 4]) {
        print(`    ticker: ${n}`)
        yield* asyncio.sleep(1)
      }
    })

    const answer = asyncio.coroutine(function* answer() {
      return 42 // nothing here has to wait
    })

    const main = asyncio.coroutine(function* main() {
      const task = asyncio.create_task(ticker())
      print("main: the task exists, and has not run yet")

      print("main: awaited", yield* answer(), "and the ticker still has not run")

      yield* asyncio.sleep(0)
      print("main: sleep(0) gave one turn away")

      let total = 0
      for (let n = 0; n < 1_000_000; n++) total += n
      print(`main: added up to ${total}, and nobody else could run`)

      yield* asyncio.sleep(2.5)
      print("main: slept, and the ticker went on")

      yield* task
      print("main: the ticker has ended")
      yield* task
      print("main: awaiting what has ended does not wait")
    })

    await asyncio.run(main(), virtual)
  }
}
