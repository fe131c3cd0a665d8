import { readdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"

// Compiled code lies in dist/, the Python programs and the recordings do not: both are found from either place.
const scenarios = new URL("../src/scenarios/", import.meta.url)
const recordings = new URL("../recordings/", import.meta.url)

/** A scenario's Python twin. */
export interface Twin {
  readonly id: string
  /** File name, such as `S01-one-after-the-other.py`. */
  readonly name: string
  readonly source: string
}

/** All Python twins, in order. */
export const twins = (): ReadonlyArray<Twin> =>
  readdirSync(scenarios)
    .filter((name) => name.endsWith(".py"))
    .sort()
    .map((name) => ({
      id: basename(name).slice(0, 3),
      name,
      source: readFileSync(new URL(name, scenarios), "utf8")
    }))

/** Where the recording of a scenario lies: what its twin printed on CPython. */
export const recordingFile = (id: string): URL => new URL(`${id}.txt`, recordings)

/** The lines that a text consists of; a final line break begins no further line. */
export const linesOf = (text: string): ReadonlyArray<string> =>
  text === "" ? [] : (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n")

/** What a scenario's twin printed on CPython, line by line. */
export const readRecording = (id: string): ReadonlyArray<string> => linesOf(readFileSync(recordingFile(id), "utf8"))
