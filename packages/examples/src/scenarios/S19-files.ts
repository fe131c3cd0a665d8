// A group awaits its tasks: @effect-diagnostics floatingEffect:off
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as asyncio from "@skein/asyncio"
import { SingleBar } from "cli-progress"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { Scenario } from "../Scenario.ts"
import { atomic_write } from "../support/atomicWrite.ts"

const NUMBER_OF_FILES = 40
const LINES = 2000
const AT_ONCE = 10

export const scenario: Scenario = {
  id: "S19",
  title: "A folder of files, ten at a time",
  notice:
    "Effect's FileSystem, awaited in coroutines behind a semaphore. Each file is written beside its place and renamed, " +
    "so that cancelling in the middle leaves whole files only.",
  kind: "real",
  async run(print) {
    /** Writes the texts that the program works on. */
    const make_texts = asyncio.coroutine(function* make_texts(folder: string) {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const names = Array.from({ length: NUMBER_OF_FILES }, (_, n) => `text-${String(n + 1).padStart(2, "0")}.txt`)
      for (const name of names) yield* files.writeFileString(path.join(folder, name), `${name} line\n`.repeat(LINES))
      return names
    })

    /** Turns every text of one folder into capitals in another one. */
    const transform = asyncio.coroutine(function* transform(
      from: string,
      to: string,
      onFile: (written: number) => void
    ) {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const limit = new asyncio.Semaphore(AT_ONCE)
      const names = (yield* files.readDirectory(from)).sort()
      // Seen on a terminal only, and gone when it is full.
      const bar = new SingleBar({ format: "  {bar} {value}/{total}", clearOnComplete: true, stream: process.stderr })
      let running = 0
      let most = 0
      let written = 0

      const one = asyncio.coroutine(function* one(name: string) {
        yield* asyncio.async_with(limit, function* () {
          running += 1
          most = Math.max(most, running)
          try {
            const text = yield* files.readFileString(path.join(from, name))
            yield* atomic_write(path.join(to, name), text.toUpperCase())
          } finally {
            running -= 1
          }
          written += 1
          bar.increment()
          onFile(written)
        })
      })

      bar.start(names.length, 0)
      try {
        yield* asyncio.async_with(new asyncio.TaskGroup(), function* (group) {
          for (const name of names) group.create_task(one(name))
        })
      } finally {
        bar.stop()
      }
      return { written, most }
    })

    /** How many files of a folder are whole, cut short, or left from a write that did not end. */
    const inspect = asyncio.coroutine(function* inspect(folder: string) {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const found = { whole: 0, cut: 0, drafts: 0 }
      for (const name of yield* files.readDirectory(folder)) {
        const text = yield* files.readFileString(path.join(folder, name))
        if (name.endsWith(".part")) found.drafts += 1
        else if (text === `${name} line\n`.repeat(LINES).toUpperCase()) found.whole += 1
        else found.cut += 1
      }
      return found
    })

    const main = asyncio.coroutine(function* main() {
      const files = yield* FileSystem.FileSystem
      const from = yield* files.makeTempDirectoryScoped({ prefix: "skein-from-" })
      const names = yield* make_texts(from)
      print(`${names.length} texts to transform`)

      const to = yield* files.makeTempDirectoryScoped({ prefix: "skein-to-" })
      const { most, written } = yield* transform(from, to, () => {})
      print(`written: ${written}, at most ${most} at a time`)
      const after = yield* inspect(to)
      print(`whole: ${after.whole}, cut short: ${after.cut}, temporary: ${after.drafts}`)

      print("cancelled after eight files:")
      const half = yield* files.makeTempDirectoryScoped({ prefix: "skein-half-" })
      const task: asyncio.Task<unknown, FileSystem.FileSystem | Path.Path> = asyncio.create_task(
        transform(from, half, (done) => {
          if (done === 8) task.cancel()
        })
      )
      try {
        yield* task
      } catch (error) {
        if (!(error instanceof asyncio.CancelledError)) throw error
        print("  CancelledError")
      }
      const left = yield* inspect(half)
      print(`  some were written: ${left.whole >= 8 && left.whole < NUMBER_OF_FILES ? "yes" : "no"}`)
      print(`  cut short: ${left.cut}, temporary: ${left.drafts}`)
    })

    await asyncio.run(main().pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
  }
}
