import { existsSync } from "node:fs"
import { dirname, join, resolve, sep } from "node:path"
import type { Problem } from "./blocks.ts"

const link = /\]\((?![a-z]+:|#)([^)\s#]+)/gi
const fence = /^\s*(`{3,}|~{3,})/

/**
 * Links of a page to files that do not exist, or that lie outside of the repository. Links to the web are not looked at:
 * a check must not depend on it.
 *
 * @param house root of the repository
 * @param path the page, from the root
 */
export const brokenLinks = (house: string, path: string, text: string): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  let closing: string | undefined
  text.split(/\r?\n/).forEach((line, index) => {
    const ticks = fence.exec(line)?.[1]
    if (closing !== undefined) {
      if (ticks?.startsWith(closing)) closing = undefined
      return
    }
    closing = ticks
    if (closing !== undefined) return
    for (const [, target = ""] of line.replaceAll(/`[^`]*`/g, "").matchAll(link)) {
      const file = resolve(house, dirname(path), decodeURI(target))
      if (existsSync(file) && file.startsWith(join(house, sep))) continue
      problems.push({ file: path, line: index + 1, message: `the link to "${target}" leads nowhere` })
    }
  })
  return problems
}
