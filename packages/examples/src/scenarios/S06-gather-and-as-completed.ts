import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S06",
  title: "gather and as_completed",
  notice:
    "gather keeps the order of its arguments, whoever ends first; as_completed gives the order of finishing. When one " +
    "of the gathered fails, the others run on.",
  kind: "twin",
  async run(print) {
    const fetch = asyncio.coroutine(function* fetch(name: string, seconds: number) {
      yield* asyncio.sleep(seconds)
      if (name === "broken") throw new ValueError(`${name} after ${seconds} s`)
      print(`  ${name} is there`)
      return `<${name}>`
    })

    const main = asyncio.coroutine(function* main() {
      print("gather:")
      const pages = yield* asyncio.gather(fetch("slow", 3), fetch("quick", 1), fetch("medium", 2))
      print(pages.join(" "))

      print("gather, one fails:")
      const slow = asyncio.create_task(fetch("slow", 3))
      try {
        yield* asyncio.gather(slow, fetch("broken", 1))
      } catch (error) {
        if (!(error instanceof ValueError)) throw error
        print(`  ValueError: ${error.message}; slow is ${slow.done() ? "done" : "still running"}`)
      }
      print(" ", yield* slow)

      print("gather with return_exceptions:")
      const results = yield* asyncio.gather(fetch("quick", 2), fetch("broken", 1), { return_exceptions: true })
      for (const result of results) {
        print("  result", result instanceof Error ? `${result.name}: ${result.message}` : result)
      }

      print("as_completed:")
      const jobs = [fetch("slow", 3), fetch("broken", 2), fetch("quick", 1)]
      for (const earliest of asyncio.as_completed(jobs)) {
        try {
          print("  result", yield* earliest)
        } catch (error) {
          if (!(error instanceof ValueError)) throw error
          print(`  ValueError: ${error.message}`)
        }
      }

      print("as_completed, asynchronous, gives the tasks themselves:")
      const tasks = [2, 1].map((n) => asyncio.create_task(fetch(`page-${n}`, n), { name: `fetch-${n}` }))
      yield* asyncio.async_for(asyncio.as_completed(tasks), function* (task) {
        print(`  ${task.get_name()}: ${yield* task}`)
      })
    })

    await asyncio.run(main(), virtual)
  }
}
