// What the libraries export is documented: names, members, examples, and what happens to a wait that is interrupted.

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { parseTypeScript, type SyntaxNode } from "./syntax.ts"

/** Something that is exported and not (wholly) documented, at a place in a file (path relative to the root, line from 1). */
export interface Gap {
  readonly file: string
  readonly line: number
  readonly message: string
}

/** A declaration of a name, with the doc comments that stand before it. */
interface Declaration {
  readonly module: Module
  readonly node: SyntaxNode
  readonly doc: string | undefined
}

interface Reexport {
  readonly module: Module
  /** The name there; `*` for all of it under one name. */
  readonly name: string
  readonly doc: string | undefined
}

type Manifest = { readonly name: string; readonly private?: boolean; readonly exports?: Record<string, unknown> }

const asNodes = (value: unknown): ReadonlyArray<SyntaxNode> => (Array.isArray(value) ? value.filter(Boolean) : [])
const nameOf = (node: unknown): string => {
  const { name, value } = (node ?? {}) as { readonly name?: unknown; readonly value?: unknown }
  return String(name ?? value ?? "")
}

/** The doc comment right before a node; what is between two declarations may hold others too. */
const docOf = (node: SyntaxNode): string | undefined => {
  const comments = (node.leadingComments ?? []) as ReadonlyArray<{ readonly type: string; readonly value: string }>
  const last = comments.findLast(({ type, value }) => type === "CommentBlock" && value.startsWith("*"))
  if (last === undefined) return undefined
  const text = last.value.replace(/^\s*\* ?/gm, "").trim()
  return text === "" ? undefined : text
}

/** A source file: what it declares, what it imports, what it exports. */
class Module {
  readonly file: string
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
    const program = parseTypeScript(readFileSync(file, "utf8")).program as unknown as SyntaxNode
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

  /** The comment at the head of the file. */
  get head(): string {
    return /^\s*(?:\/\*\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(readFileSync(this.file, "utf8"))?.[0] ?? ""
  }
}

const withDoc = (declarations: ReadonlyArray<Declaration>, doc: string | undefined): ReadonlyArray<Declaration> =>
  doc === undefined
    ? declarations
    : declarations.map((declaration) => ({ ...declaration, doc: declaration.doc ?? doc }))

/** The parsed sources, each once. */
class Sources {
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

  /** The module that a specifier names, if it is one of the house's. */
  resolve(from: string, specifier: string): Module | undefined {
    const file = specifier.startsWith(".") ? join(dirname(from), specifier) : this.entries.get(specifier)
    return file === undefined ? undefined : this.open(file)
  }
}

/** The functions that make a class callable without `new`, and carry its documentation on. */
const wrappers = new Set(["callable", "callableAs"])

/** The classes and interfaces behind a declaration: itself, what it extends, the class that it wraps. */
const shapesOf = (declaration: Declaration, seen: Set<SyntaxNode>): ReadonlyArray<Declaration> => {
  const { module, node } = declaration
  if (seen.has(node)) return []
  seen.add(node)
  const parents: Array<string> = []
  let own: ReadonlyArray<Declaration> = []
  switch (node.type) {
    case "ClassDeclaration":
      own = [declaration]
      parents.push(nameOf(node.superClass))
      break
    case "TSInterfaceDeclaration":
      own = [declaration]
      parents.push(...asNodes(node.extends).map(({ expression }) => nameOf(expression)))
      break
    case "TSTypeAliasDeclaration": {
      const { type, typeName } = node.typeAnnotation as SyntaxNode
      if (type === "TSTypeReference") parents.push(nameOf(typeName))
      break
    }
    case "VariableDeclarator": {
      const init = node.init as SyntaxNode | null
      if (init?.type === "CallExpression" && wrappers.has(nameOf(init.callee))) {
        parents.push(nameOf(asNodes(init.arguments)[0]))
      }
    }
  }
  return [...own, ...parents.flatMap((name) => module.local(name).flatMap((found) => shapesOf(found, seen)))]
}

/** Members of what a class implements: an editor shows their comments where the class has none of its own. */
const inheritedDocs = ({ module, node }: Declaration): ReadonlySet<string> => {
  const documented = new Set<string>()
  const pending = asNodes(node.implements).map(({ expression }) => nameOf(expression))
  for (const name of pending) {
    for (const declaration of module.local(name)) {
      for (const shape of shapesOf(declaration, new Set())) {
        for (const member of membersOf(shape.node)) if (docOf(member) !== undefined) documented.add(nameOf(member.key))
      }
    }
  }
  return documented
}

const membersOf = (node: SyntaxNode): ReadonlyArray<SyntaxNode> => {
  const body = node.body as { readonly body?: unknown } | undefined
  return asNodes(body?.body)
}

/** Members that a reader never sees, or that say what they are by their name: private ones, protocol, overridden ones. */
const needsNoDoc = (member: SyntaxNode): boolean => {
  if (member.accessibility === "private" || member.override === true || member.declare === true) return true
  if (member.computed === true || !member.key) return true
  const name = nameOf(member.key)
  return /^_|^#|^prototype$|^toString$|^constructor$/.test(name) || (member.key as SyntaxNode).type === "PrivateName"
}

/** True for what is called: functions, and what a function is kept in. */
const isFunction = ({ node }: Declaration): boolean => {
  if (node.type === "FunctionDeclaration" || node.type === "TSDeclareFunction") return true
  const init = node.type === "VariableDeclarator" ? (node.init as SyntaxNode | null) : null
  return init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression"
}

/** True for a class of things, and not of errors: those are explained by whoever throws them. */
const isThing = ({ node }: Declaration): boolean => {
  if (node.type === "ClassDeclaration") return !/Error|Exception/.test(`${nameOf(node.id)}`)
  const init = node.type === "VariableDeclarator" ? (node.init as SyntaxNode | null) : null
  return init?.type === "CallExpression" && wrappers.has(nameOf(init.callee))
}

/** Something that returns a coroutine waits, and tells what becomes of the wait; or it tells that it does not wait. */
const waits = (node: SyntaxNode): boolean => {
  const callee = node.type === "VariableDeclarator" ? ((node.init ?? node) as SyntaxNode) : node
  // A method of an interface has its result there, where a function has its own.
  const result = (callee.returnType ?? callee.typeAnnotation) as { readonly typeAnnotation?: SyntaxNode } | undefined
  const annotation = result?.typeAnnotation
  return annotation?.type === "TSTypeReference" && nameOf(annotation.typeName) === "Coroutine"
}
const tellsOfWaiting = (doc: string): boolean => /When interrupted|suspend|To be awaited/.test(doc)

class Coverage {
  readonly gaps: Array<Gap> = []
  private readonly root: string
  private readonly seen = new Set<SyntaxNode>()

  constructor(root: string) {
    this.root = root
  }

  module(module: Module, name: string): void {
    for (const exported of module.names()) {
      const namespace = module.namespace(exported)
      if (namespace === undefined) this.name(exported, module.find(exported))
      else {
        if (!namespace.head.startsWith("/**")) {
          this.report(namespace.file, 1, `"${exported}" of ${name} is a module without a doc comment at its head`)
        }
        this.module(namespace, `${name}.${exported}`)
      }
    }
  }

  private name(name: string, declarations: ReadonlyArray<Declaration>): void {
    const [first] = declarations
    if (first === undefined || declarations.every(({ node }) => this.seen.has(node))) return
    const docs = declarations.flatMap(({ doc }) => (doc === undefined ? [] : [doc]))
    for (const { node } of declarations) this.seen.add(node)
    const text = docs.join("\n")
    const at = (message: string) => this.report(first.module.file, first.node.loc.start.line, message)
    if (docs.length === 0) at(`"${name}" is exported and has no doc comment`)
    else if (/^\{@inheritDoc [^}]*\}$/.test(text))
      at(`"${name}" has {@inheritDoc}, which no editor shows: say what it is`)
    else if (declarations.some((one) => isFunction(one) || isThing(one)) && !text.includes("@example")) {
      at(`"${name}" has no @example`)
    }
    if (docs.length > 0 && declarations.some(({ node }) => waits(node)) && !tellsOfWaiting(text)) {
      at(`"${name}" is awaited, and does not say what happens "When interrupted"`)
    }
    const shapes = new Set<SyntaxNode>()
    for (const shape of declarations.flatMap((declaration) => shapesOf(declaration, shapes))) this.members(name, shape)
  }

  private members(name: string, shape: Declaration): void {
    const { module, node } = shape
    if (this.seen.has(node.body as SyntaxNode)) return
    this.seen.add(node.body as SyntaxNode)
    const documented = new Map<string, string>()
    const inherited = inheritedDocs(shape)
    for (const member of membersOf(node)) {
      if (needsNoDoc(member)) continue
      const key = nameOf(member.key)
      // Of several overloads, and of a getter and its setter, one is enough.
      const doc = docOf(member) ?? documented.get(key)
      const at = (message: string) => this.report(module.file, member.loc.start.line, message)
      if (doc === undefined && inherited.has(key)) continue
      if (doc === undefined) at(`"${name}.${key}" is public and has no doc comment`)
      else {
        documented.set(key, doc)
        if (waits(member) && !tellsOfWaiting(doc)) {
          at(`"${name}.${key}" is awaited, and does not say what happens "When interrupted"`)
        }
      }
    }
  }

  private report(file: string, line: number, message: string): void {
    this.gaps.push({ file: relative(this.root, file).replaceAll(sep, "/"), line, message })
  }
}

/** The source file of each public entry of the packages that others install, by what one imports it as. */
export const publicEntries = (root: string): ReadonlyMap<string, string> => {
  const entries = new Map<string, string>()
  for (const short of readdirSync(join(root, "packages"))) {
    const folder = join(root, "packages", short)
    if (!existsSync(join(folder, "package.json"))) continue
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
    if (manifest.private === true) continue
    for (const [entry, targets] of Object.entries(manifest.exports ?? {})) {
      const source = (targets as Record<string, unknown> | null)?.["@skein/source"]
      if (typeof source === "string") entries.set(join(manifest.name, entry).replaceAll(sep, "/"), join(folder, source))
    }
  }
  return entries
}

/**
 * What is missing in the doc comments of the packages that others install.
 *
 * @param root root of the repository
 */
export const findGaps = (root: string): ReadonlyArray<Gap> => {
  const coverage = new Coverage(root)
  const entries = publicEntries(root)
  const sources = new Sources(entries)
  for (const [name, file] of entries) coverage.module(sources.open(file), name)
  return coverage.gaps.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
}
