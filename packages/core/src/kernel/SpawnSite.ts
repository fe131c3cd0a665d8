// Where a task was made. An effect's stack shows the run loop and not the program, so the place is noted where the program
// calls `spawn`, which is before the task is made. Noting costs microseconds, so it is done only while somebody wants it.

let recorders = 0

/** A place in the program. V8 notes frames quickly and prints them slowly, so they are printed when somebody looks. */
export interface SpawnSite {
  /** The place as `file:line`; `undefined` if no frame of the program was on the stack. */
  readonly place: string | undefined
}

/**
 * Has tasks note where they are made, until the returned function is called. Tests do this; it makes each spawn slower by
 * some microseconds. Calls nest.
 *
 * @returns what ends it; calling it twice does no harm.
 *
 * @example
 * ```ts
 * import { noteSpawnSite, recordSpawnSites } from "@skein/core/kernel"
 *
 * const stop = recordSpawnSites()
 * console.log(noteSpawnSite() === undefined) // => false
 * stop()
 * console.log(noteSpawnSite() === undefined) // => true
 * ```
 */
export const recordSpawnSites = (): (() => void) => {
  let isOn = true
  recorders++
  return () => {
    if (isOn) recorders--
    isOn = false
  }
}

/**
 * The place from which Skein was called, or `undefined` while nobody records places (see {@link recordSpawnSites}).
 *
 * @example
 * ```ts
 * import { noteSpawnSite } from "@skein/core/kernel"
 *
 * console.log(noteSpawnSite()) // => undefined
 * ```
 */
export const noteSpawnSite = (): SpawnSite | undefined => (recorders === 0 ? undefined : new CallSite())

/** Ours come on top of the program's, and Effect's may stand between. */
const FRAMES = 40

/** A frame of a function with a name has the place in brackets; a file's name may have brackets of its own. */
const framePattern = /^ +at (?:async )?(?:.*? \((.+):(\d+):\d+\)|(.+):(\d+):\d+)$/

/** Frames come as URLs or as paths: plain Node shows the former, test runners the latter. */
const withoutScheme = (file: string): string => file.replace(/^file:\/\//, "")

const house = withoutScheme(new URL("../../..", import.meta.url).href)

const isOurs = (file: string): boolean =>
  file.startsWith("node:") ||
  file.includes("/node_modules/") ||
  (file.startsWith(house) && /^(core|asyncio|testing)\/(src|dist)\//.test(file.slice(house.length)))

class CallSite implements SpawnSite {
  private readonly holder: { stack?: string } = {}

  constructor() {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = FRAMES
    Error.captureStackTrace(this.holder, CallSite)
    Error.stackTraceLimit = limit
  }

  get place(): string | undefined {
    for (const line of (this.holder.stack ?? "").split("\n")) {
      const match = framePattern.exec(line)
      if (match === null) continue
      const file = withoutScheme((match[1] ?? match[3]) as string)
      if (!isOurs(file)) return `${file}:${match[2] ?? match[4]}`
    }
    return undefined
  }
}
