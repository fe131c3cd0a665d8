// The columns of the table: which program each is, and whether this machine can run it.

import { execFileSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"

/** A column that can be run. */
export interface RunnableColumn {
  readonly name: string
  readonly about: string
  readonly version: string
  /** The command that runs the column's program from its sources. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  /** The command for the start-up row, where it is another: built packages do not strip types as they load. */
  readonly built: readonly [string, ...ReadonlyArray<string>] | undefined
}

/** A column that is left out, and why. */
export interface MissingColumn {
  readonly name: string
  readonly missing: string
}

interface Known {
  readonly name: string
  readonly about: string
  /** Runs only when it is named, or with `--extra`. */
  readonly extra?: true
  readonly find: (name: string) => Omit<RunnableColumn, "name" | "about"> | string
}

const packageRoot = join(import.meta.dirname, "..", "..")
const sourceRoot = join(packageRoot, "src")
const pythonRoot = join(packageRoot, "python")

const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version

const packageVersion = (name: string): string => {
  try {
    return versionOf(name)
  } catch {
    // Its exports map closes package.json: the folder is beside the entry.
    const entry = createRequire(import.meta.url).resolve(name)
    const folder = entry.slice(0, entry.lastIndexOf(join("node_modules", name)) + join("node_modules", name).length)
    return (createRequire(import.meta.url)(join(folder, "package.json")) as { version: string }).version
  }
}

/** Tells whether the packages that a built column loads are built too. */
const arePackagesBuilt = (): boolean =>
  ["core", "asyncio"].every((name) => {
    const folder = join(packageRoot, "..", name)
    const { exports } = createRequire(import.meta.url)(join(folder, "package.json")) as {
      readonly exports: Readonly<Record<".", { readonly default: string }>>
    }
    return existsSync(join(folder, exports["."].default))
  })

const script =
  (file: string, packages: ReadonlyArray<string>) => (): Omit<RunnableColumn, "name" | "about"> | string => {
    const source = join(sourceRoot, `${file}.ts`)
    if (!existsSync(source)) return `src/${file}.ts is not there`
    const built = join(packageRoot, "dist", `${file}.js`)
    const versions = packages.map((name) => `${name} ${packageVersion(name)}`)
    return {
      version: [...versions, `Node ${process.versions.node}`].join(", "),
      command: [process.execPath, "--expose-gc", "--conditions=@skein/source", source],
      built: existsSync(built) && arePackagesBuilt() ? [process.execPath, built] : undefined
    }
  }

const run = (command: string, args: ReadonlyArray<string>): string | undefined => {
  try {
    return execFileSync(command, args, { stdio: ["ignore", "pipe", "ignore"], timeout: 20_000 })
      .toString()
      .trim()
  } catch {
    return undefined
  }
}

interface Python {
  readonly path: string
  readonly version: string
}

const newerFirst = (left: Python, right: Python): number =>
  right.version.localeCompare(left.version, "en", { numeric: true })

const asPython = (path: string): Python | undefined => {
  const version = run(path, ["-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"])
  return version === undefined ? undefined : { path, version }
}

const isModern = ({ version }: Python): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major === 3 && minor >= 11
}

let pythonsFound: ReadonlyArray<Python> | undefined

/** The Pythons of this machine that are 3.11 or newer, the newest first; or the one that `BENCH_PYTHON` names. */
export const findPythons = (): ReadonlyArray<Python> => {
  const named = process.env.BENCH_PYTHON
  if (named !== undefined && named !== "") {
    const python = asPython(named)
    if (python === undefined) throw new Error(`BENCH_PYTHON should name a Python that runs, got ${named}`)
    if (!isModern(python)) throw new Error(`BENCH_PYTHON should be 3.11 or newer, got ${python.version} (${named})`)
    return [python]
  }
  if (pythonsFound !== undefined) return pythonsFound
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions")
  const paths = [
    ...(existsSync(pyenv) ? readdirSync(pyenv).map((version) => join(pyenv, version, "bin", "python3")) : []),
    ...(process.env.PATH ?? "")
      .split(delimiter)
      .filter((folder) => folder !== "")
      .flatMap((folder) => ["3.14", "3.13", "3.12", "3.11", "3"].map((version) => join(folder, `python${version}`)))
  ].filter((path) => existsSync(path))
  pythonsFound = paths
    .map(asPython)
    .filter((python) => python !== undefined)
    .filter(isModern)
    .sort(newerFirst)
  return pythonsFound
}

const python =
  (file: string, module: string | undefined, ...flags: ReadonlyArray<string>) =>
  (): Omit<RunnableColumn, "name" | "about"> | string => {
    for (const { path, version } of findPythons()) {
      const importing = module === undefined ? "" : `import ${module}; print(${module}.__version__)`
      const found = run(path, ["-c", importing])
      if (found === undefined) continue
      return {
        version: module === undefined ? `CPython ${version}` : `${module} ${found}, CPython ${version}`,
        command: [path, join(pythonRoot, file), ...flags],
        built: undefined
      }
    }
    return module === undefined
      ? "no Python 3.11 or newer was found; set BENCH_PYTHON to one"
      : `no Python 3.11 or newer that has ${module}`
  }

const known: ReadonlyArray<Known> = [
  { name: "cpython", about: "CPython's asyncio", find: python("asyncio_column.py", undefined) },
  { name: "asyncio", about: "@skein/asyncio", find: script("asyncio", ["effect"]) },
  { name: "core", about: "@skein/core", find: script("core", ["effect"]) },
  { name: "effect", about: "Effect's own primitives", find: script("peers/effect", ["effect"]) },
  {
    name: "promises",
    about: "promises with async-mutex, p-timeout, AbortController",
    find: script("peers/promises", ["async-mutex", "p-timeout"])
  },
  { name: "floor", about: "promises by hand, unsafe and unfair: the floor", find: script("peers/floor", []) },
  { name: "effection", about: "Effection", find: script("peers/effection", ["effection"]) },
  { name: "uvloop", about: "asyncio on uvloop", find: python("asyncio_column.py", "uvloop", "--uvloop") },
  { name: "trio", about: "Trio", find: python("trio_column.py", "trio") },
  {
    name: "promises_async_sema",
    about: "promises with async-sema for lock and semaphore",
    extra: true,
    find: script("peers/promises_async_sema", ["async-sema", "p-timeout"])
  },
  {
    name: "promises_p_limit",
    about: "promises with p-limit for lock and semaphore",
    extra: true,
    find: script("peers/promises_p_limit", ["p-limit", "p-timeout"])
  }
]

/** The names that `--impl` takes. */
export const columnNames: ReadonlyArray<string> = known.map(({ name }) => name)

/** Finds what this machine can run of the chosen columns, in the table's order. */
export const findColumns = (choice: {
  readonly impl: ReadonlyArray<string> | undefined
  readonly extra: boolean
  readonly quick: boolean
}): { readonly columns: ReadonlyArray<RunnableColumn>; readonly missing: ReadonlyArray<MissingColumn> } => {
  const columns: Array<RunnableColumn> = []
  const missing: Array<MissingColumn> = []
  for (const { name, about, extra, find } of known) {
    if (choice.impl === undefined ? extra === true && !choice.extra : !choice.impl.includes(name)) continue
    // Effection needs more time than all the others together.
    if (choice.impl === undefined && choice.quick && name === "effection") continue
    const found = find(name)
    if (typeof found === "string") missing.push({ name, missing: found })
    else columns.push({ name, about, ...found })
  }
  return { columns, missing }
}
