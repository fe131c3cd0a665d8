/**
 * Runs programs on CPython and on ours, and tells where they differ.
 */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { compileFunction } from "node:vm"
import { driverFolder } from "../driver.ts"
import type { Oracle } from "../Oracle.ts"
import { OracleError } from "../OracleError.ts"
import { normalize } from "./normalize.ts"
import type { Program } from "./Program.ts"
import { pythonOf } from "./python.ts"
import { type Raw, Stage } from "./toolkit.ts"
import { typescriptOf } from "./typescript.ts"

/** What a program did, in the terms that both sides share. */
export interface Trace {
  /** Pass of the loop since the program began, virtual seconds, name of the task, values. */
  readonly marks: ReadonlyArray<
    readonly [pass: number, time: number, task: string | null, values: ReadonlyArray<unknown>]
  >
  /** The exception that left the program. */
  readonly outcome: readonly [type: string, shown: string] | null
  /** Sorted: CPython reports some things when an object dies, which is at a moment of its own. */
  readonly log: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
}

/** A program of which the two sides made different things. */
export interface Divergence {
  readonly program: Program
  /** What CPython did. */
  readonly theirs: Trace
  readonly ours: Trace
}

/** Compares programs; the answer names those that differ, in order. */
export const compare = async (oracle: Oracle, programs: ReadonlyArray<Program>): Promise<ReadonlyArray<Divergence>> => {
  const theirs = runPython(oracle, programs)
  const found: Array<Divergence> = []
  for (const [index, program] of programs.entries()) {
    const { trace: ours, forgets } = await runTypescript(program)
    const expected = forgets ? unwarned(theirs[index] as Trace) : (theirs[index] as Trace)
    if (JSON.stringify(ours) !== JSON.stringify(expected)) found.push({ program, theirs: expected, ours })
  }
  return found
}

/** Runs programs on CPython, one after the other in one interpreter. */
const runPython = (oracle: Oracle, programs: ReadonlyArray<Program>): ReadonlyArray<Trace> => {
  const source = [
    toolkit(),
    ...programs.map((program, n) => pythonOf(normalize(program), `program_${n}`)),
    ...programs.map(
      ({ eager, driven }, n) => `play(program_${n}, ${eager ? "True" : "False"}, ${driven ? "True" : "False"})`
    )
  ].join("\n")
  const answer = oracle.run(source, { steps: false, patience: 60 + programs.length })
  const lines = answer.stdout.trim().split("\n")
  if (!answer.ok || lines.length !== programs.length) {
    throw new OracleError(`the programs did not run in Python:\n${answer.stderr}\n${source.slice(-4000)}`)
  }
  return lines.map((line) => traceOf(JSON.parse(line)))
}

let cachedToolkit: string | undefined
const toolkit = (): string => {
  cachedToolkit ??= readFileSync(join(driverFolder(), "programs", "toolkit.py"), "utf8")
  return cachedToolkit
}

/**
 * CPython ends a body that answered `GeneratorExit` with another value when its last reference goes, and its `finally` blocks run
 * outside of any loop, or in a later pass: what they make there is never awaited. Ours stays where it is.
 */
const unwarned = (trace: Trace): Trace => ({ ...trace, warnings: [] })

/** Runs a program on ours. */
const runTypescript = async (program: Program): Promise<{ readonly trace: Trace; readonly forgets: boolean }> => {
  const stage = new Stage()
  const names = Object.keys(stage.names)
  // What is run is the text that a report shows.
  const make = compileFunction(typescriptOf(normalize(program)), names, { filename: "program.ts" })
  const raw = await stage.play(() => make(...Object.values(stage.names)), program.eager, program.driven)
  const forgets = raw.forgets === true
  return { trace: forgets ? unwarned(traceOf(raw)) : traceOf(raw), forgets }
}

/** Runs a program on ours, and counts how often each statement of its normalized form began. */
export const runCounted = async (
  program: Program
): Promise<{ readonly normalized: Program; readonly trace: Trace; readonly ran: ReadonlyMap<number, number> }> => {
  const normalized = normalize(program)
  const ran = new Map<number, number>()
  const stage = new Stage()
  const names = { ...stage.names, ran: (id: number): void => void ran.set(id, (ran.get(id) ?? 0) + 1) }
  const make = compileFunction(typescriptOf(normalized, true), Object.keys(names), { filename: "program.ts" })
  const trace = traceOf(await stage.play(() => make(...Object.values(names)), program.eager, program.driven))
  return { normalized, trace, ran }
}

const destroyed = "Task was destroyed but it is pending!"

/**
 * True if a program has left tasks behind that will never run again. The garbage collector tears them down, `finally` blocks
 * included: what is heard of that depends on the order in which it goes.
 */
const isTornDown = ({ log, outcome }: Raw): boolean =>
  outcome?.[0] === "Deadlock" || log.some(([, message]) => message.startsWith(destroyed))

const isOfTeardown = (message: string): boolean =>
  message.startsWith(destroyed) || message.includes(" exception was never retrieved")

const traceOf = (raw: Raw): Trace => {
  const tornDown = isTornDown(raw)
  const shared = (text: string): string =>
    mask(text).replace(/Task-(\d+)/g, (_, number: string) => `Task-${Number(number) - raw.offset}`)
  const plain = (value: unknown): unknown =>
    typeof value === "string" ? shared(value) : Array.isArray(value) ? value.map(plain) : value
  const lines = (records: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> =>
    records
      .filter(([, message]) => !tornDown || !isOfTeardown(message))
      .map(([kind, message]) => shared(`${kind}: ${message}`))
      .sort()
  return {
    marks: raw.marks.map(([pass, time, task, values]) => [
      pass - raw.first,
      time,
      task === null ? null : shared(task),
      values.map(plain)
    ]),
    outcome: raw.outcome === null ? null : [raw.outcome[0], shared(raw.outcome[1])],
    log: lines(raw.log),
    // Of the methods of CPython's loop that `asyncio.run` calls, ours has not all.
    warnings: tornDown ? [] : lines(raw.warnings.filter(([, message]) => !message.includes("BaseEventLoop.")))
  }
}

/**
 * Addresses, `at file:line`, and what a function was defined in, say nothing that two languages could share; nor do the times of
 * timers, since the programs share one clock.
 */
const mask = (text: string): string =>
  text
    .replace(/(?:(?:[\w.]+|<lambda>)\.<locals>\.)+/g, "")
    .replace(/when=[\d.]+/g, "when=…")
    // Where CPython asserts without a word, ours says what happened.
    .replace(/AssertionError\('attempt [^']*'\)/g, "AssertionError()")
    // CPython's shield has one more callback, for its call graph.
    .replace(
      /cb=\[[^\]]*(?:_inner_done_callback|_clear_awaited_by_callback|_log_on_exception| more>)[^\]]*\]/g,
      "cb=[…]"
    )
    .replace(/0x[0-9a-f]+/g, "0x…")
    .replace(/,? (?:defined|running|created) at (?:<unknown>|[^ >\]]+:\d+)/g, (found) =>
      found.replace(/ at .*/, " at …")
    )
    .replace(/\) at [^ >\],]+:\d+/g, ")")
