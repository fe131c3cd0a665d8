import { describe, expect, expectTypeOf, it } from "vitest"
import {
  BaseException,
  TimeoutError as BuiltinTimeoutError,
  EOFError,
  Exception,
  RuntimeError,
  repr
} from "../src/builtins.ts"
import * as exceptions from "../src/exceptions.ts"
import { CancelledError, IncompleteReadError, LimitOverrunError } from "../src/exceptions.ts"

describe("asyncio's exceptions", () => {
  it.each<[keyof typeof exceptions, typeof Exception | typeof RuntimeError]>([
    ["InvalidStateError", Exception],
    ["QueueEmpty", Exception],
    ["QueueFull", Exception],
    ["QueueShutDown", Exception],
    ["SendfileNotAvailableError", RuntimeError],
    ["BrokenBarrierError", RuntimeError]
  ])("%s derives from the class that it has in CPython", (name, Parent) => {
    const Class = { ...exceptions }[name] as typeof exceptions.QueueEmpty
    expect(new Class("m")).toBeInstanceOf(Parent)
    expect(Object.getPrototypeOf(Class)).toBe(Parent)
    expect([Class("m").name, Class("m").message, Class().args]).toEqual([name, "m", []])
  })

  it("CancelledError is a BaseException directly", () => {
    expect(Object.getPrototypeOf(CancelledError)).toBe(BaseException)
    expect(new CancelledError()).not.toBeInstanceOf(Exception)
    expect(repr(CancelledError("stop"))).toBe("CancelledError('stop')")
  })

  it("TimeoutError is the built-in one", () => {
    expect(exceptions.TimeoutError).toBe(BuiltinTimeoutError)
  })

  it("IncompleteReadError tells what came and what was expected", () => {
    const error = new IncompleteReadError(new Uint8Array([97, 98]), 5)
    expect([error.partial, error.expected]).toEqual([new Uint8Array([97, 98]), 5])
    expect(error.message).toBe("2 bytes read on a total of 5 expected bytes")
    expect(repr(error)).toBe("IncompleteReadError('2 bytes read on a total of 5 expected bytes')")
    expect(error).toBeInstanceOf(EOFError)
    expect(IncompleteReadError(new Uint8Array()).message).toBe("0 bytes read on a total of undefined expected bytes")
    expectTypeOf(error.partial).toEqualTypeOf<Uint8Array>()
  })

  it("LimitOverrunError tells how much may be read", () => {
    const error = LimitOverrunError("too long", 7)
    expect([error.message, error.consumed, error.args, repr(error)]).toEqual([
      "too long",
      7,
      ["too long"],
      "LimitOverrunError('too long')"
    ])
  })
})
