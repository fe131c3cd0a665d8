import * as fc from "fast-check"
import { expect } from "vitest"
import { type Doing, Refused } from "./faces.ts"
import { scheduleOf, World } from "./world.ts"

/** What a task does at one point: a verb of the family, with a number whose meaning the verb knows. */
export interface Action {
  readonly verb: string
  readonly arg: number
}

/** A family of primitives whose members are to behave the same. */
export interface Family<Face extends { describe(): string }> {
  readonly verbs: ReadonlyArray<string>
  readonly perform: (face: Face, action: Action, note: (text: string) => void) => Doing
}

/**
 * Runs the same random programs, under the same random schedules with the same cancellations, over two implementations, and
 * expects the same state after every step.
 */
export const expectSameBehaviour = <Face extends { describe(): string }>(
  family: Family<Face>,
  makeOne: () => Face,
  makeOther: () => Face
): void => {
  const action = fc.record({ verb: fc.constantFrom(...family.verbs), arg: fc.nat(7) })
  const program = fc.array(action, { minLength: 1, maxLength: 4 })
  const programs = fc.array(program, { minLength: 2, maxLength: 6 })
  const schedule = fc.array(fc.nat(1000), { maxLength: 120, size: "max" })
  const runOver = (face: Face, tasks: ReadonlyArray<ReadonlyArray<Action>>, numbers: ReadonlyArray<number>) => {
    const world = new World(scheduleOf(numbers))
    tasks.forEach((actions, index) => {
      world.spawn(
        `t${index}`,
        performAll(family, face, actions, (text) => world.note(`t${index} ${text}`)),
        {
          cancellable: true
        }
      )
    })
    world.run(() => world.note(face.describe()))
    return world.trace
  }
  fc.assert(
    fc.property(programs, schedule, (tasks, numbers) => {
      expect(runOver(makeOne(), tasks, numbers)).toEqual(runOver(makeOther(), tasks, numbers))
    }),
    { numRuns: 400 }
  )
}

function* performAll<Face extends { describe(): string }>(
  family: Family<Face>,
  face: Face,
  actions: ReadonlyArray<Action>,
  note: (text: string) => void
): Doing {
  for (const action of actions) {
    note(`${action.verb} ${action.arg}`)
    try {
      yield* family.perform(face, action, note)
      note("done")
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      note(`refused: ${error.message}`)
    }
  }
}
