import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import { asynccontextmanager } from "@skein/asyncio/contextlib"
import type { Print, Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

class Connection {
  readonly name: string
  readonly print: Print

  constructor(name: string, print: Print) {
    this.name = name
    this.print = print
  }

  *__aenter__() {
    yield* asyncio.sleep(0.5)
    this.print(`  ${this.name}: open`)
    return this
  }

  *__aexit__(_kind: unknown, error: unknown) {
    yield* asyncio.sleep(0.5)
    this.print(`  ${this.name}: closed (${error instanceof Error ? error.name : "no error"})`)
  }

  *query(text: string) {
    yield* asyncio.sleep(1)
    if (text === "bad") throw new ValueError("bad query")
    this.print(`  ${this.name}: ${text}`)
  }
}

export const scenario: Scenario = {
  id: "S10",
  title: "Resources are given back",
  notice: "On success, on error and on cancellation; the clean-up may itself wait; what was taken last goes first.",
  kind: "twin",
  async run(print) {
    const timer = asynccontextmanager(function* timer(title: string) {
      const loop = asyncio.get_running_loop()
      const begin = loop.time()
      try {
        yield begin
      } finally {
        print(`  ${title} took ${(loop.time() - begin).toFixed(1)} s`)
      }
    })

    const work = asyncio.coroutine(function* work(text: string) {
      yield* asyncio.async_with(timer(text), new Connection("db", print), function* (_begin, db) {
        yield* db.query(text)
      })
    })

    const main = asyncio.coroutine(function* main() {
      print("success:")
      yield* work("select")

      print("error:")
      try {
        yield* work("bad")
      } catch (error) {
        if (!(error instanceof ValueError)) throw error
        print(`  ValueError: ${error.message}`)
      }

      print("cancellation:")
      const task = asyncio.create_task(work("long"))
      yield* asyncio.sleep(1)
      task.cancel()
      try {
        yield* task
      } catch (error) {
        if (!(error instanceof asyncio.CancelledError)) throw error
        print("  CancelledError")
      }

      print("two at once, given back in reverse:")
      yield* asyncio.async_with(new Connection("one", print), new Connection("two", print), function* (one, two) {
        yield* asyncio.gather(one.query("a"), two.query("b"))
      })
    })

    await asyncio.run(main(), virtual)
  }
}
