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
  started: boolean
  ended: boolean
}

/** Chooses one of `count` possibilities, from 0. */
export type Choose = (count: number) => number

export class World {
  /** What the scripts have noted, in order. */
  readonly trace: Array<string> = []
  private readonly tasks: Array<Task> = []
  private readonly cancellable: Array<Task> = []
  private readonly choose: Choose

  constructor(choose: Choose) {
    this.choose = choose
  }

  spawn(name: string, script: Script, options?: { readonly cancellable?: boolean }): void {
    const task = { name, script, waitsFor: undefined, mustCancel: false, started: false, ended: false }
    this.tasks.push(task)
    if (options?.cancellable) this.cancellable.push(task)
  }

  note(text: string): void {
    this.trace.push(text)
  }

  /**
   * Runs until nothing can go on. Each cancellable task is cancelled at most once: at a point of the explorer's choice, or
   * never.
   */
  run(afterStep: () => void): void {
    for (;;) {
      const ready = this.tasks.filter(
        (task) => !task.ended && (task.mustCancel || task.waitsFor === undefined || !task.waitsFor.isWaiting)
      )
      // A task that has not begun ends at once when it is cancelled: there is nothing to see.
      const targets = this.cancellable.filter((task) => task.started && !task.ended)
      if (ready.length === 0 && (targets.length === 0 || this.choose(2) === 0)) return
      const choice = this.choose(ready.length + targets.length)
      if (choice < ready.length) this.step(ready[choice] as Task)
      else this.cancel(targets[choice - ready.length] as Task)
      afterStep()
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
    const mustCancel = task.mustCancel
    task.started = true
    task.mustCancel = false
    task.waitsFor = undefined
    try {
      const result = mustCancel ? task.script.throw(new Cancelled()) : task.script.next()
      if (result.done) task.ended = true
      else task.waitsFor = result.value
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error
      task.ended = true
    }
  }
}

/** Runs `scenario` once for every sequence of choices. Returns how many there were. */
export const explore = (scenario: (world: World) => void, limit = 300_000): number => {
  let path: Array<number> = []
  let runs = 0
  for (;;) {
    if (++runs > limit) throw new Error(`more than ${limit} interleavings: make the scenario smaller`)
    // From how many possibilities each choice of this run was made.
    const widths: Array<number> = []
    const world = new World((count) => {
      const depth = widths.length
      widths.push(count)
      if (depth === path.length) path.push(0)
      return path[depth] as number
    })
    try {
      scenario(world)
    } catch (cause) {
      throw new Error(`[${world.trace.join(", ")}] (choices ${path.join(".")}): ${String(cause)}`, { cause })
    }
    let depth = widths.length - 1
    while (depth >= 0 && (path[depth] as number) + 1 >= (widths[depth] as number)) depth--
    if (depth < 0) return runs
    path = [...path.slice(0, depth), (path[depth] as number) + 1]
  }
}

/** A schedule from a list of numbers, for random runs; when the list is used up, the first possibility is taken. */
export const scheduleOf = (numbers: ReadonlyArray<number>): Choose => {
  let index = 0
  return (count) => (numbers[index++] ?? 0) % count
}
