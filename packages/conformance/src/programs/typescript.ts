// Prints a normalized program in TypeScript. The text has no types in it, so that it runs as it stands.

import { nameOf, objectsOf } from "./names.ts"
import {
  type Awaitable,
  type Block,
  errorNames,
  handledNames,
  type Program,
  type Pushed,
  type Shared,
  type Statement,
  shared,
  type Unit
} from "./Program.ts"
import { until } from "./python.ts"

/**
 * The body of a function that makes the program's objects and gives its main coroutine function.
 *
 * @param counted - whether `ran(id)` is called before each statement
 */
export const typescriptOf = (program: Program, counted = false): string => {
  const lines: Array<string> = []
  for (const object of objectsOf(program)) lines.push(`const ${object} = ${shared[object]}`)
  for (const [n, unit] of program.units.entries())
    lines.push(...unitLines(unit, nameOf(program, n), program, counted), "")
  lines.push(`return ${nameOf(program, 0)}`, "")
  return lines.join("\n")
}

const indent = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line) => (line === "" ? "" : `  ${line}`))

const unitLines = (unit: Unit, name: string, program: Program, counted: boolean): ReadonlyArray<string> => {
  const print = printerOf(program, counted)
  const maker = {
    coroutine: "asyncio.coroutine",
    generator: "asyncio.async_generator",
    manager: "contextlib.asynccontextmanager"
  }
  const start = `const ${name} = ${maker[unit.kind]}(function* ${name}() {`
  const check = `  if (!begin("${name}")) return`
  if (unit.kind === "coroutine") return [start, check, ...indent(print(unit.body)), "})"]
  if (unit.kind === "generator") return [start, check, "  yield 0", ...indent(print(unit.body)), "})"]
  const handler =
    unit.handler === null ? [] : handlerLines(unit.handler.of, [`caught("${name}", e0)`], unit.handler.ending, 0)
  return [
    start,
    `  begin("${name}")`,
    ...indent(print(unit.body)),
    "  try {",
    "    yield 1",
    ...indent(handler),
    "  } finally {",
    ...indent(indent(print(unit.exit))),
    "  }",
    "})"
  ]
}

const none = (value: number | null): string => (value === null ? "undefined" : String(value))

const handlerLines = (of: number, body: ReadonlyArray<string>, ending: string, id: number): ReadonlyArray<string> => {
  const last = {
    swallow: [],
    raise: [`throw e${id}`],
    replace: [`throw new RuntimeError("replaced in ${id}")`],
    "replace from": [`throw new RuntimeError("replaced in ${id}", { cause: e${id} })`]
  }[ending] as ReadonlyArray<string>
  return [
    `} catch (e${id}) {`,
    ...(handledNames[of] === "BaseException" ? [] : [`  if (!(e${id} instanceof ${handledNames[of]})) throw e${id}`]),
    ...indent([...body, ...last])
  ]
}

const raised = (error: number, message: number): string => {
  const name = errorNames[error] as string
  return name.startsWith("group") ? `${name}(${message})` : `new ${name}(${message})`
}

/** True if a `return` stands in the block itself, not in a function within it. */
const returns = (block: Block): boolean => block.some((each) => each.do === "return" || inner(each).some(returns))

const inner = (statement: Statement): ReadonlyArray<Block> => {
  switch (statement.do) {
    case "try":
      return [statement.body, statement.handler?.body ?? []]
    case "repeat":
    case "group":
    case "timeout":
    case "timeout at":
    case "stack":
    case "suppress":
    case "with variable":
    case "with":
    case "with unit":
      return [statement.body]
    default:
      return []
  }
}

const printerOf = (program: Program, counted: boolean): ((block: Block) => ReadonlyArray<string>) => {
  const awaitable = (what: Awaitable): string => {
    switch (what.is) {
      case "sleep":
        return `asyncio.sleep(${what.delay}, ${what.value})`
      case "call":
        return `${nameOf(program, what.unit)}()`
      case "task":
        return `later(${what.k})`
      case "future":
        return `future(${what.k})`
      case "gather":
        return `asyncio.gather(${[...what.of.map(awaitable), ...(what.catching ? ["{ return_exceptions: true }"] : [])].join(", ")})`
      case "custom":
        return `Custom(${awaitable(what.of)})`
      case "step":
        return `step(${what.k}, "${what.how}", ${what.value})`
      case "shield":
        return `asyncio.shield(${awaitable(what.of)})`
      case "wait_for":
        return `asyncio.wait_for(${awaitable(what.of)}, ${none(what.timeout)})`
      case "wait":
        return `asyncio.wait(${what.futures ? "several_futures" : "several"}([${what.ks.join(", ")}]), { timeout: ${none(what.timeout)}, return_when: asyncio.${until[what.until]} })`
      case "operation":
        return operation(what.on, what.name, what.argument)
    }
  }

  // How many functions stand around a statement, and the innermost group and timeout.
  let depth = 0
  let group = 0
  let timeout = 0
  const printed = (block: Block): ReadonlyArray<string> =>
    block.flatMap((each) => [...(counted ? [`ran(${each.id})`] : []), ...lines(each)])
  const body = (block: Block): ReadonlyArray<string> => indent(printed(block))
  const deeper = (block: Block): ReadonlyArray<string> => {
    depth++
    const inside = body(block)
    depth--
    return inside
  }
  const pushed = (id: number, { how, unit, value }: Pushed): string =>
    how === "callback"
      ? `stack${id}.callback(trace, ${id}, "callback", ${value})`
      : how === "push_async_callback"
        ? `stack${id}.push_async_callback(${nameOf(program, unit)})`
        : how === "push"
          ? `stack${id}.push(leaving(${id}, ${value}))`
          : `stack${id}.push_async_exit(leaving_slowly(${id}, ${value}))`
  /** `async with`, whose block is a function: a `return` in it is carried out in an array. */
  const within = (
    id: number,
    manager: string,
    parameter: string,
    first: ReadonlyArray<string>,
    block: Block,
    last: ReadonlyArray<string> = [],
    opener = "asyncio.async_with"
  ): ReadonlyArray<string> => {
    const carries = returns(block)
    return [
      `${carries ? `const r${id} = ` : ""}yield* ${opener}(${manager}, function* (${parameter}) {`,
      ...indent(first),
      ...deeper(block),
      ...indent(last),
      "})",
      ...(carries ? [`if (r${id} !== undefined) return r${id}${depth > 0 ? "" : "[0]"}`] : [])
    ]
  }

  const lines = (given: Statement): ReadonlyArray<string> => {
    const id = given.id as number
    switch (given.do) {
      case "mark":
        return [`trace(${id})`]
      case "await":
        return given.what.is === "wait"
          ? [`waited(${id}, yield* ${awaitable(given.what)})`]
          : [`got(${id}, yield* ${awaitable(given.what)})`]
      case "keep":
        return [`keep(${awaitable(given.what)})`]
      case "spawn": {
        const maker = given.into === "group" ? `group${group}` : "asyncio"
        const options = [
          ...(given.named ? [`name: "T${id}"`] : []),
          ...(given.eager === null ? [] : [`eager_start: ${given.eager}`]),
          ...(given.context === null ? [] : [`context: other_context(${given.context})`])
        ]
        const rest = options.length === 0 ? "" : `, { ${options.join(", ")} }`
        return [`spawned(${id}, ${maker}.create_task(${nameOf(program, given.unit)}()${rest}))`]
      }
      case "cancel":
        return [`cancel(${id}, ${given.k}${given.message === null ? "" : `, ${given.message}`})`]
      case "cancel future":
        return [`cancel_future(${id}, ${given.k}${given.message === null ? "" : `, ${given.message}`})`]
      case "forget":
        return [`${nameOf(program, given.unit)}()`]
      case "factory":
        return [`set_eager(${given.eager})`]
      case "uncancel":
        return [`trace(${id}, asyncio.current_task().uncancel())`]
      case "look":
        return [`look(${id})`]
      case "show":
        return [`trace(${id}, repr(${given.on}))`]
      case "show task":
        return [`show_task(${id}, ${given.k})`]
      case "spawn into":
        return [`spawn_into(${id}, ${given.k}, ${nameOf(program, given.unit)}())`]
      case "peek":
        return [`peek(${id}, ${given.k}, "${given.how}")`]
      case "rename":
        return [`rename(${given.k}, ${given.value})`]
      case "unwatch":
        return [`unwatch(${id}, ${given.k})`]
      case "handler":
        return [`handle_by("${given.how}")`]
      case "uncancel task":
        return [`uncancel_task(${id}, ${given.k})`]
      case "move":
        return [`move(${id}, ${given.k}, ${none(given.delay)})`]
      case "race":
        return [
          `raced(${id}, yield* asyncio.staggered.staggered_race([${given.of.map((unit) => nameOf(program, unit)).join(", ")}], ${none(given.delay)}))`
        ]
      case "begin unit":
        return [`generators.push(${nameOf(program, given.unit)}())`]
      case "wait until":
        return [
          `got(${id}, yield* ${given.on}.wait_for(() => variable.get() >= ${given.value} || counted() >= ${given.value}))`
        ]
      case "raise":
        return [`throw ${raised(given.error, given.message)}`]
      case "return":
        return [depth > 0 ? `return [${given.value}]` : `return ${given.value}`]
      case "repeat":
        return [`for (let n${id} = 0; n${id} < ${given.times}; n${id}++) {`, ...body(given.body), "}"]
      case "try": {
        const handler = given.handler
        if (handler === null && given.last === null) return ["{", ...body(given.body), "}"]
        return [
          "try {",
          ...body(given.body),
          ...(handler === null
            ? []
            : handlerLines(handler.of, [`caught(${id}, e${id})`, ...printed(handler.body)], handler.ending, id)),
          ...(given.last === null ? [] : ["} finally {", ...body(given.last)]),
          "}"
        ]
      }
      case "except_star":
        return [
          "try {",
          ...body(given.body),
          "} catch (error) {",
          `  yield* except_star(error, [${handledNames[given.of]}, function* (e${id}) {`,
          `    caught(${id}, e${id})`,
          ...indent(deeper(given.handler)),
          ...(given.raises ? [`    throw new ValueError("again in ${id}")`] : []),
          "  }])",
          "}"
        ]
      case "group": {
        const outer = group
        group = id
        const all = within(id, "new asyncio.TaskGroup()", `group${id}`, [`groups.push(group${id})`], given.body)
        group = outer
        return all
      }
      case "timeout": {
        const outer = timeout
        timeout = id
        const all = within(id, `t${id}`, "", [`timeouts.push(t${id})`], given.body)
        timeout = outer
        return [
          `const t${id} = asyncio.timeout(${none(given.delay)})`,
          "try {",
          ...indent(all),
          "} finally {",
          `  trace(${id}, "expired", t${id}.expired())`,
          "}"
        ]
      }
      case "timeout at": {
        const outer = timeout
        timeout = id
        const all = within(id, `asyncio.timeout_at(moment(${given.when}))`, `t${id}`, [], given.body)
        timeout = outer
        return all
      }
      case "stack":
        return within(
          id,
          "new contextlib.AsyncExitStack()",
          `stack${id}`,
          [
            ...given.units.map(
              (unit) => `trace(${id}, yield* stack${id}.enter_async_context(${nameOf(program, unit)}()))`
            ),
            ...given.pushed.map((each) => pushed(id, each))
          ],
          given.body,
          given.moves ? [`yield* stack${id}.pop_all().aclose()`, `trace(${id}, "moved")`] : []
        )
      case "suppress":
        return within(id, `contextlib.suppress(${handledNames[given.of]})`, "", [], given.body, [], "contextlib.with_")
      case "with variable":
        return within(id, `variable.set(${given.value})`, "", [], given.body, [], "contextlib.with_")
      case "relay":
        return [
          `const i${id} = ${nameOf(program, given.unit)}()`,
          "try {",
          "  for (;;) {",
          `    const x${id} = yield* asyncio.anext(i${id}, "end")`,
          `    if (x${id} === "end") break`,
          `    sent(${id}, yield x${id})`,
          "  }",
          "} finally {",
          `  yield* i${id}.aclose()`,
          "}"
        ]
      case "reschedule":
        return [
          `t${timeout}.reschedule(${given.delay === null ? "undefined" : `asyncio.get_running_loop().time() + ${given.delay}`})`
        ]
      case "with":
        return within(id, given.on, "", [], given.body)
      case "with unit":
        return within(id, `${nameOf(program, given.unit)}()`, `x${id}`, [`trace(${id}, x${id})`], given.body)
      case "for unit":
        return [
          `yield* asyncio.async_with(contextlib.aclosing(${nameOf(program, given.unit)}()), function* (i${id}) {`,
          `  yield* asyncio.async_for(i${id}, function* (x${id}) {`,
          `    trace(${id}, "item", x${id})`,
          ...indent(deeper(given.body)),
          "  })",
          "})"
        ]
      case "as_completed": {
        const list = `asyncio.as_completed([${given.of.map(awaitable).join(", ")}], { timeout: ${none(given.timeout)} })`
        return given.plain
          ? [`for (const c${id} of ${list}) {`, `  got(${id}, yield* c${id})`, "}"]
          : [`yield* asyncio.async_for(${list}, function* (c${id}) {`, `  finished(${id}, c${id})`, "})"]
      }
      case "break":
        return ["return asyncio.BREAK"]
      case "yield":
        return [`sent(${id}, yield ${given.value})`]
      case "wait notified":
        return [`got(${id}, yield* ${given.on}.wait())`]
      case "operation":
        return [`got(${id}, ${operation(given.on, given.name, given.argument)})`]
      case "settle":
        return [`settle(${id}, ${given.k}, "${given.how}", ${given.value})`]
      case "watch":
        return [
          `const cb${id} = (future) => {`,
          `  finished(${id}, future)`,
          ...body(given.body),
          "}",
          `watch(${given.task ? "any_task" : "any_future"}(${given.k}), cb${id})`
        ]
      case "call":
        return [
          `const cb${id} = () => {`,
          `  trace(${id}, "called", variable.get())`,
          ...body(given.body),
          "}",
          `call_${given.how.replace(" ", "_")}(${given.how === "later" || given.how === "at" ? `${given.delay}, ` : ""}cb${id})`
        ]
      case "drop":
        return [`drop(${given.k})`]
      case "set variable":
        return [`variable.set(${given.value})`]
    }
  }
  return printed
}

const operation = (on: Shared, name: string, argument: number | undefined): string =>
  name === "shutdown" ? `${on}.shutdown({ immediate: ${argument === 1} })` : `${on}.${name}(${argument ?? ""})`
