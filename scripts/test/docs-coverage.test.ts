import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findGaps } from "../lib/docs-coverage.ts"

let root: string

const write = (path: string, text: string) => {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** What the check says of a library with these sources; `index.ts` is its entry. */
const judge = (sources: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(sources)) write(`packages/core/src/${name}`, text)
  return findGaps(root).map(
    ({ file, line, message }) => `${file.replace("packages/core/src/", "")}:${line}: ${message}`
  )
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "skein-coverage-"))
  const exports = {
    ".": { "@skein/source": "./src/index.ts", default: "./dist/index.js" },
    "./package.json": "./package.json"
  }
  write("packages/core/package.json", JSON.stringify({ name: "@skein/core", exports }))
  write("packages/bench/package.json", JSON.stringify({ name: "@skein/bench", private: true, exports }))
})

afterEach(() => rmSync(root, { recursive: true }))

const example = "@example\n * ```ts\n * 1 + 1 // => 2\n * ```"

describe("what is in order", () => {
  it.each([
    ["a documented constant", "/** Two. */\nexport const two = 2"],
    [
      "a function with an example",
      `/**\n * Doubles.\n *\n * ${example}\n */\nexport const double = (x: number) => 2 * x`
    ],
    [
      "overloads of which one is documented",
      `/**\n * Gives it back.\n *\n * ${example}\n */\nexport function id(x: 1): 1\nexport function id(x: 2): 2\nexport function id(x: unknown) {\n  return x\n}`
    ],
    ["a class of errors, without an example", "/** It broke. */\nexport class BrokenError extends Error {}"],
    [
      "Effects whose verbs do not wait",
      `/**\n * Tries.\n *\n * ${example}\n */\nexport const tryTake = (): Effect.Effect<1> => one\n/**\n * Puts down.\n *\n * ${example}\n */\nexport const putter = (): Effect.Effect<1> => one\n/**\n * Runs.\n *\n * ${example}\n */\nexport const runPromise = (it: Effect.Effect<1>): Promise<1> => one`
    ],
    ["what is not exported", "const secret = () => 1\nclass Hidden {\n  x = 1\n}"],
    [
      "an interface whose twin is documented",
      `/**\n * A box.\n *\n * ${example}\n */\nexport interface Box {}\nexport const Box = callable(BoxClass)\nclass BoxClass {}`
    ],
    [
      "private members, protocol members and overrides",
      `/**\n * A box.\n *\n * ${example}\n */\nexport class Box extends Base {\n  private x = 1\n  #y = 2\n  _z = 3\n  constructor() {}\n  __repr__() {}\n  toString() {}\n  [Symbol.iterator]() {}\n  override size() {}\n}`
    ],
    [
      "a member that is documented where it is declared",
      `/** What can be opened. */\nexport interface Openable {\n  /** Opens it. */\n  open(): void\n}\n/**\n * A box.\n *\n * ${example}\n */\nexport class Box implements Openable {\n  open() {}\n}`
    ]
  ])("%s", (_, text) => {
    expect(judge({ "index.ts": text })).toEqual([])
  })

  it("packages that nobody installs are not looked at", () => {
    write("packages/bench/src/index.ts", "export const undocumented = 1")
    expect(judge({ "index.ts": "" })).toEqual([])
  })
})

describe("what is missing", () => {
  it.each([
    ["a constant", "export const two = 2", `1: "two" is exported and has no doc comment`],
    ["a type", "\nexport type Two = 2", `2: "Two" is exported and has no doc comment`],
    ["an empty comment", "/** */\nexport type Two = 2", `2: "Two" is exported and has no doc comment`],
    ["a plain comment", "// Two.\nexport type Two = 2", `2: "Two" is exported and has no doc comment`],
    [
      "what is exported afterwards",
      "const two = 2\nexport { two as deux }",
      `1: "deux" is exported and has no doc comment`
    ],
    ["an example of a function", "/** Doubles. */\nexport function double() {}", `2: "double" has no @example`],
    ["an example of a class", "/** A box. */\nexport class Box {}", `2: "Box" has no @example`],
    [
      "words of its own",
      "class Base {}\n/** {@inheritDoc Base} */\nexport interface Box extends Base {}",
      `3: "Box" has {@inheritDoc}, which no editor shows: say what it is`
    ],
    [
      "a member",
      "/** A box. */\nexport interface Box {\n  size: number\n}",
      `3: "Box.size" is public and has no doc comment`
    ],
    [
      "what becomes of an interrupted wait",
      `/**\n * Waits.\n *\n * ${example}\n */\nexport const wait = (): Coroutine<void> => later()\n`,
      undefined
    ],
    [
      "the same in a method",
      "/** A box. */\nexport interface Box {\n  /** Waits. */\n  open(): Coroutine<void>\n}",
      undefined
    ],
    [
      "the same of an Effect, whose verb says that it waits",
      `/**\n * Takes.\n *\n * ${example}\n */\nexport const take = (self: Queue): Effect.Effect<void> => later()\n`,
      undefined
    ],
    [
      "the same in an Effect that is a member",
      "/** A group. */\nexport interface Group {\n  /** All of them. */\n  readonly join: Effect.Effect<void>\n}",
      undefined
    ]
  ])("%s", (_, text, expected) => {
    const gaps = judge({ "index.ts": text })
    expect(gaps).toEqual([
      expected === undefined
        ? expect.stringContaining(`does not say what happens "When interrupted"`)
        : `index.ts:${expected}`
    ])
  })

  it("is found behind re-exports, where it is declared", () => {
    const gaps = judge({
      "index.ts": `export * from "./a.ts"\nexport { inner as outer } from "./b.ts"\n`,
      "a.ts": `export * from "./b.ts"\n\nexport const two = 2\n`,
      "b.ts": "\n\nexport const inner = 1\n"
    })
    expect(gaps).toEqual([
      `a.ts:3: "two" is exported and has no doc comment`,
      `b.ts:3: "outer" is exported and has no doc comment`
    ])
  })

  it("is found in a module that is exported as a namespace, its own comment included", () => {
    const gaps = judge({ "index.ts": `export * as Lock from "./Lock.ts"`, "Lock.ts": "export const make = 1\n" })
    expect(gaps).toEqual([
      `Lock.ts:1: "Lock" of @skein/core is a module without a doc comment at its head`,
      `Lock.ts:1: "make" is exported and has no doc comment`
    ])
  })

  it("is found in the class behind a name, and in what that extends", () => {
    const gaps = judge({
      "index.ts": `/** A queue.\n * ${example} */\nexport interface Queue extends QueueClass {}\nexport const Queue = callableAs<Shape>(QueueClass)\nimport { QueueClass } from "./queue.ts"\n`,
      "queue.ts": "class Base {\n  size() {}\n}\nexport class QueueClass extends Base {\n  get() {}\n}\n"
    })
    expect(gaps).toEqual([
      `queue.ts:2: "Queue.size" is public and has no doc comment`,
      `queue.ts:5: "Queue.get" is public and has no doc comment`
    ])
  })
})

describe("this house", () => {
  it("has no gaps", () => {
    expect(findGaps(join(import.meta.dirname, "../.."))).toEqual([])
  })
})
