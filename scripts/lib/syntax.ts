import { type ParseResult, parse } from "@babel/parser"
import type { File } from "@babel/types"

/** A node of a syntax tree, as far as a walk over all of them needs to know it. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly loc: {
    readonly start: { readonly line: number; readonly column: number }
    readonly end: { readonly line: number }
  }
  readonly [field: string]: unknown
}

/** The syntax tree of a TypeScript module, comments included. Throws a SyntaxError with `loc` when it does not parse. */
export const parseTypeScript = (source: string): ParseResult<File> =>
  parse(source, { sourceType: "module", plugins: ["typescript", "explicitResourceManagement"] })

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { type?: unknown }).type === "string" &&
  "start" in value

/** The nodes directly under a node, in the order of the source, each with the field that holds it. */
export function* childNodes(node: SyntaxNode): Generator<readonly [field: string, child: SyntaxNode]> {
  for (const [field, value] of Object.entries(node)) {
    if (field.endsWith("Comments") || field === "loc" || field === "extra") continue
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield [field, child]
  }
}

/** Every node of a tree, parents before children, each with its parent and the field of the parent that holds it. */
export function* walk(
  node: SyntaxNode,
  parent?: SyntaxNode,
  field = ""
): Generator<{ readonly node: SyntaxNode; readonly parent: SyntaxNode | undefined; readonly field: string }> {
  yield { node, parent, field }
  for (const [name, child] of childNodes(node)) yield* walk(child, node, name)
}
