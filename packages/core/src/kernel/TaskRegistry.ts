// The tree of everything that runs, always on: Effect's fibers have no names, and their parents and children are private,
// so the toolkit keeps its own tree, in which core's tasks and asyncio's stand side by side.
//
// It must cost next to nothing, so the task object itself is the node: adding and removing change a few fields and allocate
// nothing. There are no lists of children; children are grouped from the list of live tasks when somebody looks.
//
// A task may outlive the one that made it. Its node then points at an ended parent, and a chain of tasks that each start the
// next and end must not keep its whole past in memory. So a node that ends lets go of its ended ancestors (its parent becomes
// its nearest live one), a new node never points at an ended one, and readers shorten the paths they walk.

/** Something that a task waits for. Only asked when somebody looks. */
export interface WaitTarget {
  /** What is waited for, as it stands after "waits for", e.g. `Lock "db" held by "writer"`. */
  describeWait(): string
}

/** Something that a task holds and others may wait for. Only asked when somebody looks. */
export interface HeldResource {
  /** What is held, as it stands after "holds", e.g. `Lock "db"`. */
  describeHeld(): string
}

/** Which layer a task belongs to. */
export type TaskKind = "core" | "asyncio"

/** Where a live task stands: able to run, running now, waiting for something, or asked to stop and not yet ended. */
export type TaskState = "ready" | "running" | "waiting" | "cancelling"

/**
 * A task in a {@link TaskRegistry}: the task object itself. The `task...` fields start as `undefined`, `false` or 0 and
 * belong to the registry; the others are read when somebody looks.
 */
export interface TaskNode {
  /** A number that no other task has, from 1 in order of creation. */
  taskId: number
  /** True from `add` to `remove`. */
  taskIsLive: boolean
  /** The live task that was added before this one. */
  taskPrevious: TaskNode | undefined
  /** The live task that was added after this one. */
  taskNext: TaskNode | undefined
  /** The task that made this one, or its nearest live ancestor; it may have ended since: read it by `parentOf`. */
  taskParent: TaskNode | undefined
  /** What the task is called. */
  readonly name: string
  /** Which layer it belongs to. */
  readonly kind: TaskKind
  /** Where it stands. */
  readonly state: TaskState
  /** What the task waits for now. */
  readonly waitingOn: WaitTarget | undefined
  /** Since when, in milliseconds of the clock that the task runs under. */
  readonly waitingSince: number | undefined
  /** Where the task was made (`file:line`), if that was recorded. */
  readonly spawnSite: string | undefined
  /** What the task holds, in the order in which it was taken. */
  readonly holds: ReadonlyArray<HeldResource> | undefined
}

/** A task as data, with its children. */
export interface TaskSnapshot {
  /** The number of the task. */
  readonly id: number
  /** What the task is called. */
  readonly name: string
  /** Which layer it belongs to. */
  readonly kind: TaskKind
  /** Where it stands. */
  readonly state: TaskState
  /** The id of the nearest live ancestor. */
  readonly parent: number | undefined
  /** What it waits for, in words. */
  readonly waitingOn: string | undefined
  /** Since when, in milliseconds of its clock. */
  readonly waitingSince: number | undefined
  /** Where it was made, if that was recorded. */
  readonly spawnSite: string | undefined
  /** What it holds, in words, in the order in which it was taken. */
  readonly holds: ReadonlyArray<string>
  /** The live tasks that it made. */
  readonly children: ReadonlyArray<TaskSnapshot>
}

/** Chooses which tasks to look at: those for which it returns true. All, if left out. */
export type TaskFilter = (node: TaskNode) => boolean

/**
 * The live tasks, in order of creation, and the tree that they form.
 *
 * @example
 * ```ts
 * import { type TaskNode, TaskRegistry } from "@skein/core/kernel"
 *
 * const task = (name: string): TaskNode => ({
 *   taskId: 0,
 *   taskIsLive: false,
 *   taskPrevious: undefined,
 *   taskNext: undefined,
 *   taskParent: undefined,
 *   name,
 *   kind: "core",
 *   state: "running",
 *   waitingOn: undefined,
 *   waitingSince: undefined,
 *   spawnSite: undefined,
 *   holds: undefined
 * })
 * const registry = new TaskRegistry()
 * const main = task("main")
 * registry.add(main, undefined)
 * registry.add(task("worker"), main)
 * console.log(registry.formatTree())
 * // => main [core] running
 * // => └─ worker [core] running
 * ```
 */
export class TaskRegistry {
  private head: TaskNode | undefined = undefined
  private tail: TaskNode | undefined = undefined
  private size = 0
  private added = 0
  private endObservers: ReadonlyArray<{ readonly observer: (node: TaskNode) => void }> = []

  /** How many tasks are live. */
  get length(): number {
    return this.size
  }

  /** How many tasks were ever added. */
  get totalAdded(): number {
    return this.added
  }

  /** Adds a task that starts to live, made by `parent`. O(1). */
  add(node: TaskNode, parent: TaskNode | undefined): void {
    if (node.taskIsLive) {
      throw new Error(`Task "${node.name}" is in a registry already; add a task once, when it starts to live.`)
    }
    const last = this.tail
    node.taskId = ++this.added
    node.taskIsLive = true
    node.taskParent = nearestLive(parent)
    node.taskPrevious = last
    node.taskNext = undefined
    if (last === undefined) this.head = node
    else last.taskNext = node
    this.tail = node
    this.size++
  }

  /**
   * Calls `observer` for each task that ends, just before it leaves: its parent and what it holds are still there.
   *
   * @returns what takes this back.
   */
  observeEnds(observer: (node: TaskNode) => void): () => void {
    // An entry of its own: the same function may be added twice.
    const entry = { observer }
    this.endObservers = [...this.endObservers, entry]
    return () => {
      this.endObservers = this.endObservers.filter((other) => other !== entry)
    }
  }

  /** Removes a task that has ended. O(1); a task that is not live is left alone. */
  remove(node: TaskNode): void {
    if (!node.taskIsLive) return
    for (const { observer } of this.endObservers) observer(node)
    const previous = node.taskPrevious
    const next = node.taskNext
    if (previous === undefined) this.head = next
    else previous.taskNext = next
    if (next === undefined) this.tail = previous
    else next.taskPrevious = previous
    node.taskPrevious = undefined
    node.taskNext = undefined
    node.taskIsLive = false
    node.taskParent = nearestLive(node.taskParent)
    this.size--
  }

  /** The nearest live ancestor of a task. */
  parentOf(node: TaskNode): TaskNode | undefined {
    const live = nearestLive(node.taskParent)
    node.taskParent = live
    return live
  }

  /** The live children of a task, in order of creation. O(live tasks). */
  childrenOf(node: TaskNode): ReadonlyArray<TaskNode> {
    const children: Array<TaskNode> = []
    for (const other of this) if (this.parentOf(other) === node) children.push(other)
    return children
  }

  /** The live tasks in order of creation. No task may be added or removed during the walk. */
  *[Symbol.iterator](): IterableIterator<TaskNode> {
    for (let node = this.head; node !== undefined; node = node.taskNext) yield node
  }

  /**
   * The trees of live tasks, as data. A task whose parent the filter leaves out stands under its nearest ancestor that is
   * in.
   */
  snapshot(filter?: TaskFilter): ReadonlyArray<TaskSnapshot> {
    const roots: Array<TaskSnapshot> = []
    const childrenById = new Map<number, Array<TaskSnapshot>>()
    const chosen: Array<TaskNode> = []
    for (const node of this) {
      if (filter !== undefined && !filter(node)) continue
      chosen.push(node)
      childrenById.set(node.taskId, [])
    }
    for (const node of chosen) {
      let parent = this.parentOf(node)
      while (parent !== undefined && !childrenById.has(parent.taskId)) parent = this.parentOf(parent)
      const siblings = parent === undefined ? roots : (childrenById.get(parent.taskId) as Array<TaskSnapshot>)
      siblings.push(describeTask(node, parent?.taskId, childrenById.get(node.taskId) as Array<TaskSnapshot>))
    }
    return roots
  }

  /**
   * The trees of live tasks as text, one line a task: name, state, what it waits for, what it holds, where it was made.
   *
   * @param options.filter - which tasks to show; all if left out
   * @param options.now - the present, in milliseconds, on the clock of the tasks; waits then show how long they have lasted
   */
  formatTree(options?: { readonly filter?: TaskFilter; readonly now?: number }): string {
    const lines: Array<string> = []
    // A stack and not recursion: a tree may be as deep as there are tasks.
    const open: Array<{ readonly task: TaskSnapshot; readonly lead: string; readonly indent: string }> = []
    const pushAll = (tasks: ReadonlyArray<TaskSnapshot>, indent: string | undefined) => {
      for (let index = tasks.length - 1; index >= 0; index--) {
        const isLast = index === tasks.length - 1
        open.push({
          task: tasks[index] as TaskSnapshot,
          lead: indent === undefined ? "" : `${indent}${isLast ? "└─ " : "├─ "}`,
          indent: indent === undefined ? "" : `${indent}${isLast ? "   " : "│  "}`
        })
      }
    }
    pushAll(this.snapshot(options?.filter), undefined)
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      lines.push(`${entry.lead}${formatTask(entry.task, options?.now)}`)
      pushAll(entry.task.children, entry.indent)
    }
    return lines.join("\n")
  }

  /**
   * One line for each task that waits: who waits for what, what it holds meanwhile, and where it was made. For messages
   * about programs that can never go on.
   */
  describeWaits(filter?: TaskFilter): string {
    const lines: Array<string> = []
    for (const node of this) {
      if (node.waitingOn === undefined || (filter !== undefined && !filter(node))) continue
      const held = node.holds === undefined ? [] : node.holds.map((resource) => resource.describeHeld())
      lines.push(
        `task "${node.name}" waits for ${node.waitingOn.describeWait()}` +
          (held.length === 0 ? "" : `, holds ${held.join(", ")}`) +
          (node.spawnSite === undefined ? "" : ` (started at ${node.spawnSite})`)
      )
    }
    return lines.join("\n")
  }
}

/** The registry of this process: core's tasks and asyncio's in one tree. */
export const taskRegistry: TaskRegistry = new TaskRegistry()

/** The first live node on the way up from `from`, which may itself be it. Ended nodes on the way are pointed at it. */
const nearestLive = (from: TaskNode | undefined): TaskNode | undefined => {
  let live = from
  while (live !== undefined && !live.taskIsLive) live = live.taskParent
  let node = from
  while (node !== undefined && node !== live) {
    const above: TaskNode | undefined = node.taskParent
    node.taskParent = live
    node = above
  }
  return live
}

const describeTask = (
  node: TaskNode,
  parent: number | undefined,
  children: ReadonlyArray<TaskSnapshot>
): TaskSnapshot => ({
  id: node.taskId,
  name: node.name,
  kind: node.kind,
  state: node.state,
  parent,
  waitingOn: node.waitingOn?.describeWait(),
  waitingSince: node.waitingSince,
  spawnSite: node.spawnSite,
  holds: node.holds === undefined ? [] : node.holds.map((resource) => resource.describeHeld()),
  children
})

const formatTask = (task: TaskSnapshot, now: number | undefined): string => {
  let line = `${task.name} [${task.kind}] ${task.state}`
  if (task.waitingOn !== undefined) {
    line += task.state === "waiting" ? ` for ${task.waitingOn}` : `, waits for ${task.waitingOn}`
    if (now !== undefined && task.waitingSince !== undefined) line += ` since ${now - task.waitingSince} ms`
  }
  if (task.holds.length > 0) line += `, holds ${task.holds.join(", ")}`
  if (task.spawnSite !== undefined) line += ` (started at ${task.spawnSite})`
  return line
}
