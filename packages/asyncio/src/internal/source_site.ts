// Where something was made, for debug mode: the frames of the caller, without our own.

/** A place in the program. */
export interface SourceSite {
  /** The innermost frame outside of this package, as `file:line`. */
  readonly site: string
  /** The frames, innermost last, as CPython prints them. */
  readonly stack: string
}

/** CPython keeps ten frames (`constants.DEBUG_STACK_DEPTH`); ours come on top of them before they are left out. */
const FRAMES = 10

/** Frames come as URLs or as paths: plain Node shows the former, test runners the latter. */
const withoutScheme = (file: string): string => file.replace(/^file:\/\//, "")

const ownFolder = withoutScheme(new URL("..", import.meta.url).href)

const framePattern = /^\s*at (?:(.*?) \()?(.*?):(\d+):\d+\)?$/

// V8 notes the frames at once, which is cheap, and formats them when `stack` is first read, which is not: a module may define
// a hundred coroutine functions, and a program make a million futures, whose places nobody ever asks for.
class CallSite implements SourceSite {
  private holder: { stack?: string } | undefined
  private frames: ReadonlyArray<{ readonly place: string; readonly name: string }> = []

  constructor(holder: { stack?: string }) {
    this.holder = holder
  }

  get site(): string {
    return this.read()[0]?.place ?? "<unknown>"
  }

  get stack(): string {
    return this.read()
      .toReversed()
      .map((frame) => `  at ${frame.place}, in ${frame.name}`)
      .join("\n")
  }

  private read() {
    if (this.holder === undefined) return this.frames
    const frames: Array<{ readonly place: string; readonly name: string }> = []
    for (const line of (this.holder.stack ?? "").split("\n").slice(1)) {
      const match = framePattern.exec(line)
      if (match === null || frames.length === FRAMES) continue
      const [, name, url, row] = match as unknown as [string, string | undefined, string, string]
      const file = withoutScheme(url)
      if (file.startsWith(ownFolder) || file.startsWith("node:") || file.includes("/node_modules/")) continue
      frames.push({ place: `${file}:${row}`, name: name ?? "<module>" })
    }
    this.holder = undefined
    this.frames = frames
    return frames
  }
}

/** The place that called into this package. */
export const callerSite = (): SourceSite => {
  const holder: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES * 3
  Error.captureStackTrace(holder, callerSite)
  Error.stackTraceLimit = limit
  return new CallSite(holder)
}
