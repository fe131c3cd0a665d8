import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const house = join(import.meta.dirname, "../..")

/** `npm test` with arguments, in a process that does not know that it is inside of a test. */
const run = (...args: ReadonlyArray<string>) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")))
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
    expect(readFileSync(join(house, "node_modules/.cache/skein/counts.txt"), "utf8")).toBe(`${lastLine}\n`)
  })

  it("fails when no test ran", () => {
    expect(run("--project", "scripts", "no-such-file", "--passWithNoTests")).toEqual({
      status: 1,
      lastLine: "0 passed, 0 failed, 0 skipped"
    })
  })
})
