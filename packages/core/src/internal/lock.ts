import type * as Effect from "effect/Effect"
import { LockState } from "../kernel/LockState.ts"
import type { HeldResource } from "../kernel/TaskRegistry.ts"
import { describeFiber } from "./cancellation.ts"
import type { RunningTask } from "./currentTask.ts"
import { type Frame, leaving } from "./effectInternals.ts"
import { noteHeld, noteReleased } from "./holding.ts"
import { enterHolding } from "./leaf.ts"
import { type AnyFiber, type ParkedFiber, type Place, Stay, takeFrom } from "./parking.ts"
import { Printed, waitingSuffix } from "./printed.ts"
import { ownerOf } from "./strand.ts"
import { TaggedError } from "./taggedError.ts"

export const LockTypeId: unique symbol = Symbol.for("@skein/core/Lock")
export type LockTypeId = typeof LockTypeId

/**
 * A fiber wants a lock that it holds already, and would wait for itself for ever.
 */
export class SelfDeadlockError extends TaggedError("SelfDeadlockError")<{
  readonly lock: string
  readonly owner: string
}> {
  override get message(): string {
    return (
      `Lock "${this.lock}" is already held by ${this.owner}, which asks for it again and would wait for itself for ever. ` +
      "Take it once, around the whole of the work."
    )
  }
}

/**
 * A fiber releases a lock, or uses a condition of a lock, that it does not hold.
 */
export class NotOwnerError extends TaggedError("NotOwnerError")<{
  readonly lock: string
  /** Who holds it; `undefined` if nobody does. */
  readonly owner: string | undefined
  readonly caller: string
}> {
  override get message(): string {
    const state = this.owner === undefined ? "is not held" : `is held by ${this.owner}`
    return (
      `Lock "${this.lock}" ${state}, so ${this.caller} cannot release it or use its condition; only its owner can. ` +
      "Use Lock.withLock, which takes and releases it in the right place."
    )
  }
}

/** The lock itself, as conditions and the lock's own module see it. */
export class LockImpl extends Printed implements Place<void, SelfDeadlockError, undefined>, HeldResource, Frame {
  readonly [LockTypeId]: LockTypeId = LockTypeId
  readonly kind = "Lock"
  readonly state: LockState = new LockState()
  readonly acquire: Effect.Effect<void, SelfDeadlockError>
  /** Invariant: set while, and only while, the state is locked. */
  owner: AnyFiber | undefined = undefined
  private ownerTask: RunningTask | undefined = undefined

  constructor(name: string | undefined) {
    super("Lock", name)
    this.acquire = takeFrom(this, undefined)
  }

  refuse(_: undefined, fiber: AnyFiber): SelfDeadlockError | undefined {
    return this.owner !== undefined && this.owner === ownerOf(fiber)
      ? new SelfDeadlockError({ lock: this.name, owner: describeFiber(fiber) })
      : undefined
  }

  isOpen(): boolean {
    return !this.state.locked && this.state.waiters.isAllCancelled
  }

  take(_: undefined, fiber: AnyFiber): void {
    this.state.tryAcquire()
    this.own(fiber)
  }

  enqueue(node: ParkedFiber): void {
    this.state.enqueue(node)
  }

  resumed(node: ParkedFiber): void {
    this.state.resumed(node)
    this.own(node.fiber)
  }

  abandoned(node: ParkedFiber): void {
    this.state.abandoned(node)
  }

  /** Opens the lock, whoever asks. */
  releaseUnsafe(): void {
    noteReleased(this.ownerTask, this)
    this.owner = undefined
    this.ownerTask = undefined
    this.state.release()
  }

  /** The effect around which it was taken has ended. */
  [leaving](): void {
    this.releaseUnsafe()
  }

  /** The error of a fiber that acts as the owner and is not. */
  notOwner(fiber: AnyFiber): NotOwnerError | undefined {
    if (this.owner !== undefined && this.owner === ownerOf(fiber)) return undefined
    const owner = this.owner === undefined ? undefined : describeFiber(this.owner)
    return new NotOwnerError({ lock: this.name, owner, caller: describeFiber(fiber) })
  }

  describeState(): string {
    const owner = this.owner === undefined ? "unlocked" : `held by ${describeFiber(this.owner)}`
    return owner + waitingSuffix(this.state.waiters.length)
  }

  describeWait(): string {
    const owner = this.owner === undefined ? "" : ` held by ${describeFiber(this.owner)}`
    return this.describeHeld() + owner
  }

  private own(fiber: AnyFiber): void {
    this.owner = ownerOf(fiber)
    this.ownerTask = noteHeld(fiber, this)
  }
}

/** An effect with a lock around it. */
export class Locked<A, E, R> extends Stay<A, E | SelfDeadlockError, undefined> {
  private readonly lock: LockImpl
  private readonly effect: Effect.Effect<A, E, R>

  constructor(lock: LockImpl, effect: Effect.Effect<A, E, R>) {
    super(lock, undefined)
    this.lock = lock
    this.effect = effect
  }

  enter(fiber: AnyFiber): Effect.Effect<A, E> {
    return enterHolding(fiber, this.lock, this.effect)
  }
}
