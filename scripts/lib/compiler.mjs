import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const require = createRequire(import.meta.url)

/**
 * How to start the compiler of this machine: the Effect-aware one when it is installed, else TypeScript's own.
 *
 * @returns {{ readonly file: string, readonly args: ReadonlyArray<string>, readonly effectAware: boolean }}
 */
export const compiler = () => {
  if (process.platform === "linux" && process.arch === "x64") {
    try {
      const home = dirname(require.resolve("@effect/tsgo-linux-x64/package.json"))
      return { file: join(home, "lib/tsc"), args: [], effectAware: true }
    } catch {
      // An optional dependency: `npm ci --omit=optional` leaves it out.
    }
  }
  const home = dirname(require.resolve("typescript/package.json"))
  return { file: process.execPath, args: [join(home, "bin/tsc")], effectAware: false }
}
