/** Prints one line: its values with a blank between them, as Python's `print` does. */
export interface Print {
  (...values: ReadonlyArray<unknown>): void
  /**
   * Prints a line that only this program has: what Skein adds, or what JavaScript's language says where Python's says
   * something else. Such lines are shown apart and are left out of the comparison with CPython.
   */
  here(...values: ReadonlyArray<unknown>): void
}

/** A runnable program of the tour. */
export interface Scenario {
  /** `S01` and so on. */
  readonly id: string
  /** What the program is about, in a few words. */
  readonly title: string
  /** What to look at in the output. */
  readonly notice: string
  /**
   * `twin`: runs in virtual time, and a Python program beside it prints the same lines on CPython. `real`: talks to real
   * sockets or files, in real time.
   */
  readonly kind: "twin" | "real"
  /** Where the output differs from the twin's on purpose, and why. */
  readonly notes?: string
  /** Runs the program to its end; the promise rejects when the program fails. */
  run(print: Print): Promise<void>
}

/** A line that a program printed. */
export interface Line {
  readonly text: string
  /** True for what `print.here` printed. */
  readonly here: boolean
}

/** Runs a scenario and hands over each line that it prints. */
export const capture = async (scenario: Scenario, onLine: (line: Line) => void): Promise<void> => {
  const add = (here: boolean, values: ReadonlyArray<unknown>): void => {
    for (const text of values.map(String).join(" ").split("\n")) onLine({ text, here })
  }
  await scenario.run(
    Object.assign((...values: ReadonlyArray<unknown>) => add(false, values), {
      here: (...values: ReadonlyArray<unknown>) => add(true, values)
    })
  )
}

/** The lines that CPython prints too. */
export const comparable = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  lines.filter((line) => !line.here).map((line) => line.text)
