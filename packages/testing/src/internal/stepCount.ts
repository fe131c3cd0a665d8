import { StepError } from "../StepError.ts"

/** Counts steps, and knows who made them. Both faces of `Steps` stand on it. */
export class StepCount {
  private readonly trace: Array<string> = []
  private finishedAt: number | undefined = undefined
  private firstError: StepError | undefined = undefined

  /** Steps have gone wrong: the first error. */
  get error(): StepError | undefined {
    return this.firstError
  }

  /** Notes that `who` has come to a step. Throws if it is not the next one. */
  reach(received: number, who: string): void {
    const expected = this.trace.length + 1
    if (this.finishedAt !== undefined) {
      throw this.wrong(
        `${who} reached step ${received} after finish(${this.finishedAt}), which was to be the last step`
      )
    }
    if (received !== expected) {
      throw this.wrong(`step ${expected} was to be next, and ${who} reached step ${received}`)
    }
    this.trace.push(`${received} by ${who}`)
  }

  /** The last step. */
  finish(received: number, who: string): void {
    this.reach(received, who)
    this.finishedAt = received
  }

  /** What is wrong at the end: the first error, or that nobody came to `finish`. */
  problemAtEnd(): StepError | undefined {
    if (this.firstError !== undefined || this.finishedAt !== undefined) return this.firstError
    return this.wrong(
      `the test ended without a call of finish; step.finish(${this.trace.length + 1}) would be next. ` +
        "Call finish with the number of the last step, so that a step which nobody reaches is noticed"
    )
  }

  private wrong(what: string): StepError {
    const error = new StepError(`Steps out of order: ${what}.`, [...this.trace])
    this.firstError ??= error
    return error
  }
}
