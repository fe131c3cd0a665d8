// What may wait, by the API reports: whatever has to do with an effect, or returns something to await.
import { readFileSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../../../../..")

interface Declaration {
  /** With the names of what it is in before it. */
  readonly name: string
  readonly text: string
}

/** The operations of core: whatever an effect is mentioned in. */
export const coreOperations = (): ReadonlyArray<string> =>
  operationsOf("core", "index", (text) => text.includes("Effect.Effect<"))

/** The operations of asyncio: whatever returns something that is awaited. */
export const asyncioOperations = (): ReadonlyArray<string> =>
  ["index", "contextlib", "unittest"].flatMap((entry) => operationsOf("asyncio", entry, returnsAwaitable))

const operationsOf = (
  library: string,
  entry: string,
  isOperation: (text: string) => boolean
): ReadonlyArray<string> => {
  const report = readFileSync(join(root, "packages", library, "api", `${entry}.api.md`), "utf8")
  const prefix = entry === "index" ? "" : `${entry}.`
  const names = declarationsOf(report)
    .filter(({ text }) => isOperation(text))
    .map(({ name }) => prefix + name)
  return [...new Set(names)]
}

/** Functions, constants and methods of a report. */
function* declarationsIn(report: string): Generator<Declaration> {
  for (const section of report.split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf("\n"))
    const place = ["Exports", "Not exported", "Names of other modules"].includes(title) ? "" : `${title}.`
    for (const block of section.replace(/^```.*\n/gm, "").split("\n\n")) {
      const single = /^(?:function|const) (\w+)/.exec(block)
      // What cannot be imported is looked at for its methods only.
      if (single !== null && title !== "Not exported") {
        for (const overload of block.split(/^(?=function )/m)) yield { name: `${place}${single[1]}`, text: overload }
      }
      const type = /^(?:abstract )?(?:class|interface) (\w+)/m.exec(block)
      if (type === null) continue
      const owner = (type[1] as string).replace(/(?:Class|_in_\w+)$/, "")
      for (const text of block.split(/\n(?= {2}\S)(?! {2}[)}])/).slice(1)) {
        const member = /^ {2}(?:abstract |static |readonly )*(\w+)/.exec(text)
        if (member !== null) yield { name: `${place}${owner}.${member[1]}`, text }
      }
    }
  }
}

const declarationsOf = (report: string): ReadonlyArray<Declaration> => [...declarationsIn(report)]

/** Whether what is left of a signature without its parameters and type arguments ends in a type that is awaited. */
const returnsAwaitable = (text: string): boolean => {
  let bare = text.replaceAll("=>", "→")
  for (let before = ""; before !== bare; ) {
    before = bare
    bare = bare.replace(/\([^()<>{}]*\)|<[^()<>{}]*>|\{[^()<>{}]*\}/g, "")
  }
  return /(?:Coroutine|Awaitable|Body|Generator|Future|Promise)\s*[}]?\s*$/.test(bare)
}
