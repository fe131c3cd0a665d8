import * as asyncio from "@skein/asyncio"
import { TimeoutError } from "@skein/asyncio/builtins"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S08",
  title: "Deadlines",
  notice:
    "The late one is cancelled, its finally runs, and only then TimeoutError comes out. shield keeps a task alive.",
  kind: "twin",
  async run(print) {
    const slow = asyncio.coroutine(function* slow(name: string, seconds: number) {
      try {
        print(`${name}: begins`)
        yield* asyncio.sleep(seconds)
        print(`${name}: ends`)
        return name
      } catch (error) {
        if (error instanceof asyncio.CancelledError) print(`${name}: cancelled`)
        throw error
      } finally {
        print(`${name}: finally`)
      }
    })

    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()

      print("in time:", yield* asyncio.wait_for(slow("quick", 1), 2))

      let begin = loop.time()
      try {
        yield* asyncio.wait_for(slow("late", 10), 2)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
        print(`TimeoutError after ${(loop.time() - begin).toFixed(0)} s`)
      }

      begin = loop.time()
      try {
        yield* asyncio.async_with(asyncio.timeout(3), function* () {
          yield* slow("first", 2)
          yield* slow("second", 2)
        })
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
        print(`TimeoutError after ${(loop.time() - begin).toFixed(0)} s, for both steps together`)
      }

      const deadline = asyncio.timeout(1)
      yield* asyncio.async_with(deadline, function* () {
        deadline.reschedule(loop.time() + 5)
        yield* slow("given more time", 4)
      })
      print("expired:", deadline.expired() ? "yes" : "no")

      print("shielded:")
      const task = asyncio.create_task(slow("kept", 3))
      try {
        yield* asyncio.wait_for(asyncio.shield(task), 1)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
        print("TimeoutError, but the task goes on")
      }
      print("result:", yield* task)
    })

    await asyncio.run(main(), virtual)
  }
}
