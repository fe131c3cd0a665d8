// Operations of the primitives (`lock.acquire()`, `queue.get()`, ...): coroutines whose body is not a generator but a small
// iterator written by hand, so that one which need not wait costs two small objects, and one which waits costs a future more.
//
// The steps of an operation are written once. Awaited by a coroutine, the operation hands them over as they are; made a task
// or run as an Effect, a generator runs the same steps.

import type * as Effect from "effect/Effect"
import { type Body, Coroutine, CoroutineDefinition } from "../coroutines.ts"
import { currentFiber } from "./effect_internals.ts"
import { keepShape } from "./keep_shapes.ts"
import { getSteppedFiber } from "./running.ts"

/** What `yield*` goes through: the part of a generator that the driver of a coroutine uses. */
export interface Steps<A> {
  next(value?: unknown): IteratorResult<unknown, A>
  throw(error: unknown): IteratorResult<unknown, A>
  return?(value: A): IteratorResult<unknown, A>
}

/** The steps of something that does not have to wait: none. It is its own last result, to save an object. */
export class Ended<A> implements Steps<A> {
  readonly done = true
  readonly value: A

  constructor(value: A) {
    this.value = value
  }

  next(): IteratorReturnResult<A> {
    return this
  }

  throw(error: unknown): never {
    throw error
  }
}

export const endedWithTrue: Ended<true> = new Ended(true)
export const endedWithNothing: Ended<undefined> = new Ended(undefined)

/** What all calls of one operation have in common: its name, as CPython's coroutine has it, and its steps. */
export class OperationDefinition<Self, Arg, A> extends CoroutineDefinition {
  /** Begins the operation: called when it is awaited, not when it is made. */
  readonly begin: (self: Self, arg: Arg) => Steps<A>

  constructor(name: string, begin: (self: Self, arg: Arg) => Steps<A>) {
    super(name, () => undefined)
    this.begin = begin
  }
}

const noArguments: ReadonlyArray<never> = []

/** A call of an operation that has not begun. */
export class Operation<Self, Arg, A> extends Coroutine<A> {
  private readonly target: Self
  private readonly argument: Arg

  constructor(definition: OperationDefinition<Self, Arg, A>, target: Self, argument: Arg) {
    super(definition, runSteps as never, undefined, noArguments)
    this.target = target
    this.argument = argument
  }

  override [Symbol.iterator](): Effect.EffectIterator<Effect.Effect<A, unknown, never>> {
    const stepped = getSteppedFiber()
    if (stepped === undefined || stepped !== currentFiber()) return super[Symbol.iterator]()
    this.close()
    return this.steps() as unknown as Effect.EffectIterator<Effect.Effect<A, unknown, never>>
  }

  override _begin(): Body<A> {
    this.close()
    return runSteps(this)
  }

  steps(): Steps<A> {
    return (this._definition as OperationDefinition<Self, Arg, A>).begin(this.target, this.argument)
  }
}

function* runSteps<A>(operation: { steps(): Steps<A> }): Body<A> {
  return yield* stepThrough(operation.steps())
}

/** Steps as something that `yield*` takes, for generators of this package. */
export const stepThrough = <A>(steps: Steps<A>): Iterable<unknown, A, unknown> => ({
  [Symbol.iterator]: () => steps as Iterator<unknown, A, unknown>
})

keepShape(() => {
  const never = new Operation(new OperationDefinition("never", () => endedWithNothing), undefined, undefined)
  never.close()
  return never
})
