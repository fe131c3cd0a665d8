/**
 * asyncio's own exceptions. Follows CPython 3.14's `asyncio.exceptions` and the exceptions of `asyncio.queues`.
 */
import { EOFError } from "./builtins.ts"
import {
  BaseException,
  BaseExceptionImpl,
  defineException,
  Exception,
  type ExceptionClass,
  type kind
} from "./internal/base_exception.ts"
import { RuntimeError } from "./internal/exceptions_base.ts"
import { reprlib_repr } from "./internal/pyrepr.ts"

export { TimeoutError } from "./internal/os_error.ts"

/** The task or future was cancelled. Not an `Exception`, so that `except Exception` does not swallow it. */
export interface CancelledError extends BaseException {
  readonly [kind]: `CancelledError${string}`
}
export const CancelledError: ExceptionClass<CancelledError> = defineException<CancelledError>(
  "CancelledError",
  BaseException
)

/** The operation is not allowed in this state, such as a second result for a future. */
export interface InvalidStateError extends Exception {
  readonly [kind]: `Exception.InvalidStateError${string}`
}
export const InvalidStateError: ExceptionClass<InvalidStateError> = defineException<InvalidStateError>(
  "InvalidStateError",
  Exception
)

/** The system can not send a file by this transport without copying. */
export interface SendfileNotAvailableError extends RuntimeError {
  readonly [kind]: `Exception.RuntimeError.SendfileNotAvailableError${string}`
}
export const SendfileNotAvailableError: ExceptionClass<SendfileNotAvailableError> =
  defineException<SendfileNotAvailableError>("SendfileNotAvailableError", RuntimeError)

class IncompleteReadErrorImpl extends BaseExceptionImpl {
  get partial(): unknown {
    return super.args[0]
  }

  get expected(): unknown {
    return super.args[1]
  }

  // Python hands only the text on to Exception.
  override get args(): ReadonlyArray<unknown> {
    return Object.freeze([this.message])
  }

  override textOf([partial, expected]: ReadonlyArray<unknown>): string {
    const wanted = expected === undefined || expected === null ? "undefined" : reprlib_repr(expected)
    return `${(partial as { readonly length: number }).length} bytes read on a total of ${wanted} expected bytes`
  }
}

/** The stream ended before everything that was asked for had come. */
export interface IncompleteReadError extends EOFError {
  readonly [kind]: `Exception.EOFError.IncompleteReadError${string}`
  /** What had come. */
  readonly partial: Uint8Array
  /** How many bytes were asked for; undefined when up to a separator. */
  readonly expected: number | undefined
}
export const IncompleteReadError: ExceptionClass<
  IncompleteReadError,
  [partial: Uint8Array, expected?: number | undefined]
> = defineException<IncompleteReadError, [partial: Uint8Array, expected?: number | undefined]>(
  "IncompleteReadError",
  EOFError,
  { impl: IncompleteReadErrorImpl }
)

class LimitOverrunErrorImpl extends BaseExceptionImpl {
  get consumed(): unknown {
    return super.args[1]
  }

  override get args(): ReadonlyArray<unknown> {
    return Object.freeze(super.args.slice(0, 1))
  }

  override textOf([message]: ReadonlyArray<unknown>): string {
    return super.textOf([message])
  }
}

/** The separator did not come within the buffer's limit. */
export interface LimitOverrunError extends Exception {
  readonly [kind]: `Exception.LimitOverrunError${string}`
  /** How many bytes may be read before looking for the separator again. */
  readonly consumed: number
}
export const LimitOverrunError: ExceptionClass<LimitOverrunError, [message: string, consumed: number]> =
  defineException<LimitOverrunError, [message: string, consumed: number]>("LimitOverrunError", Exception, {
    impl: LimitOverrunErrorImpl
  })

/** The barrier was broken while, or before, it was waited for. */
export interface BrokenBarrierError extends RuntimeError {
  readonly [kind]: `Exception.RuntimeError.BrokenBarrierError${string}`
}
export const BrokenBarrierError: ExceptionClass<BrokenBarrierError> = defineException<BrokenBarrierError>(
  "BrokenBarrierError",
  RuntimeError
)

/** `get_nowait` on a queue with nothing in it. */
export interface QueueEmpty extends Exception {
  readonly [kind]: `Exception.QueueEmpty${string}`
}
export const QueueEmpty: ExceptionClass<QueueEmpty> = defineException<QueueEmpty>("QueueEmpty", Exception)

/** `put_nowait` on a queue with no room. */
export interface QueueFull extends Exception {
  readonly [kind]: `Exception.QueueFull${string}`
}
export const QueueFull: ExceptionClass<QueueFull> = defineException<QueueFull>("QueueFull", Exception)

/** The queue was shut down. */
export interface QueueShutDown extends Exception {
  readonly [kind]: `Exception.QueueShutDown${string}`
}
export const QueueShutDown: ExceptionClass<QueueShutDown> = defineException<QueueShutDown>("QueueShutDown", Exception)
