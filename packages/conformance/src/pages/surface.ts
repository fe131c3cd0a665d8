/**
 * The surface of Python's modules, asked of CPython, against what our entries export.
 */

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { driverFolder } from "../driver.ts"
import type { Oracle } from "../Oracle.ts"
import { OracleError } from "../OracleError.ts"
import type { Declarations, Parameter, Signatures } from "./declarations.ts"

interface PythonParameter {
  readonly name: string
  readonly kind: "POSITIONAL_ONLY" | "POSITIONAL_OR_KEYWORD" | "VAR_POSITIONAL" | "KEYWORD_ONLY" | "VAR_KEYWORD"
  readonly required: boolean
}

interface PythonMember {
  readonly kind: "method" | "attribute"
  /** Null where CPython does not tell. */
  readonly parameters: ReadonlyArray<PythonParameter> | null
}

/** A public name of a module of Python's. */
export interface PythonName {
  readonly kind: "function" | "class" | "exception" | "constant"
  readonly parameters: ReadonlyArray<PythonParameter> | null
  readonly members: Readonly<Record<string, PythonMember>>
}

export type PythonSurface = Readonly<Record<string, Readonly<Record<string, PythonName>>>>

/** Asks CPython for what the modules offer by `__all__`. */
export const pythonSurface = (oracle: Oracle, modules: ReadonlyArray<string>): PythonSurface => {
  const source = readFileSync(join(driverFolder(), "pages", "surface.py"), "utf8")
  const answer = oracle.run(`MODULES = ${JSON.stringify(modules)}\n${source}`, { steps: false })
  if (!answer.ok) throw new OracleError(`the surface could not be read:\n${answer.stderr}`)
  return JSON.parse(answer.stdout)
}

/** Whether we have a name, or a member of a class (`"Task.cancel"`), and what is otherwise about it. */
export interface Verdict {
  readonly path: string
  readonly missing: boolean
  readonly differs: ReadonlyArray<string>
}

/** Called by the language, by position: their parameters have no names that a program writes. */
const protocol = new Set(["__aenter__", "__aexit__", "__enter__", "__exit__", "__aiter__", "__anext__"])

export const verdictsOf = (python: Readonly<Record<string, PythonName>>, ours: Declarations): ReadonlyArray<Verdict> =>
  Object.entries(python).flatMap(([name, { kind, parameters, members }]): ReadonlyArray<Verdict> => {
    if (!ours.exported.has(name)) return [{ path: name, missing: true, differs: [] }]
    const signatures = ours.signaturesOf(name)
    const comparable = parameters !== null && (kind !== "exception" || signatures.length > 0)
    const having = ours.membersOf(name)
    return [
      { path: name, missing: false, differs: comparable ? differencesOf(parameters, signatures) : [] },
      ...Object.entries(members).map(([key, member]): Verdict => {
        const path = `${name}.${key}`
        const mine = having.get(key)
        if (mine === undefined) return { path, missing: true, differs: [] }
        if (mine.kind !== member.kind)
          return {
            path,
            missing: false,
            differs: [mine.kind === "method" ? "is a method, and no attribute" : "is an attribute, and no method"]
          }
        const compares = member.kind === "method" && member.parameters !== null && !protocol.has(key)
        return {
          path,
          missing: false,
          differs: compares ? differencesOf(member.parameters as ReadonlyArray<PythonParameter>, mine.signatures) : []
        }
      })
    ]
  })

/** Parameters that are written by position: all but the rest and the last object of options. */
const positionalOf = (signature: ReadonlyArray<Parameter>): ReadonlyArray<Parameter> =>
  signature.filter(({ name, rest }) => !rest && name !== "options")

/**
 * What is otherwise about parameters. The positional ones must be Python's, by name and in order; those that Python also, or
 * only, takes by keyword may be keys of a last options object instead. The name of `*args` is nothing that a caller writes.
 */
export const differencesOf = (
  python: ReadonlyArray<PythonParameter>,
  signatures: Signatures
): ReadonlyArray<string> => {
  const found: Array<string> = []
  const named = (...kinds: ReadonlyArray<PythonParameter["kind"]>) => python.filter(({ kind }) => kinds.includes(kind))
  const positional = named("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")
  const keywords = named("KEYWORD_ONLY")
  const keys = new Set(signatures.flat().flatMap((parameter) => parameter.keys))
  const longest = signatures.map(positionalOf).reduce((a, b) => (b.length > a.length ? b : a), [])
  for (const [index, { name }] of longest.entries()) {
    // The underscore says that the body does not use it.
    const ours = name.replace(/^_/, "")
    const theirs = positional[index]
    if (theirs === undefined) found.push(`also takes \`${ours}\``)
    else if (theirs.name !== ours) found.push(`calls \`${theirs.name}\` \`${ours}\``)
    else {
      const required = signatures.every((signature) => positionalOf(signature)[index]?.required === true)
      if (required && !theirs.required) found.push(`\`${ours}\` has no default`)
      if (!required && theirs.required) found.push(`\`${ours}\` may be left out`)
    }
  }
  for (const { name } of [...positional.slice(longest.length), ...keywords]) {
    if (!keys.has(name)) found.push(`does not take \`${name}\``)
  }
  const known = new Set([...positional, ...keywords].map(({ name }) => name))
  const open = named("VAR_KEYWORD").length > 0
  for (const key of keys) if (!known.has(key) && !open) found.push(`also takes \`${key}\``)
  const rest = signatures.some((signature) => signature.some((parameter) => parameter.rest))
  const variadic = named("VAR_POSITIONAL").length > 0
  if (rest && !variadic) found.push("takes any number of arguments")
  if (!rest && variadic) found.push("does not take any number of arguments")
  return found
}
