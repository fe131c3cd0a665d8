import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { printReport, reportPath } from "../lib/api-print.ts"
import { apiSections } from "../lib/api-report.ts"
import { Sources } from "../lib/module-graph.ts"

const house = join(import.meta.dirname, "../..")

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-api-report-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The sections of the report on `@skein/core`, whose emitted declarations are these; `other.d.ts` is `@skein/core/other`. */
const report = (declarations: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  for (const [name, text] of Object.entries({ "other.d.ts": "export {};", ...declarations })) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const entries = new Map([
    ["@skein/core", join(folder, "index.d.ts")],
    ["@skein/core/other", join(folder, "other.d.ts")]
  ])
  const sources = new Sources(entries)
  const sections = apiSections([...entries].map(([specifier, file]) => ({ specifier, module: sources.open(file) })))
  return Object.fromEntries((sections.get("@skein/core") ?? []).map(({ title, code }) => [title, code]))
}

describe("the report on an entry", () => {
  it("lists what is exported by name, wherever it is declared", () => {
    expect(
      report({
        "index.d.ts": `export * from "./b.ts";\nexport { a } from "./a.ts";`,
        "a.d.ts": "export declare const a: 1;\nexport declare const unseen: 1;",
        "b.d.ts":
          "export declare function c(): void;\nexport declare function c(x: number): void;\nexport type B = string;"
      })
    ).toEqual({
      Exports:
        "declare type B = string;\n\ndeclare const a: 1\n\ndeclare function c(): void;\ndeclare function c(x: number): void;"
    })
  })

  it("has a section for each namespace, in which that one's names stand alone", () => {
    expect(
      report({
        "index.d.ts": `export * as Event from "./Event.ts";\nexport * as Lock from "./Lock.ts";`,
        "Event.d.ts": `import * as Lock_ from "./Lock.ts";\nexport declare const make: (lock: Lock_.Lock) => void;`,
        "Lock.d.ts": "export interface Lock {}\nexport declare const make: () => Lock;"
      })
    ).toEqual({
      Event: "declare const make: (lock: Lock.Lock) => void",
      Lock: "declare interface Lock {\n\n}\n\ndeclare const make: () => Lock"
    })
  })

  it("calls everything by its public name, whatever the modules call it", () => {
    expect(
      report({
        "index.d.ts": `import { Inner as Mine } from "./inner.ts";\nexport { Inner as Outer } from "./inner.ts";\nexport declare const a: Mine;\nexport declare const b: import("./inner.ts").Inner;\nexport declare const c: typeof b;`,
        "inner.d.ts": "export type Inner = 1;"
      })
    ).toEqual({
      Exports:
        "declare type Outer = 1;\n\ndeclare const a: Outer\n\ndeclare const b: Outer\n\ndeclare const c: typeof b"
    })
  })

  it("says from where names of other modules come, and keeps equal ones apart", () => {
    expect(
      report({
        "index.d.ts": `import type { Order as By } from "effect/Order";\nimport { T } from "@skein/core/other";\nexport { x } from "./a.ts";\nexport declare const y: By<T>;\nexport interface Queue {}`,
        "other.d.ts": "export type T = 1;",
        "a.d.ts": `import * as Queue from "effect/Queue";\nexport declare const x: Queue.Queue<Promise<1>>;`
      })
    ).toEqual({
      "Names of other modules":
        'import type * as other from "@skein/core/other"\nimport type { Order as By } from "effect/Order"\nimport type * as Queue_ from "effect/Queue"',
      Exports:
        "declare interface Queue {\n\n}\n\ndeclare const x: Queue_.Queue<Promise<1>>\n\ndeclare const y: By<other.T>"
    })
  })

  it("shows what is mentioned and not exported, directly or not, so that a change of it shows as well", () => {
    expect(
      report({
        "index.d.ts": `import { Box as Box_ } from "./box.ts";\nexport interface Box extends Box_ {}\nexport declare const a: <Hidden>(x: Hidden) => void;\ntype Hidden = 1;`,
        "box.d.ts":
          "export declare class Box implements Lid {\n    open(): void;\n}\nexport interface Lid {\n    open(): void;\n}\nexport type Unused = 1;"
      })
    ).toEqual({
      Exports: "declare interface Box extends Box_in_box {\n\n}\n\ndeclare const a: <Hidden>(x: Hidden) => void",
      "Not exported":
        "declare class Box_in_box implements Lid {\nopen(): void;\n}\n\ndeclare interface Lid {\nopen(): void;\n}"
    })
  })

  it("orders members: how it is made or called, what is static, the others by name; overloads stay as they are", () => {
    const { Exports } = report({
      "index.d.ts":
        "export declare class A {\n  z(): void;\n  a(x: 2): void;\n  a(x: 1): void;\n  static b: 1;\n  get [Symbol.iterator](): 1;\n  constructor(x: 1);\n  __repr__(): string;\n}"
    })
    expect(Exports).toBe(
      "declare class A {\nconstructor(x: 1);\nstatic b: 1;\n__repr__(): string;\na(x: 2): void;\na(x: 1): void;\nget [Symbol.iterator](): 1;\nz(): void;\n}"
    )
  })

  it("leaves out private members, internal ones and marks, and what only they mention", () => {
    expect(
      report({
        "index.d.ts":
          'declare const mark: unique symbol;\ndeclare class Secret {}\nexport declare class A {\n  private x;\n  #private;\n  _y: Secret;\n  readonly "~z": Secret;\n  readonly [mark]: Secret;\n  shown: 1;\n}'
      })
    ).toEqual({ Exports: "declare class A {\nshown: 1;\n}" })
  })
})

describe("its page", () => {
  it("is formatted as the house's sources are", () => {
    const sections = [
      { title: "Names of other modules", code: 'import type * as Effect from "effect/Effect"' },
      { title: "Lock", code: "declare class Lock {\nopen( ): void;\n}\n\ndeclare const make: () => Lock;" }
    ]
    expect(printReport(house, "@skein/core", sections)).toBe(
      [
        "# The surface of `@skein/core`",
        "Written by `npm run api`. Members whose names begin with `_` or `~` are left out.",
        "## Names of other modules",
        '```ts\nimport type * as Effect from "effect/Effect"\n```',
        "## Lock",
        "```ts\nclass Lock {\n  open(): void\n}\n\nconst make: () => Lock\n```\n"
      ].join("\n\n")
    )
  })

  it.each([
    ["@skein/core", "index.api.md"],
    ["@skein/core/kernel", "kernel.api.md"],
    ["@skein/core/a/b", "a-b.api.md"]
  ])("of %s is %s", (specifier, name) => {
    expect(reportPath("/p", specifier)).toBe(join("/p/api", name))
  })
})
