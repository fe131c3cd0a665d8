// What a program pays for before its first line runs: the files that are loaded. Asked of Node itself, in a process of its own,
// since this one has long loaded everything.
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

interface Loaded {
  /** Modules of Effect that our own files name. */
  readonly named: ReadonlyArray<string>
  /** All files of Effect, named by whomever. */
  readonly files: ReadonlyArray<string>
  readonly result: unknown
}

const recorder = `
import { registerHooks } from "node:module"
const named = new Set(), files = new Set()
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const [, file] = /\\/node_modules\\/effect\\/dist\\/(.*)\\.js$/.exec(resolved.url) ?? []
    if (file !== undefined) files.add(file)
    if (specifier.startsWith("effect/") && context.parentURL?.includes("/asyncio/src/")) named.add(specifier)
    return resolved
  }
})
const loaded = (result) => ({ named: [...named].sort(), files: [...files], result })
`

/** Runs a program in plain Node, from the sources. It calls `report(loaded(result))`. */
const run = async (program: string): Promise<ReadonlyArray<Loaded>> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--conditions=@skein/source",
      "--no-warnings",
      "--input-type=module",
      "--eval",
      `${recorder}const report = (it) => console.log(JSON.stringify(it))\n${program}`
    ],
    { cwd: import.meta.dirname }
  )
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
}

describe("start-up", () => {
  it("loads of Effect what coroutines are made of, and not what runs effects", async () => {
    const [imported, used] = await run(`
      const asyncio = await import("@skein/asyncio")
      report(loaded())
      const wait = asyncio.coroutine(function* wait(lock) {
        yield* lock.acquire()
        yield* asyncio.sleep(60)
      })
      const main = asyncio.coroutine(function* main() {
        const lock = asyncio.Lock()
        const tasks = [1, 2].map(() => asyncio.create_task(wait(lock)))
        yield* asyncio.sleep(0)
        for (const task of tasks) task.cancel()
        const outcomes = yield* asyncio.gather(...tasks, { return_exceptions: true })
        return outcomes.map((outcome) => outcome.constructor.name)
      })
      report(loaded(await asyncio.run(main())))
    `)
    expect(imported?.named).toEqual(["effect/Context", "effect/Effectable", "effect/Scheduler", "effect/Utils"])
    expect(imported?.files).not.toContain("internal/effect")
    expect(imported?.files.length).toBeLessThanOrEqual(25)
    expect(used?.files).toEqual(imported?.files)
    expect(used?.result).toEqual(["CancelledError", "CancelledError"])
  })

  it("loads the rest when an effect is met", async () => {
    const [before, after] = await run(`
      const asyncio = await import("@skein/asyncio")
      const Context = await import("effect/Context")
      const Depth = Context.Reference("Depth", { defaultValue: () => 7 })
      const main = asyncio.coroutine(function* main() {
        return yield* Depth
      })
      report(loaded())
      report(loaded(await asyncio.run(main())))
    `)
    expect(before?.files).not.toContain("Effect")
    expect(after?.files).toContain("Effect")
    expect(after?.result).toBe(7)
  })

  it("finds the modules that the program has loaded itself", async () => {
    const [seen] = await run(`
      const asyncio = await import("@skein/asyncio")
      const Effect = await import("effect/Effect")
      const Exit = await import("effect/Exit")
      const failing = asyncio.coroutine(function* failing() {
        yield* Effect.sleep(1)
        return yield* Effect.fail(new TypeError("wrong"))
      })
      const main = asyncio.coroutine(function* main() {
        try {
          yield* failing().pipe(Effect.tapError(() => Effect.yieldNow))
        } catch (error) {
          return error.message
        }
      })
      const inLoop = await asyncio.run(main())
      const exit = await Effect.runPromiseExit(failing())
      report(loaded([inLoop, Exit.isFailure(exit), await Effect.runPromise(main())]))
    `)
    expect(seen?.result).toEqual(["wrong", true, "wrong"])
  })
})
