import type { EventLoop } from "../base_events.ts"
import { Future } from "../futures.ts"

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
