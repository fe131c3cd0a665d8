// A test API that keeps what is registered, so that a test which fails can be looked at.
import { type Methods, makeMethods } from "@skein/testing/vitest"
import type { TestAPI } from "vitest"

type Body = (context: unknown) => Promise<unknown>

/** How a registered test ends: undefined if it passes. */
export const outcomeOf = async (register: (it: Methods) => void): Promise<unknown> => {
  const bodies: Array<Body> = []
  const keep = (_name: string, _options: unknown, body: Body) => void bodies.push(body)
  const each =
    (cases: ReadonlyArray<unknown>) =>
    (name: string, options: unknown, body: (...args: Array<unknown>) => Promise<unknown>) => {
      for (const value of cases) keep(name, options, (context) => body(value, context))
    }
  const api = Object.assign(keep.bind(undefined), {
    skip: () => undefined,
    only: keep,
    fails: keep,
    skipIf: (condition: unknown) => (condition === true ? () => undefined : keep),
    runIf: (condition: unknown) => (condition === true ? keep : () => undefined),
    for: each
  })
  register(makeMethods(api as unknown as TestAPI<object>))
  const context = { signal: new AbortController().signal, onTestFinished: () => undefined }
  for (const body of bodies) {
    try {
      await body(context)
    } catch (error) {
      return error
    }
  }
  return bodies.length === 0 ? "nothing was registered" : undefined
}

/** The same as text, with places cut down to file and line. */
export const messageOf = async (register: (it: Methods) => void): Promise<string> => {
  const outcome = await outcomeOf(register)
  const text = outcome instanceof Error ? outcome.message : String(outcome)
  return text.replaceAll(/\(started at [^)]*?([^/)]+):\d+\)/g, "(started at $1)")
}
