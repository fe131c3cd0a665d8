import { runInThisContext } from "node:vm"
import { Task, TaskGroup, VirtualTime } from "@skein/core"
import { noteSpawnSite, recordSpawnSites, type SpawnSite, taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it } from "vitest"

/** Where the live tasks of these names were made, without the folder. */
const sitesOf = (...names: ReadonlyArray<string>) =>
  Effect.sync(() =>
    names.map((name) => {
      for (const node of taskRegistry) if (node.name === name) return node.spawnSite?.replace(/^.*\//, "")
      return "no such task"
    })
  )

/** The line from which this is called. */
const here = (): number => Number(/SpawnSite\.test\.ts:(\d+)/.exec(String(new Error().stack).split("\n")[2] ?? "")?.[1])

let stop = (): void => undefined
afterEach(() => stop())

describe("the place where a task was made", () => {
  it("is the line of the program that called Task.spawn, group.spawn or TaskGroup.all", async () => {
    stop = recordSpawnSites()
    const lines: Array<number> = []
    const program = Effect.scoped(
      Effect.gen(function* () {
        yield* Task.spawn(Effect.never, { name: "spawned" })
        lines.push(here() - 1)
        yield* Effect.never.pipe(Task.spawn({ name: "piped" }))
        lines.push(here() - 1)
        const group = yield* TaskGroup.make()
        yield* group.spawn(Effect.never, { name: "grouped" })
        lines.push(here() - 1)
        yield* Effect.forkScoped(TaskGroup.all([Effect.never], { name: "all" }))
        lines.push(here() - 1)
        yield* Effect.sleep(1)
        return yield* sitesOf("spawned", "piped", "grouped", "all[0]")
      })
    )
    const sites = await VirtualTime.runPromise(program)
    expect(sites).toEqual(lines.map((line) => `SpawnSite.test.ts:${line}`))
  })

  it("is not noted while nobody records places", async () => {
    const program = Effect.scoped(
      Effect.gen(function* () {
        yield* Task.spawn(Effect.never, { name: "unrecorded" })
        return yield* sitesOf("unrecorded")
      })
    )
    expect(await VirtualTime.runPromise(program)).toEqual([undefined])
  })

  it("is the nearest frame that is neither ours, nor Node's, nor a dependency's, whether shown as a path or as a URL", () => {
    stop = recordSpawnSites()
    const packages = new URL("../../..", import.meta.url)
    const calledFrom = (file: string): string | undefined => {
      const places = ["          (note) => note()", "(function program(note) { return note() })"].map((code) => {
        const call = runInThisContext(code, { filename: file, lineOffset: 41 }) as (
          note: typeof noteSpawnSite
        ) => SpawnSite
        return call(noteSpawnSite).place
      })
      // A frame shows a function with a name in another way than one without.
      expect(places[1]).toBe(places[0])
      return places[0]
    }
    for (const file of ["/app/main.ts", `${packages.pathname}examples/src/tour.ts`, "/app/core/src/main.ts"]) {
      expect(calledFrom(file)).toBe(`${file}:42`)
      expect(calledFrom(`file://${file}`)).toBe(`${file}:42`)
    }
    // Names that look like parts of a frame.
    for (const file of ["/app/a:1:2/main.ts", "/app/file://main.ts", "/app/x at y (1)/main.ts"]) {
      expect(calledFrom(file)).toBe(`${file}:42`)
    }
    // A folder of a program may have a name of ours.
    expect(calledFrom(`${packages.pathname}examples/core/src/main.ts`)).toMatch(/examples\/core\/src\/main.ts:42$/)
    for (const file of [
      "node:internal/timers",
      "/app/node_modules/effect/dist/Effect.js",
      `${packages.pathname}asyncio/src/tasks.ts`,
      `${packages.href}core/dist/Task.js`
    ]) {
      expect(calledFrom(file)).toMatch(/SpawnSite\.test\.ts:\d+$/)
    }
  })

  it("is also found in a function without a name that awaits what was called", async () => {
    stop = recordSpawnSites()
    type Note = typeof noteSpawnSite
    const inner = runInThisContext("(async (note) => { await null; return note() })", {
      filename: "/app/node_modules/library/index.js"
    }) as (note: Note) => Promise<SpawnSite>
    const outer = runInThisContext("(async (inner, note) => await inner(note))", { filename: "/app/main.ts" }) as (
      called: typeof inner,
      note: Note
    ) => Promise<SpawnSite>
    expect((await outer(inner, noteSpawnSite)).place).toBe("/app/main.ts:1")
  })

  it("leaves V8's own limit of frames as it was", () => {
    stop = recordSpawnSites()
    const limit = Error.stackTraceLimit
    noteSpawnSite()
    expect(Error.stackTraceLimit).toBe(limit)
  })

  it("is recorded until the last of those who want it has stopped", () => {
    const outer = recordSpawnSites()
    const inner = recordSpawnSites()
    inner()
    inner()
    expect(noteSpawnSite()).toBeDefined()
    outer()
    expect(noteSpawnSite()).toBeUndefined()
  })
})
