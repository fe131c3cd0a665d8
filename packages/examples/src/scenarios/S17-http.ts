import * as asyncio from "@skein/asyncio"
import { TimeoutError } from "@skein/asyncio/builtins"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import { isHttpClientError } from "effect/http/HttpClientError"
import * as Schedule from "effect/Schedule"
import type { Scenario } from "../Scenario.ts"
import { moodyServer } from "../support/moodyServer.ts"

/** A page of a site. Any status but success is an error. */
const get = asyncio.coroutine(function* get(url: string) {
  const client = (yield* HttpClient.HttpClient).pipe(HttpClient.filterStatusOk)
  const response = yield* client.get(url)
  return yield* response.text
})

/** The same, asking again up to three times after what may pass; the pauses grow, and differ a little each time. */
const get_patiently = (url: string) =>
  get(url).pipe(
    Effect.retry({
      while: HttpClient.isTransientError,
      schedule: Schedule.exponential("10 millis").pipe(Schedule.jittered),
      times: 3
    })
  )

export const scenario: Scenario = {
  id: "S17",
  title: "HTTP: many pages, some of them difficult",
  notice:
    "Effect's HttpClient, awaited in coroutines. A coroutine is an Effect, so Effect.retry works on it; a request that " +
    "is cancelled is aborted on the wire, and the server sees the hang-up.",
  kind: "real",
  async run(print) {
    const statusOf = (error: unknown): number => {
      if (!isHttpClientError(error) || error.response === undefined) throw error
      return error.response.status
    }

    const main = asyncio.coroutine(function* main() {
      const server = yield* moodyServer
      const url = (path: string) => `${server.url}${path}`

      print("many at once:")
      const paths = [1, 2, 3, 4, 5].map((n) => `/page/${n}`)
      for (const page of yield* asyncio.gather(...paths.map((path) => get(url(path))))) print(`  ${page}`)

      print("a status other than success is an error:")
      try {
        yield* get(url("/missing"))
      } catch (error) {
        print(`  /missing: ${statusOf(error)}, and no retry: asked ${server.requests("/missing")} time`)
      }

      print("a server that recovers, and one that does not:")
      print(`  /recovers: ${yield* get_patiently(url("/recovers"))}, asked ${server.requests("/recovers")} times`)
      try {
        yield* get_patiently(url("/broken"))
      } catch (error) {
        print(`  /broken: ${statusOf(error)}, given up after ${server.requests("/broken")} times`)
      }

      print("one slow page does not hold the others:")
      const slow = asyncio.create_task(get(url("/slow")))
      const others = yield* asyncio.gather(get(url("/page/6")), get(url("/page/7")))
      print(`  ${others.length} others are there, slow is ${slow.done() ? "done" : "still waiting"}`)
      try {
        yield* asyncio.wait_for(slow, 0.1)
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error
        print("  slow: TimeoutError")
      }
      yield* asyncio.wrap_future(server.hungUp("/slow"))
      print(`  the server saw the hang-up; requests still open there: ${server.open}`)
    })

    await asyncio.run(main().pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer)))
  }
}
