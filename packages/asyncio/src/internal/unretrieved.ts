// Exceptions that nobody looked at. CPython reports one when the future's last reference goes. Here a failed future that is
// still unread two passes later is watched by the garbage collector, and whatever is left unread when the loop closes is
// reported then, in order: a program that ends always hears of its lost errors.

import type { EventLoop } from "../base_events.ts"
import type { AnyFuture, UnreadMark } from "../futures.ts"
import { installRepr, repr } from "./pyrepr.ts"

/** Stands for a future that was collected: all that is left of it is what it looked like. */
class CollectedFuture {
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }
  __repr__(): string {
    return this.text
  }
}
installRepr(CollectedFuture)

interface Watched {
  readonly reference: WeakRef<AnyFuture>
  readonly mark: UnreadMark
  readonly message: string
  readonly exception: unknown
  readonly text: string
  readonly loop: WeakRef<EventLoop>
  readonly watch: Set<Watched>
}

const collected = new FinalizationRegistry<Watched>((watched) => {
  if (!watched.watch.delete(watched) || !watched.mark.unread) return
  watched.loop.deref()?.call_exception_handler({
    message: watched.message,
    exception: watched.exception,
    future: new CollectedFuture(watched.text)
  })
})

/** The futures of one loop whose exceptions have not been looked at. */
export class UnretrievedErrors {
  private fresh: Array<AnyFuture> = []
  private older: Array<AnyFuture> = []
  private readonly watched = new Set<Watched>()

  add(future: AnyFuture): void {
    this.fresh.push(future)
  }

  /** Most errors are looked at one or two passes after they were set: only what is older is worth watching. */
  passEnded(): void {
    if (this.fresh.length === 0 && this.older.length === 0) return
    for (const future of this.older) if (future._is_unretrieved) this.watch(future)
    this.older = this.fresh
    this.fresh = []
  }

  private watch(future: AnyFuture): void {
    const watched: Watched = {
      reference: new WeakRef(future),
      mark: future._mark_watched(),
      message: messageFor(future),
      exception: future._exception,
      text: repr(future),
      loop: new WeakRef(future._loop),
      watch: this.watched
    }
    this.watched.add(watched)
    collected.register(future, watched, watched)
  }

  /** Reports all that is still unread, oldest first. */
  reportAll(loop: EventLoop): void {
    const left: Array<AnyFuture> = []
    for (const watched of this.watched) {
      const future = watched.reference.deref()
      collected.unregister(watched)
      if (future !== undefined) left.push(future)
    }
    this.watched.clear()
    left.push(...this.older, ...this.fresh)
    this.older = []
    this.fresh = []
    for (const future of left) {
      if (!future._is_unretrieved) continue
      const exception = future._exception
      future._mark_retrieved()
      loop.call_exception_handler({
        message: messageFor(future),
        exception,
        future,
        ...loop._source_context(future)
      })
    }
  }
}

const messageFor = (future: AnyFuture): string => `${future.constructor.name} exception was never retrieved`
