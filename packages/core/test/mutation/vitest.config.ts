// What mutation testing runs: it works on a copy of this package, so the package's own name has to mean that copy's sources,
// and not those that node_modules points at.

import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const inPackage = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@skein\/core\/kernel$/, replacement: inPackage("src/kernel/index.ts") },
      { find: /^@skein\/core$/, replacement: inPackage("src/index.ts") }
    ]
  },
  ssr: { resolve: { conditions: ["@skein/source", "module", "node", "development|production"] } },
  test: {
    root: inPackage("."),
    include: ["test/kernel/**/*.test.ts"],
    setupFiles: [inPackage("test/mutation/repeatable.ts")]
  }
})
