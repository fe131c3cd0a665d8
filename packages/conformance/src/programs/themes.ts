// What random programs are about. A program of a theme uses few objects, and does often what the theme is about: tasks that are
// spread over every object of the library seldom meet at one.

import { type Shared, type Statement, shared, type Unit } from "./Program.ts"

/** A kind of statement, or of what an `await` waits for, that a theme can have more of. */
export type Boosted = Statement["do"] | "await operation" | "await step" | "await wait"

export interface Theme {
  readonly objects: ReadonlyArray<Shared>
  /** How often the units after the first are of each kind. */
  readonly kinds: Readonly<Record<Unit["kind"], number>>
  /** By what the weight of a kind of statement is multiplied. Default: 1. */
  readonly boosts: Readonly<Partial<Record<Boosted, number>>>
}

const kinds = { coroutine: 4, generator: 2, manager: 1 }
const objects = { operation: 5, "await operation": 5, with: 3 }

const themes: Readonly<Record<string, Theme>> = {
  anything: { objects: Object.keys(shared) as Array<Shared>, kinds, boosts: {} },
  lock: { objects: ["L0", "L0", "C1"], kinds, boosts: objects },
  semaphores: { objects: ["S0", "S1", "S2"], kinds, boosts: objects },
  "one semaphore": { objects: ["S1"], kinds, boosts: objects },
  event: { objects: ["E0", "E0", "L0"], kinds, boosts: objects },
  condition: { objects: ["C0"], kinds, boosts: { ...objects, with: 6 } },
  "condition and lock": { objects: ["C1", "C1", "L0"], kinds, boosts: { ...objects, with: 6 } },
  barrier: { objects: ["B0", "B1"], kinds, boosts: objects },
  queue: { objects: ["Q0"], kinds, boosts: objects },
  queues: { objects: ["Q1", "Q2"], kinds, boosts: objects },
  generators: {
    objects: ["L0", "Q0"],
    kinds: { coroutine: 2, generator: 5, manager: 1 },
    boosts: { "for unit": 10, "begin unit": 5, "await step": 15 }
  },
  managers: {
    objects: ["L0", "S0"],
    kinds: { coroutine: 2, generator: 1, manager: 4 },
    boosts: { "with unit": 8, stack: 8, suppress: 4, "with variable": 3 }
  },
  groups: { objects: ["L0", "E0"], kinds, boosts: { group: 4, "spawn into": 4, except_star: 3, cancel: 2 } },
  timeouts: {
    objects: ["L0", "Q0"],
    kinds,
    boosts: { timeout: 4, "timeout at": 4, move: 4, cancel: 2, uncancel: 3 }
  },
  loop: {
    objects: ["E0", "S0"],
    kinds,
    boosts: { call: 6, watch: 6, unwatch: 5, drop: 5, handler: 5, settle: 4, "set variable": 4, "cancel future": 2 }
  },
  tasks: {
    objects: ["E0", "Q0"],
    kinds,
    boosts: {
      spawn: 2,
      keep: 3,
      cancel: 2,
      "uncancel task": 3,
      peek: 4,
      rename: 2,
      factory: 3,
      "show task": 3,
      look: 2
    }
  },
  races: { objects: ["E0", "S1"], kinds, boosts: { race: 8, as_completed: 6, "await wait": 4 } }
}

export const allThemes: ReadonlyArray<Theme> = Object.values(themes)
