/**
 * Python's built-in exceptions, `repr` and `str`, as asyncio and the programs ported from Python meet them.
 *
 * Every exception is a JavaScript `Error`, made with or without `new`: `throw new ValueError("x", { cause: error })` is
 * `raise ValueError("x") from error`. What JavaScript and Node throw has its natural place too, for `instanceof` only: any
 * `Error` is an `Exception`, JavaScript's TypeError is a `TypeError`, `ENOENT` is a `FileNotFoundError`. Such an error has no
 * `args`; its `message` is its text, as for all.
 *
 * Follows CPython 3.14's exception hierarchy.
 */
import {
  BaseException,
  BaseExceptionImpl,
  defineException,
  Exception,
  type ExceptionClass,
  type kind
} from "./internal/base_exception.ts"
import { LookupError, RuntimeError } from "./internal/exceptions_base.ts"
import { repr } from "./internal/pyrepr.ts"

export { BaseException, Exception, type ExceptionClass, type ExceptionOptions, str } from "./internal/base_exception.ts"
export {
  type ExceptStar,
  except_star,
  type MatchedGroup,
  type StarCondition,
  type StarHandler,
  type StarResult
} from "./internal/except_star.ts"
export {
  BaseExceptionGroup,
  type BaseExceptionGroupConstructor,
  type Condition,
  ExceptionGroup,
  type ExceptionGroupConstructor,
  type Matchable,
  type Matched
} from "./internal/exception_group.ts"
export { LookupError, RecursionError, RuntimeError, TypeError, ValueError } from "./internal/exceptions_base.ts"
export {
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  InterruptedError,
  OSError,
  PermissionError,
  ProcessLookupError,
  TimeoutError
} from "./internal/os_error.ts"
export { repr } from "./internal/pyrepr.ts"

class KeyErrorImpl extends BaseExceptionImpl {
  // Python prints the key as `repr` shows it: a missing '' would print nothing otherwise.
  override textOf(args: ReadonlyArray<unknown>): string {
    return args.length === 1 ? repr(args[0]) : super.textOf(args)
  }
}

/** A key that is not there; its text is the key's `repr`. */
export interface KeyError extends LookupError {
  readonly [kind]: `Exception.LookupError.KeyError${string}`
}
export const KeyError: ExceptionClass<KeyError> = defineException<KeyError>("KeyError", LookupError, {
  impl: KeyErrorImpl
})

/** An index that is out of range. */
export interface IndexError extends LookupError {
  readonly [kind]: `Exception.LookupError.IndexError${string}`
}
export const IndexError: ExceptionClass<IndexError> = defineException<IndexError>("IndexError", LookupError)

/** An attribute that is not there. */
export interface AttributeError extends Exception {
  readonly [kind]: `Exception.AttributeError${string}`
}
export const AttributeError: ExceptionClass<AttributeError> = defineException<AttributeError>(
  "AttributeError",
  Exception
)

/** A name that is not there. Also matches JavaScript's ReferenceError. */
export interface NameError extends Exception {
  readonly [kind]: `Exception.NameError${string}`
}
export const NameError: ExceptionClass<NameError> = defineException<NameError>("NameError", Exception, {
  foreign: (error) => error instanceof ReferenceError
})

/** A method that a subclass has to write. */
export interface NotImplementedError extends RuntimeError {
  readonly [kind]: `Exception.RuntimeError.NotImplementedError${string}`
}
export const NotImplementedError: ExceptionClass<NotImplementedError> = defineException<NotImplementedError>(
  "NotImplementedError",
  RuntimeError
)

/** A calculation that has no result. */
export interface ArithmeticError extends Exception {
  readonly [kind]: `Exception.ArithmeticError${string}`
}
export const ArithmeticError: ExceptionClass<ArithmeticError> = defineException<ArithmeticError>(
  "ArithmeticError",
  Exception
)

/** A division by zero. JavaScript's own gives Infinity or NaN instead of an error. */
export interface ZeroDivisionError extends ArithmeticError {
  readonly [kind]: `Exception.ArithmeticError.ZeroDivisionError${string}`
}
export const ZeroDivisionError: ExceptionClass<ZeroDivisionError> = defineException<ZeroDivisionError>(
  "ZeroDivisionError",
  ArithmeticError
)

/** A result too large to hold. */
export interface OverflowError extends ArithmeticError {
  readonly [kind]: `Exception.ArithmeticError.OverflowError${string}`
}
export const OverflowError: ExceptionClass<OverflowError> = defineException<OverflowError>(
  "OverflowError",
  ArithmeticError
)

/** An assertion that does not hold. Also matches the error of `node:assert`. */
export interface AssertionError extends Exception {
  readonly [kind]: `Exception.AssertionError${string}`
}
export const AssertionError: ExceptionClass<AssertionError> = defineException<AssertionError>(
  "AssertionError",
  Exception,
  { foreign: (error) => "code" in error && error.code === "ERR_ASSERTION" }
)

/** Input that ended too early. */
export interface EOFError extends Exception {
  readonly [kind]: `Exception.EOFError${string}`
}
export const EOFError: ExceptionClass<EOFError> = defineException<EOFError>("EOFError", Exception)

class StopIterationImpl extends BaseExceptionImpl {
  get value(): unknown {
    return this.args[0]
  }
}

/** An iterator that has come to its end. */
export interface StopIteration extends Exception {
  readonly [kind]: `Exception.StopIteration${string}`
  /** What the generator returned. */
  readonly value: unknown
}
export const StopIteration: ExceptionClass<StopIteration> = defineException<StopIteration>("StopIteration", Exception, {
  impl: StopIterationImpl
})

/** An asynchronous iterator that has come to its end. */
export interface StopAsyncIteration extends Exception {
  readonly [kind]: `Exception.StopAsyncIteration${string}`
}
export const StopAsyncIteration: ExceptionClass<StopAsyncIteration> = defineException<StopAsyncIteration>(
  "StopAsyncIteration",
  Exception
)

/** What is thrown into a generator that is closed. Not an `Exception`. */
export interface GeneratorExit extends BaseException {
  readonly [kind]: `GeneratorExit${string}`
}
export const GeneratorExit: ExceptionClass<GeneratorExit> = defineException<GeneratorExit>(
  "GeneratorExit",
  BaseException
)

/** Ctrl-C. Not an `Exception`. */
export interface KeyboardInterrupt extends BaseException {
  readonly [kind]: `KeyboardInterrupt${string}`
}
export const KeyboardInterrupt: ExceptionClass<KeyboardInterrupt> = defineException<KeyboardInterrupt>(
  "KeyboardInterrupt",
  BaseException
)

class SystemExitImpl extends BaseExceptionImpl {
  get code(): unknown {
    return this.args.length > 1 ? this.args : this.args[0]
  }
}

/** The wish to end the program. Not an `Exception`. */
export interface SystemExit extends BaseException {
  readonly [kind]: `SystemExit${string}`
  /** The exit status, a text to print, or undefined for success. */
  readonly code: unknown
}
export const SystemExit: ExceptionClass<SystemExit> = defineException<SystemExit>("SystemExit", BaseException, {
  impl: SystemExitImpl
})

/** Base of the warning categories. */
export interface Warning extends Exception {
  readonly [kind]: `Exception.Warning${string}`
}
export const Warning: ExceptionClass<Warning> = defineException<Warning>("Warning", Exception)

/** A warning by user code. */
export interface UserWarning extends Warning {
  readonly [kind]: `Exception.Warning.UserWarning${string}`
}
export const UserWarning: ExceptionClass<UserWarning> = defineException<UserWarning>("UserWarning", Warning)

/** A warning about something that will go away. */
export interface DeprecationWarning extends Warning {
  readonly [kind]: `Exception.Warning.DeprecationWarning${string}`
}
export const DeprecationWarning: ExceptionClass<DeprecationWarning> = defineException<DeprecationWarning>(
  "DeprecationWarning",
  Warning
)

/** A warning about doubtful behaviour, such as a coroutine that was never awaited. */
export interface RuntimeWarning extends Warning {
  readonly [kind]: `Exception.Warning.RuntimeWarning${string}`
}
export const RuntimeWarning: ExceptionClass<RuntimeWarning> = defineException<RuntimeWarning>("RuntimeWarning", Warning)

/** A warning about something that was not closed. */
export interface ResourceWarning extends Warning {
  readonly [kind]: `Exception.Warning.ResourceWarning${string}`
}
export const ResourceWarning: ExceptionClass<ResourceWarning> = defineException<ResourceWarning>(
  "ResourceWarning",
  Warning
)
