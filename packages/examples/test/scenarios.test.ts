import { type LogRecord, logger } from "@skein/asyncio"
import { type Oracle, OracleError, sharedOracle } from "@skein/conformance"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { capture, comparable, type Line, type Scenario } from "../src/Scenario.ts"
import { scenarios } from "../src/scenarios/index.ts"
import { linesOf, readRecording, twins } from "../src/twins.ts"

const run = async (scenario: Scenario): Promise<ReadonlyArray<Line>> => {
  const lines: Array<Line> = []
  await capture(scenario, (line) => lines.push(line))
  return lines
}

/** What the asyncio logger gets during a run: errors that the program took, and that are reported as lost all the same. */
const loggedDuring = async (work: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
  const logged: Array<string> = []
  const listen = (record: LogRecord): void => void logged.push(record.message)
  logger.addHandler(listen)
  try {
    await work()
  } finally {
    logger.removeHandler(listen)
  }
  return logged
}

const here = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  lines.filter((line) => line.here).map((line) => line.text)

const byId = (id: string): Scenario => {
  const found = scenarios.find((scenario) => scenario.id === id)
  if (found === undefined) throw new Error(`no scenario ${id}`)
  return found
}

describe("the tour's programs", () => {
  it("have ids in order, each once", () => {
    const ids = scenarios.map((scenario) => scenario.id)
    expect(ids).toEqual([...new Set(ids)].sort())
  })

  it("have a Python twin exactly where they say so", () => {
    const claimed = scenarios.filter((scenario) => scenario.kind === "twin").map((scenario) => scenario.id)
    expect(twins().map((twin) => twin.id)).toEqual(claimed)
  })

  it("say what to notice", () => {
    for (const { notice, title } of scenarios) {
      expect(title).toMatch(/^\S.{5,60}$/)
      expect(notice).toMatch(/^\S.{20,}\.$/)
    }
  })
})

describe("beside a live CPython", () => {
  let oracle: Oracle | undefined
  beforeAll(async () => {
    try {
      oracle = await sharedOracle()
    } catch (error) {
      // Where no CPython can start, the recordings judge alone.
      if (!(error instanceof OracleError)) throw error
    }
  }, 60_000)

  for (const { id, name, source } of twins()) {
    it(`${id} prints the same lines as ${name}`, async ({ skip }) => {
      const actual = comparable(await run(byId(id)))
      expect(actual).toEqual(readRecording(id))
      if (oracle === undefined) return skip("no CPython can start here: compared with the recording only")
      const answer = oracle.run(source, { name, steps: false })
      expect(answer.exception).toBeNull()
      expect(answer.warnings).toEqual([])
      expect(linesOf(answer.stdout)).toEqual(actual)
    }, 20_000)
  }
})

describe("what only these programs say", () => {
  it("S11 names the consumer that waits, its queue, and that nobody is left to feed it", async () => {
    const text = here(await run(byId("S11"))).join("\n")
    expect(text).toMatch(/task "consumer-[12]" waits for .*Queue/)
    expect(text).toMatch(/no task can ever run again/)
    expect(text).toMatch(/task "lonely consumer" waits for .*Queue/)
  })

  it("S22 shows where the lost coroutine was made, and what to write for a forgotten star", async () => {
    const text = here(await run(byId("S22"))).join("\n")
    expect(text).toMatch(/made at S22-six-classic-mistakes\.ts:\d+/)
    expect(text).toContain("write yield* for yield")
  })
})

describe("with real input", () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length
  afterAll(() => {
    expect(process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap")).toHaveLength(before)
  })

  it("S17 fetches, retries, gives up, and hangs up on the slow", async () => {
    expect(comparable(await run(byId("S17")))).toEqual([
      "many at once:",
      "  content of /page/1",
      "  content of /page/2",
      "  content of /page/3",
      "  content of /page/4",
      "  content of /page/5",
      "a status other than success is an error:",
      "  /missing: 404, and no retry: asked 1 time",
      "a server that recovers, and one that does not:",
      "  /recovers: back again, asked 3 times",
      "  /broken: 500, given up after 4 times",
      "one slow page does not hold the others:",
      "  2 others are there, slow is still waiting",
      "  slow: TimeoutError",
      "  the server saw the hang-up; requests still open there: 0"
    ])
  })

  it("S17 leaves no error unread", async () => {
    expect(await loggedDuring(() => run(byId("S17")))).toEqual([])
  })

  it("S19 transforms all files, and leaves only whole ones when it is cancelled", async () => {
    expect(comparable(await run(byId("S19")))).toEqual([
      "40 texts to transform",
      "written: 40, at most 10 at a time",
      "whole: 40, cut short: 0, temporary: 0",
      "cancelled after eight files:",
      "  CancelledError",
      "  some were written: yes",
      "  cut short: 0, temporary: 0"
    ])
  })
})
