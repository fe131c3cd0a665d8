import { taskRegistry } from "@skein/core/kernel"
import { insist } from "./insist.ts"

/** A check for after each run: as many tasks live as when the check was made. */
export const nothingIsLeft = (): (() => void) => {
  const before = taskRegistry.length
  return () => insist(taskRegistry.length === before, () => `${taskRegistry.length - before} tasks are left`)
}
