// An event loop in miniature, without an order of its own: at each step the explorer chooses which task goes on, or which
// one is cancelled. `explore` runs a scenario under every possible sequence of choices.

import type { Cell } from "./cell.ts"

/** Thrown into a task at the point where it waits. */
export class Cancelled extends Error {}

/** A task: it yields the cell that it waits for, or nothing to let others go first. */
export type Script = Generator<Cell | undefined, void, void>

interface Task {
  readonly name: string
  readonly script: Script
  waitsFor: Cell | undefined
  mustCancel: boolean
  ended: boolean
  cancelledAt: Error | undefined
}

export class World {
  readonly tasks: Array<Task> = []
  /** What the scripts have noted, in order. */
  readonly trace: Array<string> = []
  private readonly cancellable: Array<Task> = []
  private readonly choose: (count: number) => number

  constructor(choose: (count: number) => number) {
    this.choose = choose
  }

  spawn(name: string, script: Script, options?: { readonly cancellable?: boolean }): void {
    const task: Task = {
      name,
      script,
      waitsFor: undefined,
      mustCancel: false,
      ended: false,
      cancelledAt: undefined
    }
    this.tasks.push(task)
    if (options?.cancellable) this.cancellable.push(task)
  }

  note(text: string): void {
    this.trace.push(text)
  }

  /** Runs until nothing can go on. Cancels each cancellable task at most once, at a point of the explorer's choice, or never. */
  run(invariant: () => void): void {
    for (;;) {
      const ready = this.tasks.filter(
        (task) => !task.ended && (task.mustCancel || task.waitsFor === undefined || !task.waitsFor.isWaiting)
      )
      const targets = this.cancellable.filter((task) => !task.ended)
      // Once nothing else can go on, not cancelling is a choice as well; before that it is made by going on.
      if (ready.length === 0 && (targets.length === 0 || this.choose(2) === 0)) return
      const choice = this.choose(ready.length + targets.length)
      if (choice < ready.length) this.step(ready[choice] as Task)
      else this.cancel(targets[choice - ready.length] as Task)
      invariant()
    }
  }

  /** The names of the tasks that have not ended. */
  get stuck(): Array<string> {
    return this.tasks.filter((task) => !task.ended).map((task) => task.name)
  }

  private cancel(task: Task): void {
    this.cancellable.splice(this.cancellable.indexOf(task), 1)
    this.trace.push(`cancel ${task.name}`)
    task.waitsFor?.cancel()
    task.mustCancel = true
  }

  private step(task: Task): void {
    const cancel = task.mustCancel
    task.mustCancel = false
    task.waitsFor = undefined
    try {
      const result = cancel ? task.script.throw(new Cancelled()) : task.script.next()
      if (result.done) task.ended = true
      else task.waitsFor = result.value
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error
      task.ended = true
    }
  }
}

/** Runs `scenario` once for every sequence of choices. Returns how many there were. */
export const explore = (scenario: (world: World) => void, limit = 400_000): number => {
  // The choices of the run to come, and how many there were to choose from at each.
  let path: Array<number> = []
  let runs = 0
  for (;;) {
    if (++runs > limit) throw new Error(`more than ${limit} interleavings: make the scenario smaller`)
    const widths: Array<number> = []
    const world = new World((count) => {
      const depth = widths.length
      widths.push(count)
      if (depth === path.length) path.push(0)
      return path[depth] as number
    })
    try {
      scenario(world)
    } catch (error) {
      throw new Error(`after [${world.trace.join(", ")}] with choices ${path.join(".")}: ${String(error)}`, {
        cause: error
      })
    }
    let depth = widths.length - 1
    while (depth >= 0 && (path[depth] as number) + 1 >= (widths[depth] as number)) depth--
    if (depth < 0) return runs
    path = path.slice(0, depth + 1)
    path[depth] = (path[depth] as number) + 1
  }
}
