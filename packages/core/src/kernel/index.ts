/**
 * The ground floor of Skein: wait queue, timers, task registry and the state machines of the synchronisation primitives.
 * Synchronous throughout: no Effect, no promise, no timer of the host.
 *
 * Misuse is answered with `false` and changes nothing, so that each face can raise its own error.
 */
export * from "./BarrierState.ts"
export * from "./Chooser.ts"
export * from "./ConditionState.ts"
export * from "./EventState.ts"
export * from "./LockState.ts"
export * from "./QueueState.ts"
export * from "./QueueStore.ts"
export * from "./SemaphoreState.ts"
export * from "./SpawnSite.ts"
export * from "./TaskRegistry.ts"
export * from "./TimerHeap.ts"
export * from "./WaitQueue.ts"
