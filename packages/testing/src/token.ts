/**
 * The text that a schedule is written down as, to be pasted into a test.
 *
 * @see docs/testing.md
 */
import { ReplayError } from "./errors.ts"
import { readNumbers, writeNumbers } from "./internal/numbers.ts"
import type { Decision, Schedule } from "./schedule.ts"

const VERSION = 1
const kinds = ["core", "asyncio"] as const
const modes = ["idle", "anytime"] as const

/**
 * Writes a schedule down, as a short text of letters, digits, `-` and `_`.
 *
 * @example
 * ```ts
 * import { readToken, writeToken } from "@skein/testing"
 *
 * const token = writeToken({ kind: "core", timers: "idle", decisions: [{ at: 3, choice: 1 }], points: 9, fingerprint: 5 })
 * console.log(readToken(token).decisions) // => [ { at: 3, choice: 1 } ]
 * ```
 */
export const writeToken = (schedule: Schedule): string => {
  const numbers = [
    VERSION,
    kinds.indexOf(schedule.kind) + 2 * modes.indexOf(schedule.timers),
    schedule.fingerprint,
    schedule.points
  ]
  let from = 0
  for (const { at, choice } of schedule.decisions) {
    numbers.push(at - from, choice)
    from = at + 1
  }
  return writeNumbers(numbers)
}

/**
 * Reads what {@link writeToken} wrote.
 *
 * @throws `ReplayError` if the text is no such token.
 *
 * @example
 * ```ts
 * import { readToken } from "@skein/testing"
 *
 * try {
 *   readToken("no token")
 * } catch (error) {
 *   console.log((error as Error).message) // => "no token" is no replay token. Copy the whole of it from the report.
 * }
 * ```
 */
export const readToken = (token: string): Schedule => {
  const bad = () =>
    new ReplayError({ message: `${JSON.stringify(token)} is no replay token. Copy the whole of it from the report.` })
  const numbers = readNumbers(token)
  if (numbers === undefined || numbers.length < 4 || numbers.length % 2 !== 0) throw bad()
  const [version, flags, fingerprint, points, ...rest] = numbers as [number, number, number, number, ...Array<number>]
  if (version !== VERSION) {
    throw new ReplayError({
      message: `The replay token ${token} was written by another version of @skein/testing (format ${version}, not ${VERSION}). Explore again.`
    })
  }
  const kind = kinds[flags % 2]
  const timers = modes[Math.floor(flags / 2)]
  if (kind === undefined || timers === undefined) throw bad()
  const decisions: Array<Decision> = []
  let from = 0
  for (let index = 0; index < rest.length; index += 2) {
    const at = from + (rest[index] as number)
    const choice = rest[index + 1] as number
    if (choice === 0 || at >= points) throw bad()
    decisions.push({ at, choice })
    from = at + 1
  }
  return { kind, timers, decisions, points, fingerprint }
}
