const nobody = new Int32Array(new SharedArrayBuffer(4))

/** Processor time of this thread, in milliseconds. */
export const threadTime = (): number => {
  // The kernel brings a thread's account up to date when the thread leaves the processor, else at its ticks, some milliseconds
  // apart: much too coarse for a run with 1,000 tasks. So it leaves for a moment.
  Atomics.wait(nobody, 0, 0, 0.001)
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage()
  return (user + system) / 1000
}
