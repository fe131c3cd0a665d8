// The steps of `async with` over one manager, written by hand: locks are taken in hot loops, and a generator between the
// body and its task would cost more than the lock.

import { keepShape } from "./keep_shapes.ts"
import { endedWithNothing, type Steps } from "./operation.ts"
import { raisedDuring, typeOfError } from "./raising.ts"

/** The protocol of a manager, from the side of the driver: what the methods return has been made steps. */
export interface ManagerSteps {
  _enter_steps(): Steps<unknown>
  _exit_steps(exc_type: unknown, exc_value: unknown): Steps<unknown>
}

export type Block = (value: unknown) => Steps<unknown>

const [ENTERING, INSIDE, LEAVING, UNWINDING] = [0, 1, 2, 3] as const

/** Enters a manager, runs the block, leaves the manager: whatever the block ends with. */
export class WithSteps implements Steps<unknown> {
  private readonly manager: ManagerSteps
  private readonly block: Block
  private phase: 0 | 1 | 2 | 3 = ENTERING
  private current: Steps<unknown>
  /** What the block returned, or the error that left it. */
  private outcome: unknown = undefined

  constructor(manager: ManagerSteps, block: Block) {
    this.manager = manager
    this.block = block
    this.current = manager._enter_steps()
  }

  next(value?: unknown): IteratorResult<unknown, unknown> {
    let result: IteratorResult<unknown, unknown>
    try {
      result = this.current.next(value)
    } catch (error) {
      return this.failed(error)
    }
    return result.done === true ? this.ended(result.value) : result
  }

  throw(error: unknown): IteratorResult<unknown, unknown> {
    let result: IteratorResult<unknown, unknown>
    try {
      result = this.current.throw(error)
    } catch (raised) {
      return this.failed(raised)
    }
    return result.done === true ? this.ended(result.value) : result
  }

  return(value: unknown): IteratorResult<unknown, unknown> {
    return this.current.return?.(value) ?? { done: true, value }
  }

  /** The entry, the block or the exit has come to its end. */
  private ended(value: unknown): IteratorResult<unknown, unknown> {
    switch (this.phase) {
      case ENTERING:
        this.phase = INSIDE
        this.current = this.block(value)
        return this.next()
      case INSIDE:
        this.phase = LEAVING
        this.outcome = value
        this.current = this.manager._exit_steps(undefined, undefined)
        return this.next()
      case LEAVING:
        return { done: true, value: this.outcome }
      case UNWINDING:
        if (value) return { done: true, value: undefined }
        throw this.outcome
    }
  }

  /** An error has left the entry, the block or the exit. */
  private failed(error: unknown): IteratorResult<unknown, unknown> {
    if (this.phase === UNWINDING) throw raisedDuring(error, this.outcome)
    if (this.phase !== INSIDE) throw error
    this.phase = UNWINDING
    this.outcome = error
    try {
      this.current = this.manager._exit_steps(typeOfError(error), error)
    } catch (raised) {
      throw raisedDuring(raised, error)
    }
    return this.next()
  }
}

keepShape(() => {
  const manager = { _enter_steps: () => endedWithNothing, _exit_steps: () => endedWithNothing }
  return new WithSteps(manager, () => endedWithNothing)
})
