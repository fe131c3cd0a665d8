import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { compiler } from "../lib/compiler.mjs"

const house = join(import.meta.dirname, "../..")
// Beside the packages, so that `effect` resolves and the house's options apply.
const folder = join(house, ".docs-check", `compiler-${process.pid}`)

const compile = (source: string) => {
  writeFileSync(join(folder, "a.ts"), source)
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../packages/tsconfig.base.json",
      files: ["a.ts"],
      compilerOptions: { composite: false, noEmit: true }
    })
  )
  const { file, args } = compiler()
  const { status, stdout } = spawnSync(file, [...args, "-p", folder, "--pretty", "false"], { encoding: "utf8" })
  return { status, stdout }
}

beforeEach(() => mkdirSync(folder, { recursive: true }))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe("the compiler", { timeout: 60_000 }, () => {
  it("accepts a program in order", () => {
    expect(compile('import * as Effect from "effect/Effect"\nexport const a = Effect.succeed(1)\n')).toEqual({
      status: 0,
      stdout: ""
    })
  })

  it("reports errors of types", () => {
    const { status, stdout } = compile("export const a: string = 1\n")
    expect(stdout).toContain("TS2322")
    expect(status).not.toBe(0)
  })

  it("knows Effect where its own build exists: an Effect that nobody runs is an error", () => {
    const { status, stdout } = compile('import * as Effect from "effect/Effect"\nEffect.succeed(1)\nexport {}\n')
    const { effectAware } = compiler()
    expect(effectAware).toBe(process.platform === "linux" && process.arch === "x64")
    expect([status !== 0, stdout.includes("floatingEffect")]).toEqual([effectAware, effectAware])
  })
})
