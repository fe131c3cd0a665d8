import { assert, describe, it } from "@effect/vitest"
import { CancelScope } from "@skein/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"

const timersOfHost = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length

describe("deadlines on the host's clock", () => {
  it("cut off work that waits", async () => {
    const error = await Effect.runPromise(Effect.flip(CancelScope.failAfter(Effect.never, 0, { name: "the report" })))
    assert.include(error.message, '"the report" did not end within 0')
  })

  it("leave alone work that ends before it first waits, however late that is", async () => {
    const result = await Effect.runPromise(CancelScope.moveOnAfter(Effect.succeed("done"), 0))
    assert.deepStrictEqual(result, Option.some("done"))
  })

  it("of which the nearer comes first, whichever was set first", async () => {
    const ended: Array<string> = []
    const note = (name: string) => Effect.onExit(Effect.never, () => Effect.sync(() => ended.push(name)))
    const [near, far] = await Effect.runPromise(
      Effect.all(
        [
          CancelScope.moveOnAfter(CancelScope.moveOnAfter(note("inner"), 0), "1 hour"),
          CancelScope.moveOnAfter(CancelScope.failAfter(note("outer"), "1 hour"), 0)
        ],
        { concurrency: "unbounded" }
      )
    )
    assert.deepStrictEqual(ended, ["inner", "outer"])
    assert.deepStrictEqual([near, far], [Option.some(Option.none()), Option.none()])
  })

  it("leave no timer of the host behind, and set none for work that does not wait", async () => {
    const before = timersOfHost()
    const seen = await Effect.runPromise(
      Effect.gen(function* () {
        const atOnce = yield* CancelScope.failAfter(Effect.sync(timersOfHost), "1 hour")
        const waiting = yield* CancelScope.failAfter(
          Effect.andThen(Effect.yieldNow, Effect.sync(timersOfHost)),
          "1 hour"
        )
        return [atOnce - before, waiting - before]
      })
    )
    assert.deepStrictEqual(seen, [0, 1])
    assert.strictEqual(timersOfHost(), before)
  })

  it("share one timer of the host, of which the nearest is not forgotten when others end", async () => {
    const before = timersOfHost()
    let most = 0
    const work = Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => {
        most = Math.max(most, timersOfHost() - before)
      })
    )
    const scopes = Array.from({ length: 100 }, (_, hours) => CancelScope.failAfter(work, `${hours + 1} hours`))
    const cutOff = CancelScope.moveOnAfter(Effect.never, 0)
    const results = await Effect.runPromise(Effect.all([...scopes, cutOff], { concurrency: "unbounded" }))
    assert.strictEqual(most, 1)
    assert.isTrue(Option.isOption(results[100]) && Option.isNone(results[100]))
    assert.strictEqual(timersOfHost(), before)
  })

  it("keep the failure of work that fails at once", () => {
    assert.deepStrictEqual(Effect.runSyncExit(CancelScope.failAfter(Effect.fail("no"), "1 hour")), Exit.fail("no"))
  })
})
