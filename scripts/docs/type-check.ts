// Type-checks all documented programs as one compiler program.

import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { basename, join, relative, sep } from "node:path"
import { compiler } from "../lib/compiler.mjs"

export interface Diagnostic {
  /** Base name of the program. */
  readonly name: string
  /** Line of the program, from 1. */
  readonly line: number
  readonly message: string
}

export interface TypeReport {
  readonly diagnostics: ReadonlyArray<Diagnostic>
  /** Errors outside of the programs, as the compiler printed them: the sources themselves do not compile. */
  readonly elsewhere: ReadonlyArray<string>
}

const run = (file: string, args: ReadonlyArray<string>, cwd: string) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "inherit"] })
    const chunks: Array<Buffer> = []
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk))
    child.once("error", reject)
    child.once("close", (code, signal) => {
      const output = Buffer.concat(chunks).toString("utf8")
      if (signal !== null || (code !== 0 && !output.includes("error"))) {
        reject(new Error(`The compiler ended with ${signal ?? `exit code ${code}`}: ${output}`))
      } else {
        resolve(output)
      }
    })
  })

/** A task of asyncio is an Effect, and `create_task(...)` as a statement of its own starts one: nothing floats there. */
const isStartedTask = (message: string): boolean => message.startsWith("TS377058: This Effect-able `Task<")

/**
 * Checks programs with the house's compiler options, from the packages' sources.
 *
 * @param house root of the repository
 * @param folder folder of the programs, somewhere under the house, so that they resolve its packages
 * @param names the programs' base names
 */
export const typeCheck = async (house: string, folder: string, names: ReadonlyArray<string>): Promise<TypeReport> => {
  const config = {
    extends: relative(folder, join(house, "packages/tsconfig.base.json")).replaceAll(sep, "/"),
    files: names,
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      sourceMap: false,
      noEmit: true,
      moduleDetection: "force",
      noUnusedLocals: false,
      noUnusedParameters: false
    }
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
  const { file, args } = compiler()
  const output = await run(file, [...args, "-p", "tsconfig.json", "--pretty", "false"], folder)

  const own = new Set(names)
  const diagnostics: Array<Diagnostic> = []
  const elsewhere: Array<string> = []
  // A diagnostic's further lines are indented.
  for (const entry of output.split(/\r?\n(?=\S)/)) {
    const [, path = "", line = "", message = ""] =
      /^([^\n]+?)\((\d+),\d+\): error ([\s\S]*)$/.exec(entry.trimEnd()) ?? []
    if (isStartedTask(message)) continue
    const name = basename(path)
    if (own.has(name) && !path.includes("/")) diagnostics.push({ name, line: Number(line), message })
    else if (/\berror\b/.test(entry)) elsewhere.push(entry.trimEnd())
  }
  return { diagnostics, elsewhere }
}
