import * as asyncio from "@skein/asyncio"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { systemError } from "effect/PlatformError"
import { describe, expect, it } from "vitest"
import { atomic_write } from "../../src/support/atomicWrite.ts"

/** A file system of names and texts, whose operations end when the test says so. */
const makeFiles = () => {
  const content = new Map<string, string>()
  const order: Array<string> = []
  const held = new Map<string, () => void>()
  const fail = new Set<string>()
  const operation = (name: string, work: () => void) =>
    Effect.callback<void, ReturnType<typeof systemError>>((resume) => {
      order.push(name)
      const end = () => {
        if (fail.has(name)) {
          return resume(Effect.fail(systemError({ _tag: "Unknown", module: "FileSystem", method: name })))
        }
        work()
        resume(Effect.void)
      }
      if (held.has(name)) held.set(name, end)
      else end()
    })
  const layer = FileSystem.layerNoop({
    writeFileString: (path, text) => operation("write", () => content.set(path, text)),
    rename: (from, to) =>
      operation("rename", () => {
        const text = content.get(from)
        if (text === undefined) return
        content.set(to, text)
        content.delete(from)
      }),
    remove: (path) => operation("remove", () => content.delete(path))
  })
  return {
    content,
    order,
    layer,
    fail: (name: string) => fail.add(name),
    hold: (name: string) => held.set(name, () => {}),
    release: (name: string) => {
      const end = held.get(name)
      held.delete(name)
      end?.()
    }
  }
}

describe("an atomic write", () => {
  it("writes beside the place, then takes it", async () => {
    const files = makeFiles()
    await asyncio.run(atomic_write("a.txt", "text").pipe(Effect.provide(files.layer)))
    expect(files.order).toEqual(["write", "rename"])
    expect([...files.content]).toEqual([["a.txt", "text"]])
  })

  it("leaves the old file and no draft when it fails", async () => {
    const files = makeFiles()
    files.content.set("a.txt", "old")
    files.fail("rename")
    await expect(asyncio.run(atomic_write("a.txt", "new").pipe(Effect.provide(files.layer)))).rejects.toThrow("rename")
    expect([...files.content]).toEqual([["a.txt", "old"]])
  })

  for (const operation of ["write", "rename"]) {
    it(`leaves no draft when it is cancelled during its ${operation}`, async () => {
      const files = makeFiles()
      files.content.set("a.txt", "old")
      files.hold(operation)

      const main = asyncio.coroutine(function* main() {
        const task = asyncio.create_task(atomic_write("a.txt", "new"))
        while (!files.order.includes(operation)) yield* asyncio.sleep(0)
        task.cancel()
        yield* asyncio.sleep(0)
        files.release(operation)
        yield* task
      })

      await expect(asyncio.run(main().pipe(Effect.provide(files.layer)))).rejects.toBeInstanceOf(asyncio.CancelledError)
      expect(files.order.at(-1)).toBe("remove")
      expect([...files.content.keys()]).toEqual(["a.txt"])
      expect(files.content.get("a.txt")).toBe("old")
    })
  }
})
