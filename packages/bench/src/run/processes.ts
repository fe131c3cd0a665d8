// Each measurement runs in a process of its own, and answers with lines of JSON.

import { spawn } from "node:child_process"

/** What became of a process. */
export interface Ended {
  readonly lines: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** Why it failed, if it did. */
  readonly error: string | undefined
  readonly milliseconds: number
}

const parseLines = (text: string): Ended["lines"] =>
  text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return []
    try {
      return [JSON.parse(line) as Record<string, unknown>]
    } catch {
      return []
    }
  })

/** A report may be published: the folders of this machine are no part of it. */
const withoutPlaces = (message: string): string =>
  message.replaceAll(/(?:file:\/\/)?\/[^\s'"]*?\/(packages|node_modules)\//g, "$1/")

/** Runs a command to its end, or for `timeout` milliseconds at most. It never throws. */
export const runProcess = (command: readonly [string, ...ReadonlyArray<string>], timeout: number): Promise<Ended> =>
  new Promise((resolve) => {
    const began = performance.now()
    const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] })
    let [out, err, late] = ["", "", false]
    const timer = setTimeout(() => {
      late = true
      child.kill("SIGKILL")
    }, timeout)
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString()
    })
    child.on("error", (error) => {
      err += error.message
    })
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      const lines = parseLines(out)
      const failure = lines.find((line) => typeof line.error === "string")?.error as string | undefined
      const reported = failure?.split(" | ")[0]
      const messages = err.trim().split("\n")
      const said = messages.find((line) => /error/i.test(line)) ?? messages.at(-1)
      const ended = said || (signal === null ? `exit status ${code}` : `ended by ${signal}`)
      resolve({
        lines,
        error: late ? `took over ${timeout / 1000} s` : code === 0 ? undefined : withoutPlaces(reported ?? ended),
        milliseconds: performance.now() - began
      })
    })
  })
