// One program twice: in Python on CPython, in TypeScript on ours, both under virtual time; what they did must be equal.

import * as asyncio from "@skein/asyncio"
import { repr, str } from "@skein/asyncio/builtins"
import { catch_warnings } from "@skein/asyncio/warnings"
import { expect } from "vitest"
import { type Answer, type Mark, type PythonError, type RunOptions, sharedOracle } from "../../src/index.ts"

/** What the TypeScript program works with. */
export interface Tools {
  /** Python's `print`. */
  readonly print: (...values: ReadonlyArray<unknown>) => void
  /** The oracle's `trace`: a mark with the virtual time and the current task's name. */
  readonly trace: (...values: ReadonlyArray<unknown>) => void
  /** `asyncio.run` on virtual time. */
  readonly run: <T extends asyncio.Awaitable<unknown>>(
    main: T,
    options?: Omit<asyncio.RunOptions, "loop_factory">
  ) => Promise<asyncio.ResultOf<T>>
  /** A loop on virtual time, for programs that drive it themselves; its clock is that of the marks. */
  readonly new_event_loop: () => asyncio.VirtualEventLoop
}

/** What a program did, in the terms that both languages share. */
export interface Behaviour {
  readonly printed: ReadonlyArray<string>
  readonly marks: ReadonlyArray<SharedMark>
  readonly exception: SharedError | null
  readonly log: ReadonlyArray<readonly [level: string, message: string]>
  readonly warnings: ReadonlyArray<readonly [category: string, message: string]>
}

/** The pass counts from the first mark; it is there only where the test asks for passes. */
type SharedMark =
  | readonly [time: number, task: string | null, values: ReadonlyArray<unknown>]
  | readonly [time: number, task: string | null, values: ReadonlyArray<unknown>, pass: number]

interface SharedError {
  readonly type: string
  readonly str: string
  readonly exceptions?: ReadonlyArray<SharedError>
}

export interface SameOptions extends RunOptions {
  /** Parts that the languages cannot share in this program, with the reason beside the call. */
  readonly ignore?: ReadonlyArray<keyof Behaviour>
  /** Compare also in which pass of the loop each mark was made, counted from the first. Default: `false`. */
  readonly passes?: boolean
}

/**
 * Runs a program on CPython and on ours, and expects the same printed lines, marks, exception, log and warnings.
 *
 * Addresses, and the file positions that JavaScript does not know, are masked on both sides.
 */
export const expectSame = async (
  python: string,
  typescript: (tools: Tools) => Promise<unknown>,
  options: SameOptions = {}
): Promise<Behaviour> => {
  const oracle = await sharedOracle()
  const theirs = behaviourOf(oracle.run(dedent(python), options), options.passes)
  const ours = await behave(typescript, options)
  const ignored = new Set(options.ignore ?? [])
  const compared = (behaviour: Behaviour) =>
    Object.fromEntries(Object.entries(behaviour).filter(([part]) => !ignored.has(part as keyof Behaviour)))
  expect(compared(ours)).toEqual(compared(theirs))
  return ours
}

const behaviourOf = (answer: Answer, passes = false): Behaviour => ({
  printed: linesOf(answer.stdout),
  marks: answer.marks.map((mark, _, [first]) => [
    round(mark.time),
    mark.task,
    mark.values.map(maskValue),
    ...(passes ? [mark.pass - (first as Mark).pass] : [])
  ]) as unknown as ReadonlyArray<SharedMark>,
  exception: answer.exception === null ? null : errorOfPython(answer.exception),
  log: answer.log.map((record) => [record.level, mask(record.message)]),
  warnings: answer.warnings.map((warning) => [warning.category, mask(warning.message)])
})

/** Runs the TypeScript half by itself. */
export const behave = async (
  typescript: (tools: Tools) => Promise<unknown>,
  { passes = false, debug = false }: SameOptions = {}
): Promise<Behaviour> => {
  const printed: Array<string> = []
  const marks: Array<SharedMark> = []
  const log: Array<[string, string]> = []
  const warnings: Array<[string, string]> = []
  const offset = await tasksSoFar()
  const rename = (text: string): string =>
    text.replace(/Task-(\d+)/g, (_, number: string) => `Task-${Number(number) - offset}`)
  const loops: Array<asyncio.EventLoop> = []
  const new_event_loop = () => {
    const loop = new asyncio.VirtualEventLoop({ debug })
    loops.push(loop)
    return loop
  }
  let firstPass: number | undefined
  const passNow = (): number => {
    const made = loops.reduce((sum, loop) => sum + loop._passes, 0)
    firstPass ??= made
    return made - firstPass
  }
  const tools: Tools = {
    print: (...values) => printed.push(...linesOf(`${values.map(str).join(" ")}\n`).map(rename)),
    trace: (...values) => {
      const loop = asyncio._get_running_loop()
      const task = loop === undefined ? undefined : asyncio.current_task(loop)
      const time = loop?.time() ?? loops.at(-1)?.time() ?? 0
      const mark: SharedMark = [
        round(time),
        task === undefined ? null : rename(task.get_name()),
        values
          .map(toMark)
          .map(maskValue)
          .map((value) => (typeof value === "string" ? rename(value) : value))
      ]
      marks.push(passes ? [...mark, passNow()] : mark)
    },
    run: (main, options) => asyncio.run(main, { ...options, loop_factory: new_event_loop }),
    new_event_loop
  }
  const onLog = (record: asyncio.LogRecord) => void log.push([record.level, rename(mask(record.message))])
  asyncio.logger.addHandler(onLog)
  const restore = catch_warnings(({ category, message }) => void warnings.push([category, mask(message)]))
  let exception: SharedError | null = null
  try {
    await typescript(tools)
  } catch (error) {
    exception = errorOfOurs(error)
  } finally {
    restore()
    asyncio.logger.removeHandler(onLog)
  }
  return { printed, marks, exception: exception === null ? null : renameError(exception, rename), log, warnings }
}

/** How many unnamed tasks there have been: `Task-N` counts for the whole process, and the oracle starts anew each time. */
const tasksSoFar = async (): Promise<number> => {
  const loop = new asyncio.VirtualEventLoop()
  const name = await loop.run_until_complete(
    (function* probe() {
      return (asyncio.current_task() as asyncio.Task).get_name()
    })()
  )
  loop.close()
  return Number(name.slice("Task-".length))
}

const renameError = (error: SharedError, rename: (text: string) => string): SharedError => ({
  ...error,
  str: rename(error.str),
  ...(error.exceptions === undefined ? {} : { exceptions: error.exceptions.map((each) => renameError(each, rename)) })
})

const errorOfPython = (error: PythonError): SharedError => ({
  type: error.type,
  str: error.type === "Deadlock" ? "" : mask(error.str),
  ...(error.exceptions === undefined ? {} : { exceptions: error.exceptions.map(errorOfPython) })
})

const errorOfOurs = (error: unknown): SharedError => {
  if (!(error instanceof Error)) return { type: typeof error, str: String(error) }
  const members = (error as { exceptions?: ReadonlyArray<unknown> }).exceptions
  return {
    type: error.name,
    str: error.name === "Deadlock" ? "" : mask(error.message),
    ...(members === undefined ? {} : { exceptions: members.map(errorOfOurs) })
  }
}

const linesOf = (text: string): ReadonlyArray<string> => (text === "" ? [] : mask(text).replace(/\n$/, "").split("\n"))

/** Addresses, `at file:line`, and what a function was defined in, say nothing that two languages could share. */
const mask = (text: string): string =>
  text
    .replace(/0x[0-9a-f]+/g, "0x…")
    .replace(/,? (?:defined|running|created) at [^ >\]]+:\d+/g, (found) => found.replace(/ at .*/, " at …"))
    .replace(/\) at [^ >\],]+:\d+/g, ")")
    .replace(/(?:(?:[\w.]+|<lambda>)\.<locals>\.)+/g, "")

const maskValue = (value: unknown): unknown => (typeof value === "string" ? mask(value) : value)

const toMark = (value: unknown): unknown => {
  if (value === undefined || value === null) return null
  return ["string", "number", "boolean"].includes(typeof value) ? value : repr(value)
}

/** Sums of decimal fractions differ in the last digits between `a + b` and `b + a`: not what is compared here. */
const round = (seconds: number): number => Math.round(seconds * 1e9) / 1e9

/** Lets a Python program be indented with the test around it. */
const dedent = (source: string): string => {
  const lines = source.replace(/^\n/, "").split("\n")
  const indent = Math.min(
    ...lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length)
  )
  return lines.map((line) => line.slice(indent)).join("\n")
}
