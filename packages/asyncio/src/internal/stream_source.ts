// Streams of Effect behind `async for`. A file of its own, loaded when it is needed, since Effect's Stream is large.

import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { END } from "../async_generators.ts"
import type { Source } from "./async_iteration.ts"

/** Opens a stream; its resources are given back when it ends or is left. */
export function* streamSource<A>(stream: Stream.Stream<A, unknown>): Generator<unknown, Source<A>, unknown> {
  const scope = Scope.makeUnsafe()
  return new PullSource(yield* Scope.provide(Stream.toPull(stream), scope), scope)
}

class PullSource<A> implements Source<A> {
  private readonly pull: Effect.Effect<ReadonlyArray<A> | typeof END, unknown>
  private readonly scope: Scope.Closeable
  private items: ReadonlyArray<A> = []
  private index = 0

  constructor(pull: Pull.Pull<ReadonlyArray<A>, unknown>, scope: Scope.Closeable) {
    this.pull = Pull.catchDone(pull, () => Effect.succeed(END))
    this.scope = scope
  }

  *next(): Generator<unknown, A | typeof END, unknown> {
    while (this.index === this.items.length) {
      const items = yield* this.pull
      if (items === END) {
        yield* this.leave()
        return END
      }
      this.items = items
      this.index = 0
    }
    return this.items[this.index++] as A
  }

  *leave(): Generator<unknown, void, unknown> {
    yield* Scope.close(this.scope, Exit.void)
  }
}
