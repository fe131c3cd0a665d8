import * as asyncio from "@skein/asyncio"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S12",
  title: "Three downloads at a time",
  notice: "Ten downloads of one second behind a semaphore of three: four rounds, first come first served.",
  kind: "twin",
  async run(print) {
    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()
      const limit = new asyncio.Semaphore(3)
      let running = 0
      let most = 0

      const download = asyncio.coroutine(function* download(n: number) {
        yield* asyncio.async_with(limit, function* () {
          running += 1
          most = Math.max(most, running)
          print(`${(loop.time() - begin).toFixed(0)} s: file ${n} begins, ${running} at a time`)
          yield* asyncio.sleep(1)
          running -= 1
        })
        return n * 100
      })

      const begin = loop.time()
      const files = Array.from({ length: 10 }, (_, index) => index + 1)
      const sizes = yield* asyncio.gather(...files.map((n) => download(n)))
      const total = sizes.reduce((sum, size) => sum + size, 0)
      print(`${total} bytes in ${(loop.time() - begin).toFixed(0)} s, never more than ${most} at a time`)
    })

    await asyncio.run(main(), virtual)
  }
}
