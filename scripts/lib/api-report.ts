// The public surface of a package as text that can be reviewed: one report for each entry, with every exported name and its
// whole declaration, in an order that does not depend on the sources' layout. It is made from the emitted declarations.
//
// API Extractor was tried and not taken. It lists a namespace's members in one heap with those of all others, as `make`,
// `make_2`, `make_3`, numbered by order, and it leaves out the members of a class that is public under an interface's name.

import { basename } from "node:path"
import { asNodes, type Declaration, type Module, nameOf, type PublicEntry, type Reference } from "./module-graph.ts"
import { childNodes, type SyntaxNode } from "./syntax.ts"

/** An entry with its emitted declarations. */
export interface DeclaredEntry extends Pick<PublicEntry, "specifier"> {
  readonly module: Module
}

/** What an entry exports: a declaration under the name by which users reach it, such as `["Lock", "make"]`. */
interface Exported {
  readonly path: ReadonlyArray<string>
  readonly declarations: ReadonlyArray<Declaration>
}

/** A name in a declaration that means something outside of it. */
interface Mention {
  /** The text that it takes up, as far as `reference` accounts for it. */
  readonly start: number
  readonly end: number
  readonly reference: Reference
  /** The first of its dotted names, as the module writes it. */
  readonly local: string
}

const keyOf = ({ module, node }: Declaration) => `${module.file}#${nameOf(node.id)}`

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const exportsOf = (module: Module, path: ReadonlyArray<string> = []): ReadonlyArray<Exported> =>
  [...module.names()].sort(compare).flatMap((name) => {
    const inner = module.namespace(name)
    if (inner !== undefined) return exportsOf(inner, [...path, name])
    return [{ path: [...path, name], declarations: module.find(name) }]
  })

interface Segment {
  readonly name: string
  readonly end: number
}

/** The names of `a.b.c`, each with its end in the source. */
const segmentsOf = (node: SyntaxNode): ReadonlyArray<Segment> => {
  switch (node.type) {
    case "Identifier":
      return [{ name: nameOf(node), end: node.end }]
    case "TSQualifiedName":
      return [...segmentsOf(node.left as SyntaxNode), ...segmentsOf(node.right as SyntaxNode)]
    case "MemberExpression":
      return [...segmentsOf(node.object as SyntaxNode), ...segmentsOf(node.property as SyntaxNode)]
    default:
      return []
  }
}

/** The part of a node that names a declaration, if it has one. */
const entityOf = (node: SyntaxNode): SyntaxNode | undefined => {
  switch (node.type) {
    case "TSTypeReference":
      return node.typeName as SyntaxNode
    case "TSTypeQuery":
      return node.exprName as SyntaxNode
    case "TSExpressionWithTypeArguments":
      return node.expression as SyntaxNode
    case "ClassDeclaration":
      return (node.superClass as SyntaxNode | null) ?? undefined
    default:
      return node.computed === true ? (node.key as SyntaxNode) : undefined
  }
}

const typeParametersOf = (node: SyntaxNode, found = new Set<string>()): ReadonlySet<string> => {
  if (node.type === "TSTypeParameter") found.add(nameOf(node))
  for (const [, child] of childNodes(node)) typeParametersOf(child, found)
  return found
}

/** The members of a class or an interface; undefined for any other declaration. */
const membersOf = (node: SyntaxNode): ReadonlyArray<SyntaxNode> | undefined =>
  node.type === "ClassDeclaration" || node.type === "TSInterfaceDeclaration"
    ? asNodes((node.body as { readonly body?: unknown }).body)
    : undefined

const isProtocol = (name: string) => /^__\w+__$/.test(name)

const memberName = (member: SyntaxNode): string => {
  const key = member.key as SyntaxNode | undefined
  if (key === undefined) return ""
  return segmentsOf(key).at(-1)?.name ?? nameOf(key)
}

/** Constructors and call signatures come first, then static members, then the others by name; overloads keep their order. */
const rankOf = (member: SyntaxNode) => {
  const name = memberName(member)
  const group = name === "" || name === "constructor" || name === "new" ? 0 : member.static === true ? 1 : 2
  return { group, name }
}

const sorted = (members: ReadonlyArray<SyntaxNode>) =>
  members.toSorted((a, b) => {
    const x = rankOf(a)
    const y = rankOf(b)
    return x.group - y.group || compare(x.name, y.name)
  })

/** Members that are no part of the surface: private ones, internal ones by their name, and marks that only types see. */
const isOmitted = (member: SyntaxNode, module: Module, isHidden: (reference: Reference) => boolean): boolean => {
  if (member.accessibility === "private" || (member.key as SyntaxNode | undefined)?.type === "PrivateName") return true
  if (member.computed === true) {
    const reference = module.refer(segmentsOf(member.key as SyntaxNode).map(({ name }) => name))
    return reference !== undefined && isHidden(reference)
  }
  const name = memberName(member)
  return /^[_~]/.test(name) && !isProtocol(name)
}

/** Where an entry keeps a declaration that others mention. */
interface Home {
  readonly specifier: string
  readonly path: ReadonlyArray<string>
}

/** The name under which a report imports an entry: `builtins` for `@skein/asyncio/builtins`. */
const aliasOf = (specifier: string) => basename(specifier)

/** The report on one entry. It knows the other entries' names, to say where a name of theirs comes from. */
class Report {
  private readonly exported: ReadonlyArray<Exported>
  private readonly homes: ReadonlyMap<string, Home>
  /** Under which names this entry exports a declaration. */
  private readonly own = new Map<string, Array<ReadonlyArray<string>>>()
  /** What is mentioned, and no entry exports. */
  private readonly hidden = new Map<string, { readonly declarations: ReadonlyArray<Declaration>; name: string }>()
  private readonly imports = new Map<
    string,
    { readonly specifier: string; readonly name: string; readonly local: string }
  >()

  constructor({ module }: DeclaredEntry, homes: ReadonlyMap<string, Home>) {
    this.homes = homes
    this.exported = exportsOf(module)
    for (const { path, declarations } of this.exported) {
      for (const key of new Set(declarations.map(keyOf))) {
        const paths = this.own.get(key)
        if (paths === undefined) this.own.set(key, [path])
        else paths.push(path)
      }
    }
    this.settleNames(this.collect())
  }

  private readonly isHidden = (reference: Reference): boolean =>
    "declarations" in reference &&
    reference.declarations.every((one) => !this.own.has(keyOf(one)) && !this.homes.has(keyOf(one)))

  /** Gathers all that the exports mention, directly or not. */
  private collect(): ReadonlyArray<Mention> {
    const pending = this.exported.flatMap(({ declarations }) => declarations)
    const seen = new Set<SyntaxNode>()
    const found: Array<Mention> = []
    for (let declaration = pending.pop(); declaration !== undefined; declaration = pending.pop()) {
      if (seen.has(declaration.node)) continue
      seen.add(declaration.node)
      for (const mention of this.mentions(declaration)) {
        found.push(mention)
        const { reference } = mention
        if (!("declarations" in reference) || !this.isHidden(reference)) continue
        const [first] = reference.declarations
        if (first === undefined) continue
        this.hidden.set(keyOf(first), { declarations: reference.declarations, name: nameOf(first.node.id) })
        pending.push(...reference.declarations)
      }
    }
    return found
  }

  /** Gives each hidden declaration and each import a name of its own in the report, the same whatever the sources' order. */
  private settleNames(mentions: ReadonlyArray<Mention>): void {
    const taken = new Set(this.exported.flatMap(({ path }) => [path[0], path.at(-1)]))
    for (const [key, entry] of [...this.hidden].sort(([a], [b]) => compare(a, b))) {
      if (taken.has(entry.name)) entry.name = `${entry.name}_in_${basename(key.slice(0, key.indexOf("#")), ".d.ts")}`
      taken.add(entry.name)
    }
    const needed = mentions.flatMap(({ reference, local }) => {
      if (!("declarations" in reference)) return [{ specifier: reference.specifier, name: reference.name, local }]
      const home = this.foreignHome(reference)
      return home === undefined ? [] : [{ specifier: home.specifier, name: "*", local: aliasOf(home.specifier) }]
    })
    const keyOfImport = ({ specifier, name, local }: (typeof needed)[number]) => `${specifier} ${name} ${local}`
    for (const { specifier, name, local } of needed.toSorted((a, b) => compare(keyOfImport(a), keyOfImport(b)))) {
      if (this.imports.has(`${specifier} ${name}`)) continue
      let free = local
      while (taken.has(free)) free += "_"
      taken.add(free)
      this.imports.set(`${specifier} ${name}`, { specifier, name, local: free })
    }
  }

  private foreignHome({ declarations }: Extract<Reference, { readonly declarations: unknown }>): Home | undefined {
    const keys = declarations.map(keyOf)
    if (keys.some((key) => this.own.has(key))) return undefined
    return keys.map((key) => this.homes.get(key)).find((home) => home !== undefined)
  }

  /** What a declaration mentions outside of itself, members that are not shown left out. */
  private mentions({ module, node }: Declaration): ReadonlyArray<Mention> {
    const parameters = typeParametersOf(node)
    const omitted = new Set(membersOf(node)?.filter((member) => isOmitted(member, module, this.isHidden)))
    const found: Array<Mention> = []
    const add = (start: number, segments: ReadonlyArray<Segment>, reference: Reference | undefined) => {
      const end = segments[(reference?.used ?? 0) - 1]?.end
      if (reference !== undefined && end !== undefined) {
        found.push({ start, end, reference, local: segments[0]?.name ?? "" })
      }
    }
    const visit = (node: SyntaxNode): void => {
      if (omitted.has(node)) return
      const entity = entityOf(node)
      if (node.type === "TSImportType") {
        const segments = segmentsOf((node.qualifier ?? node) as SyntaxNode)
        add(
          node.start,
          segments,
          module.imported(
            nameOf(node.argument),
            segments.map(({ name }) => name)
          )
        )
      } else if (entity !== undefined) {
        const segments = segmentsOf(entity)
        if (!parameters.has(segments[0]?.name ?? ""))
          add(entity.start, segments, module.refer(segments.map(({ name }) => name)))
      }
      for (const [, child] of childNodes(node)) visit(child)
    }
    visit(node)
    return found.sort((a, b) => a.start - b.start)
  }

  /** What the report calls a declaration, for a reader inside of the namespace `within`. */
  private nameFor({ reference }: Mention, within: ReadonlyArray<string>): string {
    if (!("declarations" in reference)) return this.imports.get(`${reference.specifier} ${reference.name}`)?.local ?? ""
    const home = this.foreignHome(reference)
    if (home !== undefined) return [this.imports.get(`${home.specifier} *`)?.local, ...home.path].join(".")
    const keys = reference.declarations.map(keyOf)
    const [path, ...others] = keys.flatMap((key) => this.own.get(key) ?? [])
    if (path === undefined)
      return keys.map((key) => this.hidden.get(key)?.name).find((name) => name !== undefined) ?? ""
    const inside = (one: ReadonlyArray<string>) => one.slice(0, -1).join(".") === within.join(".")
    return inside(path) ? (path.at(-1) ?? "") : ([path, ...others].find(inside)?.at(-1) ?? path.join("."))
  }

  /** A declaration under its name in the report, each mention under the name that the report has for it. */
  private print(declaration: Declaration, path: ReadonlyArray<string>): string {
    const { module, node } = declaration
    const mentions = this.mentions(declaration)
    const id = node.id as SyntaxNode
    const slice = (start: number, end: number): string => {
      let text = ""
      let at = start
      for (const mention of mentions) {
        if (mention.start < start || mention.end > end) continue
        text += module.text.slice(at, mention.start) + this.nameFor(mention, path.slice(0, -1))
        at = mention.end
      }
      return text + module.text.slice(at, end)
    }
    // A variable's own text begins after its keyword; a type annotation is part of its name's node.
    const before =
      node.type === "VariableDeclarator" ? "const " : module.text.slice(node.start, id.start).replace(/^declare /, "")
    const rest = id.start + nameOf(id).length
    const members = membersOf(node)
    const head = `declare ${before}${path.at(-1)}`
    if (members === undefined) return head + slice(rest, node.end)
    const body = node.body as SyntaxNode
    const shown = sorted(members.filter((member) => !isOmitted(member, module, this.isHidden)))
    return `${head}${slice(rest, body.start)}{\n${shown.map((member) => slice(member.start, member.end)).join("\n")}\n}`
  }

  private block(entries: ReadonlyArray<Exported>): string {
    return entries
      .map(({ path, declarations }) => declarations.map((one) => this.print(one, path)).join("\n"))
      .join("\n\n")
  }

  /** The blocks of code, by their headings. */
  sections(): ReadonlyArray<Section> {
    const imports = [...this.imports.values()].map(({ specifier, name, local }) =>
      name === "*"
        ? `import type * as ${local} from "${specifier}"`
        : `import type { ${name === local ? name : `${name} as ${local}`} } from "${specifier}"`
    )
    const namespaces = new Map<string, Array<Exported>>()
    for (const exported of this.exported) {
      const title = exported.path.slice(0, -1).join(".") || "Exports"
      const group = namespaces.get(title)
      if (group === undefined) namespaces.set(title, [exported])
      else group.push(exported)
    }
    const hidden = [...this.hidden.values()].map(({ declarations, name }) => ({ path: [name], declarations }))
    return [
      { title: "Names of other modules", code: imports.join("\n") },
      ...[...namespaces].map(([title, entries]) => ({ title, code: this.block(entries) })),
      {
        title: "Not exported",
        code: this.block(hidden.toSorted((a, b) => compare(a.path.join("."), b.path.join("."))))
      }
    ].filter(({ code }) => code !== "")
  }
}

/** A block of code in a report. */
export interface Section {
  readonly title: string
  readonly code: string
}

/**
 * The sections of the reports on some entries, by what one imports the entries as.
 *
 * @param entries all entries of all packages
 */
export const apiSections = (entries: ReadonlyArray<DeclaredEntry>): ReadonlyMap<string, ReadonlyArray<Section>> => {
  const homes = new Map<string, Home>()
  for (const { specifier, module } of entries) {
    for (const { path, declarations } of exportsOf(module)) {
      for (const key of declarations.map(keyOf)) if (!homes.has(key)) homes.set(key, { specifier, path })
    }
  }
  return new Map(entries.map((entry) => [entry.specifier, new Report(entry, homes).sections()]))
}
