// What the page says of an operation, from what the runs have shown.
import { type Case, lossesOf, type Moment, type Row } from "./observation.ts"

/** A line of the page. */
export interface Line {
  readonly operation: string
  readonly waiting: string
  readonly woken: string
  readonly state: string
  readonly error: string
  readonly lost: string
}

/** Where something was lost, in words. */
const momentNames: Readonly<Record<Moment, string>> = {
  waiting: "while it waits",
  suspended: "while it waits",
  woken: "just after it was woken",
  again: "once more in its clean-up",
  twice: "once more in its clean-up",
  before: "before it begins",
  anywhere: "between two operations"
}

export const lineOf = (row: Row): Line => {
  const of = (...moments: ReadonlyArray<Moment>) => row.cases.filter(({ moment }) => moments.includes(moment))
  const waiting = othersOf(of("waiting"))
  const woken = othersOf(of("woken"))
  const again = othersOf(of("again"))
  const shown = of("waiting", "woken")
  const unforeseen = again.filter((text) => !waiting.includes(text) && !woken.includes(text))
  const twice = unforeseen.length === 0 ? [] : [`if it is cancelled once more: ${unforeseen.join(", ")}`]
  return {
    operation: `\`${row.operation}\`${row.situation === undefined ? "" : `, ${row.situation}`}`,
    waiting: sentence([...waiting, ...twice], "only the waiting ends"),
    woken:
      of("woken").length === 0 ? "no such moment" : same(woken, waiting) ? "the same" : sentence(woken, "the same"),
    state: distinct(shown.map(({ observed }) => observed.state).filter((state) => state !== ""))
      .map((state) => `\`${state}\``)
      .join(" or "),
    error: distinct(shown.map(({ error }) => error)).join(" or "),
    lost: lostOf(row)
  }
}

/** Operations that behave alike stand in one line. */
export const merged = (lines: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const alike = new Map<string, Line>()
  for (const line of lines) {
    const key = JSON.stringify({ ...line, operation: "" })
    const first = alike.get(key)
    const isNamed = first?.operation.split("<br>").includes(line.operation)
    const operation = first === undefined ? line.operation : `${first.operation}<br>${line.operation}`
    alike.set(key, { ...line, operation: isNamed === true ? (first as Line).operation : operation })
  }
  return [...alike.values()]
}

/** What has become of the others: what was seen about each of them. */
const othersOf = (cases: ReadonlyArray<Case>): ReadonlyArray<string> => {
  const count = cases[0]?.observed.others.length ?? 0
  return Array.from({ length: count }, (_, index) =>
    distinct(cases.map(({ observed }) => observed.others[index] as string)).join(" or ")
  )
}

const lostOf = ({ cases, losses = {} }: Row): string => {
  const lost = distinct(cases.flatMap(({ observed }) => lossesOf(observed)))
  if (lost.length === 0) return "nothing"
  return lost
    .map((thing) => {
      const moments = cases.filter(({ observed }) => lossesOf(observed).includes(thing)).map(({ moment }) => moment)
      const once = distinct(moments.filter((moment) => moment !== "again" && moment !== "twice"))
      const when = distinct((once.length === 0 ? moments : once).map((moment) => momentNames[moment]))
      return `**${thing}**, if it is cancelled ${when.join(" or ")}: ${losses[thing]}`
    })
    .join(" ")
}

const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(values)]

const same = (some: ReadonlyArray<string>, others: ReadonlyArray<string>): boolean => some.join() === others.join()

const sentence = (texts: ReadonlyArray<string>, ifNone: string): string =>
  texts.length === 0 ? ifNone : texts.join("; ")
