import * as asyncio from "@skein/asyncio"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

describe("gather", () => {
  it("84 gives results in argument order, 93 and wakes the awaiter two passes after the last child", () =>
    expectSame(
      `
      import asyncio
      async def after(delay, value):
          await asyncio.sleep(delay)
          trace("after", value)
          return value
      async def main():
          trace(await asyncio.gather(after(2, "slow"), after(1, 7)))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const after = asyncio.coroutine(function* after<T>(delay: number, value: T) {
          yield* asyncio.sleep(delay)
          trace("after", value)
          return value
        })
        return run(
          (function* main() {
            trace(yield* asyncio.gather(after(2, "slow"), after(1, 7)))
          })()
        )
      }
    ))
})
