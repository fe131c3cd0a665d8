// Loaded before each documented program, in its own process: records what the program prints, answers for its `// =>`
// lines, and reports on file descriptor 3 when the process ends.
import { writeSync } from "node:fs"
import { inspect, isDeepStrictEqual } from "node:util"
import { runInThisContext } from "node:vm"

/** @type {ReadonlyArray<string>} */
const expectations = JSON.parse(process.env.SKEIN_DOCS_EXPECTED ?? "[]")
delete process.env.SKEIN_DOCS_EXPECTED

/** Per check: `undefined` while it was never reached, then the first failure or success. @type {Array<unknown>} */
const outcomes = expectations.map(() => undefined)

let printed = ""
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = /** @type {any} */ (
  (/** @type {any} */ chunk, /** @type {any} */ encoding, /** @type {any} */ callback) => {
    printed += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8")
    return write(chunk, encoding, callback)
  }
)

const tidy = (/** @type {string} */ text) =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n+$/, "")

const squeeze = (/** @type {string} */ text) => text.replaceAll(/\s+/g, " ").trim()

/** `...` in what is expected stands for anything. */
const matches = (/** @type {string} */ expected, /** @type {string} */ actual) => {
  if (!expected.includes("...")) return expected === actual
  const pattern = expected.split("...").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
  return new RegExp(`^${pattern.join("[\\s\\S]*")}$`).test(actual)
}

const show = (/** @type {unknown} */ value) =>
  value instanceof Error && !(inspect.custom in value)
    ? `${value.name}: ${value.message}`
    : inspect(value, { depth: 10, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: null })

const isValue = (/** @type {string} */ expected, /** @type {unknown} */ value) => {
  if (value === expected || matches(squeeze(expected), squeeze(show(value)))) return true
  try {
    return isDeepStrictEqual(runInThisContext(`(${expected}\n)`), value)
  } catch {
    return false
  }
}

Object.defineProperty(globalThis, "$docs", {
  value: {
    begin: () => printed.length,
    end: (/** @type {number} */ id, /** @type {number} */ mark, /** @type {unknown} */ value) => {
      const output = tidy(printed.slice(mark))
      const expected = /** @type {string} */ (expectations[id])
      const holds = (output !== "" && matches(expected, output)) || isValue(expected, value)
      // A loop passes a line many times: the line is true when it is true every time.
      if (holds) outcomes[id] ??= true
      else if (outcomes[id] === undefined || outcomes[id] === true) {
        outcomes[id] = { printed: output, value: show(value) }
      }
      return value
    }
  }
})

process.on("exit", () => {
  try {
    writeSync(3, JSON.stringify(outcomes.map((outcome) => outcome ?? null)))
  } catch {
    // Without a reader there is nobody to report to.
  }
})
