// What Lock, Condition and Semaphore have in common: `async with`. CPython's `_ContextManagerMixin`.

import type { Coroutine } from "../coroutines.ts"
import { LoopBound } from "../internal/loop_bound.ts"
import { endedWithNothing, Operation, OperationDefinition, type Steps } from "../internal/operation.ts"
import type { ManagerSteps } from "../internal/with_steps.ts"

export abstract class Acquirable extends LoopBound implements ManagerSteps {
  /** Gives back what was acquired. */
  abstract release(): void

  /** The steps of entering: those of acquiring, without their result. */
  abstract _enter_steps(): Steps<undefined>

  /** The steps of leaving: none, it does not wait. */
  _exit_steps(): Steps<undefined> {
    this.release()
    return endedWithNothing
  }

  /** Acquires: the beginning of `async_with`. */
  __aenter__(): Coroutine<undefined> {
    return new Operation(enter, this, undefined)
  }

  /** Releases: the end of `async_with`. Exceptions pass through. */
  __aexit__(_exc_type?: unknown, _exc?: unknown, _tb?: unknown): Coroutine<undefined> {
    return new Operation(exit, this, undefined)
  }
}

const enter = new OperationDefinition<Acquirable, undefined, undefined>("_ContextManagerMixin.__aenter__", (self) =>
  self._enter_steps()
)

const exit = new OperationDefinition<Acquirable, undefined, undefined>("_ContextManagerMixin.__aexit__", (self) =>
  self._exit_steps()
)

/** The steps of a manager that is one of ours, with the entry and the exit that we gave it. */
export const ownSteps = (manager: unknown): ManagerSteps | undefined =>
  manager instanceof Acquirable &&
  manager.__aenter__ === Acquirable.prototype.__aenter__ &&
  manager.__aexit__ === Acquirable.prototype.__aexit__
    ? manager
    : undefined

/** The steps of entering by a method `acquire` that is not our own. */
export function* enterBy(self: {
  acquire(): Iterable<unknown, unknown, unknown>
}): Generator<unknown, undefined, unknown> {
  yield* self.acquire()
  return undefined
}
