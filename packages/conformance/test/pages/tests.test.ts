import { describe, expect, it } from "vitest"
import { problemsOf } from "../../src/pages/conformance.ts"
import { textOf } from "../../src/pages/pages.ts"
import { differences, lastStatement, untested } from "../../src/pages/statements.ts"
import { type NamedTest, testsIn } from "../../src/pages/tests.ts"

describe("testsIn", () => {
  const found = (source: string) => testsIn(source, "some.test.ts")

  it("finds the numbers and the name, with the groups around it", () => {
    expect(
      found(`describe("a lock", () => {
        it("12 34 is fair", () => expect(1).toBe(1))
      })`)
    ).toEqual([{ numbers: [12, 34], name: "a lock: is fair", file: "some.test.ts", line: 2, compared: false }])
  })

  it("passes over tests that do not run, or have no number", () => {
    expect(
      found('it.skip("1 skipped", () => {}); it.todo("2 to do"); it.fails("3 fails", () => {}); it("none", f)')
    ).toEqual([])
    expect(found('describe.skip("later", () => { it("4 in a group that is skipped", () => {}) })')).toEqual([])
  })

  it("knows effects and tables of tests", () => {
    expect(found('it.effect("5 a", f); it.each([1])("6 b", f)').map(({ numbers }) => numbers)).toEqual([[5], [6]])
  })

  it("tells tests that compare with CPython, by themselves or through a function of the file", () => {
    const tests = found(`
      const both = (program) => expectSame(program)
      it("7 compares", () => same("", function* () {}))
      it("8 compares in the end", async () => { await both("") })
      it("9 asserts", () => expect(both).toBeDefined())
    `)
    expect(tests.map(({ compared }) => compared)).toEqual([true, true, false])
  })
})

describe("problemsOf", () => {
  const page = textOf("docs/differences.md")
  const all: ReadonlyArray<NamedTest> = [
    {
      numbers: Array.from({ length: lastStatement }, (_, n) => n + 1).filter((number) => !(number in untested)),
      name: "all",
      file: "all.test.ts",
      line: 1,
      compared: true
    }
  ]

  it("has none when each statement has a test or a reason", () => {
    expect(problemsOf(all, page)).toEqual([])
  })

  it("names a statement without either, one with both, and one that does not exist", () => {
    const [test] = all as [NamedTest]
    const numbers = [...test.numbers.filter((number) => number !== 26), 25, 999]
    expect(problemsOf([{ ...test, numbers }], page)).toEqual(
      [
        "26 has neither a test whose name starts with it nor a reason in statements.ts",
        "25 has a test: take it out of `untested`",
        "there is no statement 999"
      ].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    )
  })

  it("names a difference that the page does not explain", () => {
    expect(problemsOf(all, "").length).toBe(Object.keys(differences).length)
  })
})
