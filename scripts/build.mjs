// `npm run build`: everything compiled anew. The compiler never deletes what a deleted source left in `dist`, and
// `dist` is what gets published, so it starts empty.
import { readdirSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { compiler } from "./lib/compiler.mjs"
import { requireNode } from "./lib/node-version.mjs"
import { runProgram } from "./lib/run-program.mjs"

requireNode()

const packages = join(dirname(fileURLToPath(import.meta.url)), "../packages")
for (const entry of readdirSync(packages, { withFileTypes: true })) {
  if (entry.isDirectory()) rmSync(join(packages, entry.name, "dist"), { recursive: true, force: true })
}

const { file, args } = compiler()
process.exitCode = await runProgram(file, [...args, "-b", join(packages, "../tsconfig.json")])
