// What the operations of the scenarios wait for.
import * as asyncio from "@skein/asyncio"
import type { Steps } from "../support/asyncio.ts"
import type { Fates } from "../support/fates.ts"

/** Works for some seconds; cleaning up takes one more. */
export const work = (fates: Fates, seconds: number): asyncio.Coroutine<string> =>
  asyncio.coroutine(working)(fates, seconds)

export function* working(fates: Fates, seconds: number): Generator<asyncio.Step<never>, string, unknown> {
  const tell = fates.begins()
  try {
    yield* asyncio.sleep(seconds)
    tell("runs to its end")
    return "done"
  } catch (error) {
    if (!(error instanceof asyncio.CancelledError)) throw error
    tell("is cut off in its clean-up")
    yield* asyncio.sleep(1)
    tell("is cancelled and cleans up")
    throw error
  }
}

/** An asynchronous context manager whose beginning and end take their time. */
export class SlowManager {
  private readonly ends: Fates
  private readonly times: { readonly enter: number; readonly exit: number }
  state: "not entered" | "entered" | "left" = "not entered"

  constructor(ends: Fates, times: { readonly enter: number; readonly exit: number }) {
    this.ends = ends
    this.times = times
  }

  *__aenter__(): Generator<asyncio.Step<never>, this, unknown> {
    if (this.times.enter > 0) yield* asyncio.sleep(this.times.enter)
    this.state = "entered"
    return this
  }

  *__aexit__(): Steps {
    if (this.times.exit > 0) yield* working(this.ends, this.times.exit)
    this.state = "left"
  }
}
