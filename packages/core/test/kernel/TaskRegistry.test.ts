import {
  type HeldResource,
  type TaskKind,
  type TaskNode,
  TaskRegistry,
  type TaskState,
  type WaitTarget
} from "@skein/core/kernel"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"

class FakeTask implements TaskNode {
  taskId = 0
  taskIsLive = false
  taskPrevious: TaskNode | undefined = undefined
  taskNext: TaskNode | undefined = undefined
  taskParent: TaskNode | undefined = undefined
  kind: TaskKind = "core"
  state: TaskState = "ready"
  waitingOn: WaitTarget | undefined = undefined
  waitingSince: number | undefined = undefined
  spawnSite: string | undefined = undefined
  holds: Array<HeldResource> | undefined = undefined
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  waitFor(what: string, since?: number): this {
    this.state = "waiting"
    this.waitingOn = { describeWait: () => what }
    this.waitingSince = since
    return this
  }
}

const spawn = (registry: TaskRegistry, name: string, parent?: FakeTask): FakeTask => {
  const task = new FakeTask(name)
  registry.add(task, parent)
  return task
}

const names = (nodes: Iterable<TaskNode>): Array<string> => Array.from(nodes, (node) => node.name)

describe("TaskRegistry", () => {
  it("lists live tasks in order of creation", () => {
    const registry = new TaskRegistry()
    const [, b] = [spawn(registry, "a"), spawn(registry, "b"), spawn(registry, "c")]
    registry.remove(b)
    expect(names(registry)).toEqual(["a", "c"])
    expect([registry.length, registry.totalAdded]).toEqual([2, 3])
  })

  it("ignores a second removal and refuses a second adding", () => {
    const registry = new TaskRegistry()
    const a = spawn(registry, "a")
    expect(() => registry.add(a, undefined)).toThrow('Task "a" is in a registry already')
    registry.remove(a)
    registry.remove(a)
    expect(registry.length).toBe(0)
  })

  it("gives the children of an ended task to its nearest live ancestor", () => {
    const registry = new TaskRegistry()
    const root = spawn(registry, "root")
    const middle = spawn(registry, "middle", root)
    const leaf = spawn(registry, "leaf", middle)
    registry.remove(middle)
    expect(registry.parentOf(leaf)).toBe(root)
    expect(names(registry.childrenOf(root))).toEqual(["leaf"])
    const late = spawn(registry, "late", middle)
    expect(late.taskParent).toBe(root)
  })

  it("does not keep the past of a chain of tasks that each start the next and end", () => {
    const registry = new TaskRegistry()
    let current = spawn(registry, "0")
    for (let index = 1; index < 1000; index++) {
      const next = spawn(registry, String(index), current)
      registry.remove(current)
      current = next
    }
    let kept = 0
    for (let node: TaskNode | undefined = current; node !== undefined; node = node.taskParent) kept++
    expect(kept).toBeLessThanOrEqual(2)
    registry.remove(current)
    expect(current.taskParent).toBeUndefined()
  })

  it("shortens the way over ended ancestors when somebody looks", () => {
    const registry = new TaskRegistry()
    const chain = [spawn(registry, "0")]
    for (let index = 1; index < 50; index++) chain.push(spawn(registry, String(index), chain[index - 1]))
    const leaf = chain[49] as FakeTask
    for (let index = 48; index >= 1; index--) registry.remove(chain[index] as FakeTask)
    expect(registry.parentOf(leaf)).toBe(chain[0])
    // Not only for the one that was asked about: every node on the way has let go of the ended ones above it.
    for (const node of chain.slice(1)) expect(node.taskParent).toBe(chain[0])
  })

  it("shortens the way to nothing when no ancestor is left", () => {
    const registry = new TaskRegistry()
    const chain = [spawn(registry, "0")]
    for (let index = 1; index < 5; index++) chain.push(spawn(registry, String(index), chain[index - 1]))
    for (let index = 3; index >= 0; index--) registry.remove(chain[index] as FakeTask)
    expect(registry.parentOf(chain[4] as FakeTask)).toBeUndefined()
    for (const node of chain) expect(node.taskParent).toBeUndefined()
  })

  it("prints the tree, one line a task: state, what it waits for and since when, what it holds, where it was made", () => {
    const registry = new TaskRegistry()
    const main = spawn(registry, "main").waitFor("group of 2", 0)
    const writer = spawn(registry, "writer", main).waitFor("sleep", 30)
    writer.holds = [{ describeHeld: () => 'Lock "db"' }]
    const deep = spawn(registry, "deep", writer)
    deep.state = "running"
    const reader = spawn(registry, "reader", main).waitFor('Lock "db" held by "writer"', 40)
    reader.spawnSite = "server.ts:40"
    spawn(registry, "other").kind = "asyncio"
    expect(registry.formatTree({ now: 100 }).split("\n")).toEqual([
      "main [core] waiting for group of 2 since 100 ms",
      '├─ writer [core] waiting for sleep since 70 ms, holds Lock "db"',
      "│  └─ deep [core] running",
      '└─ reader [core] waiting for Lock "db" held by "writer" since 60 ms (started at server.ts:40)',
      "other [asyncio] ready"
    ])
  })

  it("indents what stands under the last child by spaces, and under another by a line", () => {
    const registry = new TaskRegistry()
    const root = spawn(registry, "root")
    const first = spawn(registry, "first", root)
    const last = spawn(registry, "last", root)
    spawn(registry, "nephew", first)
    spawn(registry, "niece", last)
    spawn(registry, "grandniece", spawn(registry, "niece 2", last))
    expect(registry.formatTree().split("\n")).toEqual([
      "root [core] ready",
      "├─ first [core] ready",
      "│  └─ nephew [core] ready",
      "└─ last [core] ready",
      "   ├─ niece [core] ready",
      "   └─ niece 2 [core] ready",
      "      └─ grandniece [core] ready"
    ])
  })

  it("says for how long a task has waited only when both the present and the beginning of the wait are known", () => {
    const registry = new TaskRegistry()
    spawn(registry, "a").waitFor("news", 5)
    spawn(registry, "b").waitFor("news")
    expect(registry.formatTree().split("\n")).toEqual(["a [core] waiting for news", "b [core] waiting for news"])
    expect(registry.formatTree({ now: 7 }).split("\n")).toEqual([
      "a [core] waiting for news since 2 ms",
      "b [core] waiting for news"
    ])
  })

  it("prints what a task waits for also when it is asked to stop, and all that it holds", () => {
    const registry = new TaskRegistry()
    const task = spawn(registry, "a").waitFor("news")
    task.state = "cancelling"
    task.holds = [{ describeHeld: () => 'Lock "x"' }, { describeHeld: () => 'Lock "y"' }]
    expect(registry.formatTree()).toBe('a [core] cancelling, waits for news, holds Lock "x", Lock "y"')
    expect(registry.describeWaits()).toBe('task "a" waits for news, holds Lock "x", Lock "y"')
  })

  it("prints nothing when there is nothing, and the chosen tasks when a filter is given", () => {
    const registry = new TaskRegistry()
    expect([registry.formatTree(), registry.describeWaits(), registry.snapshot()]).toEqual(["", "", []])
    spawn(registry, "inner", spawn(registry, "outer"))
    expect(registry.formatTree({ filter: (node) => node.name === "inner" })).toBe("inner [core] ready")
  })

  it("describes the waits, one line a waiting task", () => {
    const registry = new TaskRegistry()
    const a = spawn(registry, "a").waitFor('Lock "y"')
    a.holds = [{ describeHeld: () => 'Lock "x"' }]
    const b = spawn(registry, "b").waitFor('Lock "x"')
    b.holds = [{ describeHeld: () => 'Lock "y"' }]
    b.spawnSite = "main.ts:7"
    spawn(registry, "idle")
    expect(registry.describeWaits().split("\n")).toEqual([
      'task "a" waits for Lock "y", holds Lock "x"',
      'task "b" waits for Lock "x", holds Lock "y" (started at main.ts:7)'
    ])
    expect(registry.describeWaits((node) => node === b)).toBe(
      'task "b" waits for Lock "x", holds Lock "y" (started at main.ts:7)'
    )
    b.holds = undefined
    b.spawnSite = undefined
    expect(registry.describeWaits((node) => node === b)).toBe('task "b" waits for Lock "x"')
    b.holds = []
    expect(registry.describeWaits((node) => node === b)).toBe('task "b" waits for Lock "x"')
  })

  it("gives the tree as data, and hangs what a filter leaves in under its nearest ancestor that is in", () => {
    const registry = new TaskRegistry()
    const root = spawn(registry, "root")
    const middle = spawn(registry, "middle", root)
    spawn(registry, "leaf", middle).waitFor("news", 5)
    const [tree] = registry.snapshot((node) => node !== middle)
    expect(tree).toMatchObject({
      name: "root",
      parent: undefined,
      children: [{ name: "leaf", parent: root.taskId, state: "waiting", waitingOn: "news", waitingSince: 5, holds: [] }]
    })
  })

  it("tells all who observe ends, in the order in which they began, while parent and place are still there", () => {
    const registry = new TaskRegistry()
    const told: Array<string> = []
    const observer = (label: string) => (node: TaskNode) => {
      told.push(`${label}: ${node.name} of ${node.taskParent?.name}, ${registry.length} live`)
    }
    const stops = ["first", "second"].map((label) => registry.observeEnds(observer(label)))
    const root = spawn(registry, "root")
    const tasks = ["a", "b", "c"].map((name) => spawn(registry, name, root))
    for (const [index, task] of tasks.entries()) {
      registry.remove(task)
      registry.remove(task)
      stops[index]?.()
    }
    expect(told).toEqual(["first: a of root, 4 live", "second: a of root, 4 live", "second: b of root, 3 live"])
  })

  it("tells an observer that was added twice until both are taken back; taking back twice does no harm", () => {
    const registry = new TaskRegistry()
    let told = 0
    const observer = () => {
      told++
    }
    const [stopOne, stopOther] = [registry.observeEnds(observer), registry.observeEnds(observer)]
    const endOne = () => registry.remove(spawn(registry, "a"))
    endOne()
    expect(told).toBe(2)
    stopOne()
    stopOne()
    endOne()
    expect(told).toBe(3)
    stopOther()
    endOne()
    expect(told).toBe(3)
  })

  it("lets an observer stop itself while ends are told", () => {
    const registry = new TaskRegistry()
    const told: Array<string> = []
    const stop = registry.observeEnds(() => {
      told.push("once")
      stop()
    })
    registry.observeEnds(() => told.push("always"))
    for (let index = 0; index < 2; index++) registry.remove(spawn(registry, "a"))
    expect(told).toEqual(["once", "always", "always"])
  })

  it("prints a tree that is 20,000 deep", () => {
    const registry = new TaskRegistry()
    let parent: FakeTask | undefined
    for (let index = 0; index < 20_000; index++) parent = spawn(registry, "t", parent)
    let tree = registry.snapshot()[0]
    let depth = 1
    while (tree?.children[0] !== undefined) {
      tree = tree.children[0]
      depth++
    }
    expect(depth).toBe(20_000)
  })

  it("finds the same parents as a full history does, whatever starts and ends", () => {
    const operation = fc.record({ verb: fc.constantFrom("spawn", "spawn", "end", "look"), at: fc.nat(30) })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const registry = new TaskRegistry()
        const all: Array<FakeTask> = []
        const madeBy = new Map<TaskNode, FakeTask | undefined>()
        const parentByHistory = (node: TaskNode): TaskNode | undefined => {
          let parent = madeBy.get(node)
          while (parent !== undefined && !parent.taskIsLive) parent = madeBy.get(parent)
          return parent
        }
        for (const { verb, at } of operations) {
          const picked = all[at % Math.max(1, all.length)]
          if (verb === "spawn") {
            const parent = at % 4 === 0 ? undefined : picked
            const task = spawn(registry, String(all.length), parent)
            madeBy.set(task, parent)
            all.push(task)
          } else if (picked !== undefined && verb === "end") {
            registry.remove(picked)
          } else if (picked !== undefined) {
            registry.parentOf(picked)
          }
          const live = all.filter((task) => task.taskIsLive)
          expect([...registry]).toEqual(live)
          for (const task of live) expect(registry.parentOf(task)).toBe(parentByHistory(task))
        }
      })
    )
  })
})
