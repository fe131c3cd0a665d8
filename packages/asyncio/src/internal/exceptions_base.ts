/**
 * The few exceptions that the lower files themselves raise, apart so that they need not import the whole hierarchy.
 */
import { defineException, Exception, type ExceptionClass, type kind } from "./base_exception.ts"

export { TypeError } from "./base_exception.ts"

const JSRangeError = globalThis.RangeError

/** True for the engine's own error when the stack overflows (V8, JavaScriptCore; SpiderMonkey has a class of its own). */
const isStackOverflow = (error: Error): boolean =>
  (error instanceof JSRangeError && /call stack/i.test(error.message)) || error.name === "InternalError"

/** A value of the right type that can not be used. Also matches JavaScript's RangeError. */
export interface ValueError extends Exception {
  readonly [kind]: `Exception.ValueError${string}`
}
export const ValueError: ExceptionClass<ValueError> = defineException<ValueError>("ValueError", Exception, {
  foreign: (error) => error instanceof JSRangeError && !isStackOverflow(error)
})

/** An error that fits no other class. */
export interface RuntimeError extends Exception {
  readonly [kind]: `Exception.RuntimeError${string}`
}
export const RuntimeError: ExceptionClass<RuntimeError> = defineException<RuntimeError>("RuntimeError", Exception, {
  foreign: isStackOverflow
})

/** Calls nested too deeply. Also matches the engine's own error when its stack overflows. */
export interface RecursionError extends RuntimeError {
  readonly [kind]: `Exception.RuntimeError.RecursionError${string}`
}
export const RecursionError: ExceptionClass<RecursionError> = defineException<RecursionError>(
  "RecursionError",
  RuntimeError,
  { foreign: isStackOverflow }
)

/** A key or an index that is not there. */
export interface LookupError extends Exception {
  readonly [kind]: `Exception.LookupError${string}`
}
export const LookupError: ExceptionClass<LookupError> = defineException<LookupError>("LookupError", Exception)
