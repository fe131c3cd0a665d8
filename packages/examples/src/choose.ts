import * as Result from "effect/Result"
import type { Scenario } from "./Scenario.ts"

/** How many letters must be added, dropped or replaced to make one word of the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const numberOf = (id: string): number => Number(/\d+/.exec(id)?.[0])

/** The scenario whose id, or a word of whose title, is most like a name; among equals the one with the nearest number. */
const nearestTo = (scenarios: ReadonlyArray<Scenario>, name: string): Scenario | undefined => {
  const likeness = ({ id, title }: Scenario): number =>
    Math.min(...[id, ...title.split(/\W+/)].map((word) => distance(word.toLowerCase(), name.toLowerCase())))
  const gap = ({ id }: Scenario): number => Math.abs(numberOf(id) - numberOf(name)) || 0
  return [...scenarios].sort((a, b) => likeness(a) - likeness(b) || gap(a) - gap(b))[0]
}

/**
 * The scenario of a name such as `S11`, in small letters or capitals, with or without the letter and the zero.
 *
 * @returns the scenario, or what was wrong with the name and which one is nearest to it
 */
export const choose = (scenarios: ReadonlyArray<Scenario>, name: string): Result.Result<Scenario, string> => {
  const number = /^s?(\d+)$/i.exec(name.trim())?.[1]
  const found = scenarios.find(({ id }) => number !== undefined && numberOf(id) === Number(number))
  if (found !== undefined) return Result.succeed(found)
  const nearest = nearestTo(scenarios, name.trim())
  const hint = nearest === undefined ? "" : ` The nearest is ${nearest.id} (${nearest.title}).`
  return Result.fail(`There is no scenario ${JSON.stringify(name)}.${hint} --list shows all.`)
}
