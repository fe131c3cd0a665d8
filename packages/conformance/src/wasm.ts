import { createHash, randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import type { PyodideAPI } from "pyodide"
import { type Answer, defaultPatience, type RunOptions, requestOf } from "./Answer.ts"
import { driverFiles } from "./driver.ts"
import type { Oracle } from "./Oracle.ts"
import { OracleError } from "./OracleError.ts"
import { Watchdog } from "./Watchdog.ts"

const home = "/oracle"

// The driver is written into the interpreter's own file system. Modules that programs commonly use are imported once,
// here, since reading them from the library's zip file is slow.
const setUp = (python: PyodideAPI): void => {
  python.FS.mkdirTree(`${home}/skein_oracle`)
  for (const [name, text] of driverFiles()) python.FS.writeFile(`${home}/skein_oracle/${name}`, text)
  python.runPython(`
import sys
sys.path.insert(0, ${JSON.stringify(home)})
sys.dont_write_bytecode = True
import concurrent.futures, contextlib, linecache, logging, traceback
from skein_oracle import imports, program
imports.CompiledModules().install()
skein_answer = program.answer
`)
}

/**
 * Where a started interpreter is kept, so that the next start takes a fraction of a second instead of two. A snapshot fits
 * only the pyodide build and the driver that made it, so both are in its name.
 */
const snapshotFile = (): string | undefined => {
  const manifest = createRequire(import.meta.url).resolve("pyodide/package.json")
  const modules = dirname(dirname(manifest))
  if (!modules.endsWith("node_modules")) return undefined
  const hash = createHash("sha256").update(readFileSync(manifest)).update(process.version)
  for (const [name, text] of driverFiles()) hash.update(name).update(text)
  return join(modules, ".cache", "skein-oracle", `${hash.digest("hex").slice(0, 16)}.bin`)
}

// 31 MB each: those of earlier drivers and builds go. What another process is writing at this moment stays.
const discardOthers = (file: string): void => {
  for (const name of readdirSync(dirname(file))) {
    if (name.endsWith(".bin") && name !== basename(file)) rmSync(join(dirname(file), name), { force: true })
  }
}

const startPlain = async (): Promise<PyodideAPI> => {
  const { loadPyodide } = await import("pyodide")
  const python = await loadPyodide()
  setUp(python)
  return python
}

// Snapshots are marked internal by pyodide, so a failure of any kind falls back on a plain start.
const startFromSnapshot = async (file: string): Promise<PyodideAPI | undefined> => {
  try {
    const { loadPyodide } = await import("pyodide")
    if (!existsSync(file)) {
      const seed = await loadPyodide({ _makeSnapshot: true })
      setUp(seed)
      mkdirSync(dirname(file), { recursive: true })
      // Several test workers may get here at once: the last rename wins, and no one reads half a file.
      const draft = `${file}.${randomUUID()}`
      writeFileSync(draft, seed.makeMemorySnapshot())
      renameSync(draft, file)
      discardOthers(file)
    }
    return await loadPyodide({ _loadSnapshot: readFileSync(file) })
  } catch {
    return undefined
  }
}

/** CPython 3.14 in WebAssembly, in this thread. */
export const startWasm = async (options: { readonly snapshot: boolean }): Promise<Oracle> => {
  let python: PyodideAPI | undefined
  try {
    const file = options.snapshot ? snapshotFile() : undefined
    if (file !== undefined) python = await startFromSnapshot(file)
    python ??= await startPlain()
  } catch (cause) {
    throw new OracleError("CPython in WebAssembly did not start. Run npm ci; pyodide must be among the packages.", {
      cause
    })
  }
  const call = python.globals.get("skein_answer") as (request: string) => string
  const watchdog = new Watchdog()
  python.setInterruptBuffer(watchdog.interrupt)
  return {
    backend: "wasm",
    run(source: string, options: RunOptions = {}): Answer {
      if (options.realtime === true) {
        throw new OracleError(
          'CPython in WebAssembly has no real clock, sockets or threads: ask createOracle({ backend: "native" }) instead.'
        )
      }
      return JSON.parse(watchdog.guard(options.patience ?? defaultPatience, () => call(requestOf(source, options))))
    }
  }
}
