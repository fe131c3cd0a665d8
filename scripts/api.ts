// `npm run api`: writes the reports on the public surface of the packages, packages/*/api/*.api.md. They are committed, so that
// a change of the surface is seen in review. `npm run api:check` fails when they are not what the sources say.

import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { parseArgs } from "node:util"
import { printReport, reportPath } from "./lib/api-print.ts"
import { apiSections } from "./lib/api-report.ts"
import { emitDeclarations } from "./lib/emit-declarations.ts"
import { publicEntries, Sources } from "./lib/module-graph.ts"

const house = join(import.meta.dirname, "..")
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } })

/** Shows how a committed report differs; the names of the files are of no interest, one of them is temporary. */
const showDifference = (folder: string, path: string, expected: string) => {
  const temporary = join(folder, "expected.md")
  writeFileSync(temporary, expected)
  const committed = existsSync(path) ? path : "/dev/null"
  const { stdout } = spawnSync("git", ["diff", "--no-index", "--no-color", committed, temporary], { encoding: "utf8" })
  console.error(`${relative(house, path)} is not what the sources say:\n${stdout.slice(stdout.indexOf("@@"))}`)
}

const folder = mkdtempSync(join(tmpdir(), "skein-api-"))
try {
  const all = publicEntries(house)
  const entries = all.filter(({ source }) => existsSync(source))
  for (const { specifier, source } of all.filter((entry) => !entries.includes(entry))) {
    console.error(`${specifier} is exported from ${relative(house, source)}, which does not exist.`)
    process.exitCode = 1
  }
  const complaints = await emitDeclarations(
    house,
    entries.map(({ source }) => source),
    folder
  )
  // Warnings are for `npm run types` to show.
  if (/: error TS|^error TS/m.test(complaints)) throw new Error(`The sources do not compile:\n${complaints}`)

  const declared = entries.map((entry) => ({
    ...entry,
    file: join(folder, "out", relative(house, entry.source)).replace(/\.ts$/, ".d.ts")
  }))
  const sources = new Sources(new Map(declared.map(({ specifier, file }) => [specifier, file])))
  const sections = apiSections(declared.map(({ specifier, file }) => ({ specifier, module: sources.open(file) })))
  const reports = new Map(
    declared.map(({ specifier, home }) => [
      reportPath(home, specifier),
      printReport(house, specifier, sections.get(specifier) ?? [])
    ])
  )

  let differences = 0
  for (const [path, text] of reports) {
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue
    differences++
    if (values.check) showDifference(folder, path, text)
    else {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
      console.log(`${relative(house, path)} written`)
    }
  }
  for (const home of new Set(entries.map((entry) => entry.home))) {
    const kept = existsSync(join(home, "api"))
      ? readdirSync(join(home, "api")).map((name) => join(home, "api", name))
      : []
    for (const path of kept.filter((path) => !reports.has(path))) {
      differences++
      if (values.check) console.error(`${relative(house, path)} reports on an entry that there is not.`)
      else {
        rmSync(path)
        console.log(`${relative(house, path)} removed`)
      }
    }
  }
  if (values.check && differences > 0) {
    console.error("The surface of a package has changed. If that is meant, run `npm run api` and commit the reports.")
    process.exitCode = 1
  } else console.log(`api: ${reports.size} reports, ${differences} changed`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
