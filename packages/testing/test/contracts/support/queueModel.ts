// What a queue does, as plainly as it can be said: the histories of real ones are played on it.

/** In which order items come out. */
export type QueueKind = "fifo" | "lifo" | "priority"

/** A strand that waits in line, and for what. */
type Waits = "put" | "get" | "join"

const insist = (holds: boolean, message: string): void => {
  if (!holds) throw new Error(message)
}

/** Hears of every operation in the step in which it happens, and throws if a queue may not behave so. */
export class QueueModel {
  private readonly kind: QueueKind
  private readonly capacity: number
  /** False if an operation may be heard of later than it happens: then only what comes in and out counts. */
  private readonly ordered: boolean
  private readonly inside: Array<number> = []
  private readonly tried = new Set<number>()
  private readonly put = new Set<number>()
  private readonly got = new Set<number>()
  private readonly dropped = new Set<number>()
  private readonly waiting = new Map<number, Waits>()
  private unfinished = 0
  /** How many times nothing was unfinished. */
  private timesFinished = 1
  private readonly joinBegan = new Map<number, number>()
  private isShutdown = false

  constructor(kind: QueueKind, capacity: number, ordered: boolean) {
    this.kind = kind
    this.capacity = capacity
    this.ordered = ordered
  }

  begins(strand: number, what: Waits, item?: number): void {
    this.waiting.set(strand, what)
    if (item !== undefined) this.tried.add(item)
    if (what === "join") this.joinBegan.set(strand, this.timesFinished - (this.unfinished === 0 ? 1 : 0))
  }

  /** The strand's operation has ended with an error, or was interrupted. */
  ends(strand: number): void {
    this.waiting.delete(strand)
  }

  hasPut(strand: number, item: number): void {
    this.waiting.delete(strand)
    this.put.add(item)
    if (!this.ordered) return
    insist(!this.isShutdown, `${item} was put into a queue that is shut down`)
    insist(this.inside.length < this.capacity, `${item} was put into a full queue`)
    this.inside.push(item)
    this.unfinished++
  }

  hasGot(strand: number, item: number): void {
    this.waiting.delete(strand)
    insist(this.tried.has(item), `got ${item}, which nobody put`)
    insist(!this.got.has(item), `got ${item} twice`)
    this.got.add(item)
    if (!this.ordered) return
    const expected = this.next()
    insist(item === expected, `got ${item}, where ${expected} was next`)
    this.inside.splice(this.inside.indexOf(item), 1)
  }

  hasDone(): void {
    if (--this.unfinished === 0) this.timesFinished++
  }

  hasJoined(strand: number): void {
    this.waiting.delete(strand)
    if (!this.ordered) return
    insist(this.timesFinished > (this.joinBegan.get(strand) as number), "a join has ended before all was done")
  }

  shutsDown(immediate: boolean): void {
    this.isShutdown = true
    if (!immediate) return
    for (const item of this.ordered ? this.inside.splice(0) : this.put) {
      if (!this.got.has(item)) this.dropped.add(item)
    }
  }

  /** Nothing will wake those who wait any more: so they must have something to wait for. */
  atRest(size: number): void {
    if (this.ordered) insist(size === this.inside.length, `${size} items are inside, of ${this.inside.length}`)
    for (const [strand, what] of this.waiting) {
      const who = `strand ${strand + 1} waits to ${what}`
      insist(!this.isShutdown, `${who}, though the queue is shut down`)
      if (what === "get") insist(size === 0, `${who}, though ${size} items are inside`)
      if (what === "put") insist(size >= this.capacity, `${who}, though there is room`)
      if (what === "join" && this.ordered) {
        insist(this.timesFinished === this.joinBegan.get(strand), `${who}, though all was done in the meantime`)
      }
    }
  }

  /** The items that are inside in the end: none may be lost, or doubled. */
  atEnd(left: ReadonlyArray<number>): void {
    for (const item of left) {
      insist(this.tried.has(item) && !this.got.has(item), `${item} is still inside, and should not be`)
    }
    for (const item of this.put) {
      insist(this.got.has(item) || this.dropped.has(item) || left.includes(item), `${item} was put, and is lost`)
    }
    if (this.ordered) {
      insist(left.length === this.inside.length, `${left.length} items are inside in the end, of ${this.inside.length}`)
    }
  }

  private next(): number | undefined {
    switch (this.kind) {
      case "fifo":
        return this.inside[0]
      case "lifo":
        return this.inside.at(-1)
      case "priority":
        return this.inside.length === 0 ? undefined : Math.min(...this.inside)
    }
  }
}
