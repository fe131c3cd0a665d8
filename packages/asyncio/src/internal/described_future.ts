import type { EventLoop } from "../base_events.ts"
import { type AnyFuture, Future } from "../futures.ts"
import { repr } from "./pyrepr.ts"

/**
 * The future that a combinator suspends on: an ordinary `Future` in every repr, but reports of who waits for what say what the
 * combinator waits for.
 */
export class DescribedFuture<A = unknown> extends Future<A> {
  private readonly _describe_wait: () => string

  constructor(loop: EventLoop, describe: () => string) {
    super({ loop })
    this._describe_wait = describe
  }

  override describeWait(): string {
    return this._describe_wait()
  }
}
Object.defineProperty(DescribedFuture, "name", { value: "Future" })

const MAX_SHOWN = 3

/** Those of several futures that are not done, for reports of who waits for what: tasks by their names. */
export const describePending = (futures: Iterable<AnyFuture>): string => {
  const pending = [...futures].filter((future) => !future.done())
  const shown = pending.slice(0, MAX_SHOWN).map(describeOne)
  if (pending.length > MAX_SHOWN) shown.push(`${pending.length - MAX_SHOWN} more`)
  return shown.join(", ")
}

const describeOne = (future: AnyFuture): string =>
  "get_name" in future ? `task "${(future as { get_name(): string }).get_name()}"` : repr(future)
