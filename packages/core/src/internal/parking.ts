// How a fiber waits at a machine of the kernel, so that nothing is lost whenever it is interrupted.
//
// What is taken is taken in the step that goes on to the caller's continuation (see `Leaf`): there is no moment at which a fiber
// has something and can be interrupted before its continuation has it too. (An effect that takes first and then returns
// `succeed(it)` has such a moment: the scheduler may make the fiber yield between.) Before that step the finalizer of
// `Effect.callback` stands: it leaves the line, and passes on what the fiber was woken for.
//
// Between being woken and taking, the scheduler may let others in as well. The step then finds nothing, and begins anew. What it
// finds is told by values and typed failures, never by a throw: an interruption that comes meanwhile skips the handlers of its
// fiber, and would leave the user with a defect that nobody made.
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { WaitTarget } from "../kernel/TaskRegistry.ts"
import type { WaitNode, WaitQueue } from "../kernel/WaitQueue.ts"
import { beginWait, endWait, type RunningTask } from "./currentTask.ts"
import { scheduleTurn, type TurnTaker } from "./fairScheduler.ts"
import { Leaf, Operation } from "./leaf.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A place to take something from, or to leave something at, at once or after waiting. */
export interface Place<out A, out E, in Ask> extends WaitTarget {
  /** The error to fail with at once, if asking makes no sense. */
  refuse(ask: Ask, fiber: AnyFiber): E | undefined
  /** Tells whether {@link take} would succeed now. */
  isOpen(ask: Ask): boolean
  /** Takes at once. Only called when the place is open. */
  take(ask: Ask, fiber: AnyFiber): A | Refusal<E>
  /** Gets in line. Only called when the place is not open. */
  enqueue(node: ParkedFiber, ask: Ask): void
  /** A woken fiber runs again: takes what it was woken for, if it is still there. */
  resumed(node: ParkedFiber, ask: Ask): A | Refusal<E> | typeof tryAgain
  /** A fiber in line was interrupted, woken or not. */
  abandoned(node: ParkedFiber): void
  /**
   * A fiber was interrupted after {@link resumed}, and before it went on. A place has this if its `resumed` gives no
   * value and never refuses, and if a woken fiber stays in line until then; its waiters go on at less cost.
   */
  giveBack?(node: ParkedFiber): void
}

/** Says that there is nothing any more: the fiber begins anew, at the end of the line. */
export const tryAgain: unique symbol = Symbol("@skein/core/tryAgain")

/** Says that the fiber fails, with a typed error. */
export class Refusal<out E> {
  readonly error: E

  constructor(error: E) {
    this.error = error
  }
}

/** A fiber that stands in line. As an effect, it is what is done when the fiber is interrupted there. */
export class ParkedFiber extends Leaf<void> implements WaitNode, TurnTaker {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined
  isWaiting = true
  /** For semaphores: how many permits it asks for. */
  weight = 1
  readonly fiber: AnyFiber
  private hasClaimed = false
  private readonly place: AnyPlace
  private readonly ask: unknown
  private readonly resume: (effect: Effect.Effect<unknown, unknown>) => void
  /** What the fiber does if it finds nothing when it was woken. */
  readonly attempt: Effect.Effect<unknown, unknown>
  /** What it goes on with in the step in which it takes, if not with what it took. */
  readonly stay: Stay | undefined
  private readonly task: RunningTask | undefined

  constructor(
    fiber: AnyFiber,
    place: AnyPlace,
    ask: unknown,
    resume: (effect: Effect.Effect<unknown, unknown>) => void,
    attempt: Effect.Effect<unknown, unknown>,
    stay: Stay | undefined
  ) {
    super()
    this.attempt = attempt
    this.stay = stay
    this.fiber = fiber
    this.place = place
    this.ask = ask
    this.resume = resume
    place.enqueue(this, ask)
    this.task = beginWait(fiber, place)
  }

  /** A fiber that is interrupted leaves the line at once. */
  get isCancelled(): boolean {
    return false
  }

  /** The fiber goes on in a turn of its own scheduler, not inside the call of whoever woke it. */
  wake(): void {
    this.isWaiting = false
    scheduleTurn(this.fiber, this)
  }

  takeTurn(): void {
    if (this.takesInStep) this.resume(new Claim(this))
    else this.claimAndResume()
  }

  private get takesInStep(): boolean {
    return this.stay !== undefined || this.place.giveBack === undefined
  }

  // Where the continuation gets no value, taking need not be the step that goes on to it: until then the finalizer stands, and
  // gives back. A fiber that was interrupted meanwhile has left the line, or will give back what it is given here.
  private claimAndResume(): void {
    if (this.waitQueue !== undefined) this.claim()
    this.resume(Effect.void)
  }

  /** Takes what the fiber was woken for. */
  claim(): unknown {
    this.hasClaimed = true
    endWait(this.task, this.place)
    return this.place.resumed(this, this.ask)
  }

  run(): Effect.Effect<void> {
    // What was taken in the step that goes on is no affair of this place any more.
    if (this.hasClaimed && this.takesInStep) return Effect.void
    endWait(this.task, this.place)
    if (this.hasClaimed) this.place.giveBack?.(this)
    else this.place.abandoned(this)
    return Effect.void
  }
}

export type AnyPlace = Place<unknown, unknown, unknown>

const getInLine = (
  place: unknown,
  ask: unknown,
  resume: unknown,
  attempt: Effect.Effect<unknown, unknown> = Effect.void,
  stay?: Stay
): ParkedFiber =>
  new ParkedFiber(
    Fiber.getCurrent() as AnyFiber,
    place as AnyPlace,
    ask,
    resume as (effect: Effect.Effect<unknown, unknown>) => void,
    attempt,
    stay
  )

/** Waits until a place is open that nobody takes anything from. */
export const passThrough = <Ask>(place: Place<void, never, Ask>, ask: Ask): Effect.Effect<void> =>
  new Passage(place, ask)

class Passage<Ask> extends Operation<void> {
  private readonly place: Place<void, never, Ask>
  private readonly ask: Ask
  private readonly parking: Effect.Effect<void>

  constructor(place: Place<void, never, Ask>, ask: Ask) {
    super()
    this.place = place
    this.ask = ask
    this.parking = Effect.callback((resume) =>
      place.isOpen(ask) ? resume(Effect.void) : getInLine(place, ask, resume)
    )
  }

  run(): Effect.Effect<void> {
    return this.place.isOpen(this.ask) ? Effect.void : this.parking
  }
}

/** Takes from a place, at once or after waiting. */
export const takeFrom = <A, E, Ask>(place: Place<A, E, Ask>, ask: Ask): Effect.Effect<A, E> => new Attempt(place, ask)

class Attempt<A, E, Ask> extends Operation<A, E> {
  private readonly place: Place<A, E, Ask>
  private readonly ask: Ask
  /** Made when it is needed, and kept: the effects of most places are made once and run many times. */
  private parking: Effect.Effect<A, E> | undefined = undefined

  constructor(place: Place<A, E, Ask>, ask: Ask) {
    super()
    this.place = place
    this.ask = ask
  }

  run(fiber: AnyFiber): Effect.Effect<A, E> {
    const { ask, place } = this
    const refusal = place.refuse(ask, fiber)
    if (refusal !== undefined) return Effect.fail(refusal)
    if (place.isOpen(ask)) return outcome(place.take(ask, fiber))
    if (this.parking === undefined) this.parking = park(place, ask, this)
    return this.parking
  }
}

/**
 * Gets in line and waits to be woken. Since the attempt was made, the scheduler may have let others in: who opened the place, or
 * made sure that nobody will ever wake those in line.
 */
const park = <A, E, Ask>(
  place: Place<unknown, E, Ask>,
  ask: Ask,
  attempt: Effect.Effect<A, E>,
  stay?: Stay
): Effect.Effect<A, E> =>
  Effect.callback<A, E>((resume) => {
    if (place.isOpen(ask) || place.refuse(ask, Fiber.getCurrent() as AnyFiber) !== undefined) resume(attempt)
    else return getInLine(place, ask, resume, attempt, stay)
  })

/**
 * Takes from a place, at once or after waiting, and goes on, in the step in which it takes, to an effect during which it keeps
 * what it took.
 */
export abstract class Stay<out A = unknown, out E = unknown, Ask = unknown> extends Leaf<A, E> {
  private readonly place: Place<void, E, Ask>
  protected readonly ask: Ask

  constructor(place: Place<void, E, Ask>, ask: Ask) {
    super()
    this.place = place
    this.ask = ask
  }

  run(fiber: AnyFiber): Effect.Effect<A, E> {
    const { ask, place } = this
    const refusal = place.refuse(ask, fiber)
    if (refusal !== undefined) return Effect.fail(refusal)
    if (!place.isOpen(ask)) return park(place, ask, this, this as Stay)
    place.take(ask, fiber)
    return this.enter(fiber)
  }

  /** Enters the effect, and gives back at its end: see `enterHolding`. */
  abstract enter(fiber: AnyFiber): Effect.Effect<A, E>
}

/** What a woken fiber does. */
class Claim extends Leaf<unknown, unknown> {
  private readonly parked: ParkedFiber

  constructor(parked: ParkedFiber) {
    super()
    this.parked = parked
  }

  run(fiber: AnyFiber): Effect.Effect<unknown, unknown> {
    const { parked } = this
    const taken = parked.claim()
    if (taken === tryAgain) return parked.attempt
    return parked.stay === undefined || taken instanceof Refusal ? outcome(taken) : parked.stay.enter(fiber)
  }
}

const outcome = <A, E>(taken: A | Refusal<E>): Effect.Effect<A, E> =>
  taken instanceof Refusal ? Effect.fail(taken.error) : Effect.succeed(taken)

/** What is made when a fiber that waits for a place is woken: for `keepShapes`. */
export const wakingShapes = (place: AnyPlace, fiber: AnyFiber): ReadonlyArray<object> => {
  const parked = new ParkedFiber(fiber, place, undefined, () => undefined, Effect.void, undefined)
  return [parked, new Claim(parked)]
}
