// Runs one documented program in a process of its own.

import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { pathToFileURL } from "node:url"
import type { Check } from "./instrument.ts"

export interface Outcome {
  /** What it wrote to its standard output. */
  readonly stdout: string
  /** What went wrong, with lines of the program from 1. Empty when all is well. */
  readonly problems: ReadonlyArray<{ readonly line: number; readonly message: string }>
}

/** A failed `// =>`: what the statement printed and what its value was. */
type CheckReport = true | null | { readonly printed: string; readonly value: string }

export interface RunOptions {
  /** Milliseconds until the program is ended by force. */
  readonly timeout: number
  /** Folder for compiled code, kept from run to run. */
  readonly cache: string
}

const prelude = pathToFileURL(join(import.meta.dirname, "prelude.mjs")).href

const collect = (stream: Readable) => {
  const chunks: Array<Buffer> = []
  stream.on("data", (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString("utf8")
}

const describe = (check: Check, report: CheckReport): string | undefined => {
  if (report === true) return undefined
  if (report === null) return `\`// => ${check.expected}\` was never reached`
  const said = report.printed === "" ? "" : `\n  printed:  ${report.printed.replaceAll("\n", "\n            ")}`
  return `\n  expected: ${check.expected.replaceAll("\n", "\n            ")}${said}\n  value:    ${report.value}`
}

/** What Node prints of an uncaught error, without its own frames and its version. */
const withoutHost = (text: string) =>
  text
    .split("\n")
    .filter((line) => !/^\s+at .*\bnode:internal\//.test(line) && !/^Node\.js v\d/.test(line))
    .join("\n")
    .trim()

const firstLineIn = (file: string, stack: string) => {
  const at = stack.indexOf(`${file}:`)
  return at < 0 ? 1 : Number.parseInt(stack.slice(at + file.length + 1), 10) || 1
}

/**
 * Runs a program from its source and checks what it claims. Its working directory is an empty folder that is removed
 * afterwards.
 *
 * @param file absolute path of the instrumented program
 * @param checks its `// =>` lines, in the order of their numbers
 */
export const runBlock = (file: string, checks: ReadonlyArray<Check>, options: RunOptions): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const cwd = mkdtempSync(join(tmpdir(), "skein-docs-"))
    const child = spawn(
      process.execPath,
      ["--conditions=@skein/source", "--disable-warning=ExperimentalWarning", "--import", prelude, file],
      {
        cwd,
        stdio: ["ignore", "pipe", "pipe", "pipe"],
        env: {
          ...process.env,
          FORCE_COLOR: "0",
          NODE_COMPILE_CACHE: options.cache,
          SKEIN_DOCS_EXPECTED: JSON.stringify(checks.map((check) => check.expected))
        }
      }
    )
    const stdout = collect(child.stdout as Readable)
    const stderr = collect(child.stderr as Readable)
    const report = collect(child.stdio[3] as Readable)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill("SIGKILL")
    }, options.timeout)
    const endChild = () => child.kill("SIGKILL")
    process.once("exit", endChild)
    child.once("error", reject)
    child.once("close", (code, signal) => {
      clearTimeout(timer)
      process.off("exit", endChild)
      rmSync(cwd, { recursive: true, force: true })
      const problems: Array<{ line: number; message: string }> = []
      if (timedOut) {
        problems.push({ line: 1, message: `the program did not end by itself within ${options.timeout / 1000} s` })
      } else if (code !== 0) {
        const how = signal === null ? `exit code ${code}` : signal
        const said = withoutHost(stderr())
        problems.push({ line: firstLineIn(file, said), message: `the program failed (${how})\n${said}` })
      }
      const reports: ReadonlyArray<CheckReport> = report() === "" ? [] : JSON.parse(report())
      // After a failure the lines behind it were not reached, which says nothing new.
      const failed = problems.length > 0
      checks.forEach((check, index) => {
        const outcome = reports[index] ?? null
        const message = describe(check, outcome)
        if (message !== undefined && !(failed && outcome === null)) problems.push({ line: check.line, message })
      })
      resolve({ stdout: stdout(), problems })
    })
  })
