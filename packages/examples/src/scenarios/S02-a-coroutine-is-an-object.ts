import * as asyncio from "@skein/asyncio"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S02",
  title: "A coroutine is an object",
  notice: "A call runs nothing and prints nothing. The body runs when the coroutine is awaited, or handed to run.",
  kind: "twin",
  async run(print) {
    const greet = asyncio.coroutine(function* greet(name: string) {
      print(`hello, ${name}`)
      return name.length
    })

    const main = asyncio.coroutine(function* main() {
      const greeting = greet("Ada")
      print("called, and nothing was printed")
      print("a coroutine:", asyncio.iscoroutine(greeting) ? "yes" : "no")
      print("a coroutine function:", asyncio.iscoroutinefunction(greet) ? "yes" : "no")
      print("awaited, it gives", yield* greeting)

      const [ada, grace] = [greet("Ada"), greet("Grace")]
      print("two more, in the order in which they are awaited:")
      print(yield* grace, yield* ada)
    })

    const coroutine = main()
    print("main() was called: still nothing")
    await asyncio.run(coroutine, virtual)
  }
}
