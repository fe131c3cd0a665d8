// What an await hands up while it waits: `{ done: false, value: the future }`. A suspended generator goes on holding it, so an
// object for each would live as long as the wait. Tasks need only one between them: whoever drives a task takes the future out
// and gives the object back before anything else can run. Who drives a coroutine by hand gives nothing back, and keeps
// what it got.

import type { AnyFuture } from "../futures.ts"

class Suspension implements IteratorYieldResult<AnyFuture> {
  readonly done = false
  value: AnyFuture

  constructor(value: AnyFuture) {
    this.value = value
  }
}

let spare: Suspension | undefined

/** The step that suspends a coroutine until `future` is done. */
export const suspendOn = <F extends AnyFuture>(future: F): IteratorYieldResult<F> => {
  future._awaited = true
  const suspension = spare
  if (suspension === undefined) return new Suspension(future) as IteratorYieldResult<F>
  spare = undefined
  suspension.value = future
  return suspension as IteratorYieldResult<F>
}

/** Declares that nobody reads `result` any more: it serves the next suspension. */
export const giveBack = (result: IteratorYieldResult<unknown>): void => {
  if (!(result instanceof Suspension)) return
  // Nothing is kept alive by it meanwhile.
  result.value = undefined as never
  spare = result
}
