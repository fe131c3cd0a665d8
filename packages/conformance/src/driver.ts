import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { OracleError } from "./OracleError.ts"

/**
 * The folder that holds the Python package `skein_oracle`. The compiler does not copy Python files, so that compiled code
 * (`dist/`) reads them from the sources beside it.
 */
export const driverFolder = (): string => {
  for (const place of [".", "../src"]) {
    const folder = fileURLToPath(new URL(place, import.meta.url))
    if (existsSync(join(folder, "skein_oracle", "program.py"))) return folder
  }
  throw new OracleError(
    `The oracle's Python files are missing: no folder skein_oracle beside ${import.meta.url} or in ../src. ` +
      "Publish packages/conformance/src together with its dist folder."
  )
}

/** The files of `skein_oracle` by name, in a fixed order. */
export const driverFiles = (): ReadonlyArray<readonly [name: string, text: string]> => {
  const folder = join(driverFolder(), "skein_oracle")
  return readdirSync(folder)
    .filter((name) => name.endsWith(".py"))
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const)
}
