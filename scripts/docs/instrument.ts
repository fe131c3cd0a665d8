// Makes the `// => value` comments of a program checks of its own. The program keeps its lines, so that what it throws can
// be traced back to the page it came from.

import { parseTypeScript, type SyntaxNode, walk } from "../lib/syntax.ts"

/** One `// =>`, possibly over several lines. */
export interface Check {
  /** Line of the program, from 1. */
  readonly line: number
  readonly expected: string
}

export interface Instrumented {
  readonly code: string
  readonly checks: ReadonlyArray<Check>
  readonly problems: ReadonlyArray<{ readonly line: number; readonly message: string }>
}

/** What `// =>` can follow: a statement with an expression whose value, or printed output, it states. */
interface Candidate {
  readonly expression: SyntaxNode
  readonly start: number
  readonly end: number
  readonly lastLine: number
}

const candidateOf = (node: SyntaxNode): Candidate | undefined => {
  const expression = (): unknown => {
    switch (node.type) {
      case "ExpressionStatement":
        return node.expression
      case "ReturnStatement":
        return node.argument
      case "VariableDeclaration": {
        const declarators = node.declarations as ReadonlyArray<SyntaxNode>
        return declarators.length === 1 && node.declare !== true ? declarators[0]?.init : undefined
      }
    }
  }
  const found = expression() as SyntaxNode | null | undefined
  if (found === null || found === undefined) return undefined
  return { expression: found, start: node.start, end: node.end, lastLine: node.loc.end.line }
}

/**
 * The program with each `// =>` turned into a call of the prelude's `$docs`.
 *
 * @param source TypeScript that parses; otherwise its SyntaxError is the only problem
 */
export const instrument = (source: string): Instrumented => {
  const problems: Array<{ line: number; message: string }> = []
  let tree: ReturnType<typeof parseTypeScript>
  try {
    tree = parseTypeScript(source)
  } catch (error) {
    const line = (error as { loc?: { line?: number } }).loc?.line ?? 1
    return { code: source, checks: [], problems: [{ line, message: String(error) }] }
  }

  const candidates: Array<Candidate> = []
  for (const { node } of walk(tree.program as unknown as SyntaxNode)) {
    const candidate = candidateOf(node)
    if (candidate !== undefined) candidates.push(candidate)
  }

  const lines = source.split("\n")
  const groups: Array<{ line: number; lastLine: number; start: number; ownLine: boolean; expected: Array<string> }> = []
  for (const comment of tree.comments ?? []) {
    const text = comment.type === "CommentLine" ? /^\s*=>\s?(.*)$/.exec(comment.value)?.[1] : undefined
    if (text === undefined || !comment.loc) continue
    const { line, column } = comment.loc.start
    const ownLine = (lines[line - 1] ?? "").slice(0, column).trim() === ""
    const previous = groups.at(-1)
    if (ownLine && previous?.lastLine === line - 1) {
      previous.expected.push(text.trimEnd())
      previous.lastLine = line
    } else {
      groups.push({ line, lastLine: line, start: comment.start ?? 0, ownLine, expected: [text.trimEnd()] })
    }
  }

  const checks: Array<Check> = []
  const edits: Array<{ at: number; text: string; order: number }> = []
  const taken = new Set<SyntaxNode>()
  for (const { line, start, ownLine, expected } of groups) {
    const wanted = ownLine ? line - 1 : line
    const best = candidates
      .filter((it) => it.lastLine === wanted && it.end <= start)
      // The one that ends last; of several that end together, the innermost: `if (x) print(x) // => 1`.
      .sort((a, b) => b.end - a.end || b.start - a.start)[0]
    if (best === undefined || taken.has(best.expression)) {
      problems.push({
        line,
        message: "`// =>` stands after a statement whose value or output it states, or on the line below"
      })
      continue
    }
    taken.add(best.expression)
    const id = checks.length
    checks.push({ line, expected: expected.join("\n") })
    // A wrapper inside of another one: what opens first closes last.
    edits.push({ at: best.expression.start, text: `$docs.end(${id}, $docs.begin(), (`, order: best.expression.end })
    edits.push({ at: best.expression.end, text: "))", order: -best.expression.start })
  }

  let code = source
  for (const { at, text } of edits.sort((a, b) => b.at - a.at || a.order - b.order)) {
    code = code.slice(0, at) + text + code.slice(at)
  }
  return { code, checks, problems }
}
