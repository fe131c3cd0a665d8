import * as asyncio from "@skein/asyncio"
import { RuntimeError } from "@skein/asyncio/builtins"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S03",
  title: "One entry",
  notice: "A second run inside a running loop is refused, and the error says what to write instead.",
  kind: "twin",
  async run(print) {
    const work = asyncio.coroutine(function* work() {
      yield* asyncio.sleep(1)
      return 42
    })

    const main = asyncio.coroutine(function* main() {
      print("inside run, a loop is running")
      const inner = work()
      try {
        yield* asyncio.wrap_future(asyncio.run(inner))
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error
        print(`RuntimeError: ${error.message}`)
        for (const note of error.__notes__ ?? []) print.here(note)
      }
      print("awaited instead:", yield* inner)
      return "done"
    })

    print("run returns what main returns:", await asyncio.run(main(), virtual))
    print("a second run after the first is fine:", await asyncio.run(work(), virtual))

    try {
      asyncio.get_running_loop()
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
      print(`RuntimeError: ${error.message}`)
    }
  }
}
