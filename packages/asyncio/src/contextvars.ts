/**
 * Python's `contextvars`: variables whose values belong to a task.
 *
 * A task copies the context of its creator; what it sets is not seen outside. A coroutine that is awaited directly shares its
 * caller's context. Follows CPython 3.14, where a token also serves as a context manager.
 */
export {
  Context,
  type ContextConstructor,
  ContextVar,
  type ContextVarConstructor,
  copy_context,
  Token
} from "./internal/context.ts"
