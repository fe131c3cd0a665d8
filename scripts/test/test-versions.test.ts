import { spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pinnedNodes } from "../lib/pinned-nodes.mjs"

const house = join(import.meta.dirname, "../..")
const readJson = (path: string) => JSON.parse(readFileSync(join(house, path), "utf8"))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-test-versions-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** `npm run test:versions` with arguments, in a process that does not know that it is inside of a test. */
const run = (...args: ReadonlyArray<string>) => {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"))
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(house, "scripts/test-versions.mjs"), ...args], {
    cwd: house,
    encoding: "utf8",
    env: Object.fromEntries(outside)
  })
  return { status, stdout: stdout.replaceAll(/\(\d+\.\d s\)/g, "(… s)"), stderr }
}

const few = ["--project", "scripts", "test/docs-links.test.ts"]

describe("the pinned versions of Node", () => {
  it("begin with the oldest that the packages claim", () => {
    const [oldest] = pinnedNodes()
    for (const path of ["package.json", "packages/core/package.json", "packages/asyncio/package.json"]) {
      expect(readJson(path).engines.node).toBe(`>=${oldest?.version}`)
    }
  })

  it("are what their lockfile holds, with checksums", () => {
    const { packages } = readJson("scripts/nodes/package-lock.json")
    for (const { name, version } of pinnedNodes()) {
      expect(packages[`node_modules/${name}`]).toMatchObject({ version, integrity: expect.stringMatching(/^sha512-/) })
    }
  })
})

describe("npm run test:versions", { timeout: 60_000 }, () => {
  it("prints a line for each version", () => {
    expect(run("--node", process.execPath, "--node", process.execPath, ...few)).toEqual({
      status: 0,
      stdout: `ok    Node ${process.version}, tests: 3 passed, 0 failed, 0 skipped (… s)\n`.repeat(2),
      stderr: ""
    })
  })

  it("fails when one of the versions does, and shows what it said", () => {
    const broken = join(folder, "node")
    writeFileSync(broken, '#!/bin/sh\n[ "$1" = --version ] && echo v1.2.3 && exit\necho no tests here\nexit 7\n')
    chmodSync(broken, 0o755)
    expect(run("--node", broken, "--node", process.execPath, ...few)).toEqual({
      status: 1,
      stdout:
        "FAIL  Node v1.2.3, tests: code 7, no tests here (… s)\n" +
        `ok    Node ${process.version}, tests: 3 passed, 0 failed, 0 skipped (… s)\n`,
      stderr: "no tests here\n"
    })
  })

  it.each([
    { args: ["--node"], received: "nothing" },
    { args: ["--node", "/no/such/node"], received: '"/no/such/node"' }
  ])("wants a binary after --node, and got $received", ({ args, received }) => {
    expect(run(...args)).toEqual({
      status: 1,
      stdout: "",
      stderr: `--node takes the path of a Node binary, and got ${received}.\n`
    })
  })
})
