import { stripVTControlCharacters } from "node:util"
import { describe, expect, it } from "vitest"
import {
  formatHead,
  formatLine,
  formatList,
  formatOpening,
  formatTotal,
  formatVerdict,
  type Screen,
  wrap
} from "../src/display.ts"
import type { Performance, Verdict } from "../src/judge.ts"
import type { Scenario } from "../src/Scenario.ts"

const plain: Screen = { width: 40, color: false }
const colored: Screen = { width: 40, color: true }

const scenario: Scenario = {
  id: "S01",
  title: "One after the other",
  notice: "Three fetches of one second take three seconds, and together one.",
  kind: "twin",
  run: async () => {}
}

const performance = (verdict: Verdict): Performance => ({ scenario, lines: [], verdict })

describe("wrapping", () => {
  it("breaks between words", () => {
    expect(wrap("one two three", 8)).toEqual(["one two", "three"])
  })

  it("breaks a word that is too long by itself", () => {
    expect(wrap("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"])
  })

  it("keeps indentation", () => {
    expect(wrap("  one two three four", 12)).toEqual(["  one two", "  three four"])
  })

  it("gives up indentation where there is no room for it", () => {
    expect(wrap(`${" ".repeat(30)}abcdef`, 12).every((line) => line.length <= 12)).toBe(true)
  })

  it("leaves what fits alone", () => {
    expect(wrap("", 10)).toEqual([""])
    expect(wrap("just right", 10)).toEqual(["just right"])
  })
})

describe("the display", () => {
  it("opens a scenario with its id, its title and what to notice", () => {
    expect(formatOpening(plain, scenario)).toBe(
      [
        "",
        "S01  One after the other",
        "     Three fetches of one second take",
        "     three seconds, and together one.",
        ""
      ].join("\n")
    )
  })

  it("puts a bar before what is compared, and a plus before what is Skein's own", () => {
    expect(formatLine(plain, { text: "got a", here: false })).toBe("     │ got a")
    expect(formatLine(plain, { text: "task waits", here: true })).toBe("     + task waits")
  })

  it("wraps a long line behind its bar", () => {
    expect(formatLine(plain, { text: "word ".repeat(8).trim(), here: false })).toBe(
      ["     │ word word word word word word", "     │ word word"].join("\n")
    )
  })

  it("marks what is the same, what ran, what differs and what failed", () => {
    const mark = (verdict: Verdict) => formatVerdict(plain, performance(verdict)).trim()
    expect(mark({ _tag: "Same", lines: 13 })).toBe("✓ same as CPython: 13 lines")
    expect(mark({ _tag: "Ran" })).toBe("✓ ran to its end, on real input")
    expect(mark({ _tag: "Different", line: 2, expected: "b", actual: undefined })).toBe(
      '✗ differs from CPython in line 2\n       CPython: "b"\n       here:    no such line'
    )
    expect(mark({ _tag: "Failed", error: "broken" })).toBe("✗ failed: broken")
  })

  it("shows notes", () => {
    const noted: Performance = { ...performance({ _tag: "Ran" }), scenario: { ...scenario, notes: "Ours says more." } }
    expect(formatVerdict(plain, noted)).toContain("     Ours says more.")
  })

  it("adds up, and names what is wrong", () => {
    const good = [performance({ _tag: "Same", lines: 1 }), performance({ _tag: "Ran" })]
    expect(formatTotal({ ...plain, width: 100 }, good, 1.25)).toBe(
      "\n2 ran in 1.3 s: 1 the same as CPython, 1 on real input"
    )
    const bad = [...good, performance({ _tag: "Failed", error: 0 })]
    expect(formatTotal({ ...plain, width: 100 }, bad, 2)).toBe(
      "\n3 ran in 2.0 s: 1 the same as CPython, 1 on real input, 1 failed: S01"
    )
  })

  it("says the same with colour as without", () => {
    const everything = (screen: Screen): string =>
      [
        formatHead(screen, 1),
        formatOpening(screen, scenario),
        formatLine(screen, { text: "ours", here: true }),
        formatVerdict(screen, performance({ _tag: "Same", lines: 1 })),
        formatTotal(screen, [], 0),
        formatList(screen, [scenario])
      ].join("\n")
    expect(everything(plain)).toBe(stripVTControlCharacters(everything(plain)))
    expect(everything(colored)).not.toBe(everything(plain))
    expect(stripVTControlCharacters(everything(colored))).toBe(everything(plain))
  })
})
