import * as asyncio from "@skein/asyncio"
import { expect, makeMethods, test } from "@skein/testing/vitest"
import * as Effect from "effect/Effect"

const it = makeMethods(test.extend("config", { scope: "file" }, () => ({ port: 3000 })))

it.virtual("a test on virtual time gets the fixtures that it asks for", ({ config }) =>
  Effect.sync(() => expect(config.port).toBe(3000))
)

it.asyncio("so does an asyncio test", function* ({ config }) {
  yield* asyncio.sleep(1)
  expect(config.port).toBe(3000)
})

it.explore("and one that is explored", ({ config }) => Effect.sync(() => config.port), {
  runs: 2,
  check: (port) => {
    expect(port).toBe(3000)
  }
})
