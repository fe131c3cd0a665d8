/** What Node reports as warnings while something runs, instead of printing it. */
export const warningsOf = async (work: () => Promise<unknown>): Promise<ReadonlyArray<Error>> => {
  const seen: Array<Error> = []
  const collect = (warning: Error): void => void seen.push(warning)
  const usual = process.listeners("warning")
  process.removeAllListeners("warning")
  process.on("warning", collect)
  try {
    await work()
    // Node emits a warning at the end of the turn that issued it.
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.removeListener("warning", collect)
    for (const listener of usual) process.on("warning", listener)
  }
  return seen
}
