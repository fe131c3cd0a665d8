/**
 * Which tests carry the number of a statement at the start of their names, read from the sources of the tests.
 */

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseTypeScript, type SyntaxNode, walk } from "./syntax.ts"

/** A test whose name starts with numbers of statements. */
export interface NamedTest {
  readonly numbers: ReadonlyArray<number>
  /** The name without the numbers, after the names of the groups around it. */
  readonly name: string
  /** Relative to the repository. */
  readonly file: string
  readonly line: number
  /** Whether the test runs a program on CPython too, and compares; else it asserts what CPython does. */
  readonly compared: boolean
}

/** The numbered tests of the packages' `test` folders, in the order of files and lines. */
export const namedTests = (root: string, packages = ["asyncio", "conformance"]): ReadonlyArray<NamedTest> =>
  packages.flatMap((name) => {
    const folder = `packages/${name}/test`
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".test.ts"))
      .sort()
      .flatMap((file) => testsIn(readFileSync(join(root, folder, file), "utf8"), `${folder}/${file}`))
  })

/** Functions of the tests that compare with CPython. */
const comparers = new Set(["same", "expectSame", "compare"])

/** The numbered tests of one source. A test that does not run (`it.skip`, `it.todo`, `it.fails`) is none. */
export const testsIn = (source: string, file: string): ReadonlyArray<NamedTest> => {
  const program = parseTypeScript(source)
  const compare = comparing(program)
  const found: Array<NamedTest> = []
  const visit = (node: SyntaxNode, groups: ReadonlyArray<string>): void => {
    let inside = groups
    if (node.type === "CallExpression") {
      const called = calledName(node.callee as SyntaxNode)
      if (called === "skipped") return
      const [first, ...others] = node.arguments as unknown as ReadonlyArray<SyntaxNode>
      const name = first === undefined ? undefined : textOf(first)
      if (called === "describe" && name !== undefined) inside = [...groups, name]
      const match = called === "it" && name !== undefined ? /^((?:\d+ )+)(.*)$/s.exec(name) : null
      if (match !== null) {
        found.push({
          numbers: (match[1] as string).trim().split(" ").map(Number),
          name: [...groups, match[2]].join(": "),
          file,
          line: node.loc.start.line,
          compared: others.some((each) => [...walk(each)].some((found) => callsOneOf(found, compare)))
        })
      }
    }
    for (const child of childrenOf(node)) visit(child, inside)
  }
  visit(program, [])
  return found
}

const childrenOf = (node: SyntaxNode): ReadonlyArray<SyntaxNode> => [...walk(node, 1)].slice(1)

/** The names by which a source can compare: the comparers, and its own functions that call one. */
const comparing = (program: SyntaxNode): ReadonlySet<string> => {
  const own = new Map<string, SyntaxNode>()
  for (const node of walk(program)) {
    const name = (node.id as { name?: string } | undefined)?.name
    const body = node.type === "FunctionDeclaration" ? node : node.type === "VariableDeclarator" ? node.init : undefined
    if (name !== undefined && body !== undefined && body !== null) own.set(name, body as SyntaxNode)
  }
  const found = new Set(comparers)
  for (let before = 0; before < found.size; ) {
    before = found.size
    for (const [name, body] of own) if ([...walk(body)].some((node) => callsOneOf(node, found))) found.add(name)
  }
  return found
}

const callsOneOf = (node: SyntaxNode, names: ReadonlySet<string>): boolean => {
  if (node.type !== "CallExpression") return false
  const { type, name } = node.callee as { type: string; name?: string }
  return type === "Identifier" && names.has(name as string)
}

/** `it` for `it(...)`, `it.effect(...)` and `it.each(...)(...)`; `skipped` for what does not run, or not always. */
const calledName = (callee: SyntaxNode): string | undefined => {
  if (callee.type === "Identifier") return callee.name === "test" ? "it" : String(callee.name)
  if (callee.type === "CallExpression") return calledName(callee.callee as SyntaxNode)
  if (callee.type !== "MemberExpression") return undefined
  const property = (callee.property as { name?: string }).name ?? ""
  const name = calledName(callee.object as SyntaxNode)
  const runs = !["skip", "todo", "fails", "skipIf", "runIf"].includes(property)
  return runs || (name !== "it" && name !== "describe") ? name : "skipped"
}

/** The text of a string, or of a template without anything in it. */
const textOf = (node: SyntaxNode): string | undefined => {
  if (node.type === "StringLiteral") return String(node.value)
  if (node.type !== "TemplateLiteral") return undefined
  const [quasi, ...others] = node.quasis as unknown as ReadonlyArray<{ readonly value: { readonly cooked: string } }>
  return others.length === 0 ? quasi?.value.cooked : undefined
}
