// The declarations that users get: what an editor shows for them, and that nothing in them is `any`.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { emitDeclarations } from "../lib/emit-declarations.ts"
import { publicEntries } from "../lib/module-graph.ts"
import { parseTypeScript, type SyntaxNode, walk } from "../lib/syntax.ts"

const house = join(import.meta.dirname, "../..")
const fixture = "scripts/test/fixtures/public-types/display"

let folder: string
let output: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skein-public-types-"))
  const sources = publicEntries(house).map(({ source }) => source)
  output = await emitDeclarations(house, [join(house, `${fixture}.ts`), ...sources], folder)
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true }))

/** The emitted type of an export of the fixture. */
const shown = (name: string): string => {
  const text = readFileSync(join(folder, "out", `${fixture}.d.ts`), "utf8")
  const [, type] = new RegExp(`^export declare const ${name}: (.*);$`, "m").exec(text) ?? []
  return type ?? `"${name}" is not among the declarations`
}

describe("the type that is shown for", () => {
  it("any export of a user's can be named: no declaration needs an internal module", () => {
    // Complaints about other programs' sources are for `npm run types` to make.
    expect(output.split("\n").filter((line) => line.startsWith(fixture))).toEqual([])
  })

  it.each([
    ["count", "(from: number, step?: number | undefined) => asyncio.Coroutine<number, never>"],
    ["find", "(id: number) => asyncio.Coroutine<string, Db>"],
    ["identity", "<T>(value: T) => asyncio.Coroutine<T, never>"],
    ["provided", "Effect.Effect<string, unknown, never>"],
    ["gathered", "asyncio.Future<[number, string], Db>"],
    ["collected", "asyncio.Future<[number | Error, string | Error], Db>"],
    ["spread", "asyncio.Future<number[], never>"],
    ["task", "asyncio.Task<string, Db>"],
    ["waited", "asyncio.Coroutine<[done: Set<asyncio.Task<string, Db>>, pending: Set<asyncio.Task<string, Db>>], Db>"],
    ["timed", "asyncio.Coroutine<number, never>"],
    ["shielded", "asyncio.Future<number, never>"],
    ["completed", "asyncio.AsCompletedIterator<asyncio.Coroutine<number, never>>"],
    ["block", "asyncio.Coroutine<asyncio.Task<number, never>, never>"],
    ["ticks", "(limit?: number | undefined) => asyncio.AsyncGenerator<number, unknown, never>"],
    ["loop", "asyncio.Coroutine<undefined, Db>"],
    ["squares", "asyncio.Coroutine<number[], never>"],
    ["next", 'asyncio.Coroutine<number | "end", never>'],
    [
      "connection",
      '(host: string, port?: number | undefined) => import("@skein/asyncio/contextlib").AsyncGeneratorContextManager<string, never>'
    ],
    ["ran", "Promise<number>"],
    ["queue", "asyncio.Queue<number>"],
    ["item", "asyncio.Coroutine<number, never>"],
    ["lock", "asyncio.Lock"],
    ["acquired", "asyncio.Coroutine<true, never>"],
    ["variable", "ContextVar<string>"],
    ["group", "ExceptionGroup<ValueError>"],
    ["handle", "asyncio.Handle"],
    ["timeout", "asyncio.Timeout"],
    ["limited", "Effect.Effect<number, CancelScope.DeadlineError, never>"],
    ["all", 'Effect.Effect<[number, never], TaskGroup.TaskGroupError<"no">, never>'],
    [
      "nursery",
      "Effect.Effect<Task.Task<string, never>, TaskGroup.TaskGroupError<TaskGroup.TaskGroupClosedError>, never>"
    ],
    ["spawned", 'Effect.Effect<Task.Task<number, never>, never, import("effect/Scope").Scope>'],
    ["taken", "Effect.Effect<string, Queue.QueueShutdownError, never>"]
  ])("%s: %s", (name, type) => {
    expect(shown(name)).toBe(type)
  })
})

describe("the declarations of the libraries", () => {
  const declarations = () =>
    readdirSync(join(folder, "out/packages"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".d.ts")
    )

  it("have no any", () => {
    const found = declarations().flatMap((name) => {
      const program = parseTypeScript(readFileSync(join(folder, "out/packages", name), "utf8"))
      const lines: Array<string> = []
      for (const { node } of walk(program.program as unknown as SyntaxNode)) {
        if (node.type === "TSAnyKeyword") lines.push(`${name}:${node.loc.start.line}`)
      }
      return lines
    })
    expect(found).toEqual([])
  })

  it("are those of both libraries", () => {
    expect(declarations()).toEqual(
      expect.arrayContaining(["asyncio/src/index.d.ts", "asyncio/src/contextlib.d.ts", "core/src/kernel/index.d.ts"])
    )
  })
})
