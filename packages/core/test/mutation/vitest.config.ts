// What mutation testing runs: it works on a copy of this package, so the package's own name has to mean that copy's sources,
// and not those that node_modules points at.

import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const inPackage = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Runs these tests of the package, always with the same random numbers. */
export const configFor = (tests: string) =>
  defineConfig({
    resolve: {
      alias: [
        { find: /^@skein\/core\/kernel$/, replacement: inPackage("src/kernel/index.ts") },
        { find: /^@skein\/core$/, replacement: inPackage("src/index.ts") }
      ]
    },
    ssr: { resolve: { conditions: ["@skein/source", "module", "node", "development|production"] } },
    test: {
      root: inPackage("."),
      include: [tests],
      setupFiles: [inPackage("test/mutation/repeatable.ts")]
    }
  })

// The kernel has to be seen through by its own tests alone.
export default configFor("test/kernel/**/*.test.ts")
