// Explores whole spaces of small programs, of which the tests take a part, and says how many programs and schedules these were.
//
//   npm run explore                          every family
//   npm run explore -- locks queues          these families
//   npm run explore -- --parts=1             every program of up to three strands with up to three operations: days
import { parseArgs } from "node:util"
import { families, preemptedSpaceOf, spacesOf } from "./support/families.ts"
import type { Space, Tally } from "./support/family.ts"

const { positionals, values } = parseArgs({ allowPositionals: true, options: { parts: { type: "string" } } })

const unknown = positionals.filter((name) => !families.some((family) => family.name === name))
if (unknown.length > 0) {
  console.error(`There is no family ${unknown.join(", ")}. There are: ${families.map(({ name }) => name).join(", ")}.`)
  process.exit(1)
}
const chosen = families.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const parts = values.parts === undefined ? undefined : Number(values.parts)
if (parts !== undefined && !(Number.isInteger(parts) && parts > 0)) {
  console.error(`--parts must be a positive integer, such as --parts=1 for all programs, not ${values.parts}.`)
  process.exit(1)
}

const describe = ({ strands, longest, parts = 1, preemptions = 0 }: Space): string =>
  `${strands} strands, up to ${longest} each${parts > 1 ? `, every ${parts}th` : ""}${preemptions > 0 ? `, stopped ${preemptions}x` : ""}`

const row = (name: string, space: string, { programs, runs, cutOff }: Tally, seconds: number): void =>
  console.log(`| ${name} | ${space} | ${programs} | ${runs} | ${cutOff} | ${seconds.toFixed(1)} |`)

console.log("| member | space | programs | runs | cut off | seconds |\n|---|---|--:|--:|--:|--:|")
for (const { entries, name: familyName, parts: ownParts } of chosen) {
  const total = { programs: 0, runs: 0, cutOff: 0 }
  const familyBegan = performance.now()
  const chosenParts = parts === undefined ? ownParts : ([parts, parts, parts] as const)
  for (const { name, explore, isPreemptible } of entries) {
    const preempted = isPreemptible ? [preemptedSpaceOf(chosenParts)] : []
    for (const space of [...spacesOf(chosenParts), ...preempted]) {
      const began = performance.now()
      const tally = await explore(space)
      row(name, describe(space), tally, (performance.now() - began) / 1000)
      total.programs += tally.programs
      total.runs += tally.runs
      total.cutOff += tally.cutOff
    }
  }
  row(`all ${familyName}`, "", total, (performance.now() - familyBegan) / 1000)
}
