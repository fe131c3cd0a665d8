// CancelledErrors are made by the thousand when many tasks are cancelled, and hardly ever printed: they carry no stack.

import { CancelledError } from "../exceptions.ts"
import { createWithoutStack } from "./base_exception.ts"

/** The error for a wait that was cancelled: with the message as its only argument, if there was one. */
export const cancelledError = (msg: unknown): CancelledError =>
  msg === undefined || msg === null ? createWithoutStack(CancelledError) : createWithoutStack(CancelledError, msg)
