// What virtual time and debug mode cost: the workload `yields` on each kind of loop, interleaved in one process. That the plain
// loop is as fast before a virtual and a debug run as after them shows that neither leaves anything behind in its path.
//
//   node --expose-gc modes.ts

import * as asyncio from "@skein/asyncio"
import { check } from "../harness.ts"
import { median } from "../median.ts"
import { threadTime } from "../threadTime.ts"
import { reportFigures } from "./harness.ts"

const [TASKS, ROUNDS] = [1000, 100]

const yields = asyncio.coroutine(function* yields() {
  let done = 0
  const job = asyncio.coroutine(function* job() {
    for (let i = 0; i < ROUNDS; i++) {
      yield* asyncio.sleep(0)
      done++
    }
  })
  yield* asyncio.gather(...Array.from({ length: TASKS }, () => job()))
  check(done === TASKS * ROUNDS, "yields")
})

const time = async (options?: Parameters<typeof asyncio.run>[1]): Promise<number> => {
  const began = threadTime()
  await asyncio.run(yields(), options)
  return threadTime() - began
}

const measure = async (options?: Parameters<typeof asyncio.run>[1]): Promise<number> => {
  for (let run = 0; run < 5; run++) await time(options)
  const times: Array<number> = []
  for (let run = 0; run < 15; run++) times.push(await time(options))
  return median(times)
}

const before = await measure()
const virtual = await measure({ loop_factory: asyncio.VirtualEventLoop })
const debug = await measure({ debug: true })
const after = await measure()
reportFigures({ before, virtual, debug, after })
