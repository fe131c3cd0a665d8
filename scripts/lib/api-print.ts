import { execFileSync } from "node:child_process"
import { createRequire } from "node:module"
import { join } from "node:path"
import type { Section } from "./api-report.ts"

const marker = (index: number) => `// section ${index}`

/** Formats declarations as the house's sources are formatted, so that a long signature differs in one line of it. */
const format = (house: string, code: string): string => {
  const biome = createRequire(import.meta.url).resolve("@biomejs/biome/bin/biome")
  // The name tells Biome which syntax it reads; there is no such file.
  const args = [biome, "format", "--stdin-file-path=api.d.ts"]
  return execFileSync(process.execPath, args, { cwd: house, encoding: "utf8", input: code })
}

const explanations: Readonly<Record<string, string>> = {
  "Not exported":
    "What the declarations above mention, and nobody can import. `Name_in_file` is the `Name` of that file, where the name alone would be ambiguous."
}

/**
 * The report on one entry as a page.
 *
 * @param house root of the repository, whose formatting applies
 * @param specifier what one imports the entry as
 */
export const printReport = (house: string, specifier: string, sections: ReadonlyArray<Section>): string => {
  const formatted = format(house, sections.map(({ code }, index) => `${marker(index)}\n\n${code}`).join("\n\n"))
  const blocks = sections.map(({ title }, index) => {
    const start = formatted.indexOf(marker(index)) + marker(index).length
    const end = index + 1 < sections.length ? formatted.indexOf(marker(index + 1)) : formatted.length
    const code = formatted
      .slice(start, end)
      .replaceAll(/^declare /gm, "")
      .trim()
    const explanation = explanations[title]
    return `## ${title}\n\n${explanation === undefined ? "" : `${explanation}\n\n`}\`\`\`ts\n${code}\n\`\`\`\n`
  })
  return `# The surface of \`${specifier}\`\n\nWritten by \`npm run api\`. Members whose names begin with \`_\` or \`~\` are left out.\n\n${blocks.join("\n")}`
}

/** Where the report on an entry is kept: `kernel.api.md` for `@skein/core/kernel`, `index.api.md` for `@skein/core`. */
export const reportPath = (home: string, specifier: string): string => {
  const entry = specifier.split("/").slice(2).join("-")
  return join(home, "api", `${entry === "" ? "index" : entry}.api.md`)
}
