// What the libraries export is documented: names, members, examples, and what happens to a wait that is interrupted.

import { existsSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { asNodes, type Declaration, docOf, type Module, nameOf, publicEntries, Sources } from "./module-graph.ts"
import type { SyntaxNode } from "./syntax.ts"

/** Something that is exported and not (wholly) documented, at a place in a file (path relative to the root, line from 1). */
export interface Gap {
  readonly file: string
  readonly line: number
  readonly message: string
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
  if (node.type !== "VariableDeclarator") return false
  const init = node.init as SyntaxNode | null
  if (init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression") return true
  // Several signatures under one name, as functions have that are called data-first and data-last.
  const annotation = (node.id as { readonly typeAnnotation?: { readonly typeAnnotation: SyntaxNode } }).typeAnnotation
  const type = annotation?.typeAnnotation
  return (
    type?.type === "TSFunctionType" ||
    (type?.type === "TSTypeLiteral" && asNodes(type.members).some((one) => one.type === "TSCallSignatureDeclaration"))
  )
}

/** True for a class of things, and not of errors: those are explained by whoever throws them. */
const isThing = ({ node }: Declaration): boolean => {
  if (node.type === "ClassDeclaration") return !/Error|Exception/.test(`${nameOf(node.id)}`)
  const init = node.type === "VariableDeclarator" ? (node.init as SyntaxNode | null) : null
  return init?.type === "CallExpression" && wrappers.has(nameOf(init.callee))
}

/**
 * What waits tells what becomes of the wait; or it tells that it does not wait. Whatever returns a coroutine waits. Of Effects
 * the type does not say it, so the verb does: Skein's names are consistent.
 */
const waits = (name: string, node: SyntaxNode, module: Module): boolean => {
  const callee = node.type === "VariableDeclarator" ? ((node.init ?? node) as SyntaxNode) : node
  // A method of an interface has its result there, where a function has its own.
  const result = (callee.returnType ?? callee.typeAnnotation) as { readonly typeAnnotation?: SyntaxNode } | undefined
  const annotation = result?.typeAnnotation
  if (annotation?.type === "TSTypeReference" && nameOf(annotation.typeName) === "Coroutine") return true
  return waitingVerb.test(name) && /\bEffect\.Effect</.test(module.text.slice(node.start, node.end))
}
const waitingVerb =
  /^(acquire|await|wait|take|put|join|cancel|retry|all|run|shield|failAfter|moveOnAfter|with(?!out))(?!Promise|Sync|Fork|Callback)(?![a-z])/
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
        if (!namespace.text.trimStart().startsWith("/**")) {
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
    if (
      docs.length > 0 &&
      declarations.some(({ node, module }) => waits(name, node, module)) &&
      !tellsOfWaiting(text)
    ) {
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
        if (waits(key, member, module) && !tellsOfWaiting(doc)) {
          at(`"${name}.${key}" is awaited, and does not say what happens "When interrupted"`)
        }
      }
    }
  }

  report(file: string, line: number, message: string): void {
    this.gaps.push({ file: relative(this.root, file).replaceAll(sep, "/"), line, message })
  }
}

/**
 * What is missing in the doc comments of the packages that others install.
 *
 * @param root root of the repository
 */
export const findGaps = (root: string): ReadonlyArray<Gap> => {
  const coverage = new Coverage(root)
  const entries = publicEntries(root)
  const sources = new Sources(new Map(entries.map(({ specifier, source }) => [specifier, source])))
  for (const { specifier, source, home } of entries) {
    if (existsSync(source)) coverage.module(sources.open(source), specifier)
    else coverage.report(join(home, "package.json"), 1, `"${specifier}" is exported from a source that does not exist`)
  }
  return coverage.gaps.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
}
