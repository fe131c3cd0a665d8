import * as Cause from "effect/Cause"

/** A cause in words, for the message of an error that carries it: one line a reason, further lines indented. */
export const describeCause = (cause: Cause.Cause<unknown>): string =>
  cause.reasons.length === 0
    ? "no reason"
    : cause.reasons
        .map((reason) => {
          if (Cause.isInterruptReason(reason)) return "was cancelled"
          return Cause.isFailReason(reason) ? describeError(reason.error) : `defect: ${describeError(reason.defect)}`
        })
        .join("; ")

/** Lines of one error's message that are shown: errors of groups nest, and each message holds those of all below it. */
const MOST_LINES = 20

const describeError = (error: unknown): string => {
  if (error instanceof Error) {
    const lines = error.message.split("\n", MOST_LINES + 1)
    if (lines.length > MOST_LINES) lines[MOST_LINES] = "..."
    const message = lines.join("\n  ")
    return message === "" ? error.name : `${error.name}: ${message}`
  }
  if (typeof error === "string") return JSON.stringify(error)
  try {
    return JSON.stringify(error) ?? String(error)
  } catch {
    return String(error)
  }
}
