// What the libraries' modules declare, import and export, read from their syntax: no compiler is asked, so nothing
// needs to compile. It reads sources and the declarations that the compiler emits from them alike.

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseTypeScript, type SyntaxNode } from "./syntax.ts"

type Manifest = { readonly name: string; readonly private?: boolean; readonly exports?: Record<string, unknown> }

/** A declaration of a name, with the doc comments that stand before it. */
export interface Declaration {
  readonly module: Module
  readonly node: SyntaxNode
  readonly doc: string | undefined
}

/** What a name in a type refers to, and how many of the dotted names lead there. */
export type Reference =
  | { readonly declarations: ReadonlyArray<Declaration>; readonly used: number }
  | { readonly specifier: string; readonly name: string; readonly used: number }

interface Reexport {
  readonly module: Module
  /** The name there; `*` for all of it under one name. */
  readonly name: string
  readonly doc: string | undefined
}

export const asNodes = (value: unknown): ReadonlyArray<SyntaxNode> =>
  Array.isArray(value) ? value.filter(Boolean) : []
export const nameOf = (node: unknown): string => {
  const { name, value } = (node ?? {}) as { readonly name?: unknown; readonly value?: unknown }
  return String(name ?? value ?? "")
}

/** The doc comment right before a node; what is between two declarations may hold others too. */
export const docOf = (node: SyntaxNode): string | undefined => {
  const comments = (node.leadingComments ?? []) as ReadonlyArray<{ readonly type: string; readonly value: string }>
  const last = comments.findLast(({ type, value }) => type === "CommentBlock" && value.startsWith("*"))
  if (last === undefined) return undefined
  const text = last.value.replace(/^\s*\* ?/gm, "").trim()
  return text === "" ? undefined : text
}

/** A source file: what it declares, what it imports, what it exports. */
export class Module {
  readonly file: string
  readonly text: string
  private readonly sources: Sources
  private readonly declarations = new Map<string, Array<Declaration>>()
  private readonly imports = new Map<string, { readonly specifier: string; readonly name: string }>()
  private readonly exported = new Map<
    string,
    Declaration | Reexport | { readonly local: string; readonly doc?: string }
  >()
  private readonly stars: Array<string> = []

  constructor(sources: Sources, file: string) {
    this.sources = sources
    this.file = file
    this.text = readFileSync(file, "utf8")
    const program = parseTypeScript(this.text).program as unknown as SyntaxNode
    for (const statement of asNodes(program.body)) this.read(statement)
  }

  private read(statement: SyntaxNode): void {
    switch (statement.type) {
      case "ImportDeclaration":
        for (const specifier of asNodes(statement.specifiers)) {
          const name = specifier.type === "ImportNamespaceSpecifier" ? "*" : nameOf(specifier.imported ?? "default")
          this.imports.set(nameOf(specifier.local), { specifier: nameOf(statement.source), name })
        }
        break
      case "ExportAllDeclaration":
        this.stars.push(nameOf(statement.source))
        break
      case "ExportNamedDeclaration": {
        const doc = docOf(statement)
        if (statement.declaration) {
          for (const name of this.declared(statement.declaration as SyntaxNode, doc))
            this.exported.set(name, { local: name })
          break
        }
        for (const specifier of asNodes(statement.specifiers)) {
          const name = nameOf(specifier.exported)
          const original = specifier.type === "ExportNamespaceSpecifier" ? "*" : nameOf(specifier.local)
          const own = docOf(specifier) ?? (asNodes(statement.specifiers).length === 1 ? doc : undefined)
          const module = statement.source ? this.sources.resolve(this.file, nameOf(statement.source)) : undefined
          if (module !== undefined) this.exported.set(name, { module, name: original, doc: own })
          else if (!statement.source) this.exported.set(name, { local: original, ...(own && { doc: own }) })
        }
        break
      }
      default:
        this.declared(statement, docOf(statement))
    }
  }

  /** Notes what a statement declares, and gives the names. */
  private declared(node: SyntaxNode, doc: string | undefined): ReadonlyArray<string> {
    if (node.type === "VariableDeclaration") {
      return asNodes(node.declarations).map((declarator) => this.add(nameOf(declarator.id), declarator, doc))
    }
    return node.id ? [this.add(nameOf(node.id), node, doc)] : []
  }

  private add(name: string, node: SyntaxNode, doc: string | undefined): string {
    const known = this.declarations.get(name)
    const declaration = { module: this, node, doc }
    if (known === undefined) this.declarations.set(name, [declaration])
    else known.push(declaration)
    return name
  }

  /** The names that the module exports. */
  names(): ReadonlySet<string> {
    const names = new Set(this.exported.keys())
    for (const specifier of this.stars) {
      for (const name of this.sources.resolve(this.file, specifier)?.names() ?? []) names.add(name)
    }
    names.delete("default")
    return names
  }

  /** The declarations behind an exported name; a namespace is its module's own comment. */
  find(name: string): ReadonlyArray<Declaration> {
    const entry = this.exported.get(name)
    if (entry === undefined) {
      for (const specifier of this.stars) {
        const found = this.sources.resolve(this.file, specifier)?.find(name) ?? []
        if (found.length > 0) return found
      }
      return []
    }
    if ("local" in entry) return withDoc(this.local(entry.local), entry.doc)
    if ("node" in entry) return [entry]
    return entry.name === "*" ? [] : withDoc(entry.module.find(entry.name), entry.doc)
  }

  /** The module behind a name that stands for a whole module: `export * as Lock from "./Lock.ts"`. */
  namespace(name: string): Module | undefined {
    const entry = this.exported.get(name)
    return entry !== undefined && "module" in entry && "name" in entry && entry.name === "*" ? entry.module : undefined
  }

  /** The declarations that a name refers to inside the module. */
  local(name: string): ReadonlyArray<Declaration> {
    const declared = this.declarations.get(name)
    if (declared !== undefined) return declared
    const imported = this.imports.get(name)
    if (imported === undefined || imported.name === "*") return []
    return this.sources.resolve(this.file, imported.specifier)?.find(imported.name) ?? []
  }

  /** What a dotted name, such as `Lock.make`, means inside the module; undefined for globals, and for what has no declaration. */
  refer(path: ReadonlyArray<string>): Reference | undefined {
    const [first = "", ...rest] = path
    const declared = this.declarations.get(first)
    if (declared !== undefined) return { declarations: declared, used: 1 }
    const imported = this.imports.get(first)
    if (imported === undefined) return undefined
    if (this.sources.resolve(this.file, imported.specifier) === undefined) return { ...imported, used: 1 }
    const whole = imported.name === "*"
    const found = this.imported(imported.specifier, whole ? rest : [imported.name, ...rest])
    return found && { ...found, used: found.used + (whole ? 1 : 0) }
  }

  /** What a dotted name means in a module that this one imports; undefined for modules that are not the house's. */
  imported(specifier: string, path: ReadonlyArray<string>): Reference | undefined {
    return this.sources.resolve(this.file, specifier)?.member(path)
  }

  /** What a dotted name means to those who import the module as a namespace. */
  member(path: ReadonlyArray<string>): Reference | undefined {
    const [first = "", ...rest] = path
    const inner = this.namespace(first)
    if (inner !== undefined) {
      const found = inner.member(rest)
      return found && { ...found, used: found.used + 1 }
    }
    const declarations = this.find(first)
    return declarations.length === 0 ? undefined : { declarations, used: 1 }
  }
}

const withDoc = (declarations: ReadonlyArray<Declaration>, doc: string | undefined): ReadonlyArray<Declaration> =>
  doc === undefined
    ? declarations
    : declarations.map((declaration) => ({ ...declaration, doc: declaration.doc ?? doc }))

/** The parsed sources, each once. */
export class Sources {
  private readonly modules = new Map<string, Module>()
  /** Source file of each public entry, by what one imports it as. */
  private readonly entries: ReadonlyMap<string, string>

  constructor(entries: ReadonlyMap<string, string>) {
    this.entries = entries
  }

  open(file: string): Module {
    let module = this.modules.get(file)
    if (module === undefined) {
      module = new Module(this, file)
      this.modules.set(file, module)
    }
    return module
  }

  /** The module that a specifier names, if it is one of the house's. Emitted declarations go on importing `./x.ts`. */
  resolve(from: string, specifier: string): Module | undefined {
    if (!specifier.startsWith(".")) {
      const file = this.entries.get(specifier)
      return file === undefined ? undefined : this.open(file)
    }
    const file = join(dirname(from), specifier)
    return this.open(from.endsWith(".d.ts") ? file.replace(/\.ts$/, ".d.ts") : file)
  }
}

/** An entry of a package that others install. */
export interface PublicEntry {
  /** What one imports: `@skein/core/kernel`. */
  readonly specifier: string
  /** Folder of the package. */
  readonly home: string
  /** The source file behind the entry. */
  readonly source: string
}

export const publicEntries = (root: string): ReadonlyArray<PublicEntry> => {
  const entries: Array<PublicEntry> = []
  for (const short of readdirSync(join(root, "packages")).sort()) {
    const home = join(root, "packages", short)
    if (!existsSync(join(home, "package.json"))) continue
    const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as Manifest
    if (manifest.private === true) continue
    for (const [entry, targets] of Object.entries(manifest.exports ?? {})) {
      const source = (targets as Record<string, unknown> | null)?.["@skein/source"]
      if (typeof source !== "string") continue
      entries.push({ specifier: manifest.name + entry.slice(1), home, source: join(home, source) })
    }
  }
  return entries
}
