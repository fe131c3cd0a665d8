// Prints a normalized program in Python.

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

/** A function `name()` that makes the program's objects and gives its main coroutine function. */
export const pythonOf = (program: Program, name = "program"): string => {
  const lines = [`def ${name}():`]
  for (const object of objectsOf(program)) lines.push(`    ${object} = ${shared[object]}`)
  for (const [n, unit] of program.units.entries())
    lines.push(...indent(unitLines(unit, nameOf(program, n), program)), "")
  lines.push(`    return ${nameOf(program, 0)}`, "")
  return lines.join("\n")
}

const indent = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line) => (line === "" ? "" : `    ${line}`))

const unitLines = (unit: Unit, name: string, program: Program): ReadonlyArray<string> => {
  const print = printerOf(program)
  const start = [`async def ${name}():`, `    if not begin("${name}"): return`]
  if (unit.kind === "coroutine") return [...start, ...indent(print(unit.body))]
  // The `yield` that makes it a generator even if its body has none.
  if (unit.kind === "generator") return [...start, "    yield 0", ...indent(print(unit.body))]
  const handler =
    unit.handler === null ? [] : handlerLines(unit.handler.of, [`caught("${name}", e0)`], unit.handler.ending, 0)
  return [
    "@contextlib.asynccontextmanager",
    `async def ${name}():`,
    `    begin("${name}")`,
    ...indent(print(unit.body)),
    "    try:",
    "        yield 1",
    ...indent(handler),
    "    finally:",
    ...indent(indent(print(unit.exit)))
  ]
}

const none = (value: number | null): string => (value === null ? "None" : String(value))

const handlerLines = (of: number, body: ReadonlyArray<string>, ending: string, id: number): ReadonlyArray<string> => {
  const last = {
    swallow: [],
    raise: ["raise"],
    replace: [`raise RuntimeError("replaced in ${id}")`],
    "replace from": [`raise RuntimeError("replaced in ${id}") from e${id}`]
  }[ending] as ReadonlyArray<string>
  return [`except ${handledNames[of]} as e${id}:`, ...indent([...body, ...last])]
}

const raised = (error: number, message: number): string => `${errorNames[error]}(${message})`

const printerOf = (program: Program): ((block: Block) => ReadonlyArray<string>) => {
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
        return `asyncio.gather(${[...what.of.map(awaitable), ...(what.catching ? ["return_exceptions=True"] : [])].join(", ")})`
      case "custom":
        return `Custom(${awaitable(what.of)})`
      case "step":
        return `step(${what.k}, "${what.how}", ${what.value})`
      case "shield":
        return `asyncio.shield(${awaitable(what.of)})`
      case "wait_for":
        return `asyncio.wait_for(${awaitable(what.of)}, ${none(what.timeout)})`
      case "wait":
        return `asyncio.wait(${what.futures ? "several_futures" : "several"}([${what.ks.join(", ")}]), timeout=${none(what.timeout)}, return_when=asyncio.${until[what.until]})`
      case "operation":
        return operation(what.on, what.name, what.argument)
    }
  }

  const body = (block: Block): ReadonlyArray<string> => (block.length === 0 ? ["    pass"] : indent(printed(block)))
  const printed = (block: Block): ReadonlyArray<string> =>
    block.length === 0 ? ["pass"] : block.flatMap((each) => lines(each))
  const pushed = (id: number, { how, unit, value }: Pushed): string =>
    how === "callback"
      ? `stack${id}.callback(trace, ${id}, "callback", ${value})`
      : how === "push_async_callback"
        ? `stack${id}.push_async_callback(${nameOf(program, unit)})`
        : how === "push"
          ? `stack${id}.push(leaving(${id}, ${value}))`
          : `stack${id}.push_async_exit(leaving_slowly(${id}, ${value}))`
  // The innermost group or timeout that a statement stands in.
  let group = 0
  let timeout = 0
  const inGroup = (id: number, block: Block): ReadonlyArray<string> => {
    const outer = group
    group = id
    const inside = body(block)
    group = outer
    return inside
  }
  const inTimeout = (id: number, block: Block): ReadonlyArray<string> => {
    const outer = timeout
    timeout = id
    const inside = body(block)
    timeout = outer
    return inside
  }

  const lines = (given: Statement): ReadonlyArray<string> => {
    const id = given.id as number
    switch (given.do) {
      case "mark":
        return [`trace(${id})`]
      case "await":
        return given.what.is === "wait"
          ? [`waited(${id}, await ${awaitable(given.what)})`]
          : [`got(${id}, await ${awaitable(given.what)})`]
      case "keep":
        return [`keep(${awaitable(given.what)})`]
      case "spawn": {
        const maker = given.into === "group" ? `group${group}` : "asyncio"
        const options = [
          ...(given.named ? [`name="T${id}"`] : []),
          ...(given.eager === null ? [] : [`eager_start=${given.eager ? "True" : "False"}`]),
          ...(given.context === null ? [] : [`context=other_context(${given.context})`])
        ]
        return [`spawned(${id}, ${maker}.create_task(${[`${nameOf(program, given.unit)}()`, ...options].join(", ")}))`]
      }
      case "cancel":
        return [`cancel(${id}, ${given.k}${given.message === null ? "" : `, ${given.message}`})`]
      case "cancel future":
        return [`cancel_future(${id}, ${given.k}${given.message === null ? "" : `, ${given.message}`})`]
      case "forget":
        return [`${nameOf(program, given.unit)}()`]
      case "factory":
        return [`set_eager(${given.eager ? "True" : "False"})`]
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
          `raced(${id}, await asyncio.staggered.staggered_race([${given.of.map((unit) => nameOf(program, unit)).join(", ")}], ${none(given.delay)}))`
        ]
      case "begin unit":
        return [`generators.append(${nameOf(program, given.unit)}())`]
      case "wait until":
        return [
          `got(${id}, await ${given.on}.wait_for(lambda: variable.get() >= ${given.value} or counted() >= ${given.value}))`
        ]
      case "raise":
        return [`raise ${raised(given.error, given.message)}`]
      case "return":
        return [`return ${given.value}`]
      case "repeat":
        return [`for _ in range(${given.times}):`, ...body(given.body)]
      case "try": {
        const handler = given.handler
        if (handler === null && given.last === null) return printed(given.body)
        return [
          "try:",
          ...body(given.body),
          ...(handler === null
            ? []
            : handlerLines(handler.of, [`caught(${id}, e${id})`, ...printed(handler.body)], handler.ending, id)),
          ...(given.last === null ? [] : ["finally:", ...body(given.last)])
        ]
      }
      case "except_star":
        return [
          "try:",
          ...body(given.body),
          `except* ${handledNames[given.of]} as e${id}:`,
          `    caught(${id}, e${id})`,
          ...indent(given.handler.length === 0 ? [] : printed(given.handler)),
          ...(given.raises ? [`    raise ValueError("again in ${id}")`] : [])
        ]
      case "group":
        return [
          `async with asyncio.TaskGroup() as group${id}:`,
          `    groups.append(group${id})`,
          ...inGroup(id, given.body)
        ]
      case "timeout":
        return [
          `t${id} = asyncio.timeout(${none(given.delay)})`,
          "try:",
          `    async with t${id}:`,
          `        timeouts.append(t${id})`,
          ...indent(inTimeout(id, given.body)),
          "finally:",
          `    trace(${id}, "expired", t${id}.expired())`
        ]
      case "timeout at":
        return [`async with asyncio.timeout_at(moment(${given.when})) as t${id}:`, ...inTimeout(id, given.body)]
      case "stack":
        return [
          `async with contextlib.AsyncExitStack() as stack${id}:`,
          ...given.units.map(
            (unit) => `    trace(${id}, await stack${id}.enter_async_context(${nameOf(program, unit)}()))`
          ),
          ...indent(given.pushed.map((each) => pushed(id, each))),
          ...body(given.body),
          ...(given.moves ? [`    await stack${id}.pop_all().aclose()`, `    trace(${id}, "moved")`] : [])
        ]
      case "suppress":
        return [`with contextlib.suppress(${handledNames[given.of]}):`, ...body(given.body)]
      case "with variable":
        return [`with variable.set(${given.value}):`, ...body(given.body)]
      case "relay":
        return [
          `i${id} = ${nameOf(program, given.unit)}()`,
          "try:",
          "    while True:",
          `        x${id} = await anext(i${id}, "end")`,
          `        if x${id} == "end": break`,
          `        sent(${id}, (yield x${id}))`,
          "finally:",
          `    await i${id}.aclose()`
        ]
      case "reschedule":
        return [
          `t${timeout}.reschedule(${given.delay === null ? "None" : `asyncio.get_running_loop().time() + ${given.delay}`})`
        ]
      case "with":
        return [`async with ${given.on}:`, ...body(given.body)]
      case "with unit":
        return [
          `async with ${nameOf(program, given.unit)}() as x${id}:`,
          `    trace(${id}, x${id})`,
          ...body(given.body)
        ]
      case "for unit":
        return [
          `async with contextlib.aclosing(${nameOf(program, given.unit)}()) as i${id}:`,
          `    async for x${id} in i${id}:`,
          `        trace(${id}, "item", x${id})`,
          ...indent(body(given.body))
        ]
      case "as_completed": {
        const list = `asyncio.as_completed([${given.of.map(awaitable).join(", ")}], timeout=${none(given.timeout)})`
        return given.plain
          ? [`for c${id} in ${list}:`, `    got(${id}, await c${id})`]
          : [`async for c${id} in ${list}:`, `    finished(${id}, c${id})`]
      }
      case "break":
        return ["break"]
      case "yield":
        return [`sent(${id}, (yield ${given.value}))`]
      case "wait notified":
        return [`got(${id}, await ${given.on}.wait())`]
      case "operation":
        return [`got(${id}, ${operation(given.on, given.name, given.argument)})`]
      case "settle":
        return [`settle(${id}, ${given.k}, "${given.how}", ${given.value})`]
      case "watch":
        return [
          `def cb${id}(future):`,
          `    finished(${id}, future)`,
          ...body(given.body),
          `watch(${given.task ? "any_task" : "any_future"}(${given.k}), cb${id})`
        ]
      case "call":
        return [
          `def cb${id}():`,
          `    trace(${id}, "called", variable.get())`,
          ...body(given.body),
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

export const until = ["ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"] as const

const operation = (on: Shared, name: string, argument: number | undefined): string =>
  name === "shutdown"
    ? `${on}.shutdown(immediate=${argument === 1 ? "True" : "False"})`
    : `${on}.${name}(${argument ?? ""})`
