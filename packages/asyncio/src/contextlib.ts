/**
 * Python's `contextlib`: context managers made from generators, stacks of them, and small ready-made ones.
 *
 * Asynchronous managers stand in `asyncio.async_with`, synchronous ones in {@link with_}.
 *
 * Follows CPython 3.14's `contextlib`.
 */
export * from "./contextlib/abstract.ts"
export * from "./contextlib/exit_stack.ts"
export * from "./contextlib/generator_managers.ts"
export * from "./contextlib/managers.ts"
export {
  type AnyContextManager,
  type ContextManager,
  type EnteredWith,
  type EnteredWithAll,
  type SwallowedWith,
  type WithResult,
  with_
} from "./contextlib/with.ts"
