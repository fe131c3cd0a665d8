// `npm run build`: everything compiled anew, and the libraries' modules joined. The compiler never deletes what a deleted
// source left in `dist`, and `dist` is what gets published, so it starts empty.
import { existsSync, readdirSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { compiler } from "./lib/compiler.mjs"
import { joinModules } from "./lib/join-modules.mjs"
import { requireNode } from "./lib/node-version.mjs"
import { runProgram } from "./lib/run-program.mjs"

requireNode()

const packages = join(dirname(fileURLToPath(import.meta.url)), "../packages")
const folders = readdirSync(packages, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(packages, entry.name, "package.json")))
  .map((entry) => join(packages, entry.name))
for (const folder of folders) rmSync(join(folder, "dist"), { recursive: true, force: true })

const { file, args } = compiler()
process.exitCode = await runProgram(file, [...args, "-b", join(packages, "../tsconfig.json")])
if (process.exitCode === 0) await Promise.all(folders.map(joinModules))
