// Doc comments of internal modules, which have no public entry, import what they show by its path: `"./pyrepr.ts"`.

import { parseTypeScript, type SyntaxNode, walk } from "../lib/syntax.ts"

/** A relative module name in a program: where its quotes begin and end, and its line, from 1. */
export interface RelativeImport {
  readonly specifier: string
  readonly start: number
  readonly end: number
  readonly line: number
}

/** The relative imports of a program; none when it does not parse. */
export const relativeImports = (code: string): ReadonlyArray<RelativeImport> => {
  let program: SyntaxNode
  try {
    program = parseTypeScript(code).program as unknown as SyntaxNode
  } catch {
    return []
  }
  const found: Array<RelativeImport> = []
  for (const { node, parent, field } of walk(program)) {
    const isModuleName =
      (field === "source" && parent !== undefined) || (field === "arguments" && isImport(parent?.callee as SyntaxNode))
    if (node.type !== "StringLiteral" || !isModuleName) continue
    const specifier = String(node.value)
    if (/^\.\.?\//.test(specifier)) {
      found.push({ specifier, start: node.start, end: node.end, line: node.loc.start.line })
    }
  }
  return found
}

const isImport = (callee: SyntaxNode | undefined) => callee?.type === "Import"

/** The program with each relative module name replaced; its lines stay where they are. */
export const replaceRelativeImports = (code: string, replace: (specifier: string) => string): string => {
  let result = code
  for (const { specifier, start, end } of relativeImports(code).toReversed()) {
    result = result.slice(0, start) + JSON.stringify(replace(specifier)) + result.slice(end)
  }
  return result
}
