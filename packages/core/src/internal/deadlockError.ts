import { TaggedError } from "./taggedError.ts"

/**
 * Every fiber waits, no timer is set, and the program has not ended: it never will.
 *
 * `waits` has one line for each task that waits (who waits for what, and what it holds meanwhile); fibers that are no tasks
 * have no names and are not in it. `time` is the virtual time in milliseconds.
 */
export class DeadlockError extends TaggedError("VirtualTimeDeadlockError")<{
  readonly time: number
  readonly waits: ReadonlyArray<string>
  readonly duringCleanUp: boolean
}> {
  override get message(): string {
    const who =
      this.waits.length === 0
        ? "  (no task is known to wait; fibers started with Task.spawn or in a TaskGroup are named here)"
        : this.waits.map((line) => `  ${line}`).join("\n")
    return (
      `Deadlock at ${this.time} ms of virtual time${this.duringCleanUp ? ", while cleaning up" : ""}: ` +
      `every fiber waits, and no timer is set that could wake one.\n${who}\n` +
      "A program that waits for real I/O (sockets, files, workers) must run on the real clock: leave out VirtualTime."
    )
  }
}
