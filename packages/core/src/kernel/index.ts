/**
 * The ground floor of Skein: wait queue, timers, task registry and the state machines of the synchronisation primitives.
 * Synchronous throughout: no Effect, no promise, no timer of the host.
 */
export * from "./TaskRegistry.ts"
export * from "./TimerHeap.ts"
export * from "./WaitQueue.ts"
