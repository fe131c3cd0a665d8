/**
 * Synchronisation primitives: CPython's module `asyncio.locks`.
 */
export { Barrier, type BarrierOptions } from "./locks/barrier.ts"
export { Condition, type ConditionConstructor, type ConditionLock, type ConditionOptions } from "./locks/condition.ts"
export { Event } from "./locks/event.ts"
export { Lock } from "./locks/lock.ts"
export { BoundedSemaphore, Semaphore, type SemaphoreOptions } from "./locks/semaphore.ts"
