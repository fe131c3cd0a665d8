import * as asyncio from "@skein/asyncio"
import { ConnectionError, Exception } from "@skein/asyncio/builtins"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S20",
  title: "A job every two seconds",
  notice:
    "The schedule keeps its rate though each run takes half a second, outlives an error of its job unless asked not " +
    "to, and ends when it is cancelled.",
  kind: "twin",
  async run(print) {
    const every = asyncio.coroutine(function* every(
      seconds: number,
      job: () => asyncio.Coroutine<void>,
      { stop_on_error = false }: { readonly stop_on_error?: boolean } = {}
    ) {
      const loop = asyncio.get_running_loop()
      let due = loop.time()
      while (true) {
        try {
          yield* job()
        } catch (error) {
          // Cancellation is not an Exception, and passes.
          if (!(error instanceof Exception) || stop_on_error) throw error
          print(`  ${error.name}: ${error.message}; the schedule goes on`)
        }
        // From the last due time, not from now: a slow job does not shift the ones after it.
        due += seconds
        yield* asyncio.sleep(Math.max(0, due - loop.time()))
      }
    })

    const report = () => {
      const loop = asyncio.get_running_loop()
      const begin = loop.time()
      let runs = 0
      return asyncio.coroutine(function* job() {
        runs += 1
        const run = runs
        print(`  run ${run} at ${(loop.time() - begin).toFixed(1)} s`)
        yield* asyncio.sleep(0.5)
        if (run === 2) throw new ConnectionError("the server is away")
      })
    }

    const main = asyncio.coroutine(function* main() {
      print("until cancelled:")
      const forever = asyncio.create_task(every(2, report()))
      yield* asyncio.sleep(7)
      forever.cancel()
      try {
        yield* forever
      } catch (error) {
        if (!(error instanceof asyncio.CancelledError)) throw error
        print("  cancelled")
      }

      print("until the first error:")
      const schedule = asyncio.create_task(every(2, report(), { stop_on_error: true }))
      try {
        yield* schedule
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error
        print(`  ended by ConnectionError: ${error.message}`)
      }
    })

    await asyncio.run(main(), virtual)
  }
}
