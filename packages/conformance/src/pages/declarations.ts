/**
 * What an API report (`packages/*\/api/*.api.md`) declares: the parameters of functions and constructors, and the members of
 * classes, looked up by name.
 */

import { parse } from "@babel/parser"

/** A parameter as its caller sees it. */
export interface Parameter {
  readonly name: string
  readonly required: boolean
  readonly rest: boolean
  /** The keys that it takes, if it can be an object of options. */
  readonly keys: ReadonlyArray<string>
}

export interface Member {
  readonly kind: "method" | "attribute"
  readonly signatures: Signatures
}

/** One list of parameters for each overload. */
export type Signatures = ReadonlyArray<ReadonlyArray<Parameter>>

export interface Declarations {
  /** The names that the entry exports. */
  readonly exported: ReadonlySet<string>
  /** How a name can be called, or made; none if it can be neither. */
  signaturesOf(name: string): Signatures
  /** The members of a class, inherited ones too. */
  membersOf(name: string): ReadonlyMap<string, Member>
}

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

const one = (node: Node | undefined, field: string): Node | undefined =>
  (node?.[field] as Node | null | undefined) ?? undefined
const many = (node: Node | undefined, field: string): ReadonlyArray<Node> =>
  (node?.[field] as ReadonlyArray<Node> | null | undefined) ?? []

/** Reads a report. What its sections of namespaces declare is looked up nowhere. */
export const declarationsOf = (report: string): Declarations => {
  const own = new Map<string, Array<Node>>()
  const exported = new Set<string>()
  for (const part of report.split(/^## /m)) {
    const hidden = part.startsWith("Not exported")
    if (!hidden && !part.startsWith("Exports")) continue
    for (const [, block] of part.matchAll(/^```ts\n(.*?)^```/gms)) {
      const { program } = parse(block as string, { sourceType: "module", plugins: [["typescript", { dts: true }]] })
      for (const node of program.body as unknown as ReadonlyArray<Node>) {
        for (const [name, declared] of declaredBy(node)) {
          own.set(name, [...(own.get(name) ?? []), declared])
          if (!hidden) exported.add(name)
        }
      }
    }
  }
  const declared = (name: string): ReadonlyArray<Node> => own.get(name) ?? []

  const signaturesOf = (name: string): Signatures =>
    declared(name).flatMap((node) => {
      if (node.type === "TSDeclareFunction") return [parametersOf(many(node, "params"))]
      const annotation = node.type === "VariableDeclarator" ? annotationOf(one(node, "id")) : undefined
      return annotation === undefined ? [] : callsOf(annotation)
    })

  /** The parameters with which something of a type is called or made. */
  const callsOf = (type: Node): Signatures => {
    if (type.type === "TSFunctionType" || type.type === "TSConstructorType") {
      return [parametersOf(many(type, "parameters"))]
    }
    if (type.type !== "TSTypeReference") return []
    const name = nameOf(one(type, "typeName"))
    const [first, second] = argumentsOf(type)
    if (name === "Callable" && first !== undefined) {
      const made = /"ConstructorParameters".*?"TSTypeQuery".*?"name":"(\w+)"/.exec(JSON.stringify(first))?.[1]
      return made === undefined ? callsOf(first) : constructorsOf(made)
    }
    if (name === "ExceptionClass") return second === undefined ? [] : [namedElements(second)]
    return declared(name).flatMap((node) => {
      if (node.type === "TSTypeAliasDeclaration") return callsOf(one(node, "typeAnnotation") as Node)
      return bodyOf(node)
        .filter(({ type }) => type === "TSConstructSignatureDeclaration" || type === "TSCallSignatureDeclaration")
        .map((member) => parametersOf(many(member, "parameters")))
    })
  }

  const constructorsOf = (name: string): Signatures =>
    declared(name).flatMap((node) => {
      const found = bodyOf(node).filter((member) => nameOf(one(member, "key")) === "constructor")
      if (found.length > 0) return found.map((member) => parametersOf(many(member, "params")))
      return parentsOf(node).flatMap(constructorsOf)
    })

  const membersOf = (name: string): ReadonlyMap<string, Member> => {
    const found = new Map<string, Member>()
    for (const node of declared(name)) {
      for (const parent of parentsOf(node)) {
        for (const [key, member] of membersOf(parent)) found.set(key, member)
      }
      const here = new Map<string, Member>()
      for (const member of bodyOf(node)) {
        const key = nameOf(one(member, "key"))
        if (key === "" || key === "constructor") continue
        if (isMethod(member)) {
          const parameters = parametersOf([...many(member, "params"), ...many(member, "parameters")])
          here.set(key, { kind: "method", signatures: [...(here.get(key)?.signatures ?? []), parameters] })
        } else here.set(key, { kind: "attribute", signatures: [] })
      }
      for (const [key, member] of here) found.set(key, member)
    }
    return found
  }

  const parametersOf = (nodes: ReadonlyArray<Node>): ReadonlyArray<Parameter> =>
    nodes.flatMap((node): ReadonlyArray<Parameter> => {
      const rest = node.type === "RestElement"
      const named = rest ? one(node, "argument") : node
      const name = nameOf(named)
      // `this` is nothing that a caller writes.
      if (name === "this") return []
      const annotation = annotationOf(node) ?? annotationOf(named)
      const keys = annotation === undefined ? [] : keysOf(rest ? lastOf(annotation) : annotation)
      return [{ name, required: !rest && node.optional !== true, rest, keys }]
    })

  const keysOf = (type: Node): ReadonlyArray<string> => {
    switch (type.type) {
      case "TSTypeLiteral":
        return many(type, "members").map((member) => nameOf(one(member, "key")))
      case "TSUnionType":
      case "TSIntersectionType":
        return many(type, "types").flatMap(keysOf)
      case "TSTypeReference": {
        const name = nameOf(one(type, "typeName"))
        if (!/Options$|^In[A-Z]/.test(name)) return []
        return declared(name).flatMap((node) => {
          const alias = node.type === "TSTypeAliasDeclaration" ? one(node, "typeAnnotation") : undefined
          return alias === undefined ? [...membersOf(name).keys()] : keysOf(alias)
        })
      }
      default:
        return []
    }
  }

  return { exported, signaturesOf, membersOf }
}

function* declaredBy(node: Node): Generator<readonly [name: string, declared: Node]> {
  const inner = node.type === "ExportNamedDeclaration" ? one(node, "declaration") : undefined
  if (inner !== undefined) return yield* declaredBy(inner)
  if (node.type === "VariableDeclaration") {
    for (const each of many(node, "declarations")) yield [nameOf(one(each, "id")), each]
    return
  }
  const name = nameOf(one(node, "id"))
  if (name !== "") yield [name, node]
}

/** An identifier's name, a literal's text, the last part of `a.b`; else nothing. */
const nameOf = (node: Node | undefined): string => {
  const { name, value, right, property } = node ?? ({} as Partial<Node>)
  if (typeof name === "string") return name
  if (typeof value === "string") return value
  const last = (right ?? property) as Node | undefined
  return last === undefined ? "" : nameOf(last)
}

const annotationOf = (node: Node | undefined): Node | undefined => one(one(node, "typeAnnotation"), "typeAnnotation")

const argumentsOf = (type: Node): ReadonlyArray<Node> =>
  many(one(type, "typeParameters") ?? one(type, "typeArguments"), "params")

const isMethod = ({ type, kind }: Node): boolean =>
  kind !== "get" && kind !== "set" && (type === "TSMethodSignature" || type.endsWith("Method"))

const bodyOf = (node: Node): ReadonlyArray<Node> =>
  node.type === "ClassDeclaration" || node.type === "TSInterfaceDeclaration" ? many(one(node, "body"), "body") : []

const parentsOf = (node: Node): ReadonlyArray<string> =>
  node.type === "TSInterfaceDeclaration"
    ? many(node, "extends").map((parent) => nameOf(one(parent, "expression")))
    : [nameOf(one(node, "superClass"))]

/** The last element of a tuple of arguments, which may be an object of options. */
const lastOf = (type: Node): Node => many(type, "elementTypes").at(-1) ?? type

/** The named elements of a tuple, as parameters. */
const namedElements = (type: Node): ReadonlyArray<Parameter> =>
  many(type.type === "TSTypeOperator" ? one(type, "typeAnnotation") : type, "elementTypes")
    .filter((element) => element.type === "TSNamedTupleMember")
    .map((element) => ({
      name: nameOf(one(element, "label")),
      required: element.optional !== true,
      rest: false,
      keys: []
    }))
