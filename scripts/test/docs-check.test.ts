import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { checkPages } from "../docs/check.ts"

const house = join(import.meta.dirname, "../..")

/** The problems of one page that holds the given programs, as lines. */
const check = async (...programs: ReadonlyArray<string>) => {
  const text = programs.map((it) => (it.startsWith("<!--") ? it : `\`\`\`ts\n${it}\n\`\`\``)).join("\n")
  const report = await checkPages([{ path: "page.md", text }], { house })
  return { ...report, lines: report.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`) }
}

describe("docs:check", { timeout: 60_000 }, () => {
  it("accepts programs that say the truth", async () => {
    const { lines, typed, ran } = await check(
      'import * as Effect from "effect/Effect"\nEffect.runSync(Effect.succeed({ a: [1, "x"] })) // => { a: [1, "x"] }',
      'import { WaitQueue } from "@skein/core/kernel"\ntypeof WaitQueue // => "function"',
      [
        'console.log("a", [1]) // => a [ 1 ]',
        "for (const n of [1, 1]) console.log(n) // => 1",
        'const say = () => ["b", "c"].forEach((it) => console.log(it))',
        "say()",
        "// => b",
        "// => c",
        'const fail = new TypeError("no") // => TypeError: no',
        "performance.now() // => ...",
        "await Promise.resolve(fail.message) // => no"
      ].join("\n")
    )
    expect(lines).toEqual([])
    expect([typed, ran]).toEqual([3, 3])
  })

  it("reports each falsehood at its line of the page", async () => {
    const { lines } = await check(
      'console.log("x") // => y',
      "1 + 1 // => 3",
      "for (const n of [1, 2]) console.log(n) // => 1",
      "export const f = () => {\n  console.log(1) // => 1\n}",
      'const a = 1\n\nthrow Error("boom " + a)',
      "const b: string = 1\nconsole.log(b) // => 2",
      "const = 1"
    )
    expect(lines).toHaveLength(7)
    const at = (line: number) => lines.find((it) => it.startsWith(`page.md:${line}: `))
    expect(at(2)).toMatch(/expected: y\n {2}printed: {2}x\n/)
    expect(at(5)).toMatch(/expected: 3\n {2}value: {4}2$/)
    expect(at(8)).toMatch(/expected: 1\n {2}printed: {2}2\n/)
    expect(at(12)).toMatch(/`\/\/ => 1` was never reached/)
    expect(at(18)).toMatch(/the program failed \(exit code 1\)[\s\S]*Error: boom 1\n {4}at page\.md:18/)
    expect(at(21)).toMatch(/TS2322/)
    expect(at(25)).toMatch(/SyntaxError/)
  })

  it("knows Effects that nobody runs", async () => {
    const { lines } = await check('import * as Effect from "effect/Effect"\n\nEffect.log("never")')
    expect(lines).toEqual([expect.stringMatching(/^page\.md:4: TS377001.*neither yielded nor used/)])
  })

  it("ends a program that does not end", async () => {
    const page = { path: "page.md", text: "```ts\nsetInterval(() => {}, 1000)\n```" }
    const { problems } = await checkPages([page], { house, timeout: 2_000 })
    expect(problems).toEqual([{ file: "page.md", line: 2, message: "the program did not end by itself within 2 s" }])
  })

  it("type-checks a block that is not run", async () => {
    const text = "```ts no-run because it never ends\nsetInterval(() => {}, 'soon')\n```"
    const { problems, ran } = await checkPages([{ path: "page.md", text }], { house })
    expect(ran).toBe(0)
    expect(problems).toMatchObject([{ line: 2, message: expect.stringMatching(/TS2345|TS2769/) }])
  })

  it("compares marked pairs with CPython", async () => {
    const pair = (last: string) =>
      [
        "<!-- same output -->",
        "```python",
        "import asyncio",
        "async def main():",
        "    print('one')",
        "    await asyncio.sleep(3600)",
        "    print('two')",
        "asyncio.run(main())",
        "```",
        "```ts",
        'console.log("one")',
        `console.log("${last}")`,
        "```"
      ].join("\n")
    const { lines, compared } = await check(pair("two"), pair("three"))
    expect(compared).toBe(2)
    expect(lines).toEqual([
      'page.md:24: line 2 of the output differs\n  CPython printed:      "two"\n  this program printed: "three"'
    ])
  })

  it("lets the examples of internal modules import by path, and nobody else's", async () => {
    const example = (path: string) =>
      `/**\n * \`\`\`ts\n * import { WaitQueue } from "${path}"\n * typeof WaitQueue // => "function"\n * \`\`\`\n */`
    const pages = [
      { path: "packages/core/src/internal/a.ts", text: example("../kernel/index.ts") },
      { path: "packages/core/src/b.ts", text: example("./kernel/index.ts") }
    ]
    const { problems, ran } = await checkPages(pages, { house })
    expect(problems).toEqual([
      { file: "packages/core/src/b.ts", line: 3, message: expect.stringMatching(/import a public entry/) }
    ])
    expect(ran).toBe(1)
  })

  it("leaves nothing in the repository", async () => {
    await check("1 // => 1")
    expect(existsSync(join(house, ".docs-check", String(process.pid)))).toBe(false)
  })
})
