// Programs that measure one cost print one line of JSON: the figures, by name.

/** Prints what was measured. */
export const reportFigures = (figures: Readonly<Record<string, number>>): void => console.log(JSON.stringify(figures))

/** Used heap in bytes after a full collection. */
export const usedHeap = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
