import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { type Answer, defaultPatience, type RunOptions, requestOf } from "./Answer.ts"
import { driverFolder } from "./driver.ts"
import type { Oracle } from "./Oracle.ts"
import { OracleError } from "./OracleError.ts"

const supported = (command: string): boolean => {
  const check = "import sys, asyncio; sys.exit(0 if sys.version_info >= (3, 13) else 1)"
  return spawnSync(command, ["-c", check], { stdio: "ignore", timeout: 10_000 }).status === 0
}

/** Versions under pyenv, the newest first. */
const pyenvVersions = (): ReadonlyArray<string> => {
  const folder = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions")
  if (!existsSync(folder)) return []
  const rank = (version: string): number =>
    version.split(".").reduce((sum, part) => sum * 1000 + (Number.parseInt(part, 10) || 0), 0)
  return readdirSync(folder)
    .filter((version) => /^3\.(1[3-9]|[2-9]\d)\.\d+$/.test(version))
    .sort((a, b) => rank(b) - rank(a))
    .map((version) => join(folder, version, "bin", "python3"))
}

/** A Python of 3.13 or newer: `SKEIN_PYTHON` if set, else on the path, else under pyenv. */
export const findPython = (): string | undefined => {
  const chosen = process.env.SKEIN_PYTHON
  if (chosen !== undefined && chosen !== "") return supported(chosen) ? chosen : undefined
  return ["python3.14", "python3", "python3.13", ...pyenvVersions()].find(supported)
}

/** A native CPython, started as a process for each question. */
export const startNative = (): Oracle => {
  const python = findPython()
  if (python === undefined) {
    throw new OracleError(
      "No native CPython of version 3.13 or newer was found (looked at SKEIN_PYTHON, python3.14, python3 and python3.13 " +
        'on the path, and pyenv). createOracle({ backend: "wasm" }) needs none.'
    )
  }
  const folder = driverFolder()
  return {
    backend: "native",
    run(source: string, options: RunOptions = {}): Answer {
      const seconds = options.patience ?? defaultPatience
      const asked = spawnSync(python, ["-m", "skein_oracle.serve"], {
        input: `${requestOf(source, options)}\n`,
        encoding: "utf8",
        env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8" },
        maxBuffer: 256 * 1024 * 1024,
        timeout: seconds * 1000,
        killSignal: "SIGKILL"
      })
      if (asked.error !== undefined || asked.status !== 0) {
        const why = asked.error?.message ?? `it ended with status ${asked.status}: ${asked.stderr.trim()}`
        throw new OracleError(`${python} gave no answer within ${seconds} s: ${why}`)
      }
      const answer = JSON.parse(asked.stdout) as Answer | { readonly driverError: string }
      if ("driverError" in answer) throw new OracleError(`${python} could not run the program: ${answer.driverError}`)
      return answer
    }
  }
}
