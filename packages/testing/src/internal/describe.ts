import type { Strand } from "@skein/core/kernel"
import type { Schedule } from "../schedule.ts"
import type { Failure } from "./attempt.ts"
import type { RecordedTurn } from "./recorder.ts"

const WIDTH = 116

/** Turns that are shown in a message. */
const SHOWN = 100

/** Who ran, turn by turn; turns of one strand in a row are one line. */
export const describeTurns = (trace: ReadonlyArray<RecordedTurn>): ReadonlyArray<string> => {
  const nameOf = namer(trace)
  const turns: Array<string> = []
  let previous: Strand | undefined
  for (const { strand, insteadOf, preempted } of trace) {
    const notes: Array<string> = []
    if (insteadOf !== undefined) notes.push(`ahead of ${nameOf(insteadOf)}`)
    if (preempted !== undefined) {
      const whose = preempted.strand === strand ? "" : `${nameOf(preempted.strand)} `
      notes.push(`${whose}preempted before step ${preempted.step}`)
    }
    const isMore = strand === previous && notes.length === 0
    if (!isMore) turns.push(nameOf(strand) + (notes.length === 0 ? "" : ` (${notes.join(", ")})`))
    previous = preempted === undefined ? strand : undefined
  }
  return turns
}

/** Names of strands; the number is added where several are called the same. */
const namer = (trace: ReadonlyArray<RecordedTurn>): ((strand: Strand) => string) => {
  const strandsByName = new Map<string, Set<Strand>>()
  for (const { strand } of trace) {
    const name = strand.describeStrand()
    const strands = strandsByName.get(name)
    if (strands === undefined) strandsByName.set(name, new Set([strand]))
    else strands.add(strand)
  }
  return (strand) => {
    const name = strand.describeStrand()
    return (strandsByName.get(name)?.size ?? 0) > 1 ? `${name} #${strand.strandId}` : name
  }
}

/** The message of a failure. */
export const describeFailure = (fields: {
  readonly failure: Failure
  readonly origin: string
  readonly schedule: Schedule
  readonly token: string
  readonly turns: ReadonlyArray<string>
}): string => {
  const { failure, origin, schedule, token, turns } = fields
  const switches = schedule.decisions.length
  const entry = schedule.kind === "core" ? "@skein/testing" : "@skein/testing/asyncio"
  return [
    `${headlines[failure.kind]} (${origin})`,
    indent(failure.text),
    switches === 0
      ? "It fails without any switch, in the order in which the program runs by itself:"
      : `The schedule, with ${switches} switch${switches === 1 ? "" : "es"}:`,
    wrap(turns),
    `To repeat it, with replay from "${entry}":`,
    `  replay(program, "${token}")`
  ].join("\n")
}

const headlines = {
  failure: "The program failed",
  deadlock: "The program can deadlock",
  check: "The result was not right",
  always: "An invariant was broken after a turn",
  after: "What is checked after a run failed",
  "did-not-end": "The program did not end; raise maxSteps if it should have been given longer"
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ")

const wrap = (turns: ReadonlyArray<string>): string => {
  const shown = turns.length <= SHOWN ? turns : [...turns.slice(0, SHOWN), `… and ${turns.length - SHOWN} more`]
  const lines: Array<string> = []
  let line = " "
  for (const [index, turn] of shown.entries()) {
    const piece = index === 0 ? turn : `→ ${turn}`
    if (line.length + piece.length > WIDTH) {
      lines.push(line)
      line = "   "
    }
    line += ` ${piece}`
  }
  return [...lines, line].join("\n")
}
