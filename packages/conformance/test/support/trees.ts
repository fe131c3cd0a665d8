// Random combinations of the combinators, as data: an expression that one interpreter in Python and one in TypeScript await.
//
// Delays are few and small, so that deadlines, completions and cancellations fall into the same instant all the time; the root
// is cancelled from outside, a number of passes after some instant, once or several times.

import * as asyncio from "@skein/asyncio"
import { Exception, repr, ValueError } from "@skein/asyncio/builtins"
import { type Kit, kitOf, prelude } from "./both.ts"
import type { Tools } from "./same.ts"

export interface Tree {
  readonly kind:
    | "after"
    | "stubborn"
    | "slow_to_stop"
    | "fail"
    | "break_on_cancel"
    | "cancels_itself"
    | "wait_for"
    | "timeout"
    | "shield"
    | "task"
    | "caught"
    | "swallowing"
    | "then"
    | "group"
    | "gather"
    | "wait"
    | "as_completed"
    | "staggered"
  /** How long a leaf lasts, or how long the rest may. */
  readonly seconds?: number | null
  /** How long the clean-up of a `slow_to_stop` lasts. */
  readonly cleanup?: number
  /** What a leaf gives, or the text of its error. */
  readonly name?: string
  readonly return_when?: asyncio.ReturnWhen
  readonly return_exceptions?: boolean
  /** What a combinator combines; the first child of a group is its body. */
  readonly children: ReadonlyArray<Tree>
}

/** A tree, and when its task is cancelled: some passes after some seconds. */
export interface Plan {
  readonly tree: Tree
  readonly cancels: ReadonlyArray<readonly [seconds: number, passes: number]>
  readonly eager: boolean
}

export const randomPlan = (random: (below: number) => number): Plan => {
  let names = 0
  const pick = <T>(choices: ReadonlyArray<T>): T => choices[random(choices.length)] as T
  const delay = () => pick([0, 1, 1, 2, 2, 3, 4])
  const deadline = () => pick([null, 0, 1, 1, 2, 2, 3])
  const leaf = (): Tree => {
    const kind = pick([
      ...(["after", "after", "after", "after", "fail", "fail", "stubborn", "slow_to_stop", "break_on_cancel"] as const),
      random(3) === 0 ? ("cancels_itself" as const) : ("after" as const)
    ])
    return { kind, seconds: delay(), cleanup: delay(), name: `n${names++}`, children: [] }
  }
  const grow = (depth: number): Tree => {
    if (depth === 0) return leaf()
    const below = () => grow(depth - 1)
    const several = () => Array.from({ length: 1 + random(3) }, below)
    const kind = pick([
      ...(["wait_for", "wait_for", "timeout", "timeout", "shield", "task", "caught", "swallowing", "then"] as const),
      ...(["group", "group", "group", "gather", "wait", "as_completed", "staggered"] as const)
    ])
    switch (kind) {
      case "wait_for":
      case "timeout":
        return { kind, seconds: deadline(), children: [below()] }
      case "shield":
      case "task":
      case "caught":
      case "swallowing":
        return { kind, children: [below()] }
      case "then":
      case "group":
        return { kind, children: [below(), ...several()] }
      case "gather":
        return { kind, return_exceptions: random(2) === 0, children: several() }
      case "wait": {
        const return_when = pick(["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"] as const)
        return { kind, return_when, seconds: deadline(), children: several() }
      }
      default:
        return { kind, seconds: deadline(), children: several() }
    }
  }
  return {
    tree: grow(1 + random(4)),
    cancels: Array.from({ length: random(3) }, () => [delay(), random(6)] as const),
    eager: random(4) === 0
  }
}

const interpreter = `
import asyncio.staggered

class InOrder:
    def __init__(self, items=()): self.items = dict.fromkeys(items)
    def add(self, item): self.items[item] = None
    def discard(self, item): self.items.pop(item, None)
    def remove(self, item): del self.items[item]
    def clear(self): self.items.clear()
    def __iter__(self): return iter(list(self.items))
    def __len__(self): return len(self.items)
    def __contains__(self, item): return item in self.items

# What the modules take from a set has no defined order; here it has that of insertion.
asyncio.taskgroups.set = asyncio.tasks.set = asyncio.staggered.set = InOrder

async def run(tree):
    kind, seconds, name, children = tree["kind"], tree.get("seconds"), tree.get("name"), tree["children"]
    match kind:
        case "after" | "stubborn":
            return await globals()[kind](seconds, name)
        case "slow_to_stop":
            return await slow_to_stop(seconds, tree["cleanup"], name)
        case "fail" | "break_on_cancel":
            return await globals()[kind](seconds, ValueError(name))
        case "cancels_itself":
            asyncio.current_task().cancel(name)
            return name
        case "wait_for":
            return await asyncio.wait_for(run(children[0]), seconds)
        case "timeout":
            async with asyncio.timeout(seconds):
                return await run(children[0])
        case "shield":
            return await asyncio.shield(run(children[0]))
        case "task":
            return await asyncio.create_task(run(children[0]))
        case "caught":
            try:
                return await run(children[0])
            except Exception as e:
                trace("caught", shape(e), requests())
        case "swallowing":
            try:
                return await run(children[0])
            except BaseException as e:
                trace("swallowed", shape(e), requests())
        case "then":
            for each in children:
                result = await run(each)
            return result
        case "group":
            async with asyncio.TaskGroup() as group:
                for each in children[1:]:
                    group.create_task(run(each))
                return await run(children[0])
        case "gather":
            results = await asyncio.gather(*map(run, children), return_exceptions=tree["return_exceptions"])
            return ", ".join(shape(each) if isinstance(each, BaseException) else repr(each) for each in results)
        case "wait":
            tasks = [asyncio.create_task(run(each)) for each in children]
            done, pending = await asyncio.wait(tasks, return_when=tree["return_when"], timeout=seconds)
            trace("waited", *[task in done for task in tasks])
            for task in pending:
                task.cancel("pending")
            return len(done)
        case "as_completed":
            tasks = [asyncio.create_task(run(each)) for each in children]
            for each in asyncio.as_completed(tasks, timeout=seconds):
                await outcome("next", each)
        case "staggered":
            attempts = [lambda each=each: run(each) for each in children]
            result, index, exceptions = await asyncio.staggered.staggered_race(attempts, seconds)
            trace("won", index, *["None" if e is None else shape(e) for e in exceptions])
            return result

def on_error(loop, context):
    if "never retrieved" not in context["message"]:
        trace(context["message"], shape(context["exception"]))

async def play(tree, cancels, eager):
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory if eager else None)
    root = asyncio.create_task(run(tree))
    def cancel_after(passes):
        if passes > 0:
            loop.call_soon(cancel_after, passes - 1)
        else:
            trace("cancel", root.cancel("outside"))
    for seconds, passes in cancels:
        loop.call_later(seconds, cancel_after, passes)
    await outcome("root", root)
    trace("requests", root.cancelling())
    await asyncio.sleep(100)
`

export const pythonOf = (plans: ReadonlyArray<Plan>): string =>
  [
    prelude.replace(/\nasync def main\(\):\n$/, "\n"),
    interpreter,
    "import json",
    `plans = json.loads(${JSON.stringify(JSON.stringify(plans))})`,
    "async def main():",
    "    asyncio.get_running_loop().set_exception_handler(on_error)",
    "    for n, plan in enumerate(plans):",
    "        trace('plan', n)",
    "        await play(plan['tree'], plan['cancels'], plan['eager'])",
    "asyncio.run(main())"
  ].join("\n")

const runnerOf = (kit: Kit): ((tree: Tree) => asyncio.Coroutine<unknown>) => {
  const { trace, requests, shape, outcome } = kit
  const run: (tree: Tree) => asyncio.Coroutine<unknown> = asyncio.coroutine(function* awaited(tree: Tree) {
    const { kind, children, seconds = null } = tree
    const [name, first, lasts] = [tree.name as string, children[0] as Tree, seconds as number]
    switch (kind) {
      case "after":
      case "stubborn":
        return yield* kit[kind](lasts, name)
      case "slow_to_stop":
        return yield* kit.slow_to_stop(lasts, tree.cleanup as number, name)
      case "fail":
        return yield* kit.fail(lasts, new ValueError(name))
      case "break_on_cancel":
        return yield* kit.break_on_cancel(lasts, new ValueError(name))
      case "cancels_itself":
        ;(asyncio.current_task() as asyncio.Task).cancel(name)
        return name
      case "wait_for":
        return yield* asyncio.wait_for(run(first), seconds)
      case "timeout":
        return yield* asyncio.async_with(asyncio.timeout(seconds), function* () {
          return yield* run(first)
        })
      case "shield":
        return yield* asyncio.shield(run(first))
      case "task":
        return yield* asyncio.create_task(run(first))
      case "caught":
        try {
          return yield* run(first)
        } catch (error) {
          if (!(error instanceof Exception)) throw error
          trace("caught", shape(error), requests())
          return undefined
        }
      case "swallowing":
        try {
          return yield* run(first)
        } catch (error) {
          trace("swallowed", shape(error), requests())
          return undefined
        }
      case "then": {
        let result: unknown
        for (const each of children) result = yield* run(each)
        return result
      }
      case "group":
        return yield* asyncio.async_with(asyncio.TaskGroup(), function* (group) {
          for (const each of children.slice(1)) void group.create_task(run(each))
          return yield* run(first)
        })
      case "gather": {
        const return_exceptions = tree.return_exceptions as boolean
        const results = yield* asyncio.gather(...children.map(run), { return_exceptions })
        return results.map((each) => (each instanceof Error ? shape(each) : repr(each))).join(", ")
      }
      case "wait": {
        const tasks = children.map((each) => asyncio.create_task(run(each)))
        const options = { return_when: tree.return_when as asyncio.ReturnWhen, timeout: seconds }
        const [done, pending] = yield* asyncio.wait(tasks, options)
        trace("waited", ...tasks.map((task) => done.has(task)))
        for (const task of pending) task.cancel("pending")
        return done.size
      }
      case "as_completed": {
        const tasks = children.map((each) => asyncio.create_task(run(each)))
        for (const each of asyncio.as_completed(tasks, { timeout: seconds })) yield* outcome("next", each)
        return undefined
      }
      case "staggered": {
        const attempts = children.map((each) => () => run(each))
        const [result, index, exceptions] = yield* asyncio.staggered.staggered_race(attempts, seconds)
        trace("won", index, ...exceptions.map((each) => (each === undefined ? "None" : shape(each))))
        return result
      }
    }
  })
  return run
}

/** Plays the plans one after the other. */
export const playAll = (plans: ReadonlyArray<Plan>, tools: Tools): Promise<unknown> => {
  const kit = kitOf(tools)
  const { trace, outcome, shape } = kit
  const run = runnerOf(kit)
  const play = asyncio.coroutine(function* play({ tree, cancels, eager }: Plan) {
    const loop = asyncio.get_running_loop()
    loop.set_task_factory(eager ? asyncio.eager_task_factory : undefined)
    const root = asyncio.create_task(run(tree))
    const cancel_after = (passes: number) => {
      if (passes > 0) loop.call_soon(cancel_after, passes - 1)
      else trace("cancel", root.cancel("outside"))
    }
    for (const [seconds, passes] of cancels) loop.call_later(seconds, cancel_after, passes)
    yield* outcome("root", root)
    trace("requests", root.cancelling())
    yield* asyncio.sleep(100)
  })
  return tools.run(
    asyncio.coroutine(function* main() {
      asyncio.get_running_loop().set_exception_handler((_, { message, exception }) => {
        if (message?.includes("never retrieved") !== true) trace(message, shape(exception))
      })
      for (const [n, plan] of plans.entries()) {
        trace("plan", n)
        yield* play(plan)
      }
    })()
  )
}
