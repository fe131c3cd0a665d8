import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"

/**
 * Joins the sources of a package into few files of JavaScript, for its public entries that say so: those whose `default` lies in
 * `dist/joined`. Node needs about 0.4 ms to find, read and link a file, and a package has dozens. The compiler still checks the
 * sources and writes the declarations.
 *
 * @param {string} folder the package's folder
 * @returns {Promise<void>}
 */
export const joinModules = async (folder) => {
  const { exports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  /** @type {Record<string, string>} */
  const input = {}
  for (const { "@skein/source": source, default: joined } of Object.values(exports)) {
    const [, name] = /^\.\/dist\/joined\/(.*)\.js$/.exec(joined ?? "") ?? []
    if (name !== undefined) input[name] = join(folder, source)
  }
  if (Object.keys(input).length === 0) return
  const out = join(folder, "dist/joined")
  rmSync(out, { recursive: true, force: true })
  const bundle = await rolldown({
    input,
    cwd: folder,
    platform: "neutral",
    // A bare name is another package's module, or one that is chosen by conditions when the program runs.
    external: /^[^./]/
  })
  await bundle.write({
    dir: out,
    format: "esm",
    sourcemap: true,
    // Reprs and reports show the names of classes and functions.
    keepNames: true,
    comments: { legal: true, annotation: true, jsdoc: false },
    // One folder down, as in the sources: some ask where the package lies (internal/source_site.ts).
    chunkFileNames: "internal/[name].js"
  })
  await bundle.close()
}
