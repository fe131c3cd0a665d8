import { insist } from "./insist.ts"
import { strandName } from "./strands.ts"
import type { Outcome } from "./taskModel.ts"

/**
 * What a child of a group does. `yield` lets others run; `sleep` takes an hour; `fail` fails. `linger` means that it has a clean-up
 * that takes a step of its own, whatever comes next. `cancel` asks the next child round to stop; `stop` asks the one who runs all
 * of them.
 */
export type GroupOperation = "yield" | "sleep" | "fail" | "linger" | "cancel" | "stop"

/** What a child fails with. */
export class ChildFailure extends Error {
  readonly child: number

  constructor(child: number) {
    super(strandName(child))
    this.child = child
  }
}

/** Hears of what children do, in the step in which they do it. */
export class GroupModel {
  readonly outcomes = new Map<number, Outcome>()
  /** Who was asked to stop by another child. */
  readonly asked = new Set<number>()
  /** When the first child failed, and when all were asked to stop. */
  failedAt: number | undefined = undefined
  stoppedAt: number | undefined = undefined
  private readonly limit: number
  /** Whether nobody may begin once somebody has failed. */
  private readonly strict: boolean
  private readonly inside = new Set<number>()
  private readonly cleaning = new Set<number>()

  constructor(options: { limit?: number; strict?: boolean } = {}) {
    this.limit = options.limit ?? Number.POSITIVE_INFINITY
    this.strict = options.strict ?? false
  }

  begins(child: number): void {
    insist(!this.strict || this.failedAt === undefined, `${strandName(child)} begins after a failure`)
    this.inside.add(child)
    insist(this.inside.size <= this.limit, () => `${this.inside.size} run at once, of ${this.limit}`)
  }

  cleans(child: number): void {
    this.cleaning.add(child)
  }

  cleaned(child: number): void {
    this.cleaning.delete(child)
  }

  ends(child: number, outcome: Outcome, now: number): void {
    insist(!this.cleaning.has(child), `${strandName(child)} ends before its clean-up`)
    this.inside.delete(child)
    this.outcomes.set(child, outcome)
    if (outcome === "failure") this.failedAt ??= now
  }

  stops(now: number): void {
    this.stoppedAt ??= now
  }

  /** Who failed, in no order. */
  get failed(): ReadonlyArray<number> {
    return [...this.outcomes].filter(([, outcome]) => outcome === "failure").map(([child]) => child)
  }

  /** No child outlives the one who runs it. */
  allEnded(): void {
    insist(this.inside.size === 0, () => `${[...this.inside].map(strandName).join(", ")} has outlived its group`)
  }

  /** Nobody was cancelled for nothing. */
  noneCancelledBut(isAllowed: (child: number) => boolean): void {
    for (const [child, outcome] of this.outcomes) {
      insist(
        outcome !== "cancelled" || isAllowed(child),
        `${strandName(child)} was cancelled, and nobody asked for that`
      )
    }
  }
}
