// A run in which a chooser says who goes on. Left to choice 0 everywhere it is the run of the plain engine, turn by turn.
//
// The hard part is to say whose turn it is. Effect's scheduler is handed closures. A fiber's dispatcher tells whose closure it
// is, but a fiber also hands its own dispatcher the first turns of the fibers that it starts. The two are told apart by what
// comes after: a fiber that yields makes no further step in its turn, one that starts another does.
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import type { Chooser, ReadyCause, ReadyStrand, Strand } from "../kernel/Chooser.ts"
import { taskOf } from "./currentTask.ts"
import { ownerOf } from "./strand.ts"
import { TaskImpl } from "./task.ts"
import { type AnyFiber, Engine, type Sleeper } from "./virtualEngine.ts"

/** Turns before the host gets its own, as passes of the plain engine. */
const TURNS_PER_PASS = 16

/** Turns after the program's end: what it left behind may clean up, and no more. */
const TURNS_AFTER_END = 1000

class FiberStrand implements Strand {
  readonly strandId: number
  readonly strandLineage: string
  steps = 0
  private started = 0
  /** False for one that has not begun. */
  isBound = false
  private task: TaskImpl<unknown, unknown> | undefined = undefined
  private isOfTask = false

  constructor(id: number, parent: FiberStrand | undefined) {
    this.strandId = id
    this.strandLineage = parent === undefined ? "" : `${parent.strandLineage}.${parent.started++}`
  }

  /** Notes whose strand this is, while the fiber's context is there to tell. */
  bind(fiber: AnyFiber): void {
    this.isBound = true
    const task = taskOf(fiber)
    if (!(task instanceof TaskImpl)) return
    this.task = task
    // The first fiber of a task is its own; it is not known to it yet.
    this.isOfTask = !task.hasStarted || ownerOf(fiber) === task.fiber
  }

  describeStrand(): string {
    const { strandId, task } = this
    if (task === undefined) return strandId === 0 ? "main" : `fiber ${strandId}`
    const name = task.name === `task-${task.taskId}` ? `task ${strandId}` : task.name
    return this.isOfTask ? name : `fiber ${strandId} of ${name}`
  }
}

const unknownStrand = new FiberStrand(-1, undefined)

class Turn implements ReadyStrand {
  strand: FiberStrand
  cause: ReadyCause
  readonly task: () => void
  readonly pass: number
  readonly priority: number
  /** The first that ran in this turn. */
  first: Dispatcher | undefined = undefined
  /** Whose dispatcher it was queued on, until it is known whose turn it is. */
  suspect: Dispatcher | undefined = undefined

  constructor(strand: FiberStrand, cause: ReadyCause, task: () => void, pass: number, priority: number) {
    this.strand = strand
    this.cause = cause
    this.task = task
    this.pass = pass
    this.priority = priority
  }
}

class Dispatcher implements Scheduler.SchedulerDispatcher {
  private readonly engine: ChoosingEngine
  strand: FiberStrand | undefined = undefined
  fiber: AnyFiber | undefined = undefined
  /** The last turn in which its fiber made a step. */
  seenIn = -1
  /** True from its being preempted until it comes to the step before which it was. */
  wasPreempted = false

  constructor(engine: ChoosingEngine) {
    this.engine = engine
  }

  scheduleTask(task: () => void, priority: number): void {
    this.engine.enqueue(this, task, priority)
  }

  flush(): void {
    this.engine.flush()
  }
}

export class ChoosingEngine extends Engine {
  private readonly chooser: Chooser
  /** In the order of the plain engine: by pass, then priority, then arrival. */
  private readonly ready: Array<Turn> = []
  private pass = 0
  private strands = 0
  private turns = 0
  /** The turn that runs; also that of a fiber which something past the scheduler has resumed. */
  private current: Turn | undefined = undefined
  private last: FiberStrand | undefined = undefined
  /** Turns of which it is not known yet whose they are. Empty between turns. */
  private unresolved: Array<Turn> = []
  /** Who goes next, as soon as the turn that makes room for it has ended. */
  private forced: Turn | undefined = undefined
  /** The next timer as a candidate, and its sleeper. */
  private timerTurn: Turn | undefined = undefined
  private timerSleeper: Sleeper | undefined = undefined
  /** What the chooser has thrown within a turn: the program can be interrupted when that has ended. */
  private fault: { readonly error: unknown } | undefined = undefined
  private mainExit: Exit.Exit<unknown, unknown> | undefined = undefined
  private turnsLeft = TURNS_AFTER_END
  /** True once the chooser is to be left alone: the turn in which the program ended is over. */
  private isSilent = false
  private ended = false

  constructor(chooser: Chooser) {
    super()
    this.chooser = chooser
  }

  // --- What Effect asks ---------------------------------------------------------------------------------------------

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return new Dispatcher(this)
  }

  shouldYield(fiber: AnyFiber): boolean {
    this.stirred = true
    const isSpent = fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield
    if (this.ended) return isSpent
    const dispatcher = fiber.currentDispatcher
    // A scheduler in between that makes dispatchers of its own has taken the fiber over.
    if (!(dispatcher instanceof Dispatcher)) return isSpent
    dispatcher.fiber ??= fiber
    if (this.current === undefined) this.begin(this.outsideTurn(dispatcher))
    else if (dispatcher.strand === undefined) this.adopt(dispatcher, this.current)
    if (this.unresolved.length > 0) this.resolveStarts(dispatcher)
    dispatcher.seenIn = this.turns
    const turn = this.current as Turn
    turn.first ??= dispatcher
    // The first step of a turn comes as chosen; one that was preempted has two such steps, an empty one and its own.
    const isFirst = fiber.currentOpCount === 1
    if (!isFirst) {
      if (dispatcher.wasPreempted) dispatcher.wasPreempted = false
      else if (this.mainExit === undefined && (this.forced !== undefined || this.offer(dispatcher, turn.first))) {
        // Once a switch is decided, whoever still runs in this turn makes room.
        dispatcher.wasPreempted = true
        return true
      }
    }
    if (dispatcher.strand !== undefined && !(isFirst && dispatcher.wasPreempted)) dispatcher.strand.steps++
    return isSpent
  }

  enqueue(dispatcher: Dispatcher, task: () => void, priority: number): void {
    if (this.ended) return
    const pass = this.pass + 1
    let turn: Turn
    if (this.current !== undefined && dispatcher.seenIn === this.turns) {
      const cause = Fiber.getCurrent() === dispatcher.fiber ? "yield" : "wake"
      turn = new Turn(unknownStrand, cause, task, pass, priority)
      turn.suspect = dispatcher
      this.unresolved.push(turn)
    } else turn = new Turn(this.strandOf(dispatcher), "wake", task, pass, priority)
    this.insert(turn)
  }

  flush(): void {
    while (this.ready.length > 0) this.runPass()
  }

  private insert(turn: Turn): void {
    const ready = this.ready
    let index = ready.length
    while (index > 0 && goesBefore(turn, ready[index - 1] as Turn)) index--
    if (index === ready.length) ready.push(turn)
    else ready.splice(index, 0, turn)
    this.wakeUp()
  }

  // --- Whose turn it is ---------------------------------------------------------------------------------------------

  private strandOf(dispatcher: Dispatcher): FiberStrand {
    if (dispatcher.strand === undefined) {
      dispatcher.strand = this.newStrand(this.current?.strand)
      if (dispatcher.fiber !== undefined) dispatcher.strand.bind(dispatcher.fiber)
    }
    return dispatcher.strand
  }

  private newStrand(parent: FiberStrand | undefined): FiberStrand {
    return new FiberStrand(this.strands++, parent)
  }

  private strandOfSleeper(sleeper: Sleeper): FiberStrand {
    return sleeper.fiber === undefined
      ? this.newStrand(this.current?.strand)
      : this.strandOf(sleeper.fiber.currentDispatcher as Dispatcher)
  }

  /** A promise, or whoever starts the program, runs a fiber past the scheduler: a turn that nobody chose. */
  private outsideTurn(dispatcher: Dispatcher): Turn {
    return new Turn(this.strandOf(dispatcher), this.turns === 0 ? "start" : "wake", nothing, this.pass, 0)
  }

  /** The first fiber that runs in a turn which was to start somebody is that somebody. */
  private adopt(dispatcher: Dispatcher, current: Turn): void {
    if (current.cause !== "start" || current.strand.isBound) return
    dispatcher.strand = current.strand
    current.strand.bind(dispatcher.fiber as AnyFiber)
  }

  /** Its fiber makes another step, so what it has queued was no yield: it has others start. */
  private resolveStarts(dispatcher: Dispatcher): void {
    const left = this.unresolved.filter((turn) => turn.suspect !== dispatcher)
    if (left.length === this.unresolved.length) return
    for (const turn of this.unresolved) if (turn.suspect === dispatcher) this.resolve(turn, "start")
    this.unresolved = left
  }

  /** The turn is over: of what a fiber has queued itself, the last is its own, since it has yielded; the others start fibers. */
  private resolveAll(): void {
    const unresolved = this.unresolved
    for (const [index, turn] of unresolved.entries()) {
      const dispatcher = turn.suspect as Dispatcher
      const isLast = !unresolved.some((other, at) => at > index && other.suspect === dispatcher)
      if (turn.cause === "wake") this.resolve(turn, "wake")
      else this.resolve(turn, isLast ? (dispatcher.wasPreempted ? "preempted" : "yield") : "start")
    }
    this.unresolved = []
  }

  private resolve(turn: Turn, cause: ReadyCause): void {
    const own = this.strandOf(turn.suspect as Dispatcher)
    turn.strand = cause === "start" ? this.newStrand(own) : own
    turn.cause = cause
    if (cause !== "start") turn.suspect = undefined
  }

  // --- Turns --------------------------------------------------------------------------------------------------------

  protected runPass(): void {
    this.stirred = true
    this.close()
    for (let left = TURNS_PER_PASS; left > 0 && this.ready.length > 0; left--) {
      if (this.mainExit !== undefined && this.turnsLeft-- === 0) {
        this.end(this.mainExit)
        return
      }
      const turn = this.next()
      if (turn === undefined) return
      this.begin(turn)
      turn.task()
      this.close()
    }
  }

  /** Takes out who goes next. */
  private next(): Turn | undefined {
    this.pass = Math.max(this.pass, (this.ready[0] as Turn).pass)
    let turn = this.forced
    this.forced = undefined
    if (turn === undefined || (turn.cause === "timer" && this.timers.peek() !== this.timerSleeper)) {
      const candidates = this.candidates()
      turn = candidates[0] as Turn
      if (candidates.length > 1 && this.mainExit === undefined) {
        try {
          turn = candidates[this.chooser.pick(candidates, this.last)] as Turn
        } catch (error) {
          this.fail(error)
          this.close()
          return undefined
        }
      }
    }
    if (turn.cause === "timer") {
      this.now = Math.max(this.now, (this.timers.pop() as Sleeper).timerWhen)
      this.timerTurn = undefined
      this.timerSleeper = undefined
    } else this.ready.splice(this.ready.indexOf(turn), 1)
    return turn
  }

  private candidates(): ReadonlyArray<Turn> {
    if (!this.offersTimer()) return this.ready
    const sleeper = this.timers.peek() as Sleeper
    if (this.timerTurn === undefined || this.timerSleeper !== sleeper) {
      const go = () => sleeper.resume(Effect.void)
      this.timerTurn = new Turn(this.strandOfSleeper(sleeper), "timer", go, this.pass, 0)
      this.timerSleeper = sleeper
    }
    return [...this.ready, this.timerTurn]
  }

  private offersTimer(): boolean {
    return this.chooser.timersAnytime && this.mainExit === undefined && this.timers.peek() !== undefined
  }

  /** Asks whether a fiber shall make room, before one of its steps. */
  private offer(dispatcher: Dispatcher, first: Dispatcher): boolean {
    // A fiber that another one has started, or interrupted, within its own step: that one would go on.
    const isEnclosed = first !== dispatcher && (first.fiber as AnyFiber).pollUnsafe() === undefined
    if (!isEnclosed && this.ready.length === 0 && !this.offersTimer()) return false
    // Only a turn that some other fiber has queued since its own last step can be unresolved here.
    if (this.unresolved.length > 0) this.resolveAll()
    const others = this.candidates()
    const candidates = isEnclosed ? [new Turn(this.strandOf(first), "enclosing", nothing, 0, 0), ...others] : others
    try {
      const choice = this.chooser.preempt(candidates, this.strandOf(dispatcher))
      if (choice === 0) return false
      if (choice > 1 || !isEnclosed) this.forced = candidates[choice - 1]
    } catch (error) {
      this.fault ??= { error }
      this.forced = candidates[0]
    }
    return true
  }

  private begin(turn: Turn): void {
    this.turns++
    this.current = turn
    if (!this.isSilent) this.chooser.turnBegan(turn.strand, turn.cause)
  }

  private close(): void {
    while (this.current !== undefined) {
      const turn = this.current
      if (this.unresolved.length > 0) this.resolveAll()
      this.current = undefined
      this.last = turn.strand
      if (!this.isSilent) {
        this.isSilent = this.mainExit !== undefined
        try {
          this.chooser.turnEnded(turn.strand)
        } catch (error) {
          this.fault ??= { error }
        }
      }
      const fault = this.fault
      if (fault !== undefined) {
        this.fault = undefined
        this.forced = undefined
        // The interruption is a turn of its own, which the next round closes.
        this.fail(fault.error)
      }
    }
  }

  // --- Time and the end ---------------------------------------------------------------------------------------------

  protected isIdle(): boolean {
    return this.ready.length === 0
  }

  protected timerFired(sleeper: Sleeper): void {
    const go = () => sleeper.resume(Effect.void)
    this.insert(new Turn(this.strandOfSleeper(sleeper), "wake", go, this.pass + 1, 0))
  }

  protected override rest(): void {
    this.close()
    if (this.mainExit !== undefined) this.end(this.mainExit)
    else if (this.ready.length === 0) super.rest()
  }

  protected override fail(error: unknown): void {
    this.chooser.runFailed?.()
    super.fail(error)
  }

  protected override mainEnded(exit: Exit.Exit<unknown, unknown>): void {
    this.mainExit = exit
  }

  protected override end(exit: Exit.Exit<unknown, unknown>): void {
    this.ended = true
    this.ready.length = 0
    super.end(exit)
  }
}

const nothing = () => undefined

const goesBefore = (one: Turn, other: Turn): boolean =>
  one.pass < other.pass || (one.pass === other.pass && one.priority < other.priority)
