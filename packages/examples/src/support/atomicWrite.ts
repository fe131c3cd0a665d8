import * as asyncio from "@skein/asyncio"
import * as FileSystem from "effect/FileSystem"

/**
 * Writes a file so that a reader sees all of it or nothing: into a temporary file beside it, which then takes its name. On
 * error and on cancellation the temporary file is removed.
 */
export const atomic_write = asyncio.coroutine(function* atomic_write(path: string, text: string) {
  const files = yield* FileSystem.FileSystem
  const draft = `${path}.part`
  try {
    yield* files.writeFileString(draft, text)
    yield* files.rename(draft, path)
  } catch (error) {
    yield* files.remove(draft, { force: true })
    throw error
  }
})
