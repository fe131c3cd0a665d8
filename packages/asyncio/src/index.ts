export * from "./async_for.ts"
export { AsyncGenerator, async_generator, type EmittedBy } from "./async_generators.ts"
export {
  type AnyAsyncContextManager,
  type AsyncContextManager,
  async_with,
  type Entered,
  type EnteredAll,
  type ServicesOfManager
} from "./async_with.ts"
export * from "./base_events.ts"
export * from "./coroutines.ts"
export * from "./eager.ts"
export * from "./ensure_future.ts"
export * from "./events.ts"
export * from "./exceptions.ts"
export * from "./futures.ts"
export * from "./gather.ts"
export * from "./locks.ts"
export * from "./log.ts"
export * from "./queues.ts"
export * from "./runners.ts"
export * from "./shield.ts"
export * from "./sleep.ts"
export * from "./taskgroups.ts"
export * from "./tasks.ts"
export * from "./timeouts.ts"
export * from "./virtual_events.ts"
export * from "./wait.ts"
export * from "./wait_for.ts"
export * from "./wrap_future.ts"
