// The generated pages by their paths, and what is wrong with what they are made from.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { sharedOracle } from "../createOracle.ts"
import { conformancePage, problemsOf } from "./conformance.ts"
import { declarationsOf } from "./declarations.ts"
import { modules } from "./names.ts"
import { pythonSurface, verdictsOf } from "./surface.ts"
import { surfacePage, surfaceProblems } from "./surface_page.ts"
import { namedTests } from "./tests.ts"

export const root = fileURLToPath(new URL("../../../..", import.meta.url))

/** Text of a file of the repository. */
export const textOf = (name: string): string => readFileSync(join(root, name), "utf8")

export interface Pages {
  readonly texts: Readonly<Record<string, string>>
  readonly problems: ReadonlyArray<string>
}

export const makePages = async (): Promise<Pages> => {
  const tests = namedTests(root)
  const differences = textOf("docs/differences.md")
  const python = pythonSurface(await sharedOracle(), Object.keys(modules))
  const verdicts = Object.fromEntries(
    Object.entries(modules).map(([module, { entry }]) => {
      const ours = declarationsOf(textOf(`packages/asyncio/api/${entry}.api.md`))
      return [module, verdictsOf(python[module] ?? {}, ours)]
    })
  )
  return {
    texts: {
      "docs/conformance.md": conformancePage(tests, differences),
      "docs/asyncio-surface.md": surfacePage(python, verdicts)
    },
    problems: [...problemsOf(tests, differences), ...surfaceProblems(verdicts)]
  }
}
