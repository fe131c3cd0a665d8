// Programs in a process of their own: for what only a process can show, such as whether it ends by itself.

import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const folder = fileURLToPath(new URL("../..", import.meta.url))

/**
 * Runs a JavaScript module to its end.
 *
 * @param onLine - called with each line that it prints, and with a function that sends it a signal
 */
export const runProcess = (
  source: string,
  onLine: (line: string, signal: (name: NodeJS.Signals) => void) => void = () => undefined
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--conditions=@skein/source", "--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", source],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NODE_OPTIONS: "" } }
    )
    let [stdout, stderr, pending] = ["", "", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      const lines = (pending + text).split("\n")
      pending = lines.pop() as string
      for (const line of lines) onLine(line, (name) => child.kill(name))
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
