// A divergence as text: the program in both languages, and what each side made of it.

import type { Trace } from "./compare.ts"
import { normalize } from "./normalize.ts"
import { pythonOf } from "./python.ts"
import type { Finding } from "./search.ts"
import { typescriptOf } from "./typescript.ts"

export const reportOf = (finding: Finding, seed: number): string => {
  const program = normalize(finding.program)
  const setting = [...(program.eager ? ["eager tasks"] : []), ...(program.driven ? [] : ["without the driver"])]
  return [
    `--- program ${finding.number} of seed ${seed}${setting.length === 0 ? "" : `, ${setting.join(", ")}`}`,
    `    again: npm run conformance -- --seed ${seed} --from ${finding.number} --count 1`,
    "",
    pythonOf(program),
    typescriptOf(program),
    ...differences(finding.theirs, finding.ours),
    "",
    JSON.stringify(finding.program)
  ].join("\n")
}

/** Marks side by side, those that differ as two lines; then what else differs. */
const differences = (theirs: Trace, ours: Trace): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const compareLines = (expected: unknown, given: unknown, always: boolean): void => {
    const [left, right] = [JSON.stringify(expected), JSON.stringify(given)]
    if (left !== right) lines.push(`CPython ${left ?? "nothing"}`, `ours    ${right ?? "nothing"}`)
    else if (always) lines.push(`both    ${left}`)
  }
  for (let n = 0; n < Math.max(theirs.marks.length, ours.marks.length); n++) {
    compareLines(theirs.marks[n], ours.marks[n], true)
  }
  for (const part of ["outcome", "log", "warnings"] as const) {
    if (JSON.stringify(theirs[part]) === JSON.stringify(ours[part])) continue
    lines.push(`${part}:`)
    compareLines(theirs[part], ours[part], false)
  }
  return lines
}
