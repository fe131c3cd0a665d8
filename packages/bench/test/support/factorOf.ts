/** Processor time of a run, in microseconds: other processes do not count. */
const timeOf = async (run: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const median = (times: ReadonlyArray<number>): number =>
  [...times].sort((left, right) => left - right)[times.length >> 1] as number

/** How many times as much processor time `one` takes as `other`: medians of runs in turns, after one unmeasured run of each. */
export const factorOf = async (
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  repetitions = 5
): Promise<number> => {
  await one()
  await other()
  const [ones, others]: [Array<number>, Array<number>] = [[], []]
  for (let repetition = 0; repetition < repetitions; repetition++) {
    ones.push(await timeOf(one))
    others.push(await timeOf(other))
  }
  return median(ones) / median(others)
}
