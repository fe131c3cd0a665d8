// Small programs as data, with one interpreter in Python and one in TypeScript: what random differential tests are made of.
//
// A script is a handful of tasks over one primitive. Each task goes through its operations; after each it marks what came of it
// and what the primitive looks like. A task may swallow cancellations or end of them. In the end the driver cancels whoever is
// left, again and again, so that every script ends.

import * as asyncio from "@skein/asyncio"
import { repr } from "@skein/asyncio/builtins"
import type { Tools } from "./same.ts"

export type Operation = readonly [name: string, argument?: number]

export interface Script {
  /** How to make the primitive: its class, and the argument. */
  readonly primitive: readonly [name: string, argument?: number]
  readonly tasks: ReadonlyArray<{ readonly swallows: boolean; readonly operations: ReadonlyArray<Operation> }>
}

/** A random number generator that gives the same numbers for the same seed (mulberry32). */
export const randomOf = (seed: number): ((below: number) => number) => {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const waking = new Set([
  "release",
  "set",
  "notify",
  "notify_all",
  "put",
  "put_nowait",
  "get",
  "get_nowait",
  "task_done"
])

/** A script of random operations out of a list, in which those that stand there more than once come up more often. */
export const randomScript = (
  seed: number,
  primitives: ReadonlyArray<Script["primitive"]>,
  operations: ReadonlyArray<(random: (below: number) => number, tasks: number) => Operation>
): Script => {
  const random = randomOf(seed)
  const count = 2 + random(4)
  return {
    primitive: primitives[random(primitives.length)] as Script["primitive"],
    tasks: Array.from({ length: count }, () => ({
      swallows: random(2) === 0,
      operations: Array.from({ length: 1 + random(7) }, () => {
        const operation = (operations[random(operations.length)] as (typeof operations)[number])(random, count)
        // The moment after a wake-up, before the woken task runs, is when a cancellation is hardest to get right.
        const isWaking = waking.has(operation[0]) && random(3) === 0
        return isWaking ? [operation, ["cancel", random(count)] as const] : [operation]
      }).flat()
    }))
  }
}

/** The Python program that runs scripts one after the other. */
export const pythonOf = (scripts: ReadonlyArray<Script>): string => `
import asyncio, json

OPERATIONS = {
    "sleep": lambda p, n, tasks: asyncio.sleep(n),
    "cancel": lambda p, n, tasks: tasks[n].cancel(n),
    "acquire": lambda p, n, tasks: p.acquire(),
    "release": lambda p, n, tasks: p.release(),
    "set": lambda p, n, tasks: p.set(),
    "clear": lambda p, n, tasks: p.clear(),
    "wait": lambda p, n, tasks: p.wait(),
    "notify": lambda p, n, tasks: p.notify(n),
    "notify_all": lambda p, n, tasks: p.notify_all(),
    "reset": lambda p, n, tasks: p.reset(),
    "abort": lambda p, n, tasks: p.abort(),
    "put": lambda p, n, tasks: p.put(n),
    "get": lambda p, n, tasks: p.get(),
    "put_nowait": lambda p, n, tasks: p.put_nowait(n),
    "get_nowait": lambda p, n, tasks: p.get_nowait(),
    "task_done": lambda p, n, tasks: p.task_done(),
    "join": lambda p, n, tasks: p.join(),
    "shutdown": lambda p, n, tasks: p.shutdown(immediate=n == 1),
}

async def play(primitive, me, spec, tasks):
    held = 0
    try:
        for name, *argument in spec["operations"]:
            n = argument[0] if argument else None
            if held == 0 and (name == "release" and n == 1 or name == "wait" and hasattr(primitive, "notify")):
                continue
            try:
                result = OPERATIONS[name](primitive, n, tasks)
                if asyncio.iscoroutine(result):
                    result = await result
                if name == "acquire": held += 1
                if name == "release": held -= 1
                trace(me, name, repr(result), repr(primitive))
            except Exception as e:
                trace(me, name, repr(e), repr(primitive))
            except asyncio.CancelledError as e:
                trace(me, name, repr(e), repr(primitive))
                if not spec["swallows"]:
                    raise
    finally:
        for _ in range(held):
            primitive.release()

async def run_script(script):
    name, *arguments = script["primitive"]
    primitive = getattr(asyncio, name)(*arguments)
    tasks = []
    for me, spec in enumerate(script["tasks"]):
        tasks.append(asyncio.create_task(play(primitive, me, spec, tasks)))
    for _ in range(200):
        _, pending = await asyncio.wait(tasks, timeout=5)
        if not pending: break
        for task in tasks: task.cancel()
    trace([task.cancelled() if task.done() else None for task in tasks], repr(primitive))

async def main():
    for script in json.loads(${JSON.stringify(JSON.stringify(scripts))}):
        await run_script(script)

asyncio.run(main())
`

/** Every primitive, as one that has all operations: a script calls those that it has. */
type AnyPrimitive = asyncio.Lock &
  asyncio.Event &
  asyncio.Condition &
  asyncio.Barrier &
  asyncio.Queue<number | undefined> & { __repr__(): string }

type Act = (primitive: AnyPrimitive, n: number, tasks: ReadonlyArray<asyncio.Task>) => unknown

const primitives: Readonly<Record<string, unknown>> = asyncio

const acts: Readonly<Record<string, Act>> = {
  sleep: (_, n) => asyncio.sleep(n),
  cancel: (_, n, tasks) => tasks[n]?.cancel(n),
  acquire: (p) => p.acquire(),
  release: (p) => p.release(),
  set: (p) => p.set(),
  clear: (p) => p.clear(),
  wait: (p) => p.wait(),
  notify: (p, n) => p.notify(n),
  notify_all: (p) => p.notify_all(),
  reset: (p) => p.reset(),
  abort: (p) => p.abort(),
  put: (p, n) => p.put(n),
  get: (p) => p.get(),
  put_nowait: (p, n) => p.put_nowait(n),
  get_nowait: (p) => p.get_nowait(),
  task_done: (p) => p.task_done(),
  join: (p) => p.join(),
  shutdown: (p, n) => p.shutdown({ immediate: n === 1 })
}

/** Runs scripts one after the other. */
export const playAll =
  (scripts: ReadonlyArray<Script>) =>
  ({ trace, run }: Tools): Promise<unknown> => {
    const play = asyncio.coroutine(function* play(
      primitive: AnyPrimitive,
      me: number,
      spec: Script["tasks"][number],
      tasks: ReadonlyArray<asyncio.Task>
    ) {
      let held = 0
      try {
        for (const [name, n] of spec.operations) {
          // To wait with a lock that another task has would take it from that task, and the script might never end.
          if (held === 0 && ((name === "release" && n === 1) || (name === "wait" && "notify" in primitive))) continue
          try {
            let result = (acts[name] as Act)(primitive, n as number, tasks)
            if (asyncio.iscoroutine(result)) result = yield* result as asyncio.Coroutine
            if (name === "acquire") held++
            if (name === "release") held--
            trace(me, name, repr(result), repr(primitive))
          } catch (error) {
            trace(me, name, repr(error), repr(primitive))
            if (error instanceof asyncio.CancelledError && !spec.swallows) throw error
          }
        }
      } finally {
        while (held-- > 0) primitive.release()
      }
    })
    const runScript = asyncio.coroutine(function* runScript(script: Script) {
      const [name, ...parameters] = script.primitive
      const Class = primitives[name] as new (...args: ReadonlyArray<unknown>) => AnyPrimitive
      const primitive = new Class(...parameters)
      const tasks: Array<asyncio.Task> = []
      for (const [me, spec] of script.tasks.entries()) {
        tasks.push(asyncio.create_task(play(primitive, me, spec, tasks)) as asyncio.Task)
      }
      for (let round = 0; round < 200; round++) {
        const [, pending] = yield* asyncio.wait(tasks, { timeout: 5 })
        if (pending.size === 0) break
        for (const task of tasks) task.cancel()
      }
      trace(
        tasks.map((task) => (task.done() ? task.cancelled() : undefined)),
        repr(primitive)
      )
    })
    return run(
      (function* main() {
        for (const script of scripts) yield* runScript(script)
      })()
    )
  }
