import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findViolations } from "../lib/import-rules.ts"

let root: string

const write = (path: string, text: string) => {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** What the check says of one file in a house where all else is in order. */
const judge = (path: string, text: string) => {
  write(path, text)
  return findViolations(root).map(({ file, line, message }) => `${file}:${line}: ${message}`)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "skein-imports-"))
  write("package.json", JSON.stringify({ name: "house", devDependencies: { vitest: "1" } }))
  const manifest = (name: string, fields: object) =>
    write(`packages/${name}/package.json`, JSON.stringify({ name: `@skein/${name}`, ...fields }))
  manifest("core", { exports: { ".": {}, "./kernel": {} }, peerDependencies: { effect: "4" } })
  manifest("asyncio", {
    exports: { ".": {} },
    imports: { "#host": {} },
    dependencies: { "@skein/core": "1" },
    peerDependencies: { effect: "4" }
  })
  manifest("examples", { dependencies: { "@skein/asyncio": "1", effect: "4" } })
})

afterEach(() => rmSync(root, { recursive: true }))

describe("what is in order", () => {
  it.each([
    ["core imports its own kernel", "packages/core/src/Lock.ts", `import { x } from "./kernel/WaitQueue.ts"`],
    ["core imports a module of Effect", "packages/core/src/Lock.ts", `import * as Effect from "effect/Effect"`],
    [
      "asyncio imports core's entries",
      "packages/asyncio/src/locks.ts",
      `import { a } from "@skein/core"\nimport { b } from "@skein/core/kernel"`
    ],
    ["asyncio imports what it chooses by conditions", "packages/asyncio/src/x.ts", `import { a } from "#host"`],
    ["asyncio uses Node", "packages/asyncio/src/x.ts", `import { inspect } from "node:util"`],
    [
      "a test imports its own package and the house's tools",
      "packages/core/test/a.test.ts",
      `import { it } from "vitest"\nimport { a } from "@skein/core/kernel"\nimport { b } from "../src/b.ts"`
    ],
    ["an example imports Effect's barrel", "packages/examples/src/a.ts", `import { Effect } from "effect"`],
    [
      "kernel names of its own look like the host's",
      "packages/core/src/kernel/a.ts",
      `export const a = { process: 1 }\nexport const b = a.process`
    ],
    [
      "a comment or a string is not an import",
      "packages/core/src/kernel/a.ts",
      `// import "effect"\nexport const a = 'import "effect"'`
    ]
  ])("%s", (_, path, text) => {
    expect(judge(path, text)).toEqual([])
  })
})

describe("what is against the rules", () => {
  it.each([
    [
      "an import upwards",
      "packages/core/src/a.ts",
      `import { run } from "@skein/asyncio"`,
      /^packages\/core\/src\/a\.ts:1: .*downwards only, and @skein\/core may import nothing of the house$/
    ],
    [
      "a type upwards",
      "packages/core/src/a.ts",
      `\nexport type { Task } from "@skein/asyncio"`,
      /a\.ts:2: .*downwards only/
    ],
    [
      "an inline type upwards",
      "packages/core/src/a.ts",
      `export type T = import("@skein/asyncio").Task`,
      /downwards only/
    ],
    [
      "a dynamic import upwards",
      "packages/core/src/a.ts",
      `export const a = () => import("@skein/asyncio")`,
      /downwards only/
    ],
    ["a test that imports upwards", "packages/core/test/a.test.ts", `import "@skein/asyncio"`, /downwards only/],
    [
      "a deep import",
      "packages/asyncio/src/a.ts",
      `import "@skein/core/src/Lock.ts"`,
      /is not a public entry of @skein\/core, which has "\.", "\.\/kernel"/
    ],
    [
      "a path into another package",
      "packages/asyncio/src/a.ts",
      `import "../../core/src/Lock.ts"`,
      /reaches into another package/
    ],
    [
      "a package that does not exist",
      "packages/asyncio/src/a.ts",
      `import "@skein/cores"`,
      /there is no package "@skein\/cores"/
    ],
    [
      "a package that is not declared",
      "packages/examples/src/a.ts",
      `import "@skein/core"`,
      /"@skein\/core" is not in the dependencies of @skein\/examples/
    ],
    [
      "a module chosen by conditions that is not declared",
      "packages/core/src/a.ts",
      `import "#host"`,
      /"#host" is not among the imports of @skein\/core/
    ],
    [
      "a library that is not declared",
      "packages/core/src/a.ts",
      `import "vitest"`,
      /"vitest" is not in the dependencies/
    ],
    ["Effect's private modules", "packages/examples/src/a.ts", `import "effect/internal/core"`, /private to Effect/],
    [
      "Effect's barrel in a library",
      "packages/asyncio/src/a.ts",
      `import { Effect } from "effect"`,
      /the barrel and loads everything/
    ],
    ["Effect's barrel re-exported", "packages/core/src/a.ts", `export { Effect } from "effect"`, /the barrel/],
    [
      "Effect in the kernel",
      "packages/core/src/kernel/a.ts",
      `import type * as Effect from "effect/Effect"`,
      /neither Effect nor Node/
    ],
    ["Node in the kernel", "packages/core/src/kernel/a.ts", `import "node:util"`, /neither Effect nor Node/],
    ["a kernel that looks up", "packages/core/src/kernel/a.ts", `import "../Lock.ts"`, /above the kernel/],
    [
      "a timer in the kernel",
      "packages/core/src/kernel/a.ts",
      `\n\nsetTimeout(() => {}, 1)`,
      /a\.ts:3: .*cannot use setTimeout/
    ],
    [
      "a timer by way of globalThis",
      "packages/core/src/kernel/a.ts",
      `globalThis.setTimeout(() => {}, 1)`,
      /cannot use setTimeout/
    ],
    [
      "a promise in the kernel",
      "packages/core/src/kernel/a.ts",
      `export const a: Promise<void> | undefined = undefined`,
      /cannot use Promise/
    ],
    [
      "an async function in the kernel",
      "packages/core/src/kernel/a.ts",
      `export const a = async () => 1`,
      /cannot use an async function/
    ],
    ["a source that imports a test", "packages/core/src/a.ts", `import "../test/helper.ts"`, /outside of src/],
    ["a module of Node without node:", "packages/asyncio/src/a.ts", `import "util"`, /write "node:util"/],
    [
      "a computed import in a library",
      "packages/core/src/a.ts",
      `export const a = (x: string) => import(x)`,
      /computed name cannot be checked/
    ],
    ["a package without a floor", "packages/extra/package.json", `{"name":"@skein/extra"}`, /"extra" has no floor/]
  ])("%s", (_, path, text, message) => {
    const found = judge(path, text)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(message)
  })
})
