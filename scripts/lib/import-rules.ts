// The house's floors: kernel <- core <- asyncio, testing <- conformance <- examples, bench. A package imports downwards
// only, and only what the lower one exports; the table below is the whole of it.

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { dirname, join, relative, resolve, sep } from "node:path"
import { parseTypeScript, type SyntaxNode, walk } from "./syntax.ts"

/** What the sources of each package may import of the others. */
const below: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: [],
  asyncio: ["core"],
  testing: ["core", "asyncio"],
  conformance: ["core", "asyncio", "testing"],
  examples: ["core", "asyncio", "testing", "conformance"],
  bench: ["core", "asyncio", "testing", "conformance"]
}

/** Packages that others install. Their sources never load Effect's barrel: it costs 150 ms of every program's start. */
const published = new Set(["core", "asyncio", "testing"])

/** Globals that would let time or the host's queues into the kernel. */
const kernelForbids = new Set([
  "AbortController",
  "AbortSignal",
  "MessageChannel",
  "Promise",
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout"
])

/** One broken rule, at a place in a file (path relative to the root, line from 1). */
export interface Violation {
  readonly file: string
  readonly line: number
  readonly message: string
}

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly imports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

interface Package {
  /** Folder name, which is also the name after `@skein/`. */
  readonly short: string
  readonly folder: string
  readonly manifest: Manifest
}

const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))

const isWithin = (folder: string, file: string) => file === folder || file.startsWith(folder + sep)

/** `@scope/name/a/b` -> `@scope/name` and `./a/b`; `effect/Effect` -> `effect` and `./Effect`. */
const splitSpecifier = (specifier: string) => {
  const parts = specifier.split("/")
  const length = specifier.startsWith("@") ? 2 : 1
  const rest = parts.slice(length)
  return { name: parts.slice(0, length).join("/"), entry: rest.length === 0 ? "." : `./${rest.join("/")}` }
}

/** Every module that a source names: imports, re-exports, `import()`, `import("x").Type`, `require`. */
const importsOf = (program: SyntaxNode): ReadonlyArray<{ specifier: string | undefined; line: number }> => {
  const found: Array<{ specifier: string | undefined; line: number }> = []
  const literal = (node: unknown) => {
    const { type, value, literal: inner } = node as { type?: string; value?: unknown; literal?: { value?: unknown } }
    if (type === "StringLiteral") return String(value)
    return type === "TSLiteralType" ? String(inner?.value) : undefined
  }
  for (const { node } of walk(program)) {
    const line = node.loc.start.line
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
        if (node.source) found.push({ specifier: literal(node.source), line })
        break
      case "TSImportType":
        found.push({ specifier: literal(node.argument), line })
        break
      case "TSExternalModuleReference":
        found.push({ specifier: literal(node.expression), line })
        break
      case "ImportExpression":
        found.push({ specifier: literal(node.source), line })
        break
      case "CallExpression": {
        const callee = node.callee as SyntaxNode
        if (callee.type !== "Import" && !(callee.type === "Identifier" && callee.name === "require")) break
        found.push({ specifier: literal((node.arguments as ReadonlyArray<unknown>)[0]), line })
      }
    }
  }
  return found
}

/** Names of the host's clocks and queues that a kernel source mentions, and functions that make promises. */
const hostUsesOf = (program: SyntaxNode): ReadonlyArray<{ what: string; line: number }> => {
  const found: Array<{ what: string; line: number }> = []
  for (const { node, parent, field } of walk(program)) {
    const line = node.loc.start.line
    if (node.type === "AwaitExpression") found.push({ what: "await", line })
    if (node.async === true) found.push({ what: "an async function", line })
    if (node.type !== "Identifier" || !kernelForbids.has(String(node.name))) continue
    // `x.process` and `{ process: 1 }` are names of ours; `globalThis.process` is the host's all the same.
    const isOwnName =
      ((field === "property" && (parent?.object as SyntaxNode | undefined)?.name !== "globalThis") ||
        field === "key") &&
      parent?.computed !== true
    if (!isOwnName) found.push({ what: String(node.name), line })
  }
  return found
}

class Checker {
  readonly root: string
  readonly packages: ReadonlyMap<string, Package>
  readonly rootManifest: Manifest
  readonly violations: Array<Violation> = []

  constructor(root: string) {
    this.root = root
    this.rootManifest = readManifest(root)
    const folders = readdirSync(join(root, "packages")).filter((name) =>
      existsSync(join(root, "packages", name, "package.json"))
    )
    this.packages = new Map(
      folders.map((short) => {
        const folder = join(root, "packages", short)
        return [short, { short, folder, manifest: readManifest(folder) }]
      })
    )
  }

  report(file: string, line: number, message: string) {
    this.violations.push({ file: relative(this.root, file).replaceAll(sep, "/"), line, message })
  }

  checkAll() {
    for (const pack of this.packages.values()) {
      if (!(pack.short in below)) {
        this.report(
          join(pack.folder, "package.json"),
          1,
          `"${pack.short}" has no floor: add it to the table in scripts/lib/import-rules.ts`
        )
        continue
      }
      for (const part of ["src", "test"]) {
        const folder = join(pack.folder, part)
        if (!existsSync(folder)) continue
        for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
          if (/\.[cm]?tsx?$/.test(name)) this.checkFile(pack, part === "test", join(folder, name))
        }
      }
    }
  }

  checkFile(pack: Package, isTest: boolean, file: string) {
    const program = parseTypeScript(readFileSync(file, "utf8")) as unknown as SyntaxNode
    const inKernel = pack.short === "core" && isWithin(join(pack.folder, "src/kernel"), file)
    for (const { specifier, line } of importsOf(program)) {
      if (specifier === undefined) {
        if (published.has(pack.short) && !isTest) {
          this.report(file, line, "import() of a computed name cannot be checked: name the module in a string")
        }
        continue
      }
      const message = this.judge(pack, { file, isTest, inKernel }, specifier)
      if (message !== undefined) this.report(file, line, message)
    }
    if (!inKernel) return
    for (const { what, line } of hostUsesOf(program)) {
      this.report(
        file,
        line,
        `the kernel is synchronous and knows no host: it cannot use ${what}; take a callback instead`
      )
    }
  }

  /** What is wrong with one import, or undefined. */
  judge(
    pack: Package,
    at: { file: string; isTest: boolean; inKernel: boolean },
    specifier: string
  ): string | undefined {
    if (specifier.startsWith(".")) {
      const target = resolve(dirname(at.file), specifier)
      if (!isWithin(pack.folder, target)) {
        return `"${specifier}" reaches into another package: import its public entry, "@skein/<package>"`
      }
      if (at.inKernel && !isWithin(join(pack.folder, "src/kernel"), target)) {
        return `"${specifier}" is above the kernel, which imports nothing but itself`
      }
      if (!at.isTest && !isWithin(join(pack.folder, "src"), target) && target !== join(pack.folder, "package.json")) {
        return `"${specifier}" is outside of src, and sources import sources only`
      }
      return undefined
    }
    if (at.inKernel) return `"${specifier}": the kernel imports nothing but itself, neither Effect nor Node`
    if (isBuiltin(specifier)) {
      return specifier.startsWith("node:") ? undefined : `"${specifier}" is a module of Node: write "node:${specifier}"`
    }
    if (specifier.startsWith("#")) {
      if (specifier in (pack.manifest.imports ?? {})) return undefined
      return `"${specifier}" is not among the imports of ${pack.manifest.name}: add it to its package.json`
    }
    const { name, entry } = splitSpecifier(specifier)
    if (name.startsWith("@skein/"))
      return this.judgeOwn(pack, at.isTest, name.slice("@skein/".length), entry, specifier)
    if (name === "effect" && (entry === "./internal" || entry.startsWith("./internal/"))) {
      return `"${specifier}" is private to Effect: import a public module, such as "effect/Effect"`
    }
    if (
      published.has(pack.short) &&
      !at.isTest &&
      entry === "." &&
      (name === "effect" || name === "@effect/platform-node")
    ) {
      return `"${specifier}" is the barrel and loads everything: import the module, such as "${name}/${name === "effect" ? "Effect" : "NodeRuntime"}"`
    }
    return this.declares(pack, at.isTest, name)
      ? undefined
      : `"${name}" is not in the dependencies of ${pack.manifest.name}: add it to its package.json`
  }

  judgeOwn(pack: Package, isTest: boolean, short: string, entry: string, specifier: string): string | undefined {
    const target = this.packages.get(short)
    if (target === undefined) return `"${specifier}": there is no package "@skein/${short}"`
    const mayImport = below[pack.short] ?? []
    if (short !== pack.short || !isTest) {
      if (!mayImport.includes(short)) {
        const list = mayImport.length === 0 ? "nothing of the house" : mayImport.map((it) => `@skein/${it}`).join(", ")
        return `"${specifier}": imports go downwards only, and ${pack.manifest.name} may import ${list}`
      }
      if (!this.declares(pack, isTest, `@skein/${short}`)) {
        return `"@skein/${short}" is not in the dependencies of ${pack.manifest.name}: add it to its package.json`
      }
    }
    const entries = Object.keys(target.manifest.exports ?? {})
    if (entries.includes(entry)) return undefined
    return `"${specifier}" is not a public entry of @skein/${short}, which has ${entries.map((it) => `"${it}"`).join(", ")}`
  }

  declares({ manifest }: Package, isTest: boolean, name: string): boolean {
    const own = { ...manifest.dependencies, ...manifest.peerDependencies }
    return name in (isTest ? { ...this.rootManifest.devDependencies, ...manifest.devDependencies, ...own } : own)
  }
}

/** Every import in `packages/<name>/{src,test}` under `root` that breaks the house's rules, in the order of the files. */
export const findViolations = (root: string): ReadonlyArray<Violation> => {
  const checker = new Checker(root)
  checker.checkAll()
  return checker.violations
}
