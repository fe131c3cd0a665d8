// `npm run packages`, after a build: are the public packages right for those who install them? Each is packed as it would
// be published, the archives are installed in an empty folder, and programs use them there: every entry in plain Node,
// a small program with asserted output, and a TypeScript program with the types from `dist`.

import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { compiler } from "./lib/compiler.mjs"
import { publicEntries } from "./lib/module-graph.ts"

const house = join(import.meta.dirname, "..")
const names = [...new Set(publicEntries(house).map(({ home }) => basename(home)))]

interface Manifest {
  readonly name: string
  readonly version: string
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
}

const run = (file: string, args: ReadonlyArray<string>, cwd: string): string =>
  execFileSync(file, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })

/** What a failed program said; its own message only repeats the command line. */
const reasonOf = (error: unknown): string => {
  const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string }
  return `${stdout}${stderr}`.trim() || message
}

let failures = 0
const step = async (title: string, f: () => unknown) => {
  try {
    await f()
    console.log(`ok    ${title}`)
  } catch (error) {
    failures++
    console.error(`FAIL  ${title}\n${reasonOf(error).replaceAll(/^/gm, "      ")}`)
  }
}

const lint = async (name: string) => {
  const pkgDir = join(house, "packages", name)
  const { messages, pkg } = await publint({ pkgDir, strict: true, level: "warning" })
  const lines = messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
  if (lines.length > 0) throw new Error(lines.join("\n"))
}

/** Packs a package as `npm publish` would and unpacks it as `npm install` would. */
const install = (name: string, consumer: string): Manifest => {
  const folder = join(house, "packages", name)
  const packed = run("npm", ["pack", "--json", "--loglevel=error", "--pack-destination", consumer], folder)
  const [archive] = Object.values(JSON.parse(packed)) as ReadonlyArray<{
    readonly filename: string
    readonly files: ReadonlyArray<{ readonly path: string }>
  }>
  if (archive === undefined) throw new Error(`npm pack said nothing about ${name}: ${packed}`)
  const paths = archive.files.map((it) => it.path)
  for (const path of ["LICENSE", "package.json"]) {
    if (!paths.includes(path)) throw new Error(`the archive of ${name} lacks ${path}`)
  }
  const stray = paths.filter((path) => /tsbuildinfo|(^|\/)test\/|\.test\./.test(path))
  if (stray.length > 0) throw new Error(`the archive of ${name} holds what is not for users: ${stray.join(", ")}`)

  const target = join(consumer, "node_modules/@skein", name)
  mkdirSync(target, { recursive: true })
  run("tar", ["-xzf", join(consumer, archive.filename), "--strip-components=1", "-C", target], consumer)
  const manifest: Manifest = JSON.parse(readFileSync(join(target, "package.json"), "utf8"))
  for (const [entry, conditions] of Object.entries(manifest.exports)) {
    for (const path of typeof conditions === "string" ? [conditions] : [conditions.types, conditions.default]) {
      if (!existsSync(join(target, path)))
        throw new Error(`${name} exports "${entry}" from ${path}, which it does not hold`)
    }
  }
  return manifest
}

const entriesOf = ({ name, exports }: Manifest) =>
  Object.keys(exports)
    .filter((entry) => !entry.endsWith(".json"))
    .map((entry) => name + entry.slice(1))

/** Imports every entry under the plain conditions of Node and sees that it is the compiled one and not empty. */
const importAll = (entries: ReadonlyArray<string>) => `
const problems = []
for (const name of ${JSON.stringify(entries)}) {
  if (!import.meta.resolve(name).includes("/dist/")) problems.push(name + " does not resolve to dist")
  if (Object.keys(await import(name)).length === 0) problems.push(name + " exports nothing")
}
if (problems.length > 0) throw new Error(problems.join("; "))
`

const program = `
import * as asyncio from "@skein/asyncio"
import { ValueError } from "@skein/asyncio/builtins"
import { TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"

const double = asyncio.coroutine(function* (n: number) {
  yield* asyncio.sleep(0)
  if (n < 0) throw new ValueError("negative")
  return n * 2
})

const main = asyncio.coroutine(function* () {
  const [a, b] = yield* asyncio.gather(double(20), double(1))
  return a + b
})

const total: number = await asyncio.run(main())
const viaEffect: number = await Effect.runPromise(main())
console.log(total, viaEffect, typeof TaskGroup.run)
`

const tsconfig = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "esnext.disposable", "dom"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: ["node"],
    outDir: "out"
  },
  files: ["program.ts", "entries.ts"]
}

const consumer = mkdtempSync(join(tmpdir(), "skein-consumer-"))
try {
  for (const name of names) await step(`publint @skein/${name}`, () => lint(name))

  const manifests: Array<Manifest> = []
  for (const name of names) await step(`pack and unpack @skein/${name}`, () => manifests.push(install(name, consumer)))

  // What their users install beside them.
  const peers = manifests.flatMap(({ peerDependencies = {} }) => Object.keys(peerDependencies))
  for (const name of new Set([...peers, "@types/node"])) {
    const target = join(consumer, "node_modules", name)
    if (existsSync(target)) continue
    mkdirSync(dirname(target), { recursive: true })
    symlinkSync(join(house, "node_modules", name), target, "junction")
  }
  writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  const entries = manifests.flatMap(entriesOf)
  writeFileSync(join(consumer, "entries.js"), importAll(entries))
  writeFileSync(join(consumer, "entries.ts"), entries.map((name) => `export type {} from "${name}"\n`).join(""))
  writeFileSync(join(consumer, "program.ts"), program)
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(tsconfig))

  await step("every entry loads in plain Node, from dist", () => run(process.execPath, ["entries.js"], consumer))
  await step("a TypeScript program compiles against the published types", () => {
    const { file, args } = compiler()
    run(file, [...args, "-p", "tsconfig.json", "--pretty", "false"], consumer)
  })
  await step("that program runs in plain Node", () => {
    const output = run(process.execPath, ["out/program.js"], consumer)
    if (output !== "42 42 function\n")
      throw new Error(`it printed ${JSON.stringify(output)} instead of "42 42 function"`)
  })
} finally {
  rmSync(consumer, { recursive: true, force: true })
}
if (failures > 0) process.exitCode = 1
