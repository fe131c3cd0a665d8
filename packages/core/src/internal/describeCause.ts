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

const describeError = (error: unknown): string => {
  if (error instanceof Error) {
    const message = error.message.replaceAll("\n", "\n  ")
    return message === "" ? error.name : `${error.name}: ${message}`
  }
  if (typeof error === "string") return JSON.stringify(error)
  try {
    return JSON.stringify(error) ?? String(error)
  } catch {
    return String(error)
  }
}
