// Explores whole spaces of small programs, of which the tests take a part, and says how many programs and schedules these were.
//
//   npm run explore                          every family
//   npm run explore -- locks queues          these families
//   npm run explore -- --parts=1             every program of up to three strands with up to three operations: days
import { parseArgs } from "node:util"
import { families, type Space, spacesOf } from "./support/families.ts"

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

const describe = ({ strands, longest, parts }: Space): string =>
  `${strands} strands, up to ${longest} each${parts > 1 ? `, every ${parts}th` : ""}`

console.log("| member | space | programs | runs | cut off | seconds |\n|---|---|--:|--:|--:|--:|")
const total = { programs: 0, runs: 0, cutOff: 0, seconds: 0 }
for (const { entries, parts: ownParts } of chosen) {
  for (const { name, explore } of entries) {
    for (const space of spacesOf(parts === undefined ? ownParts : [parts, parts, parts])) {
      const began = performance.now()
      const { programs, runs, cutOff } = await explore(space)
      const seconds = (performance.now() - began) / 1000
      console.log(`| ${name} | ${describe(space)} | ${programs} | ${runs} | ${cutOff} | ${seconds.toFixed(1)} |`)
      total.programs += programs
      total.runs += runs
      total.cutOff += cutOff
      total.seconds += seconds
    }
  }
}
console.log(`| in all | | ${total.programs} | ${total.runs} | ${total.cutOff} | ${total.seconds.toFixed(1)} |`)
