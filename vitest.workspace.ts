import { defineConfig } from "vitest/config"

const projects = ["core", "asyncio", "testing", "conformance", "examples", "bench"]

export default defineConfig({
  // Tests run the TypeScript sources of every package, also across packages: no build is needed.
  ssr: { resolve: { conditions: ["@skein/source", "module", "node", "development|production"] } },
  test: {
    // A limit ends what hangs and measures nothing: a busy machine takes many times as long as an idle one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      ...projects.map((name) => ({
        extends: true as const,
        test: { name, root: `packages/${name}`, include: ["test/**/*.test.ts"] }
      })),
      { extends: true as const, test: { name: "scripts", root: "scripts", include: ["test/**/*.test.ts"] } }
    ],
    coverage: { provider: "v8", include: ["packages/*/src/**"], reportsDirectory: "node_modules/.coverage" }
  }
})
