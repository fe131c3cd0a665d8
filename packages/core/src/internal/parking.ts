// How a fiber waits at a machine of the kernel, so that nothing is lost whenever it is interrupted.
//
// What is taken is taken in the step that goes on to the caller's continuation (see `Leaf`): there is no moment at which a fiber
// has something and can be interrupted before its continuation has it too. (An effect that takes first and then returns
// `succeed(it)` has such a moment: the scheduler may make the fiber yield between.) Until that step, an interruption makes the
// fiber leave the line, and pass on what it was woken for.
//
// Between being woken and taking, the scheduler may let others in as well. The step then finds nothing, and begins anew. What it
// finds is told by values and typed failures, never by a throw: an interruption that comes meanwhile skips the handlers of its
// fiber, and would leave the user with a defect that nobody made.
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { WaitTarget } from "../kernel/TaskRegistry.ts"
import type { WaitNode, WaitQueue } from "../kernel/WaitQueue.ts"
import { beginWait, endWait, type RunningTask } from "./currentTask.ts"
import { evaluate, following } from "./effectInternals.ts"
import { scheduleTurn } from "./fairScheduler.ts"
import { Leaf, Operation } from "./leaf.ts"
import { Suspension } from "./suspension.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A place to take something from, or to leave something at, at once or after waiting. */
export interface Place<out A, out E, in Ask> extends WaitTarget {
  /** Tells whether {@link take} would succeed now. */
  isOpen(ask: Ask): boolean
  /** The error to fail with at once, if waiting makes no sense. Only called when the place is not open. */
  refuse(ask: Ask, fiber: AnyFiber): E | undefined
  /** Takes at once. Only called when the place is open. */
  take(ask: Ask, fiber: AnyFiber): A | Refusal<E>
  /** Gets in line. Only called when the place is not open. */
  enqueue(node: ParkedFiber, ask: Ask): void
  /** A woken fiber runs again: takes what it was woken for, if it is still there. */
  resumed(node: ParkedFiber, ask: Ask): A | Refusal<E> | typeof tryAgain
  /** A fiber in line was interrupted, woken or not. */
  abandoned(node: ParkedFiber): void
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

/** Somebody's visit to a place, as an effect. */
interface Visit extends Effect.Effect<unknown, unknown> {
  readonly place: Place<unknown, unknown, never>
  readonly ask: unknown
  /** What the fiber goes on with, in the step in which it has taken. */
  took(taken: unknown, fiber: AnyFiber): Effect.Effect<unknown, unknown>
}

/** A fiber that stands in line. */
export class ParkedFiber extends Suspension<unknown, unknown> implements WaitNode {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined
  isWaiting = true
  private readonly visit: Visit
  private readonly task: RunningTask | undefined

  constructor(fiber: AnyFiber, visit: Visit) {
    super(fiber)
    this.visit = visit
    visit.place.enqueue(this, visit.ask as never)
    this.task = beginWait(fiber, visit.place)
  }

  /** A fiber that is interrupted leaves the line at once. */
  get isCancelled(): boolean {
    return false
  }

  /** For semaphores: how many permits it asks for. */
  get weight(): number {
    return this.visit.ask as number
  }

  /** The fiber goes on in a turn of its own scheduler, not inside the call of whoever woke it. */
  wake(): void {
    this.isWaiting = false
    scheduleTurn(this.fiber, this)
  }

  protected ended(): Effect.Effect<unknown, unknown> {
    const { fiber, visit } = this
    const { ask, place } = visit
    endWait(this.task, place)
    const taken = place.resumed(this, ask as never)
    return taken === tryAgain ? visit : visit.took(taken, fiber)
  }

  protected abandoned(): void {
    const { place } = this.visit
    endWait(this.task, place)
    place.abandoned(this)
  }
}

/** What a visit comes to that finds its place closed: it gets in line and waits to be woken, unless it is refused. */
const wait = <A, E, Ask>(
  fiber: AnyFiber,
  visit: Visit & Effect.Effect<A, E>,
  place: Place<unknown, E, Ask>,
  ask: Ask
): Effect.Effect<A, E> => {
  const refusal = place.refuse(ask, fiber)
  return refusal === undefined ? (new ParkedFiber(fiber, visit).suspend() as Effect.Effect<A, E>) : Effect.fail(refusal)
}

/** Takes from a place, at once or after waiting. */
export const takeFrom = <A, E, Ask>(place: Place<A, E, Ask>, ask: Ask): Effect.Effect<A, E> => new Taking(place, ask)

class Taking<A, E, Ask> extends Operation<A, E> implements Visit {
  readonly place: Place<A, E, Ask>
  readonly ask: Ask

  constructor(place: Place<A, E, Ask>, ask: Ask) {
    super()
    this.place = place
    this.ask = ask
  }

  override call(fiber: AnyFiber): Effect.Effect<A, E> {
    const { ask, place } = this
    return place.isOpen(ask) ? this.took(place.take(ask, fiber)) : this
  }

  run(fiber: AnyFiber): Effect.Effect<A, E> {
    const { ask, place } = this
    return place.isOpen(ask) ? this.took(place.take(ask, fiber)) : wait(fiber, this, place, ask)
  }

  // As that of every leaf, but V8 knows here whose `run` it is.
  [evaluate](fiber: AnyFiber): Effect.Effect<unknown, unknown> {
    return following(fiber, this.run(fiber))
  }

  took(taken: A | Refusal<E>): Effect.Effect<A, E> {
    if (taken === undefined) return Effect.void as Effect.Effect<A>
    return taken instanceof Refusal ? Effect.fail(taken.error) : Effect.succeed(taken)
  }
}

/**
 * Takes from a place, at once or after waiting, and goes on, in the step in which it takes, to an effect during which it keeps
 * what it took.
 */
export abstract class Stay<out A = unknown, out E = unknown, Ask = unknown> extends Leaf<A, E> implements Visit {
  readonly place: Place<void, E, Ask>
  readonly ask: Ask

  constructor(place: Place<void, E, Ask>, ask: Ask) {
    super()
    this.place = place
    this.ask = ask
  }

  run(fiber: AnyFiber): Effect.Effect<A, E> {
    const { ask, place } = this
    return place.isOpen(ask) ? this.took(place.take(ask, fiber), fiber) : wait(fiber, this, place, ask)
  }

  // As that of every leaf, but V8 knows here whose `run` it is.
  [evaluate](fiber: AnyFiber): Effect.Effect<unknown, unknown> {
    return following(fiber, this.run(fiber))
  }

  took(taken: unknown, fiber: AnyFiber): Effect.Effect<A, E> {
    return taken instanceof Refusal ? Effect.fail(taken.error as E) : this.enter(fiber)
  }

  /** Enters the effect, with a frame below it that gives back. */
  abstract enter(fiber: AnyFiber): Effect.Effect<A, E>
}
