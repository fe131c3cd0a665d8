/** A numbered step came out of order, twice, after the last one, or not at all. */
export class StepError extends Error {
  override readonly name = "StepError"
  /** The steps that came in order, each with who made it. */
  readonly trace: ReadonlyArray<string>

  /**
   * @param what - what was expected and what came
   * @param trace - the steps that came in order
   */
  constructor(what: string, trace: ReadonlyArray<string>) {
    super(`${what}\nSteps so far: ${trace.length === 0 ? "none" : trace.join(", ")}`)
    this.trace = trace
  }
}
