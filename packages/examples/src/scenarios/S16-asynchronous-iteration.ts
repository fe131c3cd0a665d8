import * as asyncio from "@skein/asyncio"
import { StopAsyncIteration } from "@skein/asyncio/builtins"
import { aclosing } from "@skein/asyncio/contextlib"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

class Countdown {
  current: number

  constructor(start: number) {
    this.current = start
  }

  __aiter__() {
    return this
  }

  *__anext__() {
    if (this.current === 0) throw new StopAsyncIteration()
    yield* asyncio.sleep(1)
    return this.current--
  }
}

export const scenario: Scenario = {
  id: "S16",
  title: "Asynchronous iteration",
  notice:
    "An iterator by hand, a generator, a comprehension. aclosing closes the generator when the loop is left early, " +
    "and its finally may wait.",
  kind: "twin",
  async run(print) {
    // In an asynchronous generator a plain yield hands out a value, and yield* awaits.
    const pages = asyncio.async_generator(function* pages(last: number) {
      try {
        for (let n = 1; n <= last; n++) {
          yield* asyncio.sleep(1)
          yield `page ${n}`
        }
      } finally {
        yield* asyncio.sleep(0.5) // asynchronous clean-up is allowed here
        print("  pages: closed")
      }
    })

    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()

      print("a class with __anext__:")
      yield* asyncio.async_for(new Countdown(3), function* (n) {
        print(`  ${n}`)
      })

      print("an asynchronous generator:")
      yield* asyncio.async_for(pages(2), function* (page) {
        print(`  ${page} at ${loop.time().toFixed(1)} s`)
      })

      print("a comprehension:")
      const squares = yield* asyncio.comprehension(new Countdown(5), (n) => n * n, { where: (n) => n % 2 === 1 })
      print(" ", `[${squares.join(", ")}]`)

      print("leaving early:")
      yield* asyncio.async_with(aclosing(pages(100)), function* (book) {
        yield* asyncio.async_for(book, function* (page) {
          print(`  ${page}`)
          if (page === "page 2") return asyncio.BREAK
        })
      })
      print("  after the loop")

      print("by hand:")
      const steps = asyncio.aiter(new Countdown(1))
      print(" ", yield* asyncio.anext(steps), yield* asyncio.anext(steps, "nothing left"))
    })

    await asyncio.run(main(), virtual)
  }
}
