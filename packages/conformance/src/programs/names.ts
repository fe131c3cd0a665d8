// What the printers share: the names of a program's units, and the objects it uses.

import { type Program, type Shared, shared } from "./Program.ts"

const letters = { coroutine: "f", generator: "g", manager: "m" } as const

/** A unit's name, such as `f0`. */
export const nameOf = (program: Program, unit: number): string => {
  const kind = program.units[unit]?.kind
  if (kind === undefined)
    throw new Error(`a program of ${program.units.length} units has no unit ${unit}: normalize it first`)
  return `${letters[kind]}${unit}`
}

/** The shared objects that a program names, in a fixed order. */
export const objectsOf = (program: Program): ReadonlyArray<Shared> => {
  const text = JSON.stringify(program)
  const names = (name: Shared): boolean => text.includes(`"on":"${name}"`)
  return (Object.keys(shared) as Array<Shared>).filter((name) => names(name) || (name === "L0" && names("C1")))
}
