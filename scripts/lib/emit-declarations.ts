import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { compiler } from "./compiler.mjs"

/**
 * Emits the declarations of sources and of all that they import into `folder`/out, at their paths in the repository, without
 * comments and without what is marked as internal. They are emitted from the sources: what an earlier build left in `dist` may be out of date.
 *
 * @param house root of the repository
 * @param files absolute paths of the sources
 * @param folder an empty folder
 * @returns what the compiler complained of
 */
export const emitDeclarations = (house: string, files: ReadonlyArray<string>, folder: string): Promise<string> => {
  const config = {
    extends: join(house, "packages/tsconfig.base.json"),
    files,
    compilerOptions: {
      rootDir: house,
      outDir: join(folder, "out"),
      typeRoots: [join(house, "node_modules/@types")],
      composite: false,
      declarationMap: false,
      emitDeclarationOnly: true,
      removeComments: true,
      sourceMap: false,
      stripInternal: true
    }
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config))
  return new Promise((resolve, reject) => {
    const { file, args } = compiler()
    const child = spawn(file, [...args, "-p", folder, "--pretty", "false"], { stdio: ["ignore", "pipe", "inherit"] })
    let text = ""
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.once("error", reject)
    child.once("close", () => resolve(text))
  })
}
