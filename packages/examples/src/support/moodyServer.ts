import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"

/** A server that is quick, slow, broken or in recovery, by path. */
export interface MoodyServer {
  /** Where it listens, without a final slash. */
  readonly url: string
  /** How many requests came for a path. */
  requests(path: string): number
  /** Resolves when a client has closed its connection before the answer was complete. */
  hungUp(path: string): Promise<void>
  /** Requests that are being answered now. */
  readonly open: number
}

/** A client's hang-up, that somebody may wait for before it happens. */
class HangUp {
  resolve: () => void = () => {}
  readonly promise = new Promise<void>((resolve) => {
    this.resolve = resolve
  })
}

const text = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { "content-type": "text/plain" }).end(body)
}

const start = Effect.callback<MoodyServer & { readonly close: Effect.Effect<void> }>((resume) => {
  const counts = new Map<string, number>()
  const hangUps = new Map<string, HangUp>()
  let open = 0

  const hangUpOf = (path: string) => {
    const known = hangUps.get(path) ?? new HangUp()
    hangUps.set(path, known)
    return known
  }

  const server = createServer((request, response) => {
    const path = request.url ?? "/"
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    open += 1
    response.on("close", () => {
      open -= 1
      if (!response.writableFinished) hangUpOf(path).resolve()
    })
    if (path.startsWith("/page/")) return text(response, 200, `content of ${path}`)
    // Sends its headers and a first part, and then nothing more: the client has to give up.
    if (path === "/slow") return void response.writeHead(200).write("one moment")
    if (path === "/recovers") {
      return count < 3 ? text(response, 503, "not yet") : text(response, 200, "back again")
    }
    if (path === "/broken") return text(response, 500, "out of order")
    return text(response, 404, "no such page")
  })

  server.listen(0, "127.0.0.1", () => {
    resume(
      Effect.succeed({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        requests: (path) => counts.get(path) ?? 0,
        hungUp: (path) => hangUpOf(path).promise,
        get open() {
          return open
        },
        close: Effect.callback<void>((done) => {
          server.close(() => done(Effect.void))
          server.closeAllConnections()
        })
      })
    )
  })
})

/** Starts the server on a free port of the loopback interface; it is closed with the scope. */
export const moodyServer = Effect.acquireRelease(start, (server) => server.close)
