import { describe, expect, it } from "vitest"
import { declarationsOf } from "../../src/pages/declarations.ts"
import { differencesOf, type PythonName, verdictsOf } from "../../src/pages/surface.ts"

const report = (exports: string, hidden = ""): string =>
  `# The surface\n\n## Exports\n\n\`\`\`ts\n${exports}\n\`\`\`\n\n## Not exported\n\n\`\`\`ts\n${hidden}\n\`\`\`\n`

const positional = (name: string, required = true) => ({ name, kind: "POSITIONAL_OR_KEYWORD", required }) as const
const keyword = (name: string) => ({ name, kind: "KEYWORD_ONLY", required: false }) as const
const variadic = { name: "args", kind: "VAR_POSITIONAL", required: true } as const

const signatures = (exports: string) => declarationsOf(report(exports)).signaturesOf("f")

describe("parameters", () => {
  it("are alike by position, and as keys of a last options object", () => {
    expect(
      differencesOf(
        [positional("fs"), positional("n", false), keyword("timeout")],
        signatures(
          "interface FOptions { readonly timeout?: number }\nfunction f(fs: number, n?: number, options?: FOptions): void"
        )
      )
    ).toEqual([])
    expect(
      differencesOf(
        [variadic, keyword("context")],
        signatures("const f: (...rest: [...T, { readonly context: C }]) => void")
      )
    ).toEqual([])
  })

  it("differ in names, order, defaults, keywords, and in how many there may be", () => {
    const differences = (python: Parameters<typeof differencesOf>[0], exports: string) =>
      differencesOf(python, signatures(exports))
    expect(differences([positional("a"), positional("b")], "function f(b: 1, a: 1): void")).toEqual([
      "calls `a` `b`",
      "calls `b` `a`"
    ])
    expect(differences([positional("a", false)], "function f(a: 1): void")).toEqual(["`a` has no default"])
    expect(differences([positional("a")], "function f(a?: 1): void")).toEqual(["`a` may be left out"])
    expect(differences([positional("a"), keyword("k")], "function f(a: 1): void")).toEqual(["does not take `k`"])
    expect(differences([], "function f(options?: { readonly k: 1 }): void")).toEqual(["also takes `k`"])
    expect(differences([variadic], "function f(): void")).toEqual(["does not take any number of arguments"])
    expect(differences([], "function f(...args: Array<1>): void")).toEqual(["takes any number of arguments"])
  })
})

describe("names", () => {
  const python = (members: PythonName["members"]): Readonly<Record<string, PythonName>> => ({
    Lock: { kind: "class", parameters: [], members }
  })
  const method = { kind: "method", parameters: [positional("n", false)] } as const

  it("are missing when they are not exported", () => {
    const ours = declarationsOf(report("const other: 1", "class Lock {}"))
    expect(verdictsOf(python({}), ours)).toEqual([{ path: "Lock", missing: true, differs: [] }])
  })

  it("have the members of the class behind them, inherited ones too", () => {
    const ours = declarationsOf(
      report(
        "interface Lock extends LockClass {}\nconst Lock: Callable<new () => Lock>",
        "class Base { a(n?: number): void; get c(): number }\nclass LockClass extends Base { b(m?: number): void }"
      )
    )
    const members = { a: method, b: method, c: method, d: method }
    expect(verdictsOf(python(members), ours)).toEqual([
      { path: "Lock", missing: false, differs: [] },
      { path: "Lock.a", missing: false, differs: [] },
      { path: "Lock.b", missing: false, differs: ["calls `n` `m`"] },
      { path: "Lock.c", missing: false, differs: ["is an attribute, and no method"] },
      { path: "Lock.d", missing: true, differs: [] }
    ])
  })
})
