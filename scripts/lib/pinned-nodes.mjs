// The Node binaries of scripts/nodes, which has a lockfile of its own: among the workspace's dependencies they would fight
// over node_modules/.bin/node, and everybody who installs the workspace would download them.
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { runProgram } from "./run-program.mjs"

const folder = join(dirname(fileURLToPath(import.meta.url)), "../nodes")

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"))

/** @returns {ReadonlyArray<{ readonly name: string, readonly version: string }>} what scripts/nodes/package.json asks for, oldest first */
export const pinnedNodes = () => {
  const wanted = /** @type {Record<string, string>} */ (readJson(join(folder, "package.json")).optionalDependencies)
  return Object.entries(wanted)
    .map(([name, range]) => ({ name, version: range.slice(range.lastIndexOf("@") + 1) }))
    .sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }))
}

/** @param {{ readonly name: string, readonly version: string }} node */
const isInstalled = ({ name, version }) => {
  const home = join(folder, "node_modules", name)
  return (
    existsSync(join(home, "bin/node")) && readJson(join(home, "package.json")).version.replace(/^v/, "") === version
  )
}

/**
 * The binaries, installed from the lockfile where they are not there yet. Throws where the registry has none for this system.
 *
 * @returns {Promise<ReadonlyArray<string>>}
 */
export const installedNodes = async () => {
  const nodes = pinnedNodes()
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `There are Node binaries to install on Linux x64 only, and this is ${process.platform} ${process.arch}. ` +
        "Name the ones that are there: npm run test:versions -- --node /path/to/node22 --node /path/to/node26"
    )
  }
  if (!nodes.every(isInstalled)) {
    const code = await runProgram("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder })
    if (code !== 0 || !nodes.every(isInstalled)) throw new Error(`npm ci in ${folder} ended with code ${code}`)
  }
  return nodes.map(({ name }) => join(folder, "node_modules", name, "bin/node"))
}
