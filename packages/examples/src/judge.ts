import { capture, comparable, type Line, type Scenario } from "./Scenario.ts"

/** How a scenario's run compares with CPython. */
export type Verdict =
  | { readonly _tag: "Same"; readonly lines: number }
  | {
      readonly _tag: "Different"
      /** Number of the first line that differs, from 1. */
      readonly line: number
      readonly expected: string | undefined
      readonly actual: string | undefined
    }
  /** It has no twin, and ran to its end. */
  | { readonly _tag: "Ran" }
  | { readonly _tag: "Failed"; readonly error: unknown }

/** Compares two outputs line by line. */
export const compare = (actual: ReadonlyArray<string>, expected: ReadonlyArray<string>): Verdict => {
  const length = Math.max(actual.length, expected.length)
  for (let index = 0; index < length; index++) {
    if (actual[index] !== expected[index]) {
      return { _tag: "Different", line: index + 1, expected: expected[index], actual: actual[index] }
    }
  }
  return { _tag: "Same", lines: length }
}

/** A scenario's run: what it printed and how that compares. */
export interface Performance {
  readonly scenario: Scenario
  readonly lines: ReadonlyArray<Line>
  readonly verdict: Verdict
}

/**
 * Runs a scenario and judges its output.
 *
 * @param expected - what the twin printed on CPython; not asked for where there is no twin
 */
export const perform = async (
  scenario: Scenario,
  expected: (id: string) => ReadonlyArray<string>
): Promise<Performance> => {
  const lines: Array<Line> = []
  try {
    await capture(scenario, (line) => lines.push(line))
    const verdict: Verdict =
      scenario.kind === "real" ? { _tag: "Ran" } : compare(comparable(lines), expected(scenario.id))
    return { scenario, lines, verdict }
  } catch (error) {
    return { scenario, lines, verdict: { _tag: "Failed", error } }
  }
}

/** True for a run that is as it should be. */
export const isGood = (verdict: Verdict): boolean => verdict._tag === "Same" || verdict._tag === "Ran"
