// All families, and the spaces of programs that are explored in full.
import { barrierMembers, barrierOperations } from "./barriers.ts"
import { combinatorMembers } from "./combinators.ts"
import { conditionMembers, conditionOperations } from "./conditions.ts"
import { eventMembers, eventOperations } from "./events.ts"
import { exploreAll, type Member, type Space, type Tally } from "./family.ts"
import { groupMembers, groupOperations } from "./groups.ts"
import { lockMembers, lockOperations } from "./locks.ts"
import { queueMembers, queueOperations } from "./queues.ts"
import { taskMembers, taskOperations } from "./tasks.ts"

/** Every so many-th program of each size, in the order of {@link spacesOf}. */
type Parts = readonly [number, number, number]

/** The spaces of a family. */
export const spacesOf = ([first, second, third]: Parts): ReadonlyArray<Required<Omit<Space, "preemptions">>> => [
  { strands: 2, longest: 3, parts: first, most: 100_000 },
  { strands: 3, longest: 2, parts: second, most: 100_000 },
  { strands: 3, longest: 3, parts: third, most: 100_000 }
]

interface Entry {
  /** The member, and which of the family's operations it is tried with if there are several sets. */
  readonly name: string
  readonly explore: (space: Space) => Promise<Tally>
  /** Whether its strands can be stopped between any two steps: those of core can. */
  readonly isPreemptible: boolean
}

interface Family {
  readonly name: string
  /** What is tried unless more is asked for: about as much as a few minutes allow. */
  readonly parts: Parts
  readonly entries: ReadonlyArray<Entry>
}

/** Core's fibers are also stopped once between any two steps. */
export const preemptedSpaceOf = ([first]: Parts): Space => ({
  strands: 2,
  longest: 2,
  parts: first,
  most: 100_000,
  preemptions: 1
})

const family = <Op extends string>(
  name: string,
  parts: Parts,
  members: ReadonlyArray<Member<Op>>,
  sets: Readonly<Record<string, ReadonlyArray<Op>>>
): Family => ({
  name,
  parts,
  entries: members.flatMap((member) =>
    Object.entries(sets).map(([set, operations]) => ({
      name: Object.keys(sets).length === 1 ? member.name : `${member.name}, ${set}`,
      explore: (space) => exploreAll(member, operations, space),
      isPreemptible: member.name.startsWith("core")
    }))
  )
})

export const families: ReadonlyArray<Family> = [
  family("locks", [1, 1, 101], lockMembers, { all: lockOperations }),
  family("queues", [1, 1, 499], queueMembers, queueOperations),
  family("events", [1, 1, 5], eventMembers, { all: eventOperations }),
  family("conditions", [1, 1, 101], conditionMembers, conditionOperations),
  family("barriers", [1, 1, 101], barrierMembers, { all: barrierOperations }),
  family("tasks", [1, 16, 4999], taskMembers, { joining: taskOperations.joining }),
  family("groups", [16, 256, 49_999], [...groupMembers, ...combinatorMembers], { all: groupOperations })
]
