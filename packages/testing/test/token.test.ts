import { assert, describe, it } from "@effect/vitest"
import { type Decision, ReplayError, readToken, type Schedule, writeToken } from "@skein/testing"
import * as fc from "fast-check"

const decisions = fc
  .array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 200 })), { maxLength: 40 })
  .map((gaps): ReadonlyArray<Decision> => {
    let at = -1
    return gaps.map(([gap, choice]) => {
      at += gap + 1
      return { at, choice }
    })
  })

const schedules = fc.tuple(decisions, fc.nat(1000), fc.nat(0xffff_ffff), fc.boolean(), fc.boolean()).map(
  ([made, more, fingerprint, isCore, isIdle]): Schedule => ({
    kind: isCore ? "core" : "asyncio",
    timers: isIdle ? "idle" : "anytime",
    decisions: made,
    points: (made.at(-1)?.at ?? -1) + 1 + more,
    fingerprint
  })
)

describe("tokens", () => {
  it("hold a whole schedule, in letters that a shell, a URL and a TypeScript string take as they are", () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        const token = writeToken(schedule)
        assert.match(token, /^[\w-]+$/)
        assert.deepStrictEqual(readToken(token), schedule)
      })
    )
  })

  it("are short: a few letters for each switch", () => {
    const token = writeToken({
      kind: "core",
      timers: "idle",
      decisions: [{ at: 20, choice: 1 }],
      points: 60,
      fingerprint: 0xffff_ffff
    })
    assert.isAtMost(token.length, 14)
  })

  it("text that is no token is refused, and never anything but that", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]*$/)), (text) => {
        let schedule: Schedule
        try {
          schedule = readToken(text)
        } catch (error) {
          assert.instanceOf(error, ReplayError)
          return
        }
        assert.deepStrictEqual(readToken(writeToken(schedule)), schedule)
      })
    )
  })

  it("of another version are refused by name", () => {
    assert.throws(() => readToken("AgAAAA"), /another version of @skein\/testing \(format 2, not 1\)/)
  })
})
