// Short programs for the combinators: the body of `main`, in both languages, with the same few coroutines to combine.

import * as asyncio from "@skein/asyncio"
import type { BaseException } from "@skein/asyncio/builtins"
import { repr } from "@skein/asyncio/builtins"
import { type Behaviour, expectSame, type SameOptions, type Tools } from "./same.ts"

/** The Python half of {@link Kit}, up to the head of `main`. */
export const prelude = `
import asyncio

async def after(delay, value=None):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError as e:
        trace("cancelled", value, *e.args)
        raise
    trace("done", value)
    return value

async def fail(delay, error):
    await after(delay, repr(error))
    raise error

async def slow_to_stop(delay, cleanup, value=None):
    try:
        return await after(delay, value)
    except asyncio.CancelledError:
        await asyncio.sleep(cleanup)
        trace("cleaned up", value)
        raise

async def stubborn(delay, value=None):
    try:
        await after(delay, value)
    except asyncio.CancelledError:
        trace("refused", value)
    return value

async def break_on_cancel(delay, error):
    try:
        await after(delay)
    except asyncio.CancelledError as e:
        raise error from e

async def outcome(name, awaitable):
    try:
        trace(name, "gave", await awaitable)
    except BaseException as e:
        trace(name, "raised", shape(e))

def shape(e):
    text = repr(e) if not isinstance(e, BaseExceptionGroup) else (
        f"{type(e).__name__}({e.message!r}, [{', '.join(map(shape, e.exceptions))}])")
    return text if e.__cause__ is None else f"{text} from {shape(e.__cause__)}"

def chain(e):
    return repr(e) if e.__context__ is None else f"{repr(e)} in {chain(e.__context__)}"

def requests():
    return asyncio.current_task().cancelling()

async def main():
`

/** What a program finds around it, in Python as globals. */
export interface Kit extends Tools {
  /** Sleeps, and gives the value. */
  readonly after: <T = undefined>(delay: number, value?: T) => asyncio.Coroutine<T>
  /** Sleeps, and throws the error. */
  readonly fail: (delay: number, error: Error) => asyncio.Coroutine<never>
  /** Sleeps; when cancelled, goes on sleeping for the second time, and then ends as cancelled. */
  readonly slow_to_stop: <T = undefined>(delay: number, cleanup: number, value?: T) => asyncio.Coroutine<T>
  /** Sleeps; when cancelled, gives the value. */
  readonly stubborn: <T = undefined>(delay: number, value?: T) => asyncio.Coroutine<T>
  /** Sleeps; when cancelled, throws the error from the `CancelledError`. */
  readonly break_on_cancel: (delay: number, error: Error) => asyncio.Coroutine<undefined>
  /** Awaits, and makes a mark of what comes. */
  readonly outcome: (name: string, awaitable: asyncio.Awaitable<unknown>) => asyncio.Coroutine<void>
  /** The error with its members and its causes. */
  readonly shape: (error: unknown) => string
  /** The error with its contexts. */
  readonly chain: (error: unknown) => string
  /** The current task's count of requests to cancel it. */
  readonly requests: () => number
}

export const kitOf = (tools: Tools): Kit => {
  const { trace } = tools
  const after = asyncio.coroutine(function* after(delay: number, value?: unknown) {
    try {
      yield* asyncio.sleep(delay)
    } catch (error) {
      if (error instanceof asyncio.CancelledError) trace("cancelled", value, ...error.args)
      throw error
    }
    trace("done", value)
    return value
  }) as Kit["after"]
  const fail = asyncio.coroutine(function* fail(delay: number, error: Error) {
    yield* after(delay, repr(error))
    throw error
  })
  const slow_to_stop = asyncio.coroutine(function* slow_to_stop(delay: number, cleanup: number, value?: unknown) {
    try {
      return yield* after(delay, value)
    } catch (error) {
      if (!(error instanceof asyncio.CancelledError)) throw error
      yield* asyncio.sleep(cleanup)
      trace("cleaned up", value)
      throw error
    }
  }) as Kit["slow_to_stop"]
  const stubborn = asyncio.coroutine(function* stubborn(delay: number, value?: unknown) {
    try {
      yield* after(delay, value)
    } catch (error) {
      if (!(error instanceof asyncio.CancelledError)) throw error
      trace("refused", value)
    }
    return value
  }) as Kit["stubborn"]
  const break_on_cancel = asyncio.coroutine(function* break_on_cancel(delay: number, error: Error) {
    try {
      yield* after(delay)
    } catch (cancelled) {
      if (!(cancelled instanceof asyncio.CancelledError)) throw cancelled
      ;(error as BaseException).__cause__ = cancelled
      throw error
    }
  }) as Kit["break_on_cancel"]
  const outcome = asyncio.coroutine(function* outcome(name: string, awaitable: asyncio.Awaitable<unknown>) {
    try {
      trace(name, "gave", yield* awaitable)
    } catch (error) {
      trace(name, "raised", shape(error))
    }
  })
  const requests = () => (asyncio.current_task() as asyncio.Task).cancelling()
  return { ...tools, after, fail, slow_to_stop, stubborn, break_on_cancel, outcome, shape, chain, requests }
}

const shape = (error: unknown): string => {
  const { message, exceptions, cause, name } = error as Error & { exceptions?: ReadonlyArray<unknown> }
  // CPython's assertions carry no text.
  if (name === "AssertionError") return "AssertionError()"
  const text =
    exceptions === undefined ? repr(error) : `${name}(${repr(message)}, [${exceptions.map(shape).join(", ")}])`
  return cause === undefined ? text : `${text} from ${shape(cause)}`
}

const chain = (error: unknown): string => {
  const context = (error as BaseException).__context__
  return context === undefined ? repr(error) : `${repr(error)} in ${chain(context)}`
}

/**
 * Runs the body of a `main` on CPython and on ours, and expects the same marks in the same passes, and all else that
 * {@link expectSame} compares.
 */
export const same = (
  python: string,
  program: (kit: Kit) => Generator<unknown, unknown, never>,
  options?: SameOptions
): Promise<Behaviour> =>
  expectSame(
    `${prelude}${indented(python)}\nasyncio.run(main())\n`,
    (tools) => {
      const kit = kitOf(tools)
      return tools.run(
        asyncio.coroutine(function* main() {
          return yield* program(kit) as Generator<never, unknown, unknown>
        })()
      )
    },
    { passes: true, ...options }
  )

const indented = (source: string): string => {
  const lines = source.split("\n").filter((line) => line.trim() !== "")
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => `    ${line.slice(margin)}`).join("\n")
}
