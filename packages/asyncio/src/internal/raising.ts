// What Python's interpreter does by itself when an exception is raised while another one is handled.

import { BaseExceptionImpl } from "./base_exception.ts"

/** Notes that `error` was raised while `handled` was being handled, unless something else is noted there. */
export const raisedDuring = (error: unknown, handled: unknown): unknown => {
  if (error !== handled && error instanceof BaseExceptionImpl && error.__context__ === undefined) {
    error.__context__ = handled
  }
  return error
}

/** Python's `type(e)`. */
export const typeOfError = (error: unknown): unknown =>
  error === undefined || error === null ? undefined : (error as { readonly constructor: unknown }).constructor
