// How a contract is put to the test: every small program under every schedule, and larger ones at random.
import { exhaustive, pct, type Report, random, type Strategy } from "@skein/testing"
import { randomScript, type Script, scripts, scriptText } from "./scripts.ts"

/** A member of a family: a primitive of one of the packages, behind the operations of the family's scripts. */
export interface Member<Op extends string> {
  /** As it stands in reports: `core Lock`. */
  readonly name: string
  /** Explores one script; the promise is rejected if the contract is broken in some schedule. */
  readonly explore: (script: Script<Op>, strategy: Strategy, runs: number) => Promise<Report>
}

/** Whether a strategy switches fibers only where they wait, yield and end, so that what a model hears of has just happened. */
export const isOrdered = ({ description }: Strategy): boolean => description === exhaustive().description

/** What was tried. */
export interface Tally {
  programs: number
  runs: number
  /** Programs of which not all schedules were tried, because there are too many. */
  cutOff: number
}

const explored = async <Op extends string>(
  member: Member<Op>,
  script: Script<Op>,
  strategy: Strategy,
  runs: number
): Promise<Report> => {
  try {
    return await member.explore(script, strategy, runs)
  } catch (error) {
    throw new Error(`${member.name}, ${scriptText(script)}: ${(error as Error).message}`, { cause: error })
  }
}

/** A set of programs: all that there are of a size, or every so many-th of them. */
export interface Space {
  readonly strands: number
  /** How many operations a strand has at most. */
  readonly longest: number
  readonly parts?: number
  /** How many runs a program gets at most. */
  readonly most: number
  /** How many times in a run a fiber of core is also stopped between two of its steps. */
  readonly preemptions?: number
}

/** Tries the scripts of a space under every schedule. */
export const exploreAll = async <Op extends string>(
  member: Member<Op>,
  operations: ReadonlyArray<Op>,
  { strands, longest, most, parts = 1, preemptions = 0 }: Space
): Promise<Tally> => {
  const tally: Tally = { programs: 0, runs: 0, cutOff: 0 }
  for (const script of scripts(operations, strands, longest, parts)) {
    const report = await explored(member, script, exhaustive({ preemptions }), most)
    tally.programs++
    tally.runs += report.runs
    if (!report.exhausted) tally.cutOff++
  }
  return tally
}

/** Tries larger scripts, under random schedules which also stop fibers between two steps. */
export const exploreRandom = async <Op extends string>(
  member: Member<Op>,
  operations: ReadonlyArray<Op>,
  { strands, length, programs, runs }: { strands: number; length: number; programs: number; runs: number }
): Promise<Tally> => {
  const tally: Tally = { programs: 0, runs: 0, cutOff: programs }
  for (let seed = 1; seed <= programs; seed++) {
    const script = randomScript(operations, strands, length, seed)
    for (const strategy of [random({ seed }), pct({ seed, depth: 3 })]) {
      tally.runs += (await explored(member, script, strategy, runs)).runs
    }
    tally.programs++
  }
  return tally
}
