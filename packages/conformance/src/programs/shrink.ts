/**
 * Cuts a program down for as long as it still shows what it was kept for.
 *
 * fast-check shrinks one step at a time; a question to CPython costs the same for one program as for thirty, so that here all
 * the next cuts of a program are tried at once.
 */

import { normalize } from "./normalize.ts"
import { type Awaitable, type Block, blocksOf, type Program, type Statement, type Unit } from "./Program.ts"

/**
 * @param program - one that shows it
 * @param failing - tells which of several programs show it
 * @param batch - how many are asked about at a time
 */
export const shrink = async (
  program: Program,
  failing: (programs: ReadonlyArray<Program>) => Promise<ReadonlySet<Program>>,
  batch = 30
): Promise<Program> => {
  let smallest = program
  for (;;) {
    const seen = new Set([textOf(smallest)])
    const candidates = cuts(smallest).filter((each) => {
      const text = textOf(each)
      return !seen.has(text) && seen.add(text)
    })
    let next: Program | undefined
    for (let start = 0; start < candidates.length && next === undefined; start += batch) {
      const some = candidates.slice(start, start + batch)
      const shows = await failing(some)
      next = some.find((each) => shows.has(each))
    }
    if (next === undefined) return smallest
    smallest = next
  }
}

/** What the printers see of a program: cuts that they do not see are none. */
const textOf = (program: Program): string => JSON.stringify(normalize(program))

/** Every program with one cut, the boldest first. */
const cuts = (program: Program): ReadonlyArray<Program> => {
  const { units } = program
  const blocks: Array<{ readonly bold: ReadonlyArray<Program>; readonly fine: ReadonlyArray<Program> }> = units.map(
    (unit, n) => {
      const withUnit = (changed: Unit): Program => ({
        ...program,
        units: units.map((each, m) => (m === n ? changed : each))
      })
      return {
        bold: [
          ...lists(unit.body).map((body) => withUnit({ ...unit, body })),
          ...lists(unit.exit).map((exit) => withUnit({ ...unit, exit })),
          ...(unit.guard === null ? [] : [withUnit({ ...unit, guard: null })]),
          ...(unit.handler === null ? [] : [withUnit({ ...unit, handler: null })])
        ],
        fine: [
          ...insides(unit.body).map((body) => withUnit({ ...unit, body })),
          ...insides(unit.exit).map((exit) => withUnit({ ...unit, exit }))
        ]
      }
    }
  )
  return [
    ...units.slice(1).map((_, n) => ({ ...program, units: units.filter((_, m) => m !== n + 1) })),
    ...(program.eager ? [{ ...program, eager: false }] : []),
    ...blocks.flatMap(({ bold }) => bold),
    ...blocks.flatMap(({ fine }) => fine)
  ]
}

/** A list without some of its items. */
const lists = <T>(items: ReadonlyArray<T>): ReadonlyArray<ReadonlyArray<T>> => {
  const shorter: Array<ReadonlyArray<T>> = []
  for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start + size <= items.length; start += size) {
      shorter.push([...items.slice(0, start), ...items.slice(start + size)])
    }
  }
  return shorter
}

/** A block with one statement replaced by what is in it, or made simpler. */
const insides = (block: Block): ReadonlyArray<Block> =>
  block.flatMap((statement, n) => {
    const put = (...statements: Block): Block => [...block.slice(0, n), ...statements, ...block.slice(n + 1)]
    return [
      ...blocksIn(statement).map((inner) => put(...inner)),
      ...(statement.do === "mark" ? [] : [put({ do: "mark" })]),
      ...simpler(statement).map((each) => put(each))
    ]
  })

/** What could stand in a statement's place. */
const blocksIn = (statement: Statement): ReadonlyArray<Block> => {
  const blocks = blocksOf(statement)
  return blocks.length > 1 ? [...blocks, blocks.flat()] : blocks
}

const simpler = (statement: Statement): ReadonlyArray<Statement> => {
  const found: Array<Statement> = []
  if ("body" in statement) {
    for (const body of [...lists(statement.body), ...insides(statement.body)]) found.push({ ...statement, body })
  }
  switch (statement.do) {
    case "await":
    case "keep":
      if (statement.what.is !== "sleep" || statement.what.delay > 0) {
        found.push({ ...statement, what: { is: "sleep", delay: 0, value: 0 } })
      }
      found.push(...simplerAwaitables(statement.what).map((what) => ({ ...statement, what })))
      break
    case "stack":
      for (const units of lists(statement.units)) found.push({ ...statement, units })
      for (const pushed of lists(statement.pushed)) found.push({ ...statement, pushed })
      if (statement.moves) found.push({ ...statement, moves: false })
      break
    case "race":
      for (const of of lists(statement.of)) found.push({ ...statement, of })
      break
    case "as_completed":
      for (const of of lists(statement.of)) found.push({ ...statement, of })
      break
    case "spawn":
      if (statement.eager !== null) found.push({ ...statement, eager: null })
      if (statement.named) found.push({ ...statement, named: false })
      if (statement.into === "group") found.push({ ...statement, into: "loop" })
      if (statement.context !== null) found.push({ ...statement, context: null })
      break
    case "cancel":
      if (statement.message !== null) found.push({ ...statement, message: null })
      break
    case "repeat":
      if (statement.times > 1) found.push({ ...statement, times: statement.times - 1 })
      break
    case "try": {
      const { handler, last } = statement
      if (handler !== null) {
        found.push({ ...statement, handler: null })
        for (const body of [...lists(handler.body), ...insides(handler.body)]) {
          found.push({ ...statement, handler: { ...handler, body } })
        }
        if (handler.ending !== "swallow") found.push({ ...statement, handler: { ...handler, ending: "swallow" } })
        if (handler.of !== 0) found.push({ ...statement, handler: { ...handler, of: 0 } })
      }
      if (last !== null) {
        found.push({ ...statement, last: null })
        for (const each of [...lists(last), ...insides(last)]) found.push({ ...statement, last: each })
      }
      break
    }
    case "except_star":
      if (statement.raises) found.push({ ...statement, raises: false })
      for (const handler of [...lists(statement.handler), ...insides(statement.handler)])
        found.push({ ...statement, handler })
      break
    case "raise":
      if (statement.error !== 0) found.push({ ...statement, error: 0 })
      break
  }
  if ("k" in statement && statement.k > 0) found.push({ ...statement, k: 0 }, { ...statement, k: statement.k - 1 })
  if ("unit" in statement && statement.unit > 0) found.push({ ...statement, unit: 0 })
  return found
}

const simplerAwaitables = (what: Awaitable): ReadonlyArray<Awaitable> => {
  switch (what.is) {
    case "gather":
      return [
        ...what.of,
        ...lists(what.of).map((of) => ({ ...what, of })),
        ...(what.catching ? [{ ...what, catching: false }] : []),
        ...what.of.flatMap((each, n) =>
          simplerAwaitables(each).map((simple) => ({
            ...what,
            of: what.of.map((other, m) => (m === n ? simple : other))
          }))
        )
      ]
    case "custom":
    case "shield":
      return [what.of, ...simplerAwaitables(what.of).map((of) => ({ ...what, of }))]
    case "wait_for":
      return [
        what.of,
        ...(what.timeout === null ? [] : [{ ...what, timeout: null }]),
        ...simplerAwaitables(what.of).map((of) => ({ ...what, of }))
      ]
    case "sleep":
      return what.delay > 1 ? [{ ...what, delay: 1 }] : what.delay > 0 ? [{ ...what, delay: 0 }] : []
    case "wait":
      return lists(what.ks).map((ks) => ({ ...what, ks }))
    case "call":
      return what.unit > 0 ? [{ ...what, unit: 0 }] : []
    case "task":
    case "future":
    case "step":
      return what.k > 0
        ? [
            { ...what, k: 0 },
            { ...what, k: what.k - 1 }
          ]
        : []
    default:
      return []
  }
}
