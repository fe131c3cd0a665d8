import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const house = join(import.meta.dirname, "../..")

// Not the counts of the run that this test is part of.
let cache: string
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), "skein-test-"))
})
afterAll(() => rmSync(cache, { recursive: true }))

/** `npm test` with arguments, in a process that does not know that it is inside of a test. */
const run = (...args: ReadonlyArray<string>) => {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"))
  const env = { ...Object.fromEntries(outside), SKEIN_CACHE: cache }
  const { status, stdout } = spawnSync(process.execPath, [join(house, "scripts/test.mjs"), ...args], {
    cwd: house,
    encoding: "utf8",
    env
  })
  return { status, lastLine: stdout.trimEnd().split("\n").at(-1) }
}

describe("npm test", { timeout: 60_000 }, () => {
  it("closes with the counts in one plain line, which .ci/run finds again", () => {
    const { status, lastLine } = run("--project", "scripts", "test/docs-links.test.ts")
    expect({ status, lastLine }).toEqual({ status: 0, lastLine: "3 passed, 0 failed, 0 skipped" })
    expect(readFileSync(join(cache, "counts.txt"), "utf8")).toBe(`${lastLine}\n`)
  })

  it("fails when no test ran", () => {
    expect(run("--project", "scripts", "no-such-file", "--passWithNoTests")).toEqual({
      status: 1,
      lastLine: "0 passed, 0 failed, 0 skipped"
    })
  })
})
