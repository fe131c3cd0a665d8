/**
 * One thing that a program left behind.
 *
 * `task`: a task that has not ended. `fiber`: a fiber of Effect's own that has not. `timer`: a callback that is set for later.
 * `held`: a lock or permit that nobody will give back. `listener`: a listener on `process`, or on an object that was named.
 */
export interface Leak {
  /** What kind of thing it is. */
  readonly kind: "task" | "fiber" | "timer" | "held" | "listener"
  /** What it is, and what it does, in words. */
  readonly what: string
  /** Where the task was made, as `file:line`, if that was recorded. */
  readonly spawnSite: string | undefined
}

const describe = (leak: Leak): string =>
  `  ${leak.what}${leak.spawnSite === undefined ? "" : ` (started at ${leak.spawnSite})`}`

/** A program has ended, and not everything that it made has. */
export class LeakError extends Error {
  readonly _tag = "LeakError"
  override readonly name = "LeakError"
  /** What was left, in the order in which it is printed. */
  readonly leaks: ReadonlyArray<Leak>

  /** @param leaks - what was left */
  constructor(leaks: ReadonlyArray<Leak>) {
    const things = leaks.length === 1 ? "one thing" : `${leaks.length} things`
    super(
      `The program has ended and left ${things} behind:\n${leaks.map(describe).join("\n")}\n` +
        "Give things back in finalizers, join or cancel tasks, and clear timers and listeners on every way out."
    )
    this.leaks = leaks
  }
}
