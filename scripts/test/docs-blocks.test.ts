import { describe, expect, it } from "vitest"
import { blocksOfMarkdown, blocksOfSource } from "../docs/blocks.ts"

const messages = (text: string) =>
  blocksOfMarkdown("page.md", text).problems.map(({ line, message }) => `${line}: ${message}`)

describe("blocks of a page", () => {
  it("have their code and the line where it begins", () => {
    const { blocks, problems } = blocksOfMarkdown(
      "page.md",
      "# Title\n\n```ts\na\nb\n```\n```sh\nls\n```\n```python\nc\n```"
    )
    expect(problems).toEqual([])
    expect(blocks).toEqual([
      { file: "page.md", line: 4, language: "ts", code: "a\nb", mode: "run" },
      { file: "page.md", line: 11, language: "python", code: "c", mode: "run" }
    ])
  })

  it("lose the indentation of the list they stand in", () => {
    expect(blocksOfMarkdown("page.md", "- x\n  ```ts\n  a\n    b\n  ```").blocks[0]?.code).toBe("a\n  b")
  })

  it("may contain shorter fences", () => {
    const { blocks } = blocksOfMarkdown("page.md", "````ts\nconst a = `\n```ts\nb\n```\n`\n````")
    expect(blocks.map((it) => it.code)).toEqual(["const a = `\n```ts\nb\n```\n`"])
  })

  it("that are not run say why", () => {
    const { blocks, problems } = blocksOfMarkdown("page.md", "```ts no-run because it listens for ever\na\n```")
    expect([blocks[0]?.mode, problems]).toEqual(["types", []])
    expect(messages("```ts no-run\na\n```")[0]).toMatch(/^1: a block that is not run says why/)
  })

  it("cannot escape the check by another spelling", () => {
    expect(messages("```typescript\na\n```")).toEqual(["1: ```typescript is not checked: write ```ts"])
    expect(messages("```ts norun\na\n```")[0]).toMatch(/^1: "norun" after ```ts is not known/)
  })

  it("must be closed", () => {
    expect(messages("\n```ts\na\n")).toEqual(["2: this block of code is never closed"])
  })
})

describe("pairs", () => {
  const python = "```python\nprint(1)\n```\n"
  const typescript = "```ts\nconsole.log(1)\n```\n"
  const mark = "<!-- same output -->\n"

  it("are a marked Python block and the TypeScript block behind it", () => {
    const { pairs, problems } = blocksOfMarkdown(
      "page.md",
      `${mark}${python}\nIn TypeScript:\n\n${typescript}${python}${typescript}`
    )
    expect(problems).toEqual([])
    expect(pairs.map(({ python, typescript }) => [python.line, typescript.line])).toEqual([[3, 9]])
  })

  it("may have their mark between the blocks", () => {
    const { pairs, problems } = blocksOfMarkdown("page.md", `${python}\n${mark}${typescript}`)
    expect(problems).toEqual([])
    expect(pairs).toHaveLength(1)
  })

  it.each([
    ["no blocks", mark],
    ["no Python", mark + typescript],
    ["no TypeScript", mark + python],
    ["a program that is not run", `${mark + python}\`\`\`ts no-run because of this\na\n\`\`\``]
  ])("with %s are reported", (_, text) => {
    expect(messages(text).filter((it) => it.includes("same output"))).toHaveLength(1)
  })
})

describe("blocks of a source", () => {
  const source = `import x from "x"

/**
 * Adds.
 *
 * @example
 * \`\`\`ts
 * add(1, 2) // => 3
 *
 * add(2, 2) // => 4
 * \`\`\`
 */
export const add = 1
// \`\`\`ts
const text = "/** \`\`\`ts */"
`
  it("are those of its doc comments", () => {
    const { blocks, problems } = blocksOfSource("a.ts", source)
    expect(problems).toEqual([])
    expect(blocks).toEqual([
      { file: "a.ts", line: 8, language: "ts", code: "add(1, 2) // => 3\n\nadd(2, 2) // => 4", mode: "run" }
    ])
  })

  it("are reported with their line when something is wrong", () => {
    const { problems } = blocksOfSource("a.ts", "\n\n/**\n * ```js\n * a\n * ```\n */\nexport const a = 1")
    expect(problems.map((it) => it.line)).toEqual([4])
  })
})
