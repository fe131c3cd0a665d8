import { describe, expect, it } from "vitest"
import { compare, isGood, perform } from "../src/judge.ts"
import type { Print, Scenario } from "../src/Scenario.ts"

const scenario = (run: (print: Print) => void, kind: Scenario["kind"] = "twin"): Scenario => ({
  id: "S99",
  title: "a test",
  notice: "",
  kind,
  run: async (print) => run(print)
})

describe("comparing outputs", () => {
  it("counts the lines that are the same", () => {
    expect(compare(["a", "b"], ["a", "b"])).toEqual({ _tag: "Same", lines: 2 })
  })

  it("finds the first line that differs", () => {
    expect(compare(["a", "x"], ["a", "b"])).toEqual({ _tag: "Different", line: 2, expected: "b", actual: "x" })
  })

  it("sees lines that are missing, and lines that are too many", () => {
    expect(compare(["a"], ["a", "b"])).toEqual({ _tag: "Different", line: 2, expected: "b", actual: undefined })
    expect(compare(["a", "b"], ["a"])).toEqual({ _tag: "Different", line: 2, expected: undefined, actual: "b" })
  })
})

describe("performing a scenario", () => {
  const expected = () => ["one 2", "three"]

  it("leaves out what only it prints", async () => {
    const { lines, verdict } = await perform(
      scenario((print) => {
        print("one", 2)
        print.here("ours")
        print("three")
      }),
      expected
    )
    expect(verdict).toEqual({ _tag: "Same", lines: 2 })
    expect(lines).toEqual([
      { text: "one 2", here: false },
      { text: "ours", here: true },
      { text: "three", here: false }
    ])
  })

  it("counts a text of two lines as two", async () => {
    const { verdict } = await perform(
      scenario((print) => print("one 2\nthree")),
      expected
    )
    expect(verdict).toEqual({ _tag: "Same", lines: 2 })
  })

  it("keeps what was printed before a failure", async () => {
    const error = new Error("broken")
    const { lines, verdict } = await perform(
      scenario((print) => {
        print("one 2")
        throw error
      }),
      expected
    )
    expect(verdict).toEqual({ _tag: "Failed", error })
    expect(lines).toHaveLength(1)
    expect(isGood(verdict)).toBe(false)
  })

  it("compares nothing where there is no twin", async () => {
    const { verdict } = await perform(
      scenario((print) => print("anything"), "real"),
      () => {
        throw new Error("asked for a recording")
      }
    )
    expect(verdict).toEqual({ _tag: "Ran" })
  })
})
