// The compiler: TypeScript 7 with Effect's diagnostics built in where that binary exists (Linux x64), plain TypeScript 7
// elsewhere. One tree keeps to one of the two, because they write the same .tsbuildinfo under different versions.
import { compiler } from "./lib/compiler.mjs"
import { requireNode } from "./lib/node-version.mjs"
import { runProgram } from "./lib/run-program.mjs"

requireNode()

const { file, args } = compiler()
process.exitCode = await runProgram(file, [...args, ...process.argv.slice(2)])
