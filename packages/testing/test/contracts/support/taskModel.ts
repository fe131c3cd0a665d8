import { insist } from "./insist.ts"
import type { Script } from "./scripts.ts"
import { strandName } from "./strands.ts"

/**
 * `yield` lets others run; `fail` fails. `linger` means that the strand has a clean-up that takes a step of its own, whatever
 * comes next; `spawn`, that it has a child from here on. `join` waits for the next strand round to end; `cancel` asks it to stop.
 */
export type TaskOperation = "yield" | "fail" | "linger" | "spawn" | "join" | "cancel"

/** How a task ended. */
export type Outcome = "success" | "failure" | "cancelled"

/** Hears of what strands do, in the step in which they do it, and judges how their tasks end. */
export class TaskModel {
  /** How often each was asked to stop before it ended, as far as that is known. */
  readonly asked: Array<number>
  private readonly script: Script<TaskOperation>
  /** False if an operation may be heard of earlier than it happens. */
  private readonly ordered: boolean
  private fault: unknown = undefined
  private readonly began = new Set<number>()
  private readonly ended = new Map<number, Outcome>()
  /** Clean-ups that have begun and not ended, and children that have not ended. */
  private readonly unfinished: Array<number>
  /** Whom each waits for. */
  private readonly waitsFor = new Map<number, number>()

  constructor(script: Script<TaskOperation>, ordered: boolean) {
    this.script = script
    this.ordered = ordered
    this.asked = script.map(() => 0)
    this.unfinished = script.map(() => 0)
  }

  begins(strand: number): void {
    this.insist(
      !this.ordered || this.asked[strand] === 0,
      `${strandName(strand)} begins, though it was asked to stop before`
    )
    this.began.add(strand)
  }

  /** Something begins that has to end before the strand does. */
  owes(strand: number): void {
    ;(this.unfinished[strand] as number)++
  }

  settles(strand: number): void {
    ;(this.unfinished[strand] as number)--
  }

  asks(strand: number): void {
    if (!this.ordered || !this.ended.has(strand)) (this.asked[strand] as number)++
  }

  waits(strand: number, target: number): void {
    this.waitsFor.set(strand, target)
  }

  goesOn(strand: number): void {
    this.waitsFor.delete(strand)
  }

  /** The body of a strand ends. */
  ends(strand: number, outcome: Outcome): void {
    const who = strandName(strand)
    this.insist(this.unfinished[strand] === 0, `${who} has ended before what it owes`)
    this.ended.set(strand, outcome)
    const natural = this.script[strand]?.includes("fail") ? "failure" : "success"
    this.insist(
      outcome === natural || this.wasAsked(strand),
      `${who}, which nobody asked to stop, has ended with ${outcome}`
    )
    this.insist(outcome !== "failure" || natural === "failure", `${who} fails of what it did not do`)
  }

  /** Somebody sees that a task has ended. */
  judge(strand: number, outcome: Outcome): void {
    this.stillHolds()
    const who = strandName(strand)
    const recorded = this.ended.get(strand)
    if (recorded === undefined) {
      this.insist(!this.began.has(strand), `${who} counts as ended, and has not`)
      this.insist(outcome === "cancelled" && this.wasAsked(strand), `${who} has not begun, and ended with ${outcome}`)
      return
    }
    // A request to stop may come through between the last step of the body and the end of the task.
    const isLate = !this.ordered && outcome === "cancelled" && this.wasAsked(strand)
    this.insist(outcome === recorded || isLate, `${who} has ended with ${recorded}, and shows ${outcome}`)
  }

  /** Nothing will wake those who wait any more: so each waits for one that has not ended. */
  atRest(isDone: (strand: number) => boolean): void {
    this.stillHolds()
    for (const strand of this.script.keys()) {
      if (isDone(strand)) continue
      const target = this.waitsFor.get(strand)
      insist(target !== undefined, `${strandName(strand)} has not ended, and waits for nobody`)
      insist(!isDone(target), `${strandName(strand)} waits for ${strandName(target)}, which has ended`)
      insist(!this.wasAsked(strand), `${strandName(strand)} was asked to stop, and has not`)
    }
  }

  /** What is found in a finalizer would only change how a strand ends, so it is kept. */
  private insist(holds: boolean, message: string | (() => string)): void {
    try {
      insist(holds, message)
    } catch (error) {
      this.fault ??= error
      throw error
    }
  }

  private stillHolds(): void {
    if (this.fault !== undefined) throw this.fault
  }

  private wasAsked(strand: number): boolean {
    return (this.asked[strand] as number) > 0
  }
}
