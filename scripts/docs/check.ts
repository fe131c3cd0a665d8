// The check of the documentation: every block type-checks, runs, and says the truth.

import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { dirname, join, relative, sep } from "node:path"
import { type Block, blocksOfMarkdown, blocksOfSource, type Found, type Pair, type Problem } from "./blocks.ts"
import { type Instrumented, instrument } from "./instrument.ts"
import { relativeImports, replaceRelativeImports } from "./relative-imports.ts"
import { type Outcome, runBlock } from "./run-block.ts"
import { typeCheck } from "./type-check.ts"

/** A page or a source: its path from the root, with slashes, and its text. */
export interface Page {
  readonly path: string
  readonly text: string
}

export interface CheckOptions {
  /** Root of the repository, where the packages resolve. */
  readonly house: string
  /** Milliseconds that a program may take. Default: 20,000. */
  readonly timeout?: number
}

export interface Report {
  readonly problems: ReadonlyArray<Problem>
  /** Programs that were type-checked, run, and compared with CPython. */
  readonly typed: number
  readonly ran: number
  readonly compared: number
}

interface Program extends Instrumented {
  readonly block: Block
  readonly name: string
  /** The program as it stands on the page, for the compiler. `code` is the one that checks itself, for Node. */
  readonly shown: string
}

/** A source without a public entry: its examples cannot but import it by its path. */
const isInternal = (path: string) => /^packages\/[^/]+\/src\/(.*\/)?internal\//.test(path)

/** Prepares a block for a folder of programs that lies elsewhere than the block's file. */
const programOf = (block: Block, name: string, house: string, folder: string): Program => {
  if (isInternal(block.file)) {
    const home = relative(folder, join(house, dirname(block.file)))
    const shown = replaceRelativeImports(block.code, (specifier) => join(home, specifier).replaceAll(sep, "/"))
    return { block, name, shown, ...instrument(shown) }
  }
  const { problems, ...program } = instrument(block.code)
  const relatives = relativeImports(block.code).map(({ specifier, line }) => ({
    line,
    message: `"${specifier}" means nothing to a reader: import a public entry, as "@skein/core"`
  }))
  return { block, name, shown: block.code, ...program, problems: [...problems, ...relatives] }
}

/** Applies `f` to each item, a few at a time, and gives the results in the items' order. */
const mapSome = async <A, B>(items: ReadonlyArray<A>, atOnce: number, f: (item: A) => Promise<B>) => {
  const results: Array<B> = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await f(items[index] as A)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}

const gather = (pages: ReadonlyArray<Page>): Found => {
  const found = pages.map(({ path, text }) =>
    path.endsWith(".md") ? blocksOfMarkdown(path, text) : blocksOfSource(path, text)
  )
  return {
    blocks: found.flatMap((it) => it.blocks),
    pairs: found.flatMap((it) => it.pairs),
    problems: found.flatMap((it) => it.problems)
  }
}

const linesOf = (output: string) => output.replace(/\n+$/, "").split("\n")

/** The first line where two outputs part, in words; undefined when they are the same. */
const firstDifference = (cpython: string, ours: string): string | undefined => {
  const theirs = linesOf(cpython)
  const mine = linesOf(ours)
  for (let index = 0; index < Math.max(theirs.length, mine.length); index++) {
    if (theirs[index] === mine[index]) continue
    const show = (line: string | undefined) => (line === undefined ? "nothing more" : `"${line}"`)
    return `line ${index + 1} of the output differs\n  CPython printed:      ${show(theirs[index])}\n  this program printed: ${show(mine[index])}`
  }
}

const comparePairs = async (pairs: ReadonlyArray<Pair>, outcomes: ReadonlyMap<Block, Outcome>) => {
  const problems: Array<Problem> = []
  if (pairs.length === 0) return problems
  const { createOracle } = await import("@skein/conformance")
  const oracle = await createOracle()
  for (const { python, typescript } of pairs) {
    const answer = oracle.run(python.code)
    if (!answer.ok) {
      problems.push({
        file: python.file,
        line: python.line,
        message: `CPython failed: ${answer.exception?.type}: ${answer.exception?.str}\n${answer.stderr}`.trimEnd()
      })
      continue
    }
    const outcome = outcomes.get(typescript)
    // A program that failed has been reported for it.
    if (outcome === undefined || outcome.problems.length > 0) continue
    const difference = firstDifference(answer.stdout, outcome.stdout)
    if (difference !== undefined) problems.push({ file: typescript.file, line: typescript.line, message: difference })
  }
  return problems
}

/** Places in stack traces point into the programs; readers want the page. */
const translate = (message: string, programs: ReadonlyArray<Program>, folder: string) =>
  message.replaceAll(/(?:file:\/\/)?([^\s()]*?)(block-\d+\.ts):(\d+)(:\d+)?/g, (all, path: string, name, line) => {
    const program = path.startsWith(folder) ? programs.find((it) => it.name === name) : undefined
    return program === undefined ? all : `${program.block.file}:${program.block.line + Number(line) - 1}`
  })

/**
 * Checks all blocks of the given pages and sources: types in one compiler run, each program in a process of its own,
 * marked pairs against CPython. Leaves nothing behind in the repository.
 */
export const checkPages = async (pages: ReadonlyArray<Page>, options: CheckOptions): Promise<Report> => {
  const { blocks, pairs, problems: found } = gather(pages)
  const problems: Array<Problem> = [...found]
  const report = (block: Block, line: number, message: string) =>
    problems.push({ file: block.file, line: block.line + line - 1, message })

  const parent = join(options.house, ".docs-check")
  const folder = join(parent, String(process.pid))
  const programs = blocks
    .filter((block) => block.language === "ts")
    .map((block, index) => programOf(block, `block-${index}.ts`, options.house, join(folder, "types")))
  const clean = () => {
    rmSync(folder, { recursive: true, force: true })
    try {
      rmdirSync(parent)
    } catch {
      // Another check is running beside this one.
    }
  }
  process.once("exit", clean)
  try {
    for (const kind of ["types", "run"]) mkdirSync(join(folder, kind), { recursive: true })
    for (const { block, name, shown, code, problems } of programs) {
      writeFileSync(join(folder, "types", name), shown)
      writeFileSync(join(folder, "run", name), code)
      for (const { line, message } of problems) report(block, line, message)
    }
    const sound = programs.filter((program) => program.problems.length === 0)
    const types =
      sound.length === 0
        ? undefined
        : await typeCheck(
            options.house,
            join(folder, "types"),
            sound.map((it) => it.name)
          )
    for (const { name, line, message } of types?.diagnostics ?? []) {
      const program = sound.find((it) => it.name === name)
      if (program !== undefined) report(program.block, line, message)
    }
    for (const message of types?.elsewhere ?? []) {
      problems.push({ file: "(the packages' own sources)", line: 0, message })
    }

    const mistyped = new Set(types?.diagnostics.map((it) => it.name))
    const runnable = sound.filter(({ block, name }) => block.mode === "run" && !mistyped.has(name))
    const run = { timeout: options.timeout ?? 20_000, cache: join(options.house, "node_modules/.cache/skein/compiled") }
    const results = await mapSome(runnable, Math.max(2, availableParallelism()), async (program) => {
      const outcome = await runBlock(join(folder, "run", program.name), program.checks, run)
      for (const { line, message } of outcome.problems) {
        report(program.block, line, translate(message, programs, folder))
      }
      return [program.block, outcome] as const
    })
    problems.push(...(await comparePairs(pairs, new Map(results))))
    return { problems, typed: sound.length, ran: runnable.length, compared: pairs.length }
  } finally {
    process.off("exit", clean)
    clean()
  }
}
