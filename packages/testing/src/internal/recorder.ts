import type { Chooser, ReadyCause, ReadyStrand, Strand } from "@skein/core/kernel"
import type { Plan } from "../Strategy.ts"
import type { Decision, TimerMode } from "../schedule.ts"

/** What was thrown to end a run. */
export interface Fault {
  readonly kind: "always" | "did-not-end" | "strategy"
  readonly error: unknown
}

/** A turn, for those who want to read the schedule. */
export interface RecordedTurn {
  readonly strand: Strand
  /** Who would have gone on, if that was not this one. */
  readonly insteadOf: Strand | undefined
  /** The fiber that was made to yield in this turn, and the number of the step that it was about to make. */
  preempted: { readonly strand: Strand; readonly step: number } | undefined
}

export interface RecorderOptions {
  readonly timers: TimerMode
  readonly maxSteps: number
  readonly always: (() => void) | undefined
  /** Whether turns are recorded one by one. */
  readonly traces: boolean
}

/** Asks a plan, and writes down what the run does. One for each run. */
export class Recorder implements Chooser {
  readonly timersAnytime: boolean
  readonly decisions: Array<Decision> = []
  readonly candidates: Array<number> = []
  readonly trace: Array<RecordedTurn> = []
  points = 0
  turns = 0
  strands = 0
  fault: Fault | undefined = undefined
  /** False once the program has ended or the run has failed, and only what is left of it is cleaned up. */
  private records = true
  private readonly plan: Plan
  private readonly options: RecorderOptions
  private turnsLeft: number
  private low = 0x811c9dc5
  private high = 0x9e3779b9
  private insteadOf: Strand | undefined = undefined
  private open: RecordedTurn | undefined = undefined

  constructor(plan: Plan, options: RecorderOptions) {
    this.plan = plan
    this.options = options
    this.timersAnytime = options.timers === "anytime"
    this.turnsLeft = options.maxSteps
  }

  /** A number made from who ran: for tokens. */
  get fingerprint(): number {
    return this.low >>> 0
  }

  /** As {@link fingerprint}, of 53 bits: to count schedules by. */
  get identity(): number {
    return (this.low >>> 0) * 0x20_0000 + (this.high & 0x1f_ffff)
  }

  /** The program has ended: what follows is no part of the schedule. */
  programEnded(): void {
    this.records = false
  }

  pick(ready: ReadonlyArray<ReadyStrand>, last: Strand | undefined): number {
    if (!this.records) return 0
    const choice = this.decide(ready.length, () => this.plan.pick(ready, last))
    if (choice > 0) this.insteadOf = (ready[0] as ReadyStrand).strand
    return choice
  }

  preempt(ready: ReadonlyArray<ReadyStrand>, running: Strand): number {
    if (!this.records) return 0
    const choice = this.decide(ready.length + 1, () => this.plan.preempt?.(ready, running) ?? 0)
    if (choice > 0) {
      this.mix(-1 - running.strandId)
      this.mix(-1 - running.steps)
      if (this.open !== undefined) this.open.preempted ??= { strand: running, step: running.steps + 1 }
    }
    return choice
  }

  private decide(choices: number, ask: () => number): number {
    const at = this.points++
    this.candidates.push(choices)
    let choice: number
    try {
      choice = ask()
      if (!(Number.isInteger(choice) && choice >= 0 && choice < choices)) {
        throw new RangeError(`The strategy chose ${choice} where it had the choices 0 to ${choices - 1}.`)
      }
    } catch (error) {
      return this.stop("strategy", error)
    }
    if (choice > 0) this.decisions.push({ at, choice })
    return choice
  }

  turnBegan(strand: Strand, _cause: ReadyCause): void {
    if (this.records) {
      this.turns++
      if (strand.strandId >= this.strands) this.strands = strand.strandId + 1
      this.mix(strand.strandId)
      this.plan.turnBegan?.(strand)
      if (this.options.traces) {
        this.open = { strand, insteadOf: this.insteadOf, preempted: undefined }
        this.trace.push(this.open)
        this.insteadOf = undefined
      }
    }
  }

  turnEnded(_strand: Strand): void {
    if (this.turnsLeft-- === 0) {
      // Once for the program, and as many turns again for its clean-up.
      this.turnsLeft = this.options.maxSteps
      this.stop("did-not-end", new Error(`The run took more than ${this.options.maxSteps} turns.`))
    }
    const { always } = this.options
    if (always === undefined || !this.records) return
    try {
      always()
    } catch (error) {
      this.stop("always", error)
    }
  }

  runFailed(): void {
    this.records = false
  }

  private stop(kind: Fault["kind"], error: unknown): never {
    this.fault ??= { kind, error }
    this.records = false
    throw error
  }

  private mix(number: number): void {
    this.low = Math.imul(this.low ^ number, 0x01000193)
    this.high = Math.imul((this.high ^ (number + (this.high >>> 15))) | 0, 0x85ebca6b)
  }
}
