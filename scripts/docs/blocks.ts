// Finds the code blocks of Markdown pages and of TSDoc comments.

import { parseTypeScript } from "../lib/syntax.ts"

/** A fenced block of code in a page or in a doc comment. */
export interface Block {
  /** Path from the root, with slashes. */
  readonly file: string
  /** Line of the file, from 1, where the block's code begins. */
  readonly line: number
  readonly language: "ts" | "python"
  readonly code: string
  /** `"run"`: type-checked and executed. `"types"`: only type-checked (`no-run`). */
  readonly mode: "run" | "types"
}

/** A Python program and its TypeScript twin: their outputs must be the same, line by line. */
export interface Pair {
  readonly python: Block
  readonly typescript: Block
}

/** Something wrong in the documentation, at a place in a file (line from 1). */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly message: string
}

export interface Found {
  readonly blocks: ReadonlyArray<Block>
  readonly pairs: ReadonlyArray<Pair>
  readonly problems: ReadonlyArray<Problem>
}

const marker = /^\s*<!--\s*same output\s*-->\s*$/
const opening = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)\s*([^`]*)$/
/** Other spellings of "ts": a block under one of them would quietly not be checked. */
const otherSpellings = new Set(["typescript", "mts", "cts", "tsx", "js", "javascript", "mjs", "cjs", "jsx"])

const stripIndent = (line: string, width: number) => line.slice(Math.min(width, line.length - line.trimStart().length))

/**
 * The blocks of a Markdown text.
 *
 * @param file path from the root, for messages
 * @param text the Markdown
 * @param firstLine line of the file where the text begins, from 1
 */
export const blocksOfMarkdown = (file: string, text: string, firstLine = 1): Found => {
  const blocks: Array<Block> = []
  const pairs: Array<Pair> = []
  const problems: Array<Problem> = []
  const lines = text.split(/\r?\n/)
  /** The last `<!-- same output -->` whose two blocks have not both come yet. */
  let pending: { line: number; python?: Block } | undefined
  const report = (line: number, message: string) => problems.push({ file, line, message })
  const giveUpPair = () => {
    if (pending !== undefined) {
      report(pending.line, "<!-- same output --> stands before a ```python block and the ```ts block that follows it")
    }
    pending = undefined
  }

  const accept = (block: Block) => {
    blocks.push(block)
    if (pending === undefined) return
    if (pending.python === undefined && block.language === "python") {
      pending.python = block
    } else if (pending.python !== undefined && block.language === "ts" && block.mode === "run") {
      pairs.push({ python: pending.python, typescript: block })
      pending = undefined
    } else {
      giveUpPair()
    }
  }

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string
    if (marker.test(line)) {
      // The mark may also stand between the two blocks it joins.
      const previous = blocks.at(-1)
      giveUpPair()
      const between = previous?.language === "python" && isJustAfter(lines, index, previous, firstLine)
      pending = between ? { line: firstLine + index, python: previous } : { line: firstLine + index }
      continue
    }
    const fence = opening.exec(line)
    if (fence === null) continue
    const [, indent = "", ticks = "", language = "", info = ""] = fence
    const closing = new RegExp(`^\\s*${ticks[0]}{${ticks.length},}\\s*$`)
    const end = lines.findIndex((it, at) => at > index && closing.test(it))
    if (end < 0) {
      report(firstLine + index, "this block of code is never closed")
      break
    }
    const code = lines
      .slice(index + 1, end)
      .map((it) => stripIndent(it, indent.length))
      .join("\n")
    const at = firstLine + index
    if (language === "ts") {
      const mode = modeOf(info)
      if (mode === undefined) report(at, unknownInfo(info))
      else accept({ file, line: at + 1, language, code, mode })
    } else if (language === "python" || language === "py") {
      accept({ file, line: at + 1, language: "python", code, mode: "run" })
    } else if (otherSpellings.has(language)) {
      report(at, `\`\`\`${language} is not checked: write \`\`\`ts`)
    }
    index = end
  }
  giveUpPair()
  return { blocks, pairs, problems }
}

/** Whether nothing but blank lines stands between a block's closing fence and a line. */
const isJustAfter = (lines: ReadonlyArray<string>, index: number, block: Block, firstLine: number) => {
  const fence = block.line - firstLine + block.code.split("\n").length
  return lines.slice(fence + 1, index).every((it) => it.trim() === "")
}

const modeOf = (info: string): Block["mode"] | undefined => {
  if (info.trim() === "") return "run"
  return /^no-run[\s:,(]+\S+\s+\S/.test(info) ? "types" : undefined
}

const unknownInfo = (info: string) =>
  /^no-run\b/.test(info)
    ? "a block that is not run says why: ```ts no-run because it listens for ever"
    : `"${info.trim()}" after \`\`\`ts is not known: a block is run, or marked \`\`\`ts no-run and the reason`

/** The blocks of all doc comments of a TypeScript source. */
export const blocksOfSource = (file: string, source: string): Found => {
  const blocks: Array<Block> = []
  const pairs: Array<Pair> = []
  const problems: Array<Problem> = []
  for (const comment of parseTypeScript(source).comments ?? []) {
    if (comment.type !== "CommentBlock" || !comment.value.startsWith("*") || !comment.value.includes("```")) continue
    const text = comment.value
      .split(/\r?\n/)
      .map((line) => line.replace(/^\s*\*? ?/, ""))
      .join("\n")
    const found = blocksOfMarkdown(file, text, comment.loc?.start.line ?? 1)
    blocks.push(...found.blocks)
    pairs.push(...found.pairs)
    problems.push(...found.problems)
  }
  return { blocks, pairs, problems }
}
