import * as asyncio from "@skein/asyncio"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S01",
  title: "One after the other, or all at once",
  notice: "Three fetches of one second take three seconds when each is awaited before the next begins; gathered, one.",
  kind: "twin",
  async run(print) {
    const fetch = asyncio.coroutine(function* fetch(name: string) {
      print(`fetch ${name}`)
      yield* asyncio.sleep(1) // stands for a network round trip
      print(`got ${name}`)
      return `page ${name}`
    })

    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()

      let begin = loop.time()
      const pages: Array<string> = []
      for (const name of ["a", "b", "c"]) pages.push(yield* fetch(name))
      print(`one after the other: ${pages.join(", ")} in ${(loop.time() - begin).toFixed(0)} s`)

      begin = loop.time()
      const together = yield* asyncio.gather(fetch("a"), fetch("b"), fetch("c"))
      print(`all at once: ${together.join(", ")} in ${(loop.time() - begin).toFixed(0)} s`)
    })

    await asyncio.run(main(), virtual)
  }
}
