export * as CancelScope from "./CancelScope.ts"
export * as Task from "./Task.ts"
export * as TaskGroup from "./TaskGroup.ts"
export * as VirtualTime from "./VirtualTime.ts"
