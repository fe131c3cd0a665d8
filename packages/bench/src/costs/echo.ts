// Latency of a TCP echo on the loopback, in milliseconds, in a process whose loop is kept busy by tasks that only yield. Server
// and client are Node's own, so the figure is what the host's I/O gets beside the tasks.
//
//   node echo.ts asyncio|core [TASKS]

import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import * as asyncio from "@skein/asyncio"
import { FairScheduler, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import { reportFigures } from "./harness.ts"

const [column, tasks = "1000"] = process.argv.slice(2)
const TASKS = Number(tasks)
const ECHOES = 1000

let done = false

const measure = async (): Promise<ReadonlyArray<number>> => {
  const server = createServer((socket) => socket.setNoDelay(true).pipe(socket)).listen(0, "127.0.0.1")
  await once(server, "listening")
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1").setNoDelay(true)
  await once(client, "connect")
  const times: Array<number> = []
  for (let echo = 0; echo < ECHOES; echo++) {
    const began = performance.now()
    client.write("x")
    await once(client, "data")
    times.push(performance.now() - began)
  }
  client.destroy()
  server.close()
  done = true
  return times.sort((left, right) => left - right)
}

const idle = Effect.fnUntraced(function* () {
  while (!done) yield* Effect.yieldNow
})

const yielding: Readonly<Record<string, () => Promise<unknown>>> = {
  asyncio: () =>
    asyncio.run(
      asyncio.coroutine(function* main() {
        const job = asyncio.coroutine(function* job() {
          while (!done) yield* asyncio.sleep(0)
        })
        yield* asyncio.gather(...Array.from({ length: TASKS }, () => job()))
      })()
    ),
  core: () => FairScheduler.runPromise(TaskGroup.all(Array.from({ length: TASKS }, idle)))
}

const start = yielding[column ?? ""]
if (start === undefined) throw new Error(`echo.ts takes asyncio or core, got ${column}`)
const [times] = await Promise.all([measure(), start()])
const at = (share: number) => times[Math.floor(times.length * share)] as number
reportFigures({ p50: at(0.5), p99: at(0.99) })
