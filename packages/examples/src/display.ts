import { styleText } from "node:util"
import type { Performance, Verdict } from "./judge.ts"
import { isGood } from "./judge.ts"
import type { Line, Scenario } from "./Scenario.ts"

/** What the terminal can show. */
export interface Screen {
  /** Columns. */
  readonly width: number
  readonly color: boolean
}

type Style = "bold" | "dim" | "green" | "red" | "cyan"

const paint = (screen: Screen, style: Style, text: string): string =>
  screen.color && text !== "" ? styleText(style, text, { validateStream: false }) : text

/** Breaks a text into lines of at most `width` columns, between words where there are any; indentation is kept. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const indent = " ".repeat(Math.min(text.length - text.trimStart().length, Math.max(0, width - 10)))
  const room = Math.max(1, width - indent.length)
  const lines: Array<string> = []
  let rest = text.slice(indent.length)
  while (rest.length > room) {
    const blank = rest.lastIndexOf(" ", room)
    const end = blank > 0 ? blank : room
    lines.push(indent + rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  lines.push(indent + rest)
  return lines
}

const margin = " ".repeat(5)

const paragraph = (screen: Screen, style: Style | undefined, text: string): ReadonlyArray<string> =>
  wrap(text, screen.width - margin.length).map(
    (line) => `${margin}${style === undefined ? line : paint(screen, style, line)}`
  )

/** The head of the tour. */
export const formatHead = (screen: Screen, count: number): string =>
  [
    paint(screen, "bold", "A tour of Skein"),
    ...wrap(
      `${count} ${count === 1 ? "program" : "programs"}; each line behind a bar is compared with what CPython printed for ` +
        "the Python twin. Lines behind a plus are Skein's own.",
      screen.width
    )
  ].join("\n")

/** The head of one scenario: id, title, what to notice. */
export const formatOpening = (screen: Screen, scenario: Scenario): string =>
  [
    "",
    paint(screen, "bold", `${scenario.id}  ${scenario.title}`),
    ...paragraph(screen, "dim", scenario.notice),
    ""
  ].join("\n")

/** One line of output, behind a bar, or behind a plus if only this program prints it. */
export const formatLine = (screen: Screen, line: Line): string => {
  const bar = line.here ? paint(screen, "cyan", "+") : paint(screen, "dim", "│")
  return wrap(line.text, screen.width - margin.length - 2)
    .map((part) => `${margin}${bar} ${line.here ? paint(screen, "cyan", part) : part}`.trimEnd())
    .join("\n")
}

const shown = (line: string | undefined): string => (line === undefined ? "no such line" : JSON.stringify(line))

const describe = (verdict: Verdict): string => {
  switch (verdict._tag) {
    case "Same":
      return `same as CPython: ${verdict.lines} lines`
    case "Ran":
      return "ran to its end, on real input"
    case "Different":
      return [
        `differs from CPython in line ${verdict.line}`,
        `  CPython: ${shown(verdict.expected)}`,
        `  here:    ${shown(verdict.actual)}`
      ].join("\n")
    case "Failed": {
      const { error } = verdict
      return `failed: ${error instanceof Error ? (error.stack ?? String(error)) : String(error)}`
    }
  }
}

/** The end of one scenario: the mark, and notes where there are any. */
export const formatVerdict = (screen: Screen, { scenario, verdict }: Performance): string => {
  const good = isGood(verdict)
  const text = `${good ? "✓" : "✗"} ${describe(verdict)}`
  const mark = text.split("\n").flatMap((line) => paragraph(screen, good ? "green" : "red", line))
  const notes = scenario.notes === undefined ? [] : paragraph(screen, "dim", scenario.notes)
  return ["", ...mark, ...notes].join("\n")
}

/** The total of a tour. */
export const formatTotal = (screen: Screen, performances: ReadonlyArray<Performance>, seconds: number): string => {
  const count = (tag: Verdict["_tag"]): number => performances.filter(({ verdict }) => verdict._tag === tag).length
  const bad = performances.filter(({ verdict }) => !isGood(verdict))
  const parts = [
    ...(count("Same") > 0 ? [`${count("Same")} the same as CPython`] : []),
    ...(count("Ran") > 0 ? [`${count("Ran")} on real input`] : []),
    ...(count("Different") > 0 ? [`${count("Different")} different`] : []),
    ...(count("Failed") > 0 ? [`${count("Failed")} failed`] : [])
  ]
  const names = bad.length === 0 ? "" : `: ${bad.map(({ scenario }) => scenario.id).join(", ")}`
  const text = `${performances.length} ran in ${seconds.toFixed(1)} s: ${parts.join(", ")}${names}`
  return ["", ...wrap(text, screen.width).map((line) => paint(screen, bad.length === 0 ? "green" : "red", line))].join(
    "\n"
  )
}

/** The list of scenarios. */
export const formatList = (screen: Screen, scenarios: ReadonlyArray<Scenario>): string =>
  scenarios
    .map(({ id, kind, title }) => `${paint(screen, "bold", id)}  ${title}${kind === "real" ? " (real input)" : ""}`)
    .join("\n")
