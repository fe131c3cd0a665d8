// Small programs as data: for each strand, what it does, in order. All that there are of a size can be listed.

/** What each strand does. */
export type Script<Op extends string> = ReadonlyArray<ReadonlyArray<Op>>

/** Every sequence of 1 to `longest` operations. */
export const sequences = <Op extends string>(operations: ReadonlyArray<Op>, longest: number): Array<Array<Op>> => {
  const all: Array<Array<Op>> = []
  let last: Array<Array<Op>> = [[]]
  for (let length = 1; length <= longest; length++) {
    last = last.flatMap((sequence) => operations.map((operation) => [...sequence, operation]))
    all.push(...last)
  }
  return all
}

/**
 * Every script of so many strands with up to so many operations each. Strands know one another only as "the next one round", so
 * of the scripts that differ by a rotation one is enough.
 *
 * @param parts - every so many-th of them, beginning with the first
 */
export const scripts = <Op extends string>(
  operations: ReadonlyArray<Op>,
  strands: number,
  longest: number,
  parts = 1
): Array<Script<Op>> => {
  const choices = sequences(operations, longest)
  const found: Array<Script<Op>> = []
  let count = 0
  const choose = (chosen: ReadonlyArray<number>): void => {
    if (chosen.length < strands) {
      for (let index = 0; index < choices.length; index++) choose([...chosen, index])
    } else if (isLeastRotation(chosen) && count++ % parts === 0) {
      found.push(chosen.map((index) => choices[index] as Array<Op>))
    }
  }
  choose([])
  return found
}

const isLeastRotation = (numbers: ReadonlyArray<number>): boolean =>
  numbers.every((_, shift) => {
    for (let index = 0; index < numbers.length; index++) {
      const difference = (numbers[(index + shift) % numbers.length] as number) - (numbers[index] as number)
      if (difference !== 0) return difference > 0
    }
    return true
  })

/** A script in one line: `use pass | cancel`. */
export const scriptText = (script: Script<string>): string => script.map((strand) => strand.join(" ")).join(" | ")

/** A random script of exactly so many strands and operations; the same for the same seed. */
export const randomScript = <Op extends string>(
  operations: ReadonlyArray<Op>,
  strands: number,
  length: number,
  seed: number
): Script<Op> => {
  // A linear congruential generator (Knuth's MMIX constants, the upper bits): it need only be varied, and repeatable.
  let state = BigInt(seed)
  const draw = (limit: number): number => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n)
    return Number(state >> 33n) % limit
  }
  return Array.from({ length: strands }, () => Array.from({ length }, () => operations[draw(operations.length)] as Op))
}
