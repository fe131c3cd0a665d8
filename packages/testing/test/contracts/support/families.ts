// All families, and the spaces of programs that are explored in full.
import { conditionMembers, conditionOperations } from "./conditions.ts"
import { eventMembers, eventOperations } from "./events.ts"
import { exploreAll, type Member, type Tally } from "./family.ts"
import { lockMembers, lockOperations } from "./locks.ts"
import { queueMembers, queueOperations } from "./queues.ts"
import { taskMembers, taskOperations } from "./tasks.ts"

/** A set of programs: all that there are of a size, or every so many-th of them. */
export interface Space {
  readonly strands: number
  /** How many operations a strand has at most. */
  readonly longest: number
  readonly parts: number
  /** How many runs a program gets at most. */
  readonly most: number
}

/** The spaces of a family; of the last, which has most programs by far, every `parts`-th. */
export const spacesOf = (parts: number): ReadonlyArray<Space> => [
  { strands: 2, longest: 3, parts: 1, most: 100_000 },
  { strands: 3, longest: 2, parts: 1, most: 100_000 },
  { strands: 3, longest: 3, parts, most: 100_000 }
]

interface Entry {
  /** The member, and which of the family's operations it is tried with if there are several sets. */
  readonly name: string
  readonly explore: (space: Space) => Promise<Tally>
}

interface Family {
  readonly name: string
  /** Of the programs of three strands with up to three operations, every so many-th is tried unless more is asked for. */
  readonly parts: number
  readonly entries: ReadonlyArray<Entry>
}

const family = <Op extends string>(
  name: string,
  parts: number,
  members: ReadonlyArray<Member<Op>>,
  sets: Readonly<Record<string, ReadonlyArray<Op>>>
): Family => ({
  name,
  parts,
  entries: members.flatMap((member) =>
    Object.entries(sets).map(([set, operations]) => ({
      name: Object.keys(sets).length === 1 ? member.name : `${member.name}, ${set}`,
      explore: (space) => exploreAll(member, operations, space)
    }))
  )
})

export const families: ReadonlyArray<Family> = [
  family("locks", 11, lockMembers, { all: lockOperations }),
  family("queues", 499, queueMembers, queueOperations),
  family("events", 5, eventMembers, { all: eventOperations }),
  family("conditions", 29, conditionMembers, conditionOperations),
  family("tasks", 1999, taskMembers, { joining: taskOperations.joining })
]
