import * as asyncio from "@skein/asyncio"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S14",
  title: "Three waiters on one event",
  notice: "set wakes everybody who waits and lets latecomers through; after clear the next ones wait again.",
  kind: "twin",
  async run(print) {
    const waiter = asyncio.coroutine(function* waiter(name: string, event: asyncio.Event) {
      const loop = asyncio.get_running_loop()
      print(`${name}: waits`)
      yield* event.wait()
      print(`${name}: goes on at ${loop.time().toFixed(0)} s`)
    })

    const main = asyncio.coroutine(function* main() {
      const event = new asyncio.Event()
      for (const round of [1, 2]) {
        print(`round ${round}: the event is ${event.is_set() ? "set" : "not set"}`)
        const waiters = [1, 2, 3].map((n) => asyncio.create_task(waiter(`waiter ${n}`, event)))
        yield* asyncio.sleep(1)
        print("set")
        event.set()
        yield* asyncio.gather(...waiters)
        yield* waiter("latecomer", event)
        event.clear()
      }

      event.set()
      const late = asyncio.create_task(waiter("unlucky", event))
      event.clear()
      yield* asyncio.sleep(1)
      print("unlucky is", late.done() ? "done" : "still waiting: the event was cleared before it looked")
      event.set()
      yield* late
    })

    await asyncio.run(main(), virtual)
  }
}
