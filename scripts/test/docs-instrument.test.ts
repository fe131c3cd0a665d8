import { describe, expect, it } from "vitest"
import { instrument } from "../docs/instrument.ts"

describe("a program with `// =>` lines", () => {
  it("keeps its lines and gains a call around each expression", () => {
    expect(instrument("f(1) // => 2\ng()\n// => a\n// => b")).toEqual({
      code: "$docs.end(0, $docs.begin(), (f(1))) // => 2\n$docs.end(1, $docs.begin(), (g()))\n// => a\n// => b",
      checks: [
        { line: 1, expected: "2" },
        { line: 3, expected: "a\nb" }
      ],
      problems: []
    })
  })

  it.each([
    ["a declaration", "const a: number = f() // => 1", "const a: number = $docs.end(0, $docs.begin(), (f())) // => 1"],
    [
      "a return",
      "const f = () => {\n  return 1 // => 1\n}",
      "const f = () => {\n  return $docs.end(0, $docs.begin(), (1)) // => 1\n}"
    ],
    ["the innermost statement", "if (a) b() // => 1", "if (a) $docs.end(0, $docs.begin(), (b())) // => 1"],
    [
      "the statement that ends there",
      "f(() => {\n  g()\n}) // => 1",
      "$docs.end(0, $docs.begin(), (f(() => {\n  g()\n}))) // => 1"
    ],
    ["the last of several", "a(); b() // => 1", "a(); $docs.end(0, $docs.begin(), (b())) // => 1"],
    [
      "what is yielded",
      "function* f() {\n  yield* g() // => 1\n}",
      "function* f() {\n  $docs.end(0, $docs.begin(), (yield* g())) // => 1\n}"
    ]
  ])("checks %s", (_, source, code) => {
    expect(instrument(source)).toMatchObject({ code, problems: [] })
  })

  it("checks a statement and one inside of it", () => {
    const { code } = instrument("f(() => {\n  g() // => 1\n}) // => 2")
    expect(code).toBe(
      "$docs.end(1, $docs.begin(), (f(() => {\n  $docs.end(0, $docs.begin(), (g())) // => 1\n}))) // => 2"
    )
  })

  it.each([
    ["in a list", "const a = [\n  1, // => 1\n  2\n]", 2],
    ["after nothing", "// => 1", 1],
    ["twice for one statement", "f() // => 1\n\n// => 2", 3]
  ])("is told of a `// =>` that states nothing: %s", (_, source, line) => {
    expect(instrument(source).problems.map((it) => it.line)).toEqual([line])
  })

  it("is told where it does not parse", () => {
    expect(instrument("const a = 1\nconst = 2").problems).toMatchObject([{ line: 2 }])
  })
})
