// The ready queue of a loop in which a chooser says which task goes on.
//
// Only the steps of tasks, and the turns of fibers of Effect's own, are chosen among. A callback keeps its place: it never
// overtakes another, and none of the steps behind it overtakes it. Who is passed over waits, as if what it waited for had come
// later. So whatever asyncio promises of `call_soon` still holds, and choice 0 everywhere is the order of a plain loop.

import type { Chooser, ReadyCause, ReadyStrand, Strand } from "@skein/core/kernel"
import type * as Scheduler from "effect/Scheduler"
import { Coroutine } from "../coroutines.ts"
import type { Runnable } from "../events.ts"
import { Task } from "../tasks.ts"
import type { Timer } from "./passes.ts"

class LoopStrand implements Strand, ReadyStrand {
  readonly strandId: number
  readonly strandLineage: string
  private readonly label: () => string
  steps = 0
  cause: ReadyCause = "start"
  private started = 0

  constructor(id: number, parent: LoopStrand | undefined, label: () => string) {
    this.strandId = id
    this.strandLineage = parent === undefined ? "" : `${parent.strandLineage}.${parent.started++}`
    this.label = label
  }

  get strand(): Strand {
    return this
  }

  describeStrand(): string {
    return this.label()
  }
}

const labelOf = (task: Task<unknown, unknown>, id: number): string => {
  const name = task.get_name()
  if (!/^Task-\d+$/.test(name)) return name
  const coro = task.get_coro()
  return coro instanceof Coroutine ? coro.__name__ : `task ${id}`
}

/** A turn of a fiber of Effect's own. */
class ChosenFiberTurn implements Runnable {
  readonly _cancelled = false
  readonly strand: LoopStrand
  private readonly task: () => void

  constructor(strand: LoopStrand, task: () => void) {
    this.strand = strand
    this.task = task
  }

  _run(): void {
    this.task()
  }
}

/** What the queue needs of its loop. */
export interface ChoosingLoop {
  /** What was put into the queue since the pass began. */
  arrived(): Array<Runnable>
  /** Runs one callback or step. */
  run(runnable: Runnable): void
  /** The timer that is next. */
  nextTimer(): Timer | undefined
  /** Moves the clock to the next timer, and takes it out. */
  fireTimer(): void
}

/** Makes the passes of a loop, in the order that a {@link Chooser} says. */
export class ChoosingQueue {
  private readonly chooser: Chooser
  private readonly loop: ChoosingLoop
  private strands = 0
  private readonly strandOfTask = new WeakMap<object, LoopStrand>()
  private last: LoopStrand | undefined = undefined
  private timers: LoopStrand | undefined = undefined

  constructor(chooser: Chooser, loop: ChoosingLoop) {
    this.chooser = chooser
    this.loop = loop
  }

  /** What a fiber of Effect's own queues its turns with. */
  makeDispatcher(enqueue: (runnable: Runnable) => void, flush: () => void): Scheduler.SchedulerDispatcher {
    const id = this.strands++
    const strand = new LoopStrand(id, this.last, () => `fiber ${id}`)
    return { scheduleTask: (task) => enqueue(new ChosenFiberTurn(strand, task)), flush }
  }

  /** Runs a pass. What it has not run when something is thrown is left in `batch`. */
  runPass(batch: Array<Runnable>): void {
    while (batch.length > 0) {
      const head = batch[0] as Runnable
      if (head._cancelled || this.strandOf(head) === undefined) {
        batch.shift()
        if (!head._cancelled) this.loop.run(head)
      } else this.runChosen(batch)
    }
  }

  private strandOf(runnable: Runnable): LoopStrand | undefined {
    if (runnable instanceof ChosenFiberTurn) return runnable.strand
    if (!(runnable instanceof Task)) return undefined
    let strand = this.strandOfTask.get(runnable)
    if (strand === undefined) {
      const id = this.strands++
      strand = new LoopStrand(id, this.last, () => labelOf(runnable, id))
      this.strandOfTask.set(runnable, strand)
    }
    return strand
  }

  /** The first in line is a step: runs it, or another that is ready. */
  private runChosen(batch: Array<Runnable>): void {
    const steps: Array<Runnable> = []
    const candidates: Array<LoopStrand> = []
    for (const queue of [batch, this.loop.arrived()]) {
      for (const runnable of queue) {
        const strand = this.strandOf(runnable)
        if (strand === undefined) continue
        steps.push(runnable)
        candidates.push(strand)
      }
    }
    const timer = this.chooser.timersAnytime ? this.loop.nextTimer() : undefined
    if (timer !== undefined) candidates.push(this.strandOfTimers())
    const choice = candidates.length === 1 ? 0 : this.chooser.pick(candidates, this.last)
    const strand = candidates[choice] as LoopStrand
    const chosen = steps[choice]
    if (chosen === undefined) return this.turn(strand, () => this.loop.fireTimer())
    if (choice > 0) this.runCallbacksBefore(chosen, batch)
    const queue = batch.includes(chosen) ? batch : this.loop.arrived()
    queue.splice(queue.indexOf(chosen), 1)
    this.turn(strand, () => this.loop.run(chosen))
  }

  /** The callbacks in front of the chosen step keep their places before it. */
  private runCallbacksBefore(chosen: Runnable, batch: Array<Runnable>): void {
    for (const queue of [batch, this.loop.arrived()]) {
      for (let index = 0; index < queue.length; ) {
        const runnable = queue[index] as Runnable
        if (runnable === chosen) return
        if (this.strandOf(runnable) !== undefined) index++
        else {
          queue.splice(index, 1)
          if (!runnable._cancelled) this.loop.run(runnable)
        }
      }
    }
  }

  private strandOfTimers(): LoopStrand {
    this.timers ??= new LoopStrand(this.strands++, undefined, () => "the next timer")
    this.timers.cause = "timer"
    return this.timers
  }

  private turn(strand: LoopStrand, run: () => void): void {
    this.last = strand
    strand.steps++
    this.chooser.turnBegan(strand, strand.cause)
    try {
      run()
    } finally {
      if (strand.cause === "start") strand.cause = "wake"
      this.chooser.turnEnded(strand)
    }
  }
}
