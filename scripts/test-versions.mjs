// `npm run test:versions`, after a build: the tests and the tour on the oldest and on the newest Node that the README
// claims. What a run says is shown when it fails; else it is one line.
//
//     npm run test:versions                                    all of it
//     npm run test:versions -- --node /opt/node23/bin/node     on this Node (may be repeated)
//     npm run test:versions -- --project core test/Lock.test.ts   no tour, and only the tests that Vitest finds by this
import { execFileSync } from "node:child_process"
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { installedNodes } from "./lib/pinned-nodes.mjs"
import { runProgram } from "./lib/run-program.mjs"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

/** @type {Array<string>} */
const named = []
/** @type {Array<string>} */
const forVitest = []
const args = process.argv.slice(2)
while (args.length > 0) {
  const arg = args.shift() ?? ""
  if (arg !== "--node") forVitest.push(arg)
  else {
    const file = args.shift()
    if (file === undefined || !existsSync(file)) {
      console.error(`--node takes the path of a Node binary, and got ${file === undefined ? "nothing" : `"${file}"`}.`)
      process.exit(1)
    }
    named.push(file)
  }
}

const folder = mkdtempSync(join(tmpdir(), "skein-versions-"))
let failures = 0

/**
 * Runs a program with this Node, also as the `node` of what it starts, and prints a line on it.
 *
 * @param {string} node
 * @param {string} title
 * @param {ReadonlyArray<string>} programArgs
 * @param {() => string} summary of a run, for its line
 */
const check = async (node, title, programArgs, summary) => {
  const start = performance.now()
  const log = join(folder, "output.txt")
  const output = openSync(log, "w")
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    // `npm test` leaves its counts there, and those of the main run are to stay.
    SKEIN_CACHE: folder
  }
  const code = await runProgram(node, programArgs, { cwd: root, env, stdio: ["ignore", output, output] })
  closeSync(output)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  if (code !== 0) {
    failures++
    process.stderr.write(readFileSync(log, "utf8"))
  }
  console.log(
    `${code === 0 ? "ok  " : "FAIL"}  ${title}: ${code === 0 ? "" : `code ${code}, `}${summary()} (${seconds} s)`
  )
}

const lastLine = () => readFileSync(join(folder, "output.txt"), "utf8").trimEnd().split("\n").at(-1) ?? ""

try {
  const nodes = named.length > 0 ? named : await installedNodes()
  const tour = join(root, "packages/examples/dist/tour.js")
  if (forVitest.length === 0 && !existsSync(tour)) {
    throw new Error("The tour is run from dist too, and there is none. Run `npm run build` first.")
  }
  for (const node of nodes) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim()
    await check(node, `Node ${version}, tests`, [join(root, "scripts/test.mjs"), ...forVitest], lastLine)
    if (forVitest.length > 0) continue
    const source = ["--conditions=@skein/source", join(root, "packages/examples/src/tour.ts")]
    await check(node, `Node ${version}, tour from source`, source, lastLine)
    await check(node, `Node ${version}, tour from dist`, [tour], lastLine)
  }
} catch (error) {
  failures++
  console.error(error instanceof Error ? error.message : error)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (failures > 0) process.exitCode = 1
