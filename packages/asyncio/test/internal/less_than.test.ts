import { describe, expect, it } from "vitest"
import { TypeError } from "../../src/builtins.ts"
import { lessThan } from "../../src/internal/less_than.ts"

const ascending: ReadonlyArray<readonly [what: string, less: unknown, greater: unknown]> = [
  ["numbers by value", 9, 10],
  ["integers of any size", 1n, 2],
  ["floats", 1.5, 2n],
  ["False before True", false, true],
  ["True as 1", true, 2],
  ["strings by code point", "Z", "a"],
  ["a beginning before the whole", "ab", "abc"],
  ["astral characters after all others", "\uff00", "\u{1f600}"],
  ["lists by value, not by text", [9], [10]],
  ["lists item by item", [1, "a", 3], [1, "b", 2]],
  ["a list before a longer one", [1, 2], [1, 2, 0]],
  ["nested lists", [[1, 2], 3], [[1, 3], 0]],
  ["equal numbers of different kinds are skipped", [1, 2], [true, 3]],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  ["dates", new Date(1), new Date(2)],
  ["equal dates are skipped", [new Date(5), 1], [new Date(5), 2]]
]

describe("lessThan", () => {
  it.each(ascending)("orders %s", (_, less, greater) => {
    expect([lessThan(less, greater), lessThan(greater, less)]).toEqual([true, false])
    expect([lessThan(less, less), lessThan(greater, greater)]).toEqual([false, false])
  })

  it("asks __lt__ of the left one, then __gt__ of the right one, and passes over equals by __eq__", () => {
    const asked: Array<string> = []
    const ordered = (rank: number) => ({
      rank,
      __lt__(other: { rank?: number }) {
        asked.push(`${rank} lt`)
        return other.rank === undefined ? undefined : rank < other.rank
      },
      __eq__(other: { rank?: number }) {
        return rank === other.rank
      }
    })
    const reflected = {
      __gt__() {
        asked.push("gt")
        return true
      }
    }
    expect(lessThan(ordered(1), ordered(2))).toBe(true)
    expect(lessThan(ordered(1), reflected)).toBe(true)
    expect(asked).toEqual(["1 lt", "1 lt", "gt"])
    expect(lessThan([ordered(1), 1], [ordered(1), 2])).toBe(true)
  })

  it.each([
    [1, "a", "'int' and 'str'"],
    ["a", 1.5, "'str' and 'float'"],
    [undefined, null, "'NoneType' and 'NoneType'"],
    [{}, {}, "'dict' and 'dict'"],
    [[1, "a"], [1, 2], "'str' and 'int'"],
    [[1], 1, "'list' and 'int'"],
    [new Date(1), 5, "'Date' and 'int'"]
  ])("refuses %o < %o", (left, right, types) => {
    expect(() => lessThan(left, right)).toThrow(new TypeError(`'<' not supported between instances of ${types}`))
  })

  it("does not ask about what decides nothing", () => {
    const same = {}
    expect(lessThan([same, 1], [same, 2])).toBe(true)
  })
})
