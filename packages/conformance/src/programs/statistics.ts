/**
 * What random programs get to do: how often each kind of statement runs, and how the programs end. Random programs prove little
 * if most of them end before anything has happened.
 */

import { runCounted } from "./compare.ts"
import { type Awaitable, blocksOf, type Program, type Statement } from "./Program.ts"

/** What was counted over some programs. */
export interface Statistics {
  readonly programs: number
  /** By kind of statement, awaitable or operation: programs that hold one, programs that ran one, and how many were run. */
  readonly kinds: ReadonlyMap<string, { readonly holding: number; readonly running: number; readonly runs: number }>
  /** Programs of which it is true. */
  readonly endings: ReadonlyMap<string, number>
  /** Of each of these, the values that a tenth, a half and nine tenths of the programs stay at or below. */
  readonly sizes: ReadonlyMap<string, readonly [tenth: number, half: number, most: number]>
}

/** Runs programs on ours, and counts. */
export const statisticsOf = async (programs: ReadonlyArray<Program>): Promise<Statistics> => {
  const kinds = new Map<string, { holding: number; running: number; runs: number }>()
  const endings = new Map<string, number>()
  const sizes = {
    marks: [] as Array<number>,
    passes: [] as Array<number>,
    seconds: [] as Array<number>,
    tasks: [] as Array<number>
  }
  const ended = (how: string, holds: boolean): void => {
    endings.set(how, (endings.get(how) ?? 0) + (holds ? 1 : 0))
  }
  for (const program of programs) {
    const { normalized, trace, ran } = await runCounted(program)
    const statements = normalized.units.flatMap((unit) => [...unit.body, ...unit.exit]).flatMap(within)
    const held = new Map<string, number>()
    for (const statement of statements) {
      for (const kind of kindsOf(statement))
        held.set(kind, (held.get(kind) ?? 0) + (ran.get(statement.id as number) ?? 0))
    }
    for (const [kind, runs] of held) {
      const count = kinds.get(kind) ?? { holding: 0, running: 0, runs: 0 }
      kinds.set(kind, {
        holding: count.holding + 1,
        running: count.running + (runs > 0 ? 1 : 0),
        runs: count.runs + runs
      })
    }
    const { marks, outcome, log, warnings } = trace
    const [passes, seconds] = marks[marks.length - 1] ?? [0, 0]
    sizes.marks.push(marks.length)
    sizes.passes.push(passes)
    sizes.seconds.push(seconds)
    sizes.tasks.push(new Set(marks.map(([, , task]) => task)).size)
    const says = (word: string): boolean =>
      marks.some(([, , , values]) => values.some((value) => `${value}`.includes(word)))
    ended("in the first pass", passes <= 1)
    ended("with an error that nobody caught", outcome !== null && outcome[0] !== "Deadlock")
    ended("in a deadlock", outcome?.[0] === "Deadlock")
    ended(
      "with waiting tasks cancelled by the driver",
      marks.some(([, , , values]) => values[0] === "round")
    )
    ended("with a report in the log", log.length > 0)
    ended("with a warning", warnings.length > 0)
    ended("after a CancelledError was seen", says("CancelledError"))
    ended("after a TimeoutError was seen", says("TimeoutError"))
    ended("after an ExceptionGroup was seen", says("ExceptionGroup"))
  }
  return {
    programs: programs.length,
    kinds: new Map([...kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
    endings,
    sizes: new Map(Object.entries(sizes).map(([name, values]) => [name, quantiles(values)]))
  }
}

const quantiles = (values: Array<number>): readonly [number, number, number] => {
  values.sort((a, b) => a - b)
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
  return [at(0.1), at(0.5), at(0.9)]
}

const within = (statement: Statement): ReadonlyArray<Statement> => [
  statement,
  ...blocksOf(statement).flat().flatMap(within)
]

const kindsOf = (statement: Statement): ReadonlyArray<string> => {
  switch (statement.do) {
    case "await":
    case "keep":
      return [statement.do, ...awaited(statement.what).map((kind) => `${statement.do} ${kind}`)]
    case "as_completed":
      return [`${statement.do} ${statement.plain ? "for" : "async for"}`]
    case "operation":
      return [`${statement.do} ${statement.on}.${statement.name}`]
    case "with":
      return [`${statement.do} ${statement.on}`]
    case "stack":
      return [
        statement.do,
        ...statement.pushed.map(({ how }) => `${statement.do} ${how}`),
        ...(statement.moves ? ["stack pop_all"] : [])
      ]
    case "spawn":
      return [
        statement.into === "group" ? "spawn into its group" : "spawn",
        ...(statement.eager === null ? [] : [`spawn eager_start=${statement.eager}`]),
        ...(statement.context === null ? [] : ["spawn context"])
      ]
    case "call":
    case "settle":
    case "handler":
    case "peek":
      return [`${statement.do} ${statement.how}`]
    default:
      return [statement.do]
  }
}

const awaited = (what: Awaitable): ReadonlyArray<string> => {
  switch (what.is) {
    case "gather":
      return [...new Set(["gather", ...what.of.flatMap(awaited)])]
    case "shield":
    case "custom":
    case "wait_for":
      return [...new Set([what.is, ...awaited(what.of)])]
    case "operation":
      return [`${what.on}.${what.name}`]
    case "step":
      return [what.how]
    default:
      return [what.is]
  }
}

/** The statistics as a table of text. */
export const tableOf = ({ programs, kinds, endings, sizes }: Statistics): string => {
  const share = (count: number): string => `${((100 * count) / programs).toFixed(1)} %`.padStart(8)
  return [
    `${programs} programs`,
    "",
    "a tenth, a half and nine tenths of the programs have at most",
    ...[...sizes].map(
      ([name, values]) => `  ${name.padEnd(10)}${values.map((value) => String(value).padStart(8)).join("")}`
    ),
    "",
    "programs that end",
    ...[...endings].map(([how, count]) => `${share(count)}  ${how}`),
    "",
    "programs that hold one, programs that run one, runs in 1000 programs",
    ...[...kinds].map(
      ([kind, { holding, running, runs }]) =>
        `${share(holding)}${share(running)}${String(Math.round((1000 * runs) / programs)).padStart(8)}  ${kind}`
    )
  ].join("\n")
}
