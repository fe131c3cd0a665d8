// Syntax trees of TypeScript sources, as far as the pages are made from sources.

import { parse } from "@babel/parser"

export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly loc: { readonly start: { readonly line: number } }
  readonly [field: string]: unknown
}

export const parseTypeScript = (source: string): SyntaxNode =>
  parse(source, { sourceType: "module", plugins: ["typescript", "explicitResourceManagement"] })
    .program as unknown as SyntaxNode

/** A node and what is under it, parents first; down to `depth` levels. */
export function* walk(node: SyntaxNode, depth = Number.POSITIVE_INFINITY): Generator<SyntaxNode> {
  yield node
  if (depth === 0) return
  for (const [field, value] of Object.entries(node)) {
    if (field.endsWith("Comments") || field === "loc" || field === "extra") continue
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child, depth - 1)
  }
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string" && "start" in value
