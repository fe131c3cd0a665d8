// `npm run docs:check`: every ```ts block of the README, the docs and the libraries' doc comments type-checks, runs, and
// its `// =>` lines are true; links between pages lead somewhere. `npm run docs:check -- docs/porting.md` checks only what is named.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative, resolve, sep } from "node:path"
import { checkPages } from "./docs/check.ts"
import { brokenLinks } from "./docs/links.ts"

const house = join(import.meta.dirname, "..")
const libraries = ["core", "asyncio", "testing"]

const filesUnder = (folder: string, ending: string): ReadonlyArray<string> => {
  const path = join(house, folder)
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [folder]
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !/(^|[\\/])(dist|node_modules)[\\/]/.test(name))
    .map((name) => `${folder}/${name.replaceAll(sep, "/")}`)
    .sort()
}

const everything = () => [
  ...filesUnder("README.md", ".md"),
  ...filesUnder("docs", ".md"),
  ...libraries.flatMap((name) => [
    ...filesUnder(`packages/${name}/README.md`, ".md"),
    ...filesUnder(`packages/${name}/src`, ".ts")
  ])
]

const named = (paths: ReadonlyArray<string>) =>
  paths.flatMap((path) => {
    const name = relative(house, resolve(path)).replaceAll(sep, "/")
    const found = [...filesUnder(name, ".md"), ...(statSync(resolve(path)).isFile() ? [] : filesUnder(name, ".ts"))]
    if (found.length === 0) throw new Error(`"${path}" holds no page and no source to check`)
    return found
  })

const started = performance.now()
const paths = process.argv.slice(2)
for (const path of paths) {
  if (!existsSync(path)) {
    console.error(
      `There is no "${path}". Name Markdown pages, sources or folders, or nothing for all of the documentation.`
    )
    process.exit(1)
  }
}
const files = paths.length === 0 ? everything() : named(paths)
const pages = files.map((path) => ({ path, text: readFileSync(join(house, path), "utf8") }))
const { problems: found, typed, ran, compared } = await checkPages(pages, { house })
const links = pages
  .filter(({ path }) => path.endsWith(".md"))
  .flatMap(({ path, text }) => brokenLinks(house, path, text))
const problems = [...found, ...links]

for (const { file, line, message } of problems) console.error(`${line === 0 ? file : `${file}:${line}`}: ${message}`)
const seconds = ((performance.now() - started) / 1000).toFixed(1)
console.log(
  `docs: ${files.length} files, ${typed} programs type-checked, ${ran} run, ` +
    `${compared} compared with CPython; ${problems.length} problem${problems.length === 1 ? "" : "s"} (${seconds} s)`
)
if (problems.length > 0) process.exitCode = 1
