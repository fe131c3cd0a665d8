import * as asyncio from "@skein/asyncio"
import { RuntimeError } from "@skein/asyncio/builtins"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

class Counter {
  value = 0;

  *increment() {
    const seen = this.value
    yield* asyncio.sleep(0.1) // another task may run here
    this.value = seen + 1
  }
}

const ten = Array.from({ length: 10 })

export const scenario: Scenario = {
  id: "S13",
  title: "A counter under a lock",
  notice: "Ten increments give ten under a lock, and one without: all ten read the counter before anybody wrote it.",
  kind: "twin",
  async run(print) {
    const main = asyncio.coroutine(function* main() {
      const careless = new Counter()
      yield* asyncio.gather(...ten.map(() => careless.increment()))
      print("without a lock:", careless.value)

      const counter = new Counter()
      const lock = new asyncio.Lock()

      const increment = asyncio.coroutine(function* increment() {
        yield* asyncio.async_with(lock, function* () {
          yield* counter.increment()
        })
      })

      yield* asyncio.gather(...ten.map(() => increment()))
      print("with a lock:", counter.value)

      try {
        lock.release()
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error
        print(`RuntimeError: ${error.message}`)
      }
    })

    await asyncio.run(main(), virtual)
  }
}
