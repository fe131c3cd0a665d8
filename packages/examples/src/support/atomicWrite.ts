import * as asyncio from "@skein/asyncio"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

/**
 * Writes a file so that a reader sees all of it or nothing: into a draft beside it, which then takes its name. On error and
 * on cancellation the draft is removed.
 */
export const atomic_write = asyncio.coroutine(function* atomic_write(path: string, text: string) {
  const files = yield* FileSystem.FileSystem
  const draft = `${path}.part`
  try {
    // An interrupted write does not wait for the system, which may create the file after its removal below.
    yield* Effect.uninterruptible(files.writeFileString(draft, text))
    yield* files.rename(draft, path)
  } catch (error) {
    yield* files.remove(draft, { force: true })
    throw error
  }
})
