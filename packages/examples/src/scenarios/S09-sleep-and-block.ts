import * as asyncio from "@skein/asyncio"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S09",
  title: "Sleeping and blocking",
  notice:
    "While one task sleeps, the other's heart beats. While one blocks, nobody's does, and debug mode names the culprit " +
    "and says how long it took.",
  kind: "twin",
  async run(print) {
    const heartbeat = asyncio.coroutine(function* heartbeat() {
      const loop = asyncio.get_running_loop()
      const begin = loop.time()
      for (let n = 0; n < 3; n++) {
        yield* asyncio.sleep(1)
        print(`  heartbeat at ${(loop.time() - begin).toFixed(1)} s`)
      }
    })

    const good_manners = asyncio.coroutine(function* good_manners() {
      yield* asyncio.sleep(2.5)
      print("  slept")
    })

    const bad_manners = asyncio.coroutine(function* bad_manners() {
      block(2.5)
      print("  blocked")
    })

    const main = asyncio.coroutine(function* main() {
      print("sleeping for 2.5 s:")
      yield* asyncio.gather(heartbeat(), good_manners())
      print("blocking for 2.5 s:")
      const beat = asyncio.create_task(heartbeat(), { name: "heartbeat" })
      const bad = asyncio.create_task(bad_manners(), { name: "bad manners" })
      yield* asyncio.gather(beat, bad)
    })

    // Prints who blocked the loop, without the file names.
    const short_form = (record: asyncio.LogRecord) => {
      const found = /name='([^']+)'.* took (\d+\.\d+) seconds/.exec(record.message)
      if (found !== null) print(`debug mode: ${found[1]} blocked the loop for ${found[2]} s`)
    }

    asyncio.logger.addHandler(short_form)
    try {
      await asyncio.run(main(), { ...virtual, debug: true })
    } finally {
      asyncio.logger.removeHandler(short_form)
    }
  }
}

/** What a long computation does to a loop: time passes, and nothing else can run. */
const block = (seconds: number): void => {
  const loop = asyncio.get_running_loop()
  if (loop instanceof asyncio.VirtualEventLoop) loop.block(seconds)
}
